#include "media/vault/key_ring.hpp"

#include "media/base/base64.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace callfork::vault {

namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20U;
constexpr std::size_t hex_size = secret::size * 2;

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::optional<secret> from_hex(std::string_view text) noexcept {
  secret made;
  for (std::size_t at = 0; at < secret::size; ++at) {
    const auto high = digit_of(text[at * 2]);
    const auto low = digit_of(text[at * 2 + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    made.data()[at] = static_cast<unsigned char>(high * 16 + low);
  }
  return made;
}

std::optional<secret> read_secret(std::string_view text) {
  if (text.size() == hex_size)
    return from_hex(text);
  auto bytes = base64::decode(text);
  if (!bytes)
    return std::nullopt;
  std::optional<secret> made;
  if (bytes->size() == secret::size)
    made.emplace(*bytes);
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return made;
}

/// As in "key-3f0a55c2": says nothing of the key to whoever has it not.
std::string id_of(const secret& key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  if (EVP_Digest(key.data(), secret::size, sum.data(), &size, EVP_sha256(),
                 nullptr)
      != 1)
    return "key";
  std::string made = "key-";
  for (std::size_t at = 0; at < 4; ++at) {
    made += digits[sum[at] >> 4U];
    made += digits[sum[at] & 15U];
  }
  return made;
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<key_ring::key> read_key(std::string_view line) {
  const auto blank = line.find_first_of(" \t");
  const bool named = blank != std::string_view::npos;
  auto bytes = read_secret(trimmed(named ? line.substr(blank) : line));
  if (!bytes || (named && !key_ring::is_id(line.substr(0, blank))))
    return std::nullopt;
  return key_ring::key{
    named ? std::string{line.substr(0, blank)} : id_of(*bytes), *bytes};
}

unexpected<std::string> failed(const std::string& path, std::string_view why) {
  return unexpected{"key file " + path + ": " + std::string{why}};
}

/// Why the open file is not read; empty when it is.
std::string fault_of(const struct stat& info) {
  if (!S_ISREG(info.st_mode))
    return "not a regular file";
  if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    return "others may read or write it: chmod 600 is the remedy";
  if (static_cast<std::uint64_t>(info.st_size) > largest_file)
    return "larger than 1 MiB";
  return {};
}

} // namespace

secret::secret(bytes_view bytes) noexcept {
  std::memcpy(bytes_.data(), bytes.data(), size);
}

secret::~secret() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

expected<key_ring, std::string> key_ring::load(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return failed(path, std::strerror(errno));
  struct stat info {};
  auto why = fstat(file, &info) == 0 ? fault_of(info)
                                     : std::string{std::strerror(errno)};
  std::string text;
  if (why.empty()) {
    text.resize(static_cast<std::size_t>(info.st_size));
    if (read(file, text.data(), text.size())
        != static_cast<ssize_t>(text.size()))
      why = "cannot be read";
  }
  close(file);
  if (!why.empty())
    return failed(path, why);
  auto ring = parse(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!ring)
    return failed(path, ring.error());
  return ring;
}

expected<key_ring, std::string> key_ring::parse(std::string_view text) {
  std::vector<key> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{}
                                         : text.substr(end + 1);
    if (line.empty() || line.front() == '#')
      continue;
    auto found = read_key(line);
    if (!found)
      return unexpected{"line " + std::to_string(number)
                        + ": expected an identifier and 32 bytes as 64 "
                          "hexadecimal digits or in base64"};
    if (std::ranges::find(keys, found->id, &key::id) != keys.end())
      return unexpected{"line " + std::to_string(number)
                        + ": there are two keys of this identifier"};
    keys.push_back(std::move(*found));
  }
  if (keys.empty())
    return unexpected{std::string{"there is no key in it"}};
  return key_ring{std::move(keys)};
}

const key_ring::key* key_ring::find(std::string_view id) const noexcept {
  const auto found = std::ranges::find(keys_, id, &key::id);
  return found == keys_.end() ? nullptr : &*found;
}

bool key_ring::is_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_id
         && std::ranges::all_of(text, [](char c) {
              return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                     || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'
                     || c == '.';
            });
}

} // namespace callfork::vault
