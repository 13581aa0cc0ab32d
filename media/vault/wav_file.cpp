#include "media/vault/wav_file.hpp"

#include "media/vault/disk.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace callfork::vault {

namespace {

constexpr std::uint32_t default_rate = 8000;
constexpr std::uint16_t channels = 2;
constexpr std::size_t rate_at = 60;
constexpr std::uint32_t use_long_size = 0xffffffffU;
constexpr mode_t file_mode = 0640;

void put(std::span<std::byte> header, std::size_t at, std::string_view tag) {
  std::memcpy(header.data() + at, tag.data(), tag.size());
}

void put(std::span<std::byte> header, std::size_t at, std::uint64_t value,
         std::size_t width) {
  for (std::size_t byte = 0; byte < width; ++byte)
    header[at + byte] = static_cast<std::byte>(value >> (8 * byte) & 0xffU);
}

unexpected<std::string> failed(std::string_view deed) {
  return unexpected{std::string{deed} + ": " + std::strerror(errno)};
}

struct free_digest {
  void operator()(EVP_MD_CTX* digest) const noexcept {
    EVP_MD_CTX_free(digest);
  }
};

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
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

wav_file::wav_file(int file, std::uint32_t rate,
                   std::uint64_t data_bytes) noexcept
  : file_{file},
    rate_{rate},
    data_bytes_{data_bytes} {
}

wav_file::wav_file(wav_file&& other) noexcept
  : file_{std::exchange(other.file_, -1)},
    rate_{other.rate_},
    data_bytes_{other.data_bytes_} {
}

wav_file& wav_file::operator=(wav_file&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(rate_, other.rate_);
  std::swap(data_bytes_, other.data_bytes_);
  return *this;
}

wav_file::~wav_file() {
  if (file_ >= 0)
    close(file_);
}

expected<wav_file, std::string> wav_file::create(const std::string& path) {
  const int file = open(path.c_str(),
                        O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        file_mode);
  if (file < 0)
    return failed("cannot create " + path);
  wav_file made{file, default_rate, 0};
  if (flock(file, LOCK_EX | LOCK_NB) == 0 && made.write_header())
    return made;
  auto why = failed("cannot write " + path);
  unlink(path.c_str());
  return why;
}

expected<wav_file, std::string> wav_file::adopt(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0)
    return failed("cannot open " + path);
  wav_file found{file, default_rate, 0};
  if (flock(file, LOCK_EX | LOCK_NB) != 0)
    return failed("in use: " + path);
  struct stat info {};
  if (fstat(file, &info) != 0)
    return failed("cannot read " + path);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  std::array<std::byte, wav_header_size> header{};
  const auto got = pread(file, header.data(), header.size(), 0);
  const bool whole = got == static_cast<ssize_t>(header.size());
  if (whole && rate_in(header) == 0)
    return unexpected{"not a recording of the vault: " + path};
  if (whole) {
    found.rate_ = rate_in(header);
    found.data_bytes_ = (size - wav_header_size) / frame_size * frame_size;
  }
  if (ftruncate(file, static_cast<off_t>(wav_header_size + found.data_bytes_))
        != 0
      || !found.write_header())
    return failed("cannot write " + path);
  return found;
}

bool wav_file::write_header() noexcept {
  return write_all(file_, wav_header(rate_, data_bytes_), 0);
}

expected<void, std::string>
wav_file::append(std::span<const std::int16_t> samples) {
  const auto bytes = std::as_bytes(samples);
  if (write_all(file_, bytes, wav_header_size + data_bytes_)) {
    data_bytes_ += bytes.size();
    return {};
  }
  const auto why = failed("cannot write");
  if (ftruncate(file_, static_cast<off_t>(wav_header_size + data_bytes_)) == 0)
    static_cast<void>(write_header());
  return why;
}

expected<void, std::string> wav_file::state_size() {
  if (!write_header())
    return failed("cannot write");
  return {};
}

expected<std::string, std::string> wav_file::seal() {
  if (fdatasync(file_) != 0)
    return failed("cannot sync");
  const std::unique_ptr<EVP_MD_CTX, free_digest> digest{EVP_MD_CTX_new()};
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
    return unexpected{std::string{"no SHA-256"}};
  std::array<std::byte, std::size_t{32} * 1024> piece;
  for (off_t at = 0;;) {
    const auto got = pread(file_, piece.data(), piece.size(), at);
    if (got < 0)
      return failed("cannot read back");
    if (got == 0)
      break;
    EVP_DigestUpdate(digest.get(), piece.data(), static_cast<std::size_t>(got));
    at += got;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), sum.data(), &size);
  return hex(std::span{sum}.first(size));
}

} // namespace callfork::vault
