#include "media/audio/resampler.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>

namespace callfork::audio {

namespace {

constexpr int quality = 5; // Over 60 dB stop band, cheap enough for streams.
constexpr std::uint32_t lowest_rate = 4000;
constexpr std::uint32_t highest_rate = 192000;

bool is_rate(std::uint32_t rate) noexcept {
  return rate >= lowest_rate && rate <= highest_rate;
}

} // namespace

void resampler::close::operator()(SpeexResamplerState_* state) const noexcept {
  speex_resampler_destroy(state);
}

resampler::resampler(state_ptr state, std::uint32_t from,
                     std::uint32_t to) noexcept
  : state_{std::move(state)},
    from_{from},
    to_{to} {
}

expected<resampler, std::string> resampler::make(std::uint32_t from,
                                                 std::uint32_t to) {
  if (!is_rate(from) || !is_rate(to))
    return unexpected{"no resampling from " + std::to_string(from) + " to "
                      + std::to_string(to) + " Hz"};
  int error = RESAMPLER_ERR_SUCCESS;
  state_ptr state{speex_resampler_init(1, from, to, quality, &error)};
  if (!state)
    return unexpected{std::string{speex_resampler_strerror(error)}};
  return resampler{std::move(state), from, to};
}

void resampler::process(std::span<const std::int16_t> pcm,
                        std::vector<std::int16_t>& out) {
  constexpr std::size_t at_once = 16384;
  while (!pcm.empty()) {
    auto taken = static_cast<spx_uint32_t>(std::min(pcm.size(), at_once));
    auto made = static_cast<spx_uint32_t>(std::uint64_t{taken} * to_ / from_)
                + 2U;
    const auto before = out.size();
    out.resize(before + made);
    speex_resampler_process_int(state_.get(), 0, pcm.data(), &taken,
                                out.data() + before, &made);
    out.resize(before + made);
    if (taken == 0)
      return;
    pcm = pcm.subspan(taken);
  }
}

void resampler::reset() noexcept {
  speex_resampler_reset_mem(state_.get());
}

std::size_t resampler::latency() const noexcept {
  return static_cast<std::size_t>(
    speex_resampler_get_output_latency(state_.get()));
}

expected<std::vector<std::int16_t>, std::string>
resample(std::span<const std::int16_t> pcm, std::uint32_t from,
         std::uint32_t to) {
  if (from == to)
    return std::vector<std::int16_t>(pcm.begin(), pcm.end());
  auto made = resampler::make(from, to);
  if (!made)
    return unexpected{made.error()};
  std::vector<std::int16_t> out;
  const auto wanted
    = static_cast<std::size_t>(pcm.size() * std::uint64_t{to} / from);
  const auto lag = made->latency();
  out.reserve(wanted + lag + 64);
  made->process(pcm, out);
  const std::vector<std::int16_t> tail((lag + 2) * from / to + 2);
  made->process(tail, out);
  out.erase(out.begin(),
            out.begin()
              + static_cast<std::ptrdiff_t>(std::min(lag, out.size())));
  out.resize(wanted);
  return out;
}

} // namespace callfork::audio
