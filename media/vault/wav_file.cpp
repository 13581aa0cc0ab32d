#include "media/vault/wav_file.hpp"

#include <unistd.h>

#include <cstring>
#include <string_view>
#include <utility>

namespace callfork::vault {

namespace {

constexpr std::uint32_t default_rate = 8000;
constexpr std::uint16_t channels = 2;
constexpr std::size_t rate_at = 60;
constexpr std::uint32_t use_long_size = 0xffffffffU;

void put(std::span<std::byte> header, std::size_t at, std::string_view tag) {
  std::memcpy(header.data() + at, tag.data(), tag.size());
}

void put(std::span<std::byte> header, std::size_t at, std::uint64_t value,
         std::size_t width) {
  for (std::size_t byte = 0; byte < width; ++byte)
    header[at + byte] = static_cast<std::byte>(value >> (8 * byte) & 0xffU);
}

} // namespace

std::array<std::byte, wav_header_size>
wav_header(std::uint32_t rate, std::uint64_t data_bytes) noexcept {
  std::array<std::byte, wav_header_size> header{};
  const auto riff_bytes = data_bytes + wav_header_size - 8;
  const bool is_long = riff_bytes >= use_long_size;
  put(header, 0, is_long ? "RF64" : "RIFF");
  put(header, 4, is_long ? use_long_size : riff_bytes, 4);
  put(header, 8, "WAVE");
  put(header, 12, is_long ? "ds64" : "JUNK");
  put(header, 16, 28, 4);
  if (is_long) {
    put(header, 20, riff_bytes, 8);
    put(header, 28, data_bytes, 8);
    put(header, 36, data_bytes / frame_size, 8);
  }
  put(header, 48, "fmt ");
  put(header, 52, 16, 4);
  put(header, 56, 1, 2); // PCM.
  put(header, 58, channels, 2);
  put(header, rate_at, rate, 4);
  put(header, 64, std::uint64_t{rate} * frame_size, 4);
  put(header, 68, frame_size, 2);
  put(header, 70, 16, 2);
  put(header, 72, "data");
  put(header, 76, is_long ? use_long_size : data_bytes, 4);
  return header;
}

std::uint32_t rate_in(std::span<const std::byte> header) noexcept {
  if (header.size() < wav_header_size)
    return 0;
  std::uint32_t rate = 0;
  for (std::size_t byte = 0; byte < 4; ++byte)
    rate |= std::to_integer<std::uint32_t>(header[rate_at + byte])
            << (8 * byte);
  const auto ours = wav_header(rate, 0);
  const auto same = [&](std::size_t from, std::size_t to) {
    return std::memcmp(header.data() + from, ours.data() + from, to - from)
           == 0;
  };
  return same(8, 12) && same(48, 76) ? rate : 0;
}

wav_file::wav_file(open_file file, std::uint32_t rate,
                   std::uint64_t data_bytes) noexcept
  : file_{std::move(file)},
    rate_{rate},
    data_bytes_{data_bytes} {
}

expected<wav_file, std::string> wav_file::create(const std::string& path) {
  auto file = open_file::create(path);
  if (!file)
    return unexpected{file.error()};
  wav_file made{std::move(*file), default_rate, 0};
  if (made.write_header())
    return made;
  auto why = failed("cannot write " + path);
  unlink(path.c_str());
  return why;
}

expected<wav_file, std::string> wav_file::adopt(const std::string& path) {
  auto file = open_file::adopt(path);
  if (!file)
    return unexpected{file.error()};
  wav_file found{std::move(*file), default_rate, 0};
  std::array<std::byte, wav_header_size> header{};
  const auto size = found.file_.size();
  const auto got = found.file_.read_at(0, header);
  if (!size || !got)
    return failed("cannot read " + path);
  const bool whole = got->size() == header.size();
  if (whole && rate_in(header) == 0)
    return unexpected{"not a recording of the vault: " + path};
  if (whole) {
    found.rate_ = rate_in(header);
    found.data_bytes_ = (*size - wav_header_size) / frame_size * frame_size;
  }
  if (!found.file_.cut(found.bytes()) || !found.write_header())
    return failed("cannot write " + path);
  return found;
}

bool wav_file::write_header() noexcept {
  return write_all(file_.number(), wav_header(rate_, data_bytes_), 0);
}

expected<void, std::string>
wav_file::append(std::span<const std::int16_t> samples) {
  const auto bytes = std::as_bytes(samples);
  if (write_all(file_.number(), bytes, wav_header_size + data_bytes_)) {
    data_bytes_ += bytes.size();
    return {};
  }
  const auto why = failed("cannot write");
  if (file_.cut(wav_header_size + data_bytes_))
    static_cast<void>(write_header());
  return why;
}

expected<void, std::string> wav_file::state_size() {
  if (!write_header())
    return failed("cannot write");
  return {};
}

std::size_t wav_file::frames_to_page() const noexcept {
  return (disk_page - bytes() % disk_page) / frame_size;
}

std::size_t wav_file::frames_per_page() const noexcept {
  return disk_page / frame_size;
}

} // namespace callfork::vault
