#include "media/srtp/sdes.hpp"

#include "media/base/check.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <string_view>
#include <utility>

namespace callfork::srtp {

namespace {

constexpr std::uint64_t most_packets = std::uint64_t{1} << 48U;
constexpr std::string_view inline_method = "inline:";

/// Cuts off what stands before the first separator; the rest stays in `text`.
/// `more` tells whether there was a separator.
std::string_view next_piece(std::string_view& text, char separator,
                            bool& more) noexcept {
  const auto at = text.find(separator);
  const auto piece = text.substr(0, at);
  more = at != std::string_view::npos;
  text.remove_prefix(more ? at + 1 : text.size());
  return piece;
}

/// The next word after any number of spaces; empty at the end.
std::string_view next_word(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

/// A decimal number without sign that is all of the text.
template <class Number>
std::optional<Number> number(std::string_view text) noexcept {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, value);
  if (text.empty() || fault != std::errc{} || stopped != end)
    return std::nullopt;
  return value;
}

/// "2^20" or "1048576": at least one packet, at most 2^48.
expected<std::uint64_t, sdes_error> lifetime_of(std::string_view text) {
  auto packets = number<std::uint64_t>(text);
  if (text.starts_with("2^")) {
    const auto exponent = number<unsigned>(text.substr(2));
    if (exponent && *exponent <= 48)
      packets = std::uint64_t{1} << *exponent;
  }
  if (!packets || *packets == 0 || *packets > most_packets)
    return unexpected{sdes_error::bad_lifetime};
  return *packets;
}

/// "1:4": a decimal number, as long as it may be, and how many bytes carry it.
expected<mki, sdes_error> mki_of(std::string_view text) {
  bool has_size = false;
  const auto digits = next_piece(text, ':', has_size);
  const auto size = number<std::uint8_t>(text);
  mki id;
  if (digits.empty() || !size || *size == 0 || *size > id.bytes.size())
    return unexpected{sdes_error::bad_mki};
  id.size = *size;
  for (const auto digit : digits) {
    if (digit < '0' || digit > '9')
      return unexpected{sdes_error::bad_mki};
    auto carry = static_cast<unsigned>(digit - '0');
    for (std::size_t at = id.size; at-- > 0; carry >>= 8U) {
      carry += std::to_integer<unsigned>(id.bytes[at]) * 10;
      id.bytes[at] = static_cast<std::byte>(carry & 0xffU);
    }
    if (carry != 0)
      return unexpected{sdes_error::bad_mki};
  }
  return id;
}

/// The MKI's value as a decimal number.
std::string decimal(const mki& id) {
  auto rest = id.bytes;
  std::string digits;
  const auto is_zero = [&] {
    return std::ranges::all_of(rest, [](std::byte each) {
      return each == std::byte{0};
    });
  };
  do {
    unsigned remainder = 0;
    for (std::size_t at = 0; at < id.size; ++at) {
      remainder = remainder << 8U | std::to_integer<unsigned>(rest[at]);
      rest[at] = static_cast<std::byte>(remainder / 10);
      remainder %= 10;
    }
    digits += static_cast<char>('0' + remainder);
  } while (!is_zero());
  std::ranges::reverse(digits);
  return digits;
}

/// "inline:<key>[|<lifetime>][|<mki>:<size>]".
expected<inline_key, sdes_error> key_of(std::string_view text, suite of) {
  if (!text.starts_with(inline_method))
    return unexpected{sdes_error::malformed};
  text.remove_prefix(inline_method.size());
  inline_key made;
  bool more = false;
  const auto bytes = base64::decode_into(next_piece(text, '|', more),
                                         made.key.bytes);
  if (!bytes || bytes->size() != key_salt_size(of))
    return unexpected{sdes_error::bad_key};
  made.key.size = static_cast<std::uint8_t>(bytes->size());
  for (const auto at : std::array{0, 1}) {
    if (!more)
      break;
    const auto piece = next_piece(text, '|', more);
    if (piece.find(':') != std::string_view::npos) {
      const auto id = mki_of(piece);
      if (!id)
        return unexpected{id.error()};
      made.mki = *id;
      break;
    }
    if (at == 1)
      return unexpected{sdes_error::malformed};
    const auto packets = lifetime_of(piece);
    if (!packets)
      return unexpected{packets.error()};
    made.lifetime = *packets;
  }
  if (more)
    return unexpected{sdes_error::malformed};
  return made;
}

/// With several keys each packet must say which: all have MKIs of one length
/// (RFC 4568 6.1).
expected<std::vector<inline_key>, sdes_error> keys_of(std::string_view text,
                                                      suite of) {
  std::vector<inline_key> keys;
  for (auto more = true; more;) {
    const auto key = key_of(next_piece(text, ';', more), of);
    if (!key)
      return unexpected{key.error()};
    keys.push_back(*key);
  }
  const auto mki_size = [](const inline_key& key) {
    return key.mki ? key.mki->size : 0;
  };
  const auto size = mki_size(keys.front());
  const auto fits = [&](const inline_key& key) {
    return mki_size(key) == size;
  };
  if (keys.size() > 1 && (size == 0 || !std::ranges::all_of(keys, fits)))
    return unexpected{sdes_error::bad_mki};
  return keys;
}

/// What is wrong with a session parameter (RFC 4568 6.3); nothing when it is
/// understood or, with a '-', may be ignored.
std::optional<sdes_error> fault_of(std::string_view parameter) noexcept {
  const auto name = parameter.substr(0, parameter.find('='));
  if (name == "UNENCRYPTED_SRTP" || name == "UNENCRYPTED_SRTCP"
      || name == "UNAUTHENTICATED_SRTP")
    return sdes_error::insecure;
  if (name == "KDR")
    return parameter == "KDR=0" ? std::nullopt
                                : std::optional{sdes_error::unsupported_rate};
  if (name == "WSH") {
    const auto window = number<unsigned>(
      parameter.substr(std::min(name.size() + 1, parameter.size())));
    return window && *window >= 64 ? std::nullopt
                                   : std::optional{sdes_error::malformed};
  }
  if (parameter == "FEC_ORDER=FEC_SRTP" || parameter == "FEC_ORDER=SRTP_FEC"
      || parameter.starts_with('-'))
    return std::nullopt;
  return sdes_error::unknown_parameter;
}

std::optional<std::uint32_t> tag_of(std::string_view word) noexcept {
  if (word.size() > 9 || (word.size() > 1 && word.starts_with('0')))
    return std::nullopt;
  return number<std::uint32_t>(word);
}

void append_key(std::string& text, const inline_key& key,
                base64::padding fill) {
  auto bytes = base64::encode(key.key.view(), fill);
  text.append(inline_method).append(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (key.lifetime && std::has_single_bit(*key.lifetime))
    text.append("|2^").append(std::to_string(std::countr_zero(*key.lifetime)));
  else if (key.lifetime)
    text.append("|").append(std::to_string(*key.lifetime));
  if (key.mki)
    text.append("|")
      .append(decimal(*key.mki))
      .append(":")
      .append(std::to_string(key.mki->size));
}

} // namespace

std::string_view to_string(sdes_error error) noexcept {
  switch (error) {
  case sdes_error::malformed:
    return "malformed crypto attribute";
  case sdes_error::unknown_suite:
    return "unknown crypto suite";
  case sdes_error::bad_key:
    return "key does not fit the crypto suite";
  case sdes_error::bad_lifetime:
    return "key lifetime out of range";
  case sdes_error::bad_mki:
    return "bad master key identifier";
  case sdes_error::insecure:
    return "insecure session parameter refused";
  case sdes_error::unknown_parameter:
    return "unknown session parameter";
  case sdes_error::unsupported_rate:
    return "unsupported key derivation rate";
  }
  return "unknown";
}

expected<crypto_attribute, sdes_error> parse_crypto(std::string_view value) {
  const auto tag = tag_of(next_word(value));
  if (!tag)
    return unexpected{sdes_error::malformed};
  const auto name = next_word(value);
  const auto parameters = next_word(value);
  if (name.empty() || parameters.empty())
    return unexpected{sdes_error::malformed};
  const auto suite = parse_suite(name);
  if (!suite)
    return unexpected{sdes_error::unknown_suite};
  auto keys = keys_of(parameters, *suite);
  if (!keys)
    return unexpected{keys.error()};
  crypto_attribute made{*tag, *suite, std::move(*keys), {}};
  for (auto word = next_word(value); !word.empty(); word = next_word(value)) {
    if (const auto fault = fault_of(word))
      return unexpected{*fault};
    if (!word.starts_with('-'))
      made.parameters.emplace_back(word);
  }
  return made;
}

std::string write_crypto(const crypto_attribute& attribute,
                         base64::padding fill) {
  auto text = std::to_string(attribute.tag);
  text.append(" ").append(to_string(attribute.suite));
  auto separator = ' ';
  for (const auto& key : attribute.keys) {
    text += std::exchange(separator, ';');
    append_key(text, key, fill);
  }
  for (const auto& parameter : attribute.parameters)
    text.append(" ").append(parameter);
  return text;
}

keying to_keying(const crypto_attribute& attribute) {
  CALLFORK_EXPECT(!attribute.keys.empty());
  const auto& first = attribute.keys.front();
  return {attribute.suite, first.key, first.mki};
}

key_salt make_key(suite value) {
  key_salt made;
  made.size = static_cast<std::uint8_t>(key_salt_size(value));
  CALLFORK_EXPECT(
    RAND_bytes(reinterpret_cast<unsigned char*>(made.bytes.data()), made.size)
    == 1);
  return made;
}

} // namespace callfork::srtp
