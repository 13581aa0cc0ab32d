#include "media/fork/batch.hpp"

#include <string.h>

#include <cstring>

namespace callfork::fork {

namespace {

/// How a record lies in a batch: this, then `size` bytes.
struct record_header {
  std::int64_t arrival;
  std::uint16_t size;
  record_kind kind;
  stream_index stream;
};

constexpr std::size_t header_bytes = batch::record_overhead;

} // namespace

bool batch::append(const record& what) noexcept {
  if (what.bytes.size() > capacity - header_bytes
      || used_ + header_bytes + what.bytes.size() > capacity)
    return false;
  const record_header head{what.arrival.time_since_epoch().count(),
                           static_cast<std::uint16_t>(what.bytes.size()),
                           what.kind, what.stream};
  std::memcpy(bytes_.data() + used_, &head, header_bytes);
  if (!what.bytes.empty())
    std::memcpy(bytes_.data() + used_ + header_bytes, what.bytes.data(),
                what.bytes.size());
  used_ = static_cast<std::uint16_t>(used_ + header_bytes + what.bytes.size());
  return true;
}

void batch::clear() noexcept {
  explicit_bzero(bytes_.data(), used_);
  used_ = 0;
  complete_until_ = {};
}

std::optional<time_point> batch::first_arrival() const noexcept {
  if (empty())
    return std::nullopt;
  std::size_t at = 0;
  return read(at).arrival;
}

record batch::read(std::size_t& at) const noexcept {
  record_header head{};
  std::memcpy(&head, bytes_.data() + at, header_bytes);
  const bytes_view body{bytes_.data() + at + header_bytes, head.size};
  at += header_bytes + head.size;
  return {head.kind, head.stream, time_point{duration{head.arrival}}, body};
}

} // namespace callfork::fork
