#include "bus/frame.hpp"

#include <array>

namespace callfork::bus {
namespace {

// length u32, checksum u32; the checksum covers what follows.
constexpr std::size_t prefix_bytes = 8;
constexpr std::size_t fixed_bytes = 16; // offset u64, time i64.

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0x82F63B78U : 0U);
    table[byte] = sum;
  }
  return table;
}

constexpr auto table = make_table();

template <class Number>
void put(std::string& to, Number value) {
  for (std::size_t byte = sizeof(Number); byte-- > 0;)
    to += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * byte));
}

void put_text(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint32_t>(text.size()));
  to += text;
}

/// Reads within bounds; `good` falls for ever at the first overrun.
struct cursor {
  std::string_view left;
  bool good = true;

  template <class Number>
  Number number() {
    if (left.size() < sizeof(Number)) {
      good = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < sizeof(Number); ++byte)
      value = value << 8U | static_cast<unsigned char>(left[byte]);
    left.remove_prefix(sizeof(Number));
    return static_cast<Number>(value);
  }

  std::string text() {
    const auto size = number<std::uint32_t>();
    if (!good || left.size() < size) {
      good = false;
      return {};
    }
    std::string made{left.substr(0, size)};
    left.remove_prefix(size);
    return made;
  }
};

bool read_body(cursor from, frame& into) {
  into.offset = from.number<std::uint64_t>();
  into.record.time = wall_time{std::chrono::microseconds{
    static_cast<std::int64_t>(from.number<std::uint64_t>())}};
  into.record.topic = from.text();
  into.record.key = from.text();
  const auto headers = from.number<std::uint16_t>();
  for (unsigned header = 0; from.good && header < headers; ++header) {
    auto name = from.text();
    into.record.headers.emplace_back(std::move(name), from.text());
  }
  into.record.value = from.text();
  return from.good && from.left.empty();
}

} // namespace

std::uint32_t crc32c(std::string_view bytes) noexcept {
  std::uint32_t sum = 0xFFFFFFFFU;
  for (const char byte : bytes)
    sum = (sum >> 8U) ^ table[(sum ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~sum;
}

std::string write_frame(const record& from, std::uint64_t offset) {
  std::string body;
  body.reserve(fixed_bytes + weight_of(from) + 64);
  put(body, offset);
  put(body, std::chrono::floor<std::chrono::microseconds>(
              from.time.time_since_epoch())
              .count());
  put_text(body, from.topic);
  put_text(body, from.key);
  put(body, static_cast<std::uint16_t>(from.headers.size()));
  for (const auto& [name, value] : from.headers) {
    put_text(body, name);
    put_text(body, value);
  }
  put_text(body, from.value);
  std::string made;
  made.reserve(prefix_bytes + body.size());
  put(made, static_cast<std::uint32_t>(body.size()));
  put(made, crc32c(body));
  made += body;
  return made;
}

frame read_frame(std::string_view bytes) {
  frame made;
  cursor prefix{bytes};
  const auto length = prefix.number<std::uint32_t>();
  const auto sum = prefix.number<std::uint32_t>();
  if (!prefix.good)
    return made;
  if (length < fixed_bytes || length > max_frame_bytes) {
    made.state = frame_state::damaged;
    return made;
  }
  if (prefix.left.size() < length)
    return made;
  made.bytes = prefix_bytes + length;
  const auto body = prefix.left.substr(0, length);
  const bool fits = crc32c(body) == sum && read_body(cursor{body}, made);
  made.state = fits ? frame_state::whole : frame_state::damaged;
  return made;
}

} // namespace callfork::bus
