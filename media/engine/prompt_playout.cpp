#include "media/engine/prompt_playout.hpp"

#include "media/rtp/packet.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace callfork::engine {

prompt_playout::prompt_playout(audio::player what)
  : player_{std::move(what)},
    ssrc_{},
    sequence_{} {
  std::random_device random;
  ssrc_ = static_cast<std::uint32_t>(random());
  sequence_ = static_cast<std::uint16_t>(random() & 0x7fffU);
}

bytes_view prompt_playout::next(bytes_span to, time_point now) noexcept {
  const auto played = player_.next(now);
  if (!played || to.size() < rtp::header_size + played->payload.size())
    return {};
  rtp::write(to, {played->marker, played->payload_type, sequence_++,
                  played->timestamp, ssrc_});
  std::ranges::copy(played->payload, to.begin() + rtp::header_size);
  return to.first(rtp::header_size + played->payload.size());
}

} // namespace callfork::engine
