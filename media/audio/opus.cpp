#include "media/audio/opus.hpp"

#include <opus/opus.h>

#include <algorithm>

namespace callfork::audio {

namespace {

constexpr std::uint32_t opus_rate = 16000;
constexpr std::size_t smallest_frame = opus_rate / 400; // 2.5 ms.
constexpr int loss_expected_percent = 10; // Makes the encoder add FEC.

struct release {
  void operator()(OpusDecoder* state) const noexcept {
    opus_decoder_destroy(state);
  }
  void operator()(OpusEncoder* state) const noexcept {
    opus_encoder_destroy(state);
  }
};

using decode_state = std::unique_ptr<OpusDecoder, release>;
using encode_state = std::unique_ptr<OpusEncoder, release>;

const unsigned char* data_of(bytes_view payload) noexcept {
  return reinterpret_cast<const unsigned char*>(payload.data());
}

std::size_t or_zero(int made) noexcept {
  return made > 0 ? static_cast<std::size_t>(made) : 0;
}

class opus_mono_decoder final : public decoder {
public:
  explicit opus_mono_decoder(decode_state state) noexcept
    : state_{std::move(state)} {
  }

  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return opus_rate;
  }

  [[nodiscard]] std::size_t
  decode(bytes_view payload, std::span<std::int16_t> pcm) noexcept override {
    if (payload.empty())
      return 0;
    return or_zero(opus_decode(state_.get(), data_of(payload),
                               static_cast<opus_int32>(payload.size()),
                               pcm.data(), static_cast<int>(pcm.size()), 0));
  }

  [[nodiscard]] bool conceals() const noexcept override {
    return true;
  }

  /// The frame just before `next` may be repeated within `next` (FEC); what was
  /// lost before that frame is extrapolated.
  [[nodiscard]] std::size_t
  conceal(bytes_view next, std::span<std::int16_t> pcm) noexcept override {
    const auto whole = pcm.size() - pcm.size() % smallest_frame;
    const auto repeated = std::min(whole, frame_of(next));
    auto done = extrapolate(pcm.first(whole - repeated));
    if (done < whole - repeated || repeated == 0)
      return done;
    return done
           + or_zero(opus_decode(
             state_.get(), data_of(next), static_cast<opus_int32>(next.size()),
             pcm.data() + done, static_cast<int>(repeated), 1));
  }

private:
  static std::size_t frame_of(bytes_view payload) noexcept {
    if (payload.empty())
      return 0;
    return or_zero(
      opus_packet_get_samples_per_frame(data_of(payload), opus_rate));
  }

  std::size_t extrapolate(std::span<std::int16_t> pcm) noexcept {
    constexpr std::size_t at_once = opus_rate / 50;
    std::size_t done = 0;
    while (done < pcm.size()) {
      const auto piece = std::min(at_once, pcm.size() - done);
      const auto made
        = or_zero(opus_decode(state_.get(), nullptr, 0, pcm.data() + done,
                              static_cast<int>(piece), 0));
      if (made == 0)
        break;
      done += made;
    }
    return done;
  }

  decode_state state_;
};

class opus_mono_encoder final : public encoder {
public:
  explicit opus_mono_encoder(encode_state state) noexcept
    : state_{std::move(state)} {
  }

  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return opus_rate;
  }

  [[nodiscard]] std::size_t encode(std::span<const std::int16_t> pcm,
                                   bytes_span payload) noexcept override {
    return or_zero(opus_encode(state_.get(), pcm.data(),
                               static_cast<int>(pcm.size()),
                               reinterpret_cast<unsigned char*>(payload.data()),
                               static_cast<opus_int32>(payload.size())));
  }

private:
  encode_state state_;
};

} // namespace

decoder_ptr make_opus_decoder() {
  int error = OPUS_OK;
  decode_state state{opus_decoder_create(opus_rate, 1, &error)};
  if (!state)
    return nullptr;
  return std::make_unique<opus_mono_decoder>(std::move(state));
}

encoder_ptr make_opus_encoder() {
  int error = OPUS_OK;
  encode_state state{
    opus_encoder_create(opus_rate, 1, OPUS_APPLICATION_VOIP, &error)};
  if (!state)
    return nullptr;
  opus_encoder_ctl(state.get(), OPUS_SET_INBAND_FEC(1));
  opus_encoder_ctl(state.get(),
                   OPUS_SET_PACKET_LOSS_PERC(loss_expected_percent));
  return std::make_unique<opus_mono_encoder>(std::move(state));
}

} // namespace callfork::audio
