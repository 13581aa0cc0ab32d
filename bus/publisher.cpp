#include "bus/publisher.hpp"

#include "bus/event_json.hpp"
#include "bus/file_log.hpp"
#include "bus/outbox.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace callfork::bus {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds busy_interval{10};
constexpr milliseconds blocked_interval{50};
constexpr milliseconds idle_interval{1000};
/// Bounds the time one poll takes.
constexpr int records_per_poll = 2000;
/// What is remembered of events set aside until somebody asks.
constexpr std::size_t most_notes = 100;

file_log_settings rejected_settings(const publisher_settings& from) {
  file_log_settings made;
  made.folder = from.folder / "rejected";
  made.keep_for = std::chrono::hours{24 * 30};
  return made;
}

} // namespace

struct publisher::state {
  state(publisher_settings wanted, outbox opened,
        std::unique_ptr<log_writer> writer)
    : settings(std::move(wanted)),
      box(std::move(opened)),
      log(std::move(writer)),
      recordings(box.never_ended(subject_kind::recording)),
      calls(box.never_ended(subject_kind::call)) {
  }

  publisher_settings settings;
  outbox box;
  std::unique_ptr<log_writer> log;
  std::vector<open_subject> recordings;
  std::vector<open_subject> calls;
  std::deque<record> held; ///< What the disk refused, in order.
  std::uint64_t held_bytes = 0;
  std::optional<stored_record> stuck; ///< Read, but the log had no room.
  std::optional<time_point> unsynced_since;
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t refused = 0;
  std::uint64_t rejected = 0;
  std::uint64_t restarts = 0;
  std::vector<set_aside_event> notes;
  std::string disk_trouble;

  acceptance store(record what, time_point now);
  acceptance refuse();
  void release_held(time_point now);
  void sync_if(bool due);
  void deliver(time_point now);
  bool offer(const stored_record& next, time_point now);
  void take_progress(time_point now, milliseconds wait);
  void set_aside(std::uint64_t offset, const log_error& why);
  void step(time_point now, milliseconds wait);
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] bool sync_due(time_point now) const;
};

std::uint64_t publisher::state::bytes() const {
  return box.pending_bytes() + held_bytes;
}

acceptance publisher::state::refuse() {
  ++refused;
  return acceptance::refused;
}

acceptance publisher::state::store(record what, time_point now) {
  const auto weight = weight_of(what);
  if (bytes() + weight > settings.hard_limit_bytes)
    return refuse();
  release_held(now);
  if (held.empty()) {
    const auto offset = box.append(what);
    if (offset) {
      unsynced_since = unsynced_since.value_or(now);
      return bytes() > settings.soft_limit_bytes ? acceptance::crowded
                                                 : acceptance::stored;
    }
    disk_trouble = offset.error().text;
    if (offset.error().code == log_error_code::too_large)
      return refuse();
  }
  if (held_bytes + weight > settings.soft_limit_bytes)
    return refuse();
  held.push_back(std::move(what));
  held_bytes += weight;
  return acceptance::held;
}

/// Writes what the disk refused before, in order, as far as it goes.
void publisher::state::release_held(time_point now) {
  while (!held.empty()) {
    const auto offset = box.append(held.front());
    if (!offset) {
      disk_trouble = offset.error().text;
      return;
    }
    unsynced_since = unsynced_since.value_or(now);
    held_bytes -= weight_of(held.front());
    held.pop_front();
    disk_trouble.clear();
  }
}

bool publisher::state::sync_due(time_point now) const {
  return unsynced_since && now - *unsynced_since >= settings.sync_interval;
}

void publisher::state::sync_if(bool due) {
  if (!due)
    return;
  const auto done = box.sync();
  disk_trouble = done ? std::string{} : done.error().text;
  if (done)
    unsynced_since.reset();
}

void publisher::state::deliver(time_point now) {
  if (stuck && !offer(*stuck, now))
    return;
  stuck.reset();
  for (int count = 0; count < records_per_poll; ++count) {
    auto next = box.read_next();
    if (!next)
      disk_trouble = next.error().text;
    if (!next || !*next)
      return;
    if (!offer(**next, now)) {
      stuck = std::move(*next);
      return;
    }
  }
}

/// False if the log has no room for the record just now.
bool publisher::state::offer(const stored_record& next, time_point now) {
  const auto offset = static_cast<std::uint64_t>(next.offset);
  const auto taken = log->append(next.record, offset, now);
  if (taken)
    return true;
  if (taken.error().code != log_error_code::too_large)
    return false;
  set_aside(offset, taken.error());
  return true;
}

void publisher::state::take_progress(time_point now, milliseconds wait) {
  const auto progress = log->poll(now, wait);
  for (const auto offset : progress.durable)
    box.acknowledge(offset);
  delivered += progress.durable.size();
  for (const auto& [offset, why] : progress.rejected)
    set_aside(offset, why);
  if (!progress.start_over)
    return;
  ++restarts;
  stuck.reset();
  box.rewind();
}

/// A record that the log will never take must not block those behind it: it
/// stays readable in a log of its own.
void publisher::state::set_aside(std::uint64_t offset, const log_error& why) {
  file_log_reader reader{settings.folder, offset};
  auto found = reader.next(milliseconds{0});
  auto aside = file_log::open(rejected_settings(settings));
  if (found && *found && aside) {
    auto what = std::move((*found)->record);
    if (notes.size() < most_notes)
      notes.push_back({header_of(what, "ce_id").value_or(""), why.text});
    what.headers.emplace_back("callfork-rejected-because", why.text);
    if (aside->append(what))
      static_cast<void>(aside->sync());
  }
  ++rejected;
  box.acknowledge(offset);
}

void publisher::state::step(time_point now, milliseconds wait) {
  release_held(now);
  sync_if(sync_due(now));
  deliver(now);
  take_progress(now, wait);
}

expected<publisher, log_error>
publisher::open(publisher_settings settings, std::unique_ptr<log_writer> log) {
  auto box = outbox::open(
    {settings.folder, outbox_settings{}.segment_bytes, settings.sync_interval});
  if (!box)
    return make_unexpected(box.error());
  return publisher{std::make_unique<state>(std::move(settings), std::move(*box),
                                           std::move(log))};
}

publisher::publisher(std::unique_ptr<state> made) noexcept
  : state_(std::move(made)) {
}
publisher::publisher(publisher&&) noexcept = default;
publisher& publisher::operator=(publisher&&) noexcept = default;
publisher::~publisher() = default;

acceptance publisher::accept(const event& what, instant now) {
  const auto result = state_->store(to_record(what, state_->settings.topic),
                                    now.steady);
  if (result != acceptance::refused)
    ++state_->accepted;
  return result;
}

milliseconds publisher::poll(instant now) {
  state_->step(now.steady, milliseconds{0});
  if (state_->stuck || !state_->log->reachable())
    return blocked_interval;
  const bool idle = state_->box.pending() == 0 && state_->held.empty();
  return idle ? idle_interval : busy_interval;
}

bool publisher::flush(time_point deadline) {
  for (;;) {
    const auto now = clock::now();
    state_->sync_if(state_->unsynced_since.has_value());
    state_->step(now, milliseconds{0});
    if (state_->box.pending() == 0 && state_->held.empty())
      return true;
    if (now >= deadline)
      return false;
    state_->take_progress(clock::now(), busy_interval);
  }
}

const std::vector<open_subject>& publisher::open_recordings() const noexcept {
  return state_->recordings;
}

const std::vector<open_subject>& publisher::open_calls() const noexcept {
  return state_->calls;
}

publisher_gauges publisher::gauges(instant now) const {
  publisher_gauges made;
  made.pending = state_->box.pending() + state_->held.size();
  made.pending_bytes = state_->bytes();
  if (const auto oldest = state_->box.oldest())
    made.oldest_age = std::max(duration{0}, duration{now.wall - *oldest});
  made.accepted = state_->accepted;
  made.delivered = state_->delivered;
  made.refused = state_->refused;
  made.rejected = state_->rejected;
  made.restarts = state_->restarts;
  made.reachable = state_->log->reachable();
  return made;
}

std::string publisher::trouble() const {
  if (!state_->disk_trouble.empty())
    return state_->disk_trouble;
  return state_->log->trouble();
}

std::vector<set_aside_event> publisher::take_set_aside() {
  return std::exchange(state_->notes, {});
}

} // namespace callfork::bus
