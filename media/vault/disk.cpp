#include "media/vault/disk.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace callfork::vault {

namespace {

constexpr mode_t file_mode = 0640;

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

open_file::~open_file() {
  if (number_ >= 0)
    close(number_);
}

expected<open_file, std::string> open_file::create(const std::string& path) {
  const int file = ::open(path.c_str(),
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                          file_mode);
  if (file < 0)
    return failed("cannot create " + path);
  open_file made{file};
  if (flock(file, LOCK_EX | LOCK_NB) == 0)
    return made;
  auto why = failed("cannot lock " + path);
  unlink(path.c_str());
  return why;
}

expected<open_file, std::string> open_file::adopt(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0)
    return failed("cannot open " + path);
  open_file found{file};
  if (flock(file, LOCK_EX | LOCK_NB) != 0)
    return failed("in use: " + path);
  return found;
}

expected<open_file, std::string> open_file::read(const std::string& path) {
  // Anything but a file might let whoever opens it wait for ever.
  const int file = ::open(path.c_str(),
                          O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0)
    return failed("cannot open " + path);
  open_file found{file};
  struct stat info {};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
    return unexpected{"not a file: " + path};
  return found;
}

expected<std::uint64_t, std::string> open_file::size() const {
  struct stat info {};
  if (fstat(number_, &info) != 0)
    return failed("cannot read");
  return static_cast<std::uint64_t>(info.st_size);
}

expected<bytes_span, std::string> open_file::read_at(std::uint64_t at,
                                                     bytes_span to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const auto got = pread(number_, to.data() + done, to.size() - done,
                           static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failed("cannot read back");
    if (got == 0)
      break;
    done += static_cast<std::size_t>(got);
  }
  return to.first(done);
}

bool open_file::cut(std::uint64_t size) const noexcept {
  return ftruncate(number_, static_cast<off_t>(size)) == 0;
}

expected<std::string, std::string> open_file::sync_and_hash() const {
  if (fdatasync(number_) != 0)
    return failed("cannot sync");
  const std::unique_ptr<EVP_MD_CTX, free_digest> digest{EVP_MD_CTX_new()};
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
    return unexpected{std::string{"no SHA-256"}};
  std::array<std::byte, std::size_t{32} * 1024> piece;
  for (std::uint64_t at = 0;;) {
    const auto got = read_at(at, piece);
    if (!got)
      return unexpected{got.error()};
    if (got->empty())
      break;
    EVP_DigestUpdate(digest.get(), got->data(), got->size());
    at += got->size();
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), sum.data(), &size);
  return hex(std::span{sum}.first(size));
}

bool write_all(int file, bytes_view bytes, std::uint64_t at) noexcept {
  while (!bytes.empty()) {
    const auto written = pwrite(file, bytes.data(), bytes.size(),
                                static_cast<off_t>(at));
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      if (written == 0)
        errno = ENOSPC;
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  return true;
}

expected<void, std::string> replace_file(const std::string& path,
                                         std::string_view text) {
  const auto draft = path + ".new";
  const int file = ::open(draft.c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          file_mode);
  if (file < 0)
    return failed("cannot create " + draft);
  const bool written = write_all(file, as_bytes(text), 0) && fsync(file) == 0;
  const auto why = failed("cannot write " + draft);
  close(file);
  if (!written || rename(draft.c_str(), path.c_str()) != 0) {
    auto fault = written ? failed("cannot rename " + draft) : why;
    unlink(draft.c_str());
    return fault;
  }
  sync_folder_of(path);
  return {};
}

void sync_folder_of(const std::string& path) noexcept {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string{"."}
                                                 : path.substr(0, slash + 1);
  const int number = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0)
    return;
  fsync(number);
  close(number);
}

unexpected<std::string> failed(std::string_view deed) {
  return unexpected{std::string{deed} + ": " + std::strerror(errno)};
}

} // namespace callfork::vault
