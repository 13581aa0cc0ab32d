#include "actors/config_log.hpp"

#include "control/admin/entry_json.hpp"
#include "media/base/uuid.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

/// How long a read waits when nothing is expected, and when something is.
constexpr auto idle_wait = 20ms;
constexpr auto busy_wait = 1ms;
constexpr auto busy_time = 100ms;
constexpr auto try_again = 500ms;
/// Entries of a write stand together: what is broken is soon out of sight.
constexpr std::size_t most_broken = 10'000;
constexpr std::size_t most_at_once = 1000;
constexpr std::string_view marker = "marker/";

std::string name_of(const admin::entity_key& key) {
  return std::string{admin::to_string(key.what)} + '/' + key.id;
}

} // namespace

expected<std::unique_ptr<config_log>, bus::log_error>
config_log::start(config_log_settings settings,
                  std::unique_ptr<bus::log_writer> writer,
                  std::unique_ptr<bus::log_reader> reader) {
  std::unique_ptr<config_log> made{
    new config_log{std::move(settings), std::move(writer), std::move(reader)}};
  // Whoever reads this has read everything that was there before.
  const auto first = made->record_of(std::string{marker} + made->instance_,
                                     "start");
  if (made->settings_.prepare) {
    made->outgoing_.push_back({first, nullptr});
  } else {
    const auto appended = made->writer_->append(first, 0, clock::now());
    if (!appended)
      return make_unexpected(appended.error());
  }
  made->thread_ = std::thread{[it = made.get()] {
    it->run();
  }};
  return made;
}

config_log::config_log(config_log_settings settings,
                       std::unique_ptr<bus::log_writer> writer,
                       std::unique_ptr<bus::log_reader> reader)
  : settings_(std::move(settings)),
    instance_(settings_.node + '.' + to_string(random_uuid()).substr(0, 8)),
    writer_(std::move(writer)),
    reader_(std::move(reader)) {
}

config_log::~config_log() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable())
    thread_.join();
}

bool config_log::await_complete(duration within) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, within, [this] {
    return figures_.complete;
  });
}

config_log_figures config_log::figures() const {
  const std::lock_guard lock{mutex_};
  return figures_;
}

expected<void, admin::write_fault>
config_log::write(std::vector<admin::change> what) {
  if (what.empty())
    return {};
  const auto mine = enqueue(std::move(what));
  std::unique_lock lock{mutex_};
  const auto is_done = [&mine] {
    return mine->fault || (mine->unread == 0 && mine->undurable == 0);
  };
  while (!is_done()) {
    const auto unread = mine->unread;
    const auto undurable = mine->undurable;
    const bool moved = changed_.wait_for(lock, settings_.write_within, [&] {
      return is_done() || mine->unread != unread
             || mine->undurable != undurable;
    });
    if (!moved || stopping_) {
      // What has not left yet stays here: nobody waits for it any more.
      std::erase_if(outgoing_, [&mine](const parcel& each) {
        return each.of == mine;
      });
      return make_unexpected(admin::write_fault::unavailable);
    }
  }
  if (mine->fault)
    return make_unexpected(*mine->fault);
  return {};
}

config_log::pending_ptr config_log::enqueue(std::vector<admin::change> what) {
  auto mine = std::make_shared<pending>();
  mine->unread = what.size();
  mine->undurable = what.size();
  const std::lock_guard lock{mutex_};
  const auto writer = instance_ + '.' + std::to_string(++writes_);
  for (auto& one : what) {
    const admin::entry made{std::move(one.key), one.seen + 1,
                            std::move(one.now), writer};
    outgoing_.push_back(
      {record_of(admin::log_key(made), admin::write_entry(made)), mine});
  }
  pending_.emplace(writer, mine);
  return mine;
}

bus::record config_log::record_of(std::string key, std::string value) const {
  return {
    settings_.topic, std::move(key), {}, std::move(value), wall_clock::now()};
}

void config_log::run() {
  for (;;) {
    {
      const std::lock_guard lock{mutex_};
      if (stopping_)
        return;
    }
    if (!prepare())
      continue;
    send();
    note_progress();
    read_on();
  }
}

/// Nothing is sent before: a broker might make a topic of its own liking.
bool config_log::prepare() {
  if (prepared_)
    return true;
  const auto done = settings_.prepare ? settings_.prepare()
                                      : expected<void, bus::log_error>{};
  prepared_ = done.has_value();
  if (prepared_)
    return true;
  std::unique_lock lock{mutex_};
  figures_.trouble = done.error().text;
  changed_.wait_for(lock, try_again, [this] {
    return stopping_;
  });
  return false;
}

void config_log::send() {
  for (;;) {
    parcel next;
    {
      const std::lock_guard lock{mutex_};
      if (outgoing_.empty())
        return;
      next = std::move(outgoing_.front());
      outgoing_.pop_front();
    }
    const auto tag = next_tag_++;
    const auto done = writer_->append(next.record, tag, clock::now());
    // Later there may be room, or the next poll says that all is to be failed.
    if (!done
        && (done.error().code == bus::log_error_code::full
            || done.error().code == bus::log_error_code::lost)) {
      const std::lock_guard lock{mutex_};
      outgoing_.push_front(std::move(next));
      return;
    }
    busy_until_ = clock::now() + busy_time;
    if (done && next.of)
      sent_.emplace(tag, next.of);
    const std::lock_guard lock{mutex_};
    if (!done)
      fail(next.of, done.error());
  }
}

void config_log::note_progress() {
  const auto made = writer_->poll(clock::now(), 0ms);
  if (made.start_over)
    start_over();
  if (made.durable.empty() && made.rejected.empty())
    return;
  const std::lock_guard lock{mutex_};
  for (const auto tag : made.durable)
    if (const auto found = sent_.extract(tag))
      --found.mapped()->undurable;
  for (const auto& [tag, why] : made.rejected)
    if (const auto found = sent_.extract(tag))
      fail(found.mapped(), why);
  changed_.notify_all();
}

/// Nobody knows what of the records in flight is on the log. A second copy of
/// one could take the place of another node's, so there is none: their writers
/// look again.
void config_log::start_over() {
  const auto again = record_of(std::string{marker} + instance_, "start");
  const std::lock_guard lock{mutex_};
  sent_.clear();
  outgoing_.clear();
  for (const auto& [writer, each] : pending_)
    each->fault = admin::write_fault::unavailable;
  pending_.clear();
  if (!figures_.complete)
    outgoing_.push_back({again, nullptr});
  changed_.notify_all();
}

void config_log::fail(const pending_ptr& what, const bus::log_error& why) {
  figures_.trouble = why.text;
  if (what)
    what->fault = admin::write_fault::unavailable;
  changed_.notify_all();
}

void config_log::read_on() {
  auto wait = clock::now() < busy_until_ ? busy_wait : idle_wait;
  for (std::size_t count = 0; count < most_at_once; ++count) {
    const auto next = reader_->next(wait);
    if (!next) {
      std::unique_lock lock{mutex_};
      figures_.trouble = next.error().text;
      changed_.wait_for(lock, try_again, [this] {
        return stopping_;
      });
      return;
    }
    if (!*next)
      return;
    on_record((*next)->record);
    wait = 0ms;
  }
}

void config_log::on_record(const bus::record& what) {
  // An empty value only tells the log to forget.
  if (what.value.empty())
    return;
  if (what.key.starts_with(marker)) {
    if (what.key.substr(marker.size()) != instance_)
      return;
    forget(what.key);
    const std::lock_guard lock{mutex_};
    figures_.complete = true;
    figures_.trouble.clear();
    changed_.notify_all();
    return;
  }
  if (const auto entry = admin::read_entry(what.value)) {
    on_entry(*entry);
    return;
  }
  const std::lock_guard lock{mutex_};
  ++figures_.unreadable;
  figures_.trouble = "an entry of the config log cannot be read: " + what.key;
}

void config_log::on_entry(const admin::entry& what) {
  const bool taken = counts(what);
  std::string replaced;
  if (taken && settings_.compacted)
    replaced = std::exchange(winners_[name_of(what.key)], admin::log_key(what));
  pending_ptr mine;
  {
    const std::lock_guard lock{mutex_};
    ++(taken ? figures_.taken : figures_.outdated);
    const auto found = pending_.find(what.writer);
    if (found == pending_.end())
      return;
    mine = found->second;
    if (--mine->unread == 0)
      pending_.erase(found);
    if (!taken) {
      mine->refused.push_back(admin::log_key(what));
      mine->fault = admin::write_fault::outdated;
    }
    changed_.notify_all();
  }
  tidy(replaced, mine);
}

/// Whether an entry is taken: nothing of its write may be outdated.
bool config_log::counts(const admin::entry& what) {
  if (std::find(broken_.rbegin(), broken_.rend(), what.writer)
      != broken_.rend())
    return false;
  if (take(what))
    return true;
  broken_.push_back(what.writer);
  if (broken_.size() > most_broken)
    broken_.pop_front();
  return false;
}

/// Makes the log forget what this node's write has replaced, and what of it did
/// not count: that the other way round, so that it never stands there without
/// the entry for which it did not count.
void config_log::tidy(const std::string& replaced, const pending_ptr& mine) {
  if (!replaced.empty())
    forget(replaced);
  if (mine->unread > 0)
    return;
  for (auto key = mine->refused.rbegin(); key != mine->refused.rend(); ++key)
    forget(*key);
}

void config_log::forget(const std::string& key) {
  if (!settings_.compacted)
    return;
  auto nothing = record_of(key, {});
  const std::lock_guard lock{mutex_};
  outgoing_.push_back({std::move(nothing), nullptr});
}

} // namespace callfork::actors
