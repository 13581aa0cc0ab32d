#include "bus/cursor_file.hpp"

#include "media/base/bytes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace callfork::bus {
namespace {

constexpr std::size_t slot_bytes = 12; // value u64, CRC-32C u32.
using slot = std::array<std::byte, slot_bytes>;

std::uint32_t sum_of(const slot& from) {
  return crc32c(as_text(bytes_view{from}.first(8)));
}

} // namespace

expected<cursor_file, log_error>
cursor_file::open(const std::filesystem::path& path) {
  cursor_file made;
  made.file_
    = file_handle{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
  if (!made.file_.is_open())
    return make_unexpected(io_error("open " + path.string()));
  made.load();
  return made;
}

void cursor_file::load() {
  for (unsigned number = 0; number < 2; ++number) {
    slot from{};
    const auto got = ::pread(file_.native(), from.data(), from.size(),
                             static_cast<off_t>(number * slot_bytes));
    if (got != static_cast<ssize_t>(slot_bytes)
        || read_u32(from, 8) != sum_of(from))
      continue;
    const auto value = static_cast<std::uint64_t>(read_u32(from, 0)) << 32U
                       | read_u32(from, 4);
    if (value_ && *value_ > value)
      continue;
    value_ = value;
    slot_ = 1 - number;
  }
}

expected<void, log_error> cursor_file::store(std::uint64_t value) {
  slot made{};
  write_u32(made, 0, static_cast<std::uint32_t>(value >> 32U));
  write_u32(made, 4, static_cast<std::uint32_t>(value & 0xffffffffU));
  write_u32(made, 8, sum_of(made));
  if (::pwrite(file_.native(), made.data(), made.size(),
               static_cast<off_t>(slot_ * slot_bytes))
      != static_cast<ssize_t>(slot_bytes))
    return make_unexpected(io_error("write the outbox's cursor"));
  slot_ = 1 - slot_;
  value_ = value;
  return {};
}

} // namespace callfork::bus
