#include "media/audio/file_encoder.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

namespace callfork::audio {

namespace {

/// Variable rate, fit for speech: 0 is the best, 1 the smallest.
constexpr double mp3_level = 0.3;

struct close_file {
  void operator()(SNDFILE* file) const noexcept {
    sf_close(file);
  }
};

/// A file that is a piece of memory.
struct memory {
  std::string bytes;
  std::size_t at = 0;
};

memory& of(void* what) noexcept {
  return *static_cast<memory*>(what);
}

sf_count_t length(void* what) {
  return static_cast<sf_count_t>(of(what).bytes.size());
}

sf_count_t seek(sf_count_t offset, int whence, void* what) {
  auto& file = of(what);
  const auto from = whence == SEEK_SET ? 0
                    : whence == SEEK_CUR
                      ? static_cast<sf_count_t>(file.at)
                      : static_cast<sf_count_t>(file.bytes.size());
  if (from + offset >= 0)
    file.at = static_cast<std::size_t>(from + offset);
  return static_cast<sf_count_t>(file.at);
}

sf_count_t read(void* to, sf_count_t count, void* what) {
  auto& file = of(what);
  const auto left = file.bytes.size() - std::min(file.at, file.bytes.size());
  const auto size = std::min(left, static_cast<std::size_t>(count));
  std::memcpy(to, file.bytes.data() + file.at, size);
  file.at += size;
  return static_cast<sf_count_t>(size);
}

sf_count_t put(const void* from, sf_count_t count, void* what) {
  auto& file = of(what);
  const auto size = static_cast<std::size_t>(count);
  if (file.bytes.size() < file.at + size)
    file.bytes.resize(file.at + size);
  std::memcpy(file.bytes.data() + file.at, from, size);
  file.at += size;
  return count;
}

sf_count_t tell(void* what) {
  return static_cast<sf_count_t>(of(what).at);
}

int format_of(file_format as) noexcept {
  return as == file_format::mp3 ? SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III
                                : SF_FORMAT_OGG | SF_FORMAT_OPUS;
}

} // namespace

struct file_encoder::body {
  memory file;
  std::unique_ptr<SNDFILE, close_file> sound;
  std::vector<int> wide;
};

file_encoder::file_encoder(std::unique_ptr<body> what) noexcept
  : body_{std::move(what)} {
}

file_encoder::file_encoder(file_encoder&&) noexcept = default;
file_encoder& file_encoder::operator=(file_encoder&&) noexcept = default;
file_encoder::~file_encoder() = default;

expected<file_encoder, std::string> file_encoder::make(file_format as,
                                                       std::uint32_t rate) {
  auto made = std::make_unique<body>();
  SF_VIRTUAL_IO access{length, seek, read, put, tell};
  SF_INFO info{};
  info.samplerate = static_cast<int>(rate);
  info.channels = 2;
  info.format = format_of(as);
  made->sound.reset(sf_open_virtual(&access, SFM_WRITE, &info, &made->file));
  if (!made->sound)
    return unexpected{std::string{sf_strerror(nullptr)}};
  auto level = mp3_level;
  if (as == file_format::mp3)
    sf_command(made->sound.get(), SFC_SET_COMPRESSION_LEVEL, &level,
               sizeof level);
  return file_encoder{std::move(made)};
}

/// As 32 bits: libsndfile 1.2.0 distorts 16-bit samples on their way to a
/// stereo MP3.
bool file_encoder::write(std::span<const std::int16_t> samples) {
  auto& wide = body_->wide;
  wide.clear();
  for (const auto sample : samples)
    wide.push_back(sample * 65'536);
  const auto frames = static_cast<sf_count_t>(samples.size() / 2);
  return sf_writef_int(body_->sound.get(), wide.data(), frames) == frames;
}

std::string file_encoder::finish() {
  body_->sound.reset();
  return std::move(body_->file.bytes);
}

} // namespace callfork::audio
