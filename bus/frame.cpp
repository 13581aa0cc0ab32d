#include "bus/frame.hpp"

#include <array>

namespace callfork::bus {
namespace {

// length u32, checksum u32; the checksum covers what follows.
constexpr std::size_t prefix_bytes = 8;
constexpr std::size_t fixed_bytes = 16; // offset u64, time i64.

// Eight bytes at a time: table n holds the sums of a byte n places ahead.
using crc_tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr crc_tables make_tables() {
  crc_tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0x82F63B78U : 0U);
    tables[0][byte] = sum;
  }
  for (std::size_t ahead = 1; ahead < tables.size(); ++ahead)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto before = tables[ahead - 1][byte];
      tables[ahead][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  return tables;
}

constexpr auto tables = make_tables();

std::uint32_t octet(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint32_t sum_of_eight(std::string_view bytes, std::uint32_t sum) noexcept {
  return tables[7][octet(bytes, 0) ^ (sum & 0xFFU)]
         ^ tables[6][octet(bytes, 1) ^ (sum >> 8U & 0xFFU)]
         ^ tables[5][octet(bytes, 2) ^ (sum >> 16U & 0xFFU)]
         ^ tables[4][octet(bytes, 3) ^ (sum >> 24U)]
         ^ tables[3][octet(bytes, 4)] ^ tables[2][octet(bytes, 5)]
         ^ tables[1][octet(bytes, 6)] ^ tables[0][octet(bytes, 7)];
}

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

/// The clock counts finer than the frame does: what it cannot hold is damage.
bool read_time(std::int64_t micros, wall_time& into) {
  constexpr auto most
    = std::chrono::floor<std::chrono::microseconds>(wall_clock::duration::max())
        .count();
  if (micros > most || micros < -most)
    return false;
  into = wall_time{std::chrono::microseconds{micros}};
  return true;
}

bool read_body(cursor from, frame& into) {
  into.offset = from.number<std::uint64_t>();
  if (!read_time(from.number<std::int64_t>(), into.record.time))
    return false;
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
  for (; bytes.size() >= 8; bytes.remove_prefix(8))
    sum = sum_of_eight(bytes, sum);
  for (const char byte : bytes)
    sum = (sum >> 8U)
          ^ tables[0][(sum ^ static_cast<unsigned char>(byte)) & 0xFFU];
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
