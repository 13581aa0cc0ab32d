#include "bus/file_log.hpp"
#include "bus/segments.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

namespace callfork::bus {
namespace {

constexpr std::size_t chunk_bytes = 256U << 10U;
constexpr std::chrono::milliseconds look_again{20};

} // namespace

/// Holds the bytes read but not yet told from one segment.
struct file_log_reader::state {
  std::filesystem::path folder;
  std::uint64_t wanted = 0; ///< The lowest offset to tell next.
  segment current;
  file_handle file;
  std::uint64_t position = 0; ///< Of the buffer's first byte in the file.
  std::string buffer;
  std::size_t told = 0; ///< Bytes of the buffer already told.
  std::uint64_t skipped = 0;

  expected<std::optional<stored_record>, log_error> try_next();
  std::optional<stored_record> from_buffer();
  bool fill();
  bool open_segment();
  bool step();
  [[nodiscard]] std::optional<segment> following() const;

  [[nodiscard]] std::string_view left() const {
    return std::string_view{buffer}.substr(told);
  }
};

file_log_reader::file_log_reader(std::filesystem::path folder, read_from where)
  : file_log_reader(std::move(folder), std::uint64_t{0}) {
  if (where == read_from::beginning)
    return;
  const auto segments = list_segments(state_->folder);
  if (segments.empty())
    return;
  const auto scan = scan_segment(segments.back());
  state_->wanted = scan ? scan->next_offset : segments.back().first;
}

file_log_reader::file_log_reader(std::filesystem::path folder,
                                 std::uint64_t offset)
  : state_(std::make_unique<state>()) {
  state_->folder = std::move(folder);
  state_->wanted = offset;
}

file_log_reader::~file_log_reader() = default;

expected<std::optional<stored_record>, log_error>
file_log_reader::next(std::chrono::milliseconds wait) {
  const auto deadline = clock::now() + wait;
  for (;;) {
    auto found = state_->try_next();
    if (!found || *found || clock::now() >= deadline)
      return found;
    std::this_thread::sleep_for(
      std::min<duration>(look_again, deadline - clock::now()));
  }
}

std::uint64_t file_log_reader::skipped() const noexcept {
  return state_->skipped;
}

expected<std::optional<stored_record>, log_error>
file_log_reader::state::try_next() {
  if (!file.is_open() && !open_segment())
    return std::nullopt;
  for (;;) {
    if (auto found = from_buffer())
      return found;
    if (!fill() && !step())
      return std::nullopt;
  }
}

/// Whole frames are told; a damaged one is passed only if more follows it,
/// for the last bytes of a log may just be in the making.
std::optional<stored_record> file_log_reader::state::from_buffer() {
  for (;;) {
    auto next = read_frame(left());
    if (next.state == frame_state::whole) {
      told += next.bytes;
      if (next.offset < wanted)
        continue;
      wanted = next.offset + 1;
      return stored_record{std::move(next.record), 0,
                           static_cast<std::int64_t>(next.offset)};
    }
    if (next.bytes == 0 || next.bytes == left().size())
      return std::nullopt;
    told += next.bytes;
    ++skipped;
  }
}

/// Reads on behind what was told. What was not told is read once more, for a
/// writer out of disk space cuts half a record off again. True if more came.
bool file_log_reader::state::fill() {
  const auto had = left().size();
  position += told;
  told = 0;
  buffer.resize(had + chunk_bytes);
  const auto got = ::pread(file.native(), buffer.data(), buffer.size(),
                           static_cast<off_t>(position));
  buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return buffer.size() > had;
}

/// Opens the segment that holds the wanted offset, or the first kept one.
bool file_log_reader::state::open_segment() {
  const auto segments = list_segments(folder);
  if (segments.empty())
    return false;
  auto after = std::upper_bound(segments.begin(), segments.end(), wanted,
                                [](std::uint64_t offset, const segment& each) {
                                  return offset < each.first;
                                });
  current = after == segments.begin() ? *after : *std::prev(after);
  file = file_handle{::open(current.path.c_str(), O_RDONLY | O_CLOEXEC)};
  buffer.clear();
  position = 0;
  told = 0;
  return file.is_open();
}

/// At a segment's end: on to the next one, if the writer has begun it. What is
/// left of the old one then is damage.
bool file_log_reader::state::step() {
  const auto next = following();
  if (!next)
    return false;
  // The writer may have finished this segment since we last looked.
  if (fill())
    return true;
  if (!left().empty())
    ++skipped;
  file = file_handle{};
  wanted = std::max(wanted, next->first);
  return open_segment();
}

std::optional<segment> file_log_reader::state::following() const {
  for (auto& each : list_segments(folder))
    if (each.first > current.first)
      return each;
  return std::nullopt;
}

} // namespace callfork::bus
