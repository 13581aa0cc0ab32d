#include "media/engine/call_media.hpp"
#include "media/rtp/packet.hpp"

#include <algorithm>
#include <utility>

namespace callfork::engine {

namespace {

/// Who was heard that recently is heard on.
constexpr auto lately = std::chrono::milliseconds{70};

} // namespace

bool call_media::sound(leg_id to, const audio::prompt_ptr& tone,
                       time_point now) {
  auto* const listener = find(to);
  if (!listener || listener->playout || !tone)
    return false;
  if (can_mix_tone(*listener, now)) {
    listener->tone = std::make_unique<tone_mixer>(tone);
    return true;
  }
  for (const auto& format : listener->plan().formats)
    if (auto made = audio::player::make(tone, format, {}, now, 0))
      return play(to, std::move(*made));
  return false;
}

/// Somebody speaks to the party at this very time, in a codec that we mix.
bool call_media::can_mix_tone(const leg& listener, time_point now) const {
  return std::ranges::any_of(legs_, [&](const auto& each) {
    const auto& heard = each->listeners;
    return std::ranges::find(heard, &listener) != heard.end()
           && now - each->counters.last_packet < lately
           && tone_mixer::can_mix(each->format(each->counters.payload_type));
  });
}

bytes_view call_media::mix_tone(leg& listener, const leg& source,
                                bytes_view packet, bytes_span room) const {
  const auto parsed = rtp::packet::parse(packet);
  if (!parsed)
    return packet;
  const auto mixed
    = listener.tone->mix(packet, source.format(parsed->payload_type()), room);
  if (listener.tone->over())
    listener.tone = nullptr;
  return mixed;
}

} // namespace callfork::engine
