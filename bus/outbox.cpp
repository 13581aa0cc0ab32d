#include "bus/outbox.hpp"

#include "bus/cursor_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <sstream>

namespace callfork::bus {
namespace {

constexpr std::chrono::milliseconds no_wait{0};

/// What is remembered of a record that waits for its acknowledgement.
struct entry {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  wall_time time;
  bool done = false;
};

/// The open subjects as they were before a given offset.
struct saved_subjects {
  std::uint64_t offset = 0;
  open_subjects open;
};

std::filesystem::path subjects_path(const outbox_settings& settings) {
  return settings.folder / "open-subjects";
}

saved_subjects load_subjects(const outbox_settings& settings) {
  std::ifstream file{subjects_path(settings), std::ios::binary};
  saved_subjects made;
  if (!(file >> made.offset))
    return {};
  std::ostringstream rest;
  rest << file.rdbuf();
  const auto text = std::move(rest).str();
  made.open
    = open_subjects::load(text.substr(std::min<std::size_t>(text.size(), 1)));
  return made;
}

file_log_settings log_settings(const outbox_settings& settings) {
  file_log_settings made;
  made.folder = settings.folder;
  made.segment_bytes = settings.segment_bytes;
  made.sync_interval = settings.sync_interval;
  // What may go is decided by the cursor alone.
  made.keep_for = std::chrono::hours{0};
  made.keep_bytes = 0;
  return made;
}

} // namespace

struct outbox::state {
  state(outbox_settings wanted, file_log opened, cursor_file acknowledged)
    : settings(std::move(wanted)),
      log(std::move(opened)),
      cursor(std::move(acknowledged)) {
  }

  outbox_settings settings;
  file_log log;
  cursor_file cursor;
  open_subjects open;
  std::deque<entry> entries; ///< From the lowest unacknowledged one on.
  std::uint64_t pending = 0;
  std::uint64_t pending_bytes = 0;
  std::unique_ptr<file_log_reader> reader;
  std::uint64_t next_read = 0;
  std::uint64_t subjects_saved = 0; ///< The offset that the file covers.
  std::uint64_t unsaved_bytes = 0;

  void learn();
  void add(std::uint64_t offset, std::uint64_t bytes, wall_time time);
  void finish(std::uint64_t offset);
  void advance();
  void save_subjects();
  std::deque<entry>::iterator find(std::uint64_t offset);

  [[nodiscard]] std::uint64_t low_water() const {
    return entries.empty() ? log.next_offset() : entries.front().offset;
  }
};

/// Reads what an earlier process left behind.
void outbox::state::learn() {
  auto saved = load_subjects(settings);
  const bool usable = saved.offset <= log.next_offset();
  open = usable ? std::move(saved.open) : open_subjects{};
  subjects_saved = usable ? saved.offset : 0;
  const auto acknowledged = std::min(cursor.value().value_or(0),
                                     log.next_offset());
  file_log_reader from{settings.folder, std::min(subjects_saved, acknowledged)};
  for (auto found = from.next(no_wait); found && *found;
       found = from.next(no_wait)) {
    const auto offset = static_cast<std::uint64_t>((*found)->offset);
    if (offset >= subjects_saved)
      open.apply((*found)->record);
    if (offset >= acknowledged)
      add(offset, weight_of((*found)->record), (*found)->record.time);
  }
  next_read = low_water();
}

void outbox::state::add(std::uint64_t offset, std::uint64_t bytes,
                        wall_time time) {
  entries.push_back({offset, bytes, time, false});
  ++pending;
  pending_bytes += bytes;
}

std::deque<entry>::iterator outbox::state::find(std::uint64_t offset) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), offset,
                                   [](const entry& each, std::uint64_t wanted) {
                                     return each.offset < wanted;
                                   });
  return at != entries.end() && at->offset == offset ? at : entries.end();
}

void outbox::state::finish(std::uint64_t offset) {
  const auto at = find(offset);
  if (at == entries.end() || at->done)
    return;
  at->done = true;
  --pending;
  pending_bytes -= at->bytes;
}

/// Moves the cursor over what is done, and lets whole segments go.
void outbox::state::advance() {
  const auto before = low_water();
  while (!entries.empty() && entries.front().done)
    entries.pop_front();
  if (low_water() == before)
    return;
  // A cursor that cannot be written costs duplicates, nothing more.
  static_cast<void>(cursor.store(low_water()));
  log.remove_below(std::min(low_water(), subjects_saved));
}

/// Writes the open subjects beside the log, so that old segments may go.
void outbox::state::save_subjects() {
  if (!log.sync())
    return;
  const auto text = fmt::format("{}\n{}", log.next_offset(), open.save());
  if (!replace_file(subjects_path(settings), text))
    return;
  subjects_saved = log.next_offset();
  unsaved_bytes = 0;
  log.remove_below(std::min(low_water(), subjects_saved));
}

expected<outbox, log_error> outbox::open(outbox_settings settings) {
  auto log = file_log::open(log_settings(settings));
  if (!log)
    return make_unexpected(log.error());
  auto cursor = cursor_file::open(settings.folder / "cursor");
  if (!cursor)
    return make_unexpected(cursor.error());
  auto made = std::make_unique<state>(std::move(settings), std::move(*log),
                                      std::move(*cursor));
  made->learn();
  return outbox{std::move(made)};
}

outbox::outbox(std::unique_ptr<state> made) noexcept
  : state_(std::move(made)) {
}
outbox::outbox(outbox&&) noexcept = default;
outbox& outbox::operator=(outbox&&) noexcept = default;
outbox::~outbox() = default;

expected<std::uint64_t, log_error> outbox::append(const record& what) {
  auto& box = *state_;
  auto offset = box.log.append(what);
  if (!offset)
    return offset;
  const auto bytes = weight_of(what);
  box.add(*offset, bytes, what.time);
  box.open.apply(what);
  box.unsaved_bytes += bytes;
  if (box.unsaved_bytes >= box.settings.segment_bytes)
    box.save_subjects();
  return offset;
}

expected<void, log_error> outbox::sync() {
  return state_->log.sync();
}

expected<std::optional<stored_record>, log_error> outbox::read_next() {
  auto& box = *state_;
  if (!box.reader)
    box.reader = std::make_unique<file_log_reader>(box.settings.folder,
                                                   box.next_read);
  while (box.next_read < box.log.durable_offset()) {
    auto found = box.reader->next(no_wait);
    if (!found || !*found)
      return found;
    const auto offset = static_cast<std::uint64_t>((*found)->offset);
    // What the reader stepped over is damaged and will never be delivered.
    for (; box.next_read < offset; ++box.next_read)
      box.finish(box.next_read);
    ++box.next_read;
    const auto known = box.find(offset);
    if (known != box.entries.end() && !known->done)
      return found;
  }
  return std::nullopt;
}

void outbox::rewind() {
  state_->reader.reset();
  state_->next_read = state_->low_water();
}

void outbox::acknowledge(std::uint64_t offset) {
  state_->finish(offset);
  state_->advance();
}

std::vector<open_subject> outbox::never_ended(subject_kind kind) const {
  return state_->open.of(kind);
}

std::uint64_t outbox::pending() const noexcept {
  return state_->pending;
}

std::uint64_t outbox::pending_bytes() const noexcept {
  return state_->pending_bytes;
}

std::optional<wall_time> outbox::oldest() const noexcept {
  if (state_->entries.empty())
    return std::nullopt;
  return state_->entries.front().time;
}

} // namespace callfork::bus
