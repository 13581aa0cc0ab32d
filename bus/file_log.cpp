#include "bus/file_log.hpp"

#include "bus/segments.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>
#include <utility>

namespace callfork::bus {

namespace fs = std::filesystem;

struct file_log::state {
  file_log_settings settings;
  file_handle lock;
  file_handle file; ///< Of the last segment.
  std::vector<segment> segments;
  std::uint64_t next = 0;
  std::uint64_t durable = 0;
  std::uint64_t cut = 0;

  expected<void, log_error> take_lock();
  expected<void, log_error> recover();
  expected<void, log_error> cut_tail(segment& torn, std::uint64_t keep);
  expected<void, log_error> open_last();
  expected<void, log_error> roll();
  expected<void, log_error> write(std::string_view bytes);
  void remove_first();
};

expected<void, log_error> file_log::state::take_lock() {
  std::error_code failed;
  fs::create_directories(settings.folder, failed);
  const auto path = settings.folder / "lock";
  lock = file_handle{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
  if (!lock.is_open())
    return make_unexpected(io_error("open " + path.string()));
  if (::flock(lock.native(), LOCK_EX | LOCK_NB) == 0)
    return {};
  return make_unexpected(
    log_error{log_error_code::in_use,
              settings.folder.string() + " belongs to another process"});
}

expected<void, log_error> file_log::state::recover() {
  segments = list_segments(settings.folder);
  if (segments.empty())
    return roll();
  auto& last = segments.back();
  const auto scan = scan_segment(last);
  if (!scan)
    return make_unexpected(scan.error());
  next = scan->next_offset;
  durable = next;
  if (scan->good_bytes < last.bytes) {
    auto done = cut_tail(last, scan->good_bytes);
    if (!done)
      return done;
  }
  return open_last();
}

expected<void, log_error> file_log::state::cut_tail(segment& torn,
                                                    std::uint64_t keep) {
  std::ifstream from{torn.path, std::ios::binary};
  from.seekg(static_cast<std::streamoff>(keep));
  std::ofstream aside{torn.path.string() + ".damaged",
                      std::ios::binary | std::ios::app};
  aside << from.rdbuf();
  if (::truncate(torn.path.c_str(), static_cast<off_t>(keep)) != 0)
    return make_unexpected(io_error("cut " + torn.path.string()));
  cut = torn.bytes - keep;
  torn.bytes = keep;
  return {};
}

expected<void, log_error> file_log::state::open_last() {
  const auto& path = segments.back().path;
  file = file_handle{
    ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)};
  if (!file.is_open())
    return make_unexpected(io_error("open " + path.string()));
  // What an earlier process wrote may not be on the platter yet.
  if (::fdatasync(file.native()) != 0)
    return make_unexpected(io_error("sync " + path.string()));
  return {};
}

expected<void, log_error> file_log::state::roll() {
  if (file.is_open() && ::fdatasync(file.native()) != 0)
    return make_unexpected(io_error("sync " + segments.back().path.string()));
  durable = next;
  segments.push_back({segment_path(settings.folder, next), next, 0});
  auto opened = open_last();
  if (!opened)
    segments.pop_back();
  sync_folder(settings.folder);
  return opened;
}

expected<void, log_error> file_log::state::write(std::string_view bytes) {
  auto& last = segments.back();
  if (write_all(file.native(), bytes)) {
    last.bytes += bytes.size();
    return {};
  }
  auto failed = io_error("write " + last.path.string());
  // Half a frame must not stay before the next one.
  if (::ftruncate(file.native(), static_cast<off_t>(last.bytes)) != 0)
    failed.text += " (and the half record could not be cut)";
  return make_unexpected(std::move(failed));
}

void file_log::state::remove_first() {
  std::error_code ignored;
  fs::remove(segments.front().path, ignored);
  segments.erase(segments.begin());
}

expected<file_log, log_error> file_log::open(file_log_settings settings) {
  auto made = std::make_unique<state>();
  made->settings = std::move(settings);
  if (const auto locked = made->take_lock(); !locked)
    return make_unexpected(locked.error());
  if (const auto recovered = made->recover(); !recovered)
    return make_unexpected(recovered.error());
  return file_log{std::move(made)};
}

file_log::file_log(std::unique_ptr<state> made) noexcept
  : state_(std::move(made)) {
}
file_log::file_log(file_log&&) noexcept = default;
file_log& file_log::operator=(file_log&&) noexcept = default;
file_log::~file_log() = default;

expected<std::uint64_t, log_error> file_log::append(const record& what) {
  auto& log = *state_;
  const auto bytes = write_frame(what, log.next);
  if (bytes.size() > max_frame_bytes
      || what.headers.size() > std::numeric_limits<std::uint16_t>::max())
    return make_unexpected(
      log_error{log_error_code::too_large,
                "a record of " + std::to_string(bytes.size()) + " bytes"});
  if (log.segments.back().bytes >= log.settings.segment_bytes)
    if (const auto rolled = log.roll(); !rolled)
      return make_unexpected(rolled.error());
  if (const auto written = log.write(bytes); !written)
    return make_unexpected(written.error());
  return log.next++;
}

expected<void, log_error> file_log::sync() {
  auto& log = *state_;
  if (log.durable == log.next)
    return {};
  if (::fdatasync(log.file.native()) != 0)
    return make_unexpected(
      io_error("sync " + log.segments.back().path.string()));
  log.durable = log.next;
  return {};
}

void file_log::retain(wall_time now) {
  auto& log = *state_;
  const auto& keep = log.settings;
  const auto too_old = [&](const segment& first) {
    std::error_code gone;
    const auto written = fs::last_write_time(first.path, gone);
    if (gone || keep.keep_for.count() == 0)
      return false;
    return std::chrono::file_clock::to_sys(written) + keep.keep_for < now;
  };
  while (log.segments.size() > 1
         && (too_old(log.segments.front())
             || (keep.keep_bytes != 0 && bytes() > keep.keep_bytes)))
    log.remove_first();
}

void file_log::remove_below(std::uint64_t offset) {
  auto& segments = state_->segments;
  while (segments.size() > 1 && segments[1].first <= offset)
    state_->remove_first();
}

std::uint64_t file_log::first_offset() const noexcept {
  return state_->segments.front().first;
}

std::uint64_t file_log::next_offset() const noexcept {
  return state_->next;
}

std::uint64_t file_log::durable_offset() const noexcept {
  return state_->durable;
}

std::uint64_t file_log::bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& each : state_->segments)
    sum += each.bytes;
  return sum;
}

std::uint64_t file_log::cut_at_open() const noexcept {
  return state_->cut;
}

} // namespace callfork::bus
