#include "bus/segments.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>
#include <utility>

namespace callfork::bus {
namespace {

constexpr std::size_t name_digits = 20;

/// A read-only view of a file.
class mapping {
public:
  explicit mapping(const segment& from) {
    const file_handle file{::open(from.path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open() || from.bytes == 0)
      return;
    at_ = ::mmap(nullptr, from.bytes, PROT_READ, MAP_PRIVATE, file.native(), 0);
    size_ = at_ == MAP_FAILED ? 0 : from.bytes;
  }
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;
  ~mapping() {
    if (size_ != 0)
      ::munmap(at_, size_);
  }

  [[nodiscard]] std::string_view bytes() const noexcept {
    if (size_ == 0)
      return {};
    return {static_cast<const char*>(at_), size_};
  }

private:
  void* at_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace

file_handle::file_handle(file_handle&& other) noexcept
  : descriptor_(std::exchange(other.descriptor_, -1)) {
}

file_handle& file_handle::operator=(file_handle&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

file_handle::~file_handle() {
  if (is_open())
    ::close(descriptor_);
}

std::vector<segment> list_segments(const std::filesystem::path& folder) {
  std::vector<segment> found;
  std::error_code failed;
  for (std::filesystem::directory_iterator at{folder, failed}, end;
       !failed && at != end; at.increment(failed)) {
    const auto name = at->path().stem().string();
    if (at->path().extension() != ".log" || name.size() != name_digits)
      continue;
    segment made{at->path(), 0, 0};
    const auto* last = name.data() + name.size();
    if (std::from_chars(name.data(), last, made.first).ptr != last)
      continue;
    std::error_code gone;
    made.bytes = at->file_size(gone);
    if (!gone)
      found.push_back(std::move(made));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& left, const auto& right) {
              return left.first < right.first;
            });
  return found;
}

std::filesystem::path segment_path(const std::filesystem::path& folder,
                                   std::uint64_t first) {
  return folder / fmt::format("{:020}.log", first);
}

expected<segment_scan, log_error> scan_segment(const segment& from) {
  const mapping file{from};
  if (file.bytes().size() != from.bytes)
    return make_unexpected(io_error("read " + from.path.string()));
  segment_scan scan{0, from.first};
  std::uint64_t at = 0;
  while (at < from.bytes) {
    const auto next = read_frame(file.bytes().substr(at));
    if (next.state == frame_state::whole) {
      scan = {at + next.bytes, next.offset + 1};
    } else if (next.bytes == 0) {
      break;
    }
    at += next.bytes;
  }
  return scan;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

expected<void, log_error> replace_file(const std::filesystem::path& path,
                                       std::string_view bytes) {
  const auto fresh = path.string() + ".new";
  const file_handle file{
    ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)};
  if (!file.is_open() || !write_all(file.native(), bytes)
      || ::fdatasync(file.native()) != 0
      || std::rename(fresh.c_str(), path.c_str()) != 0)
    return make_unexpected(io_error("replace " + path.string()));
  sync_folder(path.parent_path());
  return {};
}

void sync_folder(const std::filesystem::path& folder) {
  const file_handle handle{
    ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (handle.is_open())
    ::fsync(handle.native());
}

log_error io_error(const std::string& tried) {
  return {log_error_code::io,
          tried + ": " + std::generic_category().message(errno)};
}

} // namespace callfork::bus
