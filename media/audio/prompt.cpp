#include "media/audio/prompt.hpp"

#include "media/audio/resampler.hpp"

#include <sndfile.h>
#include <sys/stat.h>

#include <cstring>

namespace callfork::audio {

namespace {

constexpr std::uint32_t narrow_rate = 8000;
constexpr std::uint32_t wide_rate = 16000;
constexpr int most_channels = 32;

struct close_file {
  void operator()(SNDFILE* file) const noexcept {
    sf_close(file);
  }
};

using sound_file = std::unique_ptr<SNDFILE, close_file>;

unexpected<std::string> refuse(const std::string& path, std::string_view why) {
  return unexpected{"prompt " + path + ": " + std::string{why}};
}

std::uint64_t most_frames(std::uint32_t rate) noexcept {
  return std::chrono::seconds{prompt::longest}.count()
         * static_cast<std::uint64_t>(rate);
}

/// Why the path is not read at all; empty when it is.
std::string fault_of_path(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0)
    return std::strerror(errno);
  if (!S_ISREG(info.st_mode))
    return "not a regular file";
  if (static_cast<std::uint64_t>(info.st_size) > prompt::largest_file)
    return "larger than 32 MiB";
  return {};
}

/// The mean of all channels. Trusts what was read, not the file's header.
std::vector<std::int16_t> read_mono(SNDFILE* file, int channels,
                                    std::uint64_t most) {
  constexpr std::size_t at_once = 4096;
  const auto width = static_cast<std::size_t>(channels);
  std::vector<std::int16_t> piece(at_once * width);
  std::vector<std::int16_t> mono;
  while (mono.size() <= most) {
    const auto got = sf_readf_short(file, piece.data(), at_once);
    if (got <= 0)
      break;
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(got);
         ++frame) {
      int sum = 0;
      for (std::size_t channel = 0; channel < width; ++channel)
        sum += piece[frame * width + channel];
      mono.push_back(static_cast<std::int16_t>(sum / channels));
    }
  }
  return mono;
}

} // namespace

prompt::prompt(std::vector<std::int16_t> narrow, std::vector<std::int16_t> wide)
  : narrow_{std::move(narrow)},
    wide_{std::move(wide)} {
}

expected<prompt_ptr, std::string> prompt::load(const std::string& path) {
  if (const auto fault = fault_of_path(path); !fault.empty())
    return refuse(path, fault);
  SF_INFO info{};
  const sound_file file{sf_open(path.c_str(), SFM_READ, &info)};
  if (!file)
    return refuse(path, "not an audio file that can be read");
  if (info.channels < 1 || info.channels > most_channels || info.samplerate < 1)
    return refuse(path, "more than 32 channels or no sample rate");
  const auto rate = static_cast<std::uint32_t>(info.samplerate);
  auto made = from_pcm(read_mono(file.get(), info.channels, most_frames(rate)),
                       rate);
  if (!made)
    return refuse(path, made.error());
  return made;
}

expected<prompt_ptr, std::string>
prompt::from_pcm(std::span<const std::int16_t> pcm, std::uint32_t rate) {
  if (pcm.empty())
    return unexpected{std::string{"no audio in it"}};
  if (pcm.size() > most_frames(rate))
    return unexpected{std::string{"longer than 10 minutes"}};
  auto narrow = resample(pcm, rate, narrow_rate);
  if (!narrow)
    return unexpected{narrow.error()};
  auto wide = resample(pcm, rate, wide_rate);
  if (!wide)
    return unexpected{wide.error()};
  if (narrow->empty() || wide->empty())
    return unexpected{std::string{"no audio in it"}};
  return prompt_ptr{new prompt{std::move(*narrow), std::move(*wide)}};
}

std::span<const std::int16_t> prompt::pcm(std::uint32_t rate) const noexcept {
  if (rate == narrow_rate)
    return narrow_;
  if (rate == wide_rate)
    return wide_;
  return {};
}

std::chrono::milliseconds prompt::duration() const noexcept {
  return std::chrono::milliseconds{narrow_.size() * 1000 / narrow_rate};
}

} // namespace callfork::audio
