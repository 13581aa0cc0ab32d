#include "media/provider/frame_converter.hpp"

#include "media/audio/codec.hpp"
#include "media/audio/g711.hpp"
#include "media/audio/resampler.hpp"
#include "media/provider/loss_concealer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace callfork::provider {

namespace {

namespace g711 = audio::g711;

constexpr std::uint32_t narrow_rate = 8000;

using samples = std::span<const std::int16_t>;

std::optional<g711::law> law_of(const payload_format& format) noexcept {
  if (audio::is_encoding(format, "PCMU"))
    return g711::law::mu;
  if (audio::is_encoding(format, "PCMA"))
    return g711::law::a;
  return std::nullopt;
}

/// Decodes, brings to 8 kHz, encodes. Losses are concealed by the codec where
/// it can (Opus), otherwise by repeating what was heard.
class to_g711 final : public frame_converter {
public:
  to_g711(payload_format from, payload_format to, g711::law law)
    : from_{std::move(from)},
      to_{std::move(to)},
      law_{law} {
    narrow_.reserve(audio::longest_payload);
    renew();
  }

  [[nodiscard]] bool works() const noexcept {
    return decoder_ && (decoder_->rate() == narrow_rate || resampler_);
  }

  [[nodiscard]] const payload_format& makes() const noexcept override {
    return to_;
  }

  [[nodiscard]] std::uint32_t latency() const noexcept override {
    return resampler_ ? static_cast<std::uint32_t>(resampler_->latency()) : 0;
  }

  [[nodiscard]] std::size_t convert(bytes_view payload,
                                    bytes_span to) noexcept override {
    const auto made = decoder_->decode(payload, wide_);
    auto pcm = narrow(std::span{wide_}.first(made));
    if (pcm.empty())
      return 0;
    concealer_.hear(pcm);
    return write(pcm, to);
  }

  [[nodiscard]] std::size_t conceal(bytes_view next, bool nearest,
                                    std::uint32_t ticks,
                                    bytes_span to) noexcept override {
    const auto count = std::size_t{ticks} * decoder_->rate() / to_.clock;
    if (count == 0 || count > wide_.size() || ticks > to.size())
      return 0;
    if (!decoder_->conceals())
      return repeat(ticks, to);
    const auto made = decoder_->conceal(nearest ? next : bytes_view{},
                                        std::span{wide_}.first(count));
    return write(narrow(std::span{wide_}.first(made)), to);
  }

  void restart() noexcept override {
    renew();
  }

private:
  void renew() noexcept {
    auto decoder = audio::make_decoder(from_);
    decoder_ = decoder ? std::move(*decoder) : nullptr;
    concealer_ = {};
    resampler_.reset();
    if (!decoder_ || decoder_->rate() == narrow_rate)
      return;
    if (auto made = audio::resampler::make(decoder_->rate(), narrow_rate))
      resampler_ = std::move(*made);
  }

  [[nodiscard]] std::span<std::int16_t>
  narrow(std::span<std::int16_t> pcm) noexcept {
    if (!resampler_)
      return pcm;
    narrow_.clear();
    resampler_->process(pcm, narrow_);
    return narrow_;
  }

  [[nodiscard]] std::size_t repeat(std::size_t count, bytes_span to) noexcept {
    const auto pcm = std::span{wide_}.first(count);
    concealer_.fill(pcm);
    return write(pcm, to);
  }

  [[nodiscard]] std::size_t write(samples pcm, bytes_span to) const noexcept {
    return pcm.size() > to.size() ? 0 : g711::encode(law_, pcm, to);
  }

  payload_format from_;
  payload_format to_;
  g711::law law_;
  audio::decoder_ptr decoder_;
  loss_concealer concealer_;
  std::optional<audio::resampler> resampler_;
  std::array<std::int16_t, audio::longest_payload> wide_{};
  std::vector<std::int16_t> narrow_;
};

} // namespace

bool can_convert(const payload_format& from,
                 const payload_format& to) noexcept {
  const auto law = law_of(to);
  const auto own = law_of(from);
  const bool is_known = own || audio::is_encoding(from, "G722")
                        || audio::is_encoding(from, "opus");
  return law && is_known && own != law && to.clock == narrow_rate;
}

frame_converter_ptr make_converter(const payload_format& from,
                                   const payload_format& to) {
  if (!can_convert(from, to))
    return nullptr;
  auto made = std::make_unique<to_g711>(from, to, *law_of(to));
  return made->works() ? std::move(made) : nullptr;
}

} // namespace callfork::provider
