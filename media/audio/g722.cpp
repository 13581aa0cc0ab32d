#include "media/audio/g722.hpp"

// spandsp's G.722 header relies on these.
#include <inttypes.h>
#include <stdint.h>

extern "C" {
#include <spandsp/telephony.h>
// Second, because it needs the first.
#include <spandsp/g722.h>
}

#include <algorithm>

namespace callfork::audio {

namespace {

constexpr int bit_rate = 64000;
constexpr std::size_t samples_per_byte = 2;

struct release {
  void operator()(g722_decode_state_t* state) const noexcept {
    g722_decode_free(state);
  }
  void operator()(g722_encode_state_t* state) const noexcept {
    g722_encode_free(state);
  }
};

using decode_state = std::unique_ptr<g722_decode_state_t, release>;
using encode_state = std::unique_ptr<g722_encode_state_t, release>;

class g722_decoder final : public decoder {
public:
  explicit g722_decoder(decode_state state) noexcept
    : state_{std::move(state)} {
  }
  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return 16000;
  }
  [[nodiscard]] std::size_t
  decode(bytes_view payload, std::span<std::int16_t> pcm) noexcept override {
    const auto size = std::min(payload.size(), pcm.size() / samples_per_byte);
    const auto made
      = g722_decode(state_.get(), pcm.data(),
                    reinterpret_cast<const std::uint8_t*>(payload.data()),
                    static_cast<int>(size));
    return made > 0 ? static_cast<std::size_t>(made) : 0;
  }
  [[nodiscard]] std::size_t conceal(bytes_view,
                                    std::span<std::int16_t>) noexcept override {
    return 0;
  }

private:
  decode_state state_;
};

class g722_encoder final : public encoder {
public:
  explicit g722_encoder(encode_state state) noexcept
    : state_{std::move(state)} {
  }
  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return 16000;
  }
  [[nodiscard]] std::size_t encode(std::span<const std::int16_t> pcm,
                                   bytes_span payload) noexcept override {
    const auto count = std::min(pcm.size(), payload.size() * samples_per_byte);
    const auto made = g722_encode(
      state_.get(), reinterpret_cast<std::uint8_t*>(payload.data()), pcm.data(),
      static_cast<int>(count));
    return made > 0 ? static_cast<std::size_t>(made) : 0;
  }

private:
  encode_state state_;
};

} // namespace

decoder_ptr make_g722_decoder() {
  decode_state state{g722_decode_init(nullptr, bit_rate, 0)};
  if (!state)
    return nullptr;
  return std::make_unique<g722_decoder>(std::move(state));
}

encoder_ptr make_g722_encoder() {
  encode_state state{g722_encode_init(nullptr, bit_rate, 0)};
  if (!state)
    return nullptr;
  return std::make_unique<g722_encoder>(std::move(state));
}

} // namespace callfork::audio
