#include "media/engine/tone_mixer.hpp"

#include "media/audio/codec.hpp"
#include "media/audio/g711.hpp"
#include "media/rtp/packet.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace callfork::engine {

namespace {

constexpr std::uint32_t rate = 8000;

using audio::g711::law;

std::optional<law> law_of(const payload_format* format) noexcept {
  if (format && audio::is_encoding(*format, "PCMU"))
    return law::mu;
  if (format && audio::is_encoding(*format, "PCMA"))
    return law::a;
  return std::nullopt;
}

std::int16_t sum(std::int16_t left, std::int16_t right) noexcept {
  using limits = std::numeric_limits<std::int16_t>;
  return static_cast<std::int16_t>(
    std::clamp<int>(left + right, limits::min(), limits::max()));
}

} // namespace

tone_mixer::tone_mixer(audio::prompt_ptr tone)
  : tone_{std::move(tone)} {
}

bool tone_mixer::over() const noexcept {
  return at_ >= tone_->pcm(rate).size();
}

bool tone_mixer::can_mix(const payload_format* format) noexcept {
  return law_of(format).has_value();
}

bytes_view tone_mixer::mix(bytes_view packet, const payload_format* format,
                           bytes_span room) noexcept {
  const auto by = law_of(format);
  const auto parsed = rtp::packet::parse(packet);
  if (!by || !parsed || packet.size() > room.size())
    return packet;
  std::memcpy(room.data(), packet.data(), packet.size());
  const auto payload = parsed->payload();
  const auto first = static_cast<std::size_t>(payload.data() - packet.data());
  const auto pcm = tone_->pcm(rate);
  const auto codes = room.subspan(first, payload.size());
  for (auto& code : codes) {
    if (at_ >= pcm.size())
      break;
    code = audio::g711::encode(*by,
                               sum(audio::g711::decode(*by, code), pcm[at_++]));
  }
  return room.first(packet.size());
}

} // namespace callfork::engine
