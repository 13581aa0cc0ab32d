#include "actors/call_supervisor.hpp"

#include "actors/call_story.hpp"
#include "control/ng/node_reply.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

/// A second crash within this ends the call.
constexpr auto grace = std::chrono::seconds{10};

ng_reply_ptr reply_of(ng::dictionary body) {
  return std::make_shared<const ng::dictionary>(std::move(body));
}

ng_reply_ptr reply_of(const expected<ng::dictionary, std::string>& outcome) {
  return reply_of(outcome ? *outcome : dialog::error_reply(outcome.error()));
}

bool begins_call(ng::command what) {
  return what == ng::command::offer || what == ng::command::record_session;
}

template <class Number>
ng::value number(Number value) {
  return ng::value{static_cast<std::int64_t>(value)};
}

std::shared_ptr<call_gauge> gauge_of(const call_record& record,
                                     const shard& home) {
  auto gauge = std::make_shared<call_gauge>();
  gauge->call_id = record.call_id;
  gauge->shard = home.index();
  gauge->created = record.story.session.began.wall;
  gauge->session = record.story.session.id;
  return gauge;
}

} // namespace

void call_supervisor_state::begin(call_world_ptr world,
                                  std::vector<shard*> shards) {
  world_ = std::move(world);
  shards_ = std::move(shards);
  began_ = self_->clock().now();
  self_->set_exit_handler([this](const caf::exit_msg& what) {
    on_exit(what);
  });
}

caf::result<ng_reply_ptr>
call_supervisor_state::handle(const ng_request_ptr& what) {
  if (what->command == ng::command::list_calls)
    return list(
      static_cast<std::size_t>(std::max<std::int64_t>(what->limit, 0)));
  if (what->command == ng::command::statistics)
    return statistics();
  const auto known = by_id_.find(what->call_id);
  if (known != by_id_.end())
    return self_->delegate(known->second->handle, what);
  if (!begins_call(what->command) || what->call_id.empty())
    return reply_of(dialog::reply_without_call(*what));
  const auto admitted = admit(what->call_id);
  if (admitted)
    return self_->delegate(admitted->handle, what);
  ++world_->figures->refused;
  return reply_of(ng::no_room_reply(*what));
}

caf::result<call_actor>
call_supervisor_state::find(const std::string& call_id) const {
  const auto known = by_id_.find(call_id);
  if (known == by_id_.end())
    return caf::make_error(caf::sec::invalid_argument, "no such call");
  return known->second->handle;
}

void call_supervisor_state::watch(const call_watch_actor& whom) {
  watcher_ = whom;
  call_ids all;
  all.reserve(by_id_.size());
  for (const auto& [id, which] : by_id_)
    all.push_back(id);
  self_->send(watcher_, whole_atom::value, std::move(all));
}

/// Before the call itself hears of anything: whoever gets its reply finds it.
template <class Atom>
void call_supervisor_state::tell(Atom what, const std::string& call_id) {
  if (watcher_)
    self_->send(watcher_, what, call_ids{call_id});
}

call_supervisor_state::child_ptr
call_supervisor_state::admit(const std::string& call_id) {
  const auto limit = world_->limits.calls;
  if (draining_ || (limit > 0 && by_id_.size() >= limit))
    return nullptr;
  auto next = std::make_shared<child>();
  next->home = &least_loaded();
  next->record = std::make_shared<call_record>();
  auto& record = *next->record;
  record.call_id = call_id;
  record.halves.front().law.rules = world_->rules;
  record.story.session = {random_uuid(),
                          {self_->clock().now(), wall_clock::now()}};
  record.gauge = gauge_of(record, *next->home);
  by_id_.emplace(call_id, next);
  tell(began_atom::value, call_id);
  ++world_->figures->started;
  spdlog::info("call started call=\"{}\" shard={}", call_id,
               next->home->index());
  start(next);
  return next;
}

void call_supervisor_state::start(const child_ptr& which) {
  which->handle = start_call(*which->home, world_, which->record,
                             call_owner_actor{call_supervisor_actor{self_}});
  ++which->home->figures().residents;
  by_address_.emplace(which->handle.address(), which);
  self_->link_to(which->handle);
}

void call_supervisor_state::on_left(const std::string& call_id) {
  const auto known = by_id_.find(call_id);
  if (known == by_id_.end())
    return;
  known->second->left = true;
  by_id_.erase(known);
  tell(ended_atom::value, call_id);
}

void call_supervisor_state::on_exit(const caf::exit_msg& what) {
  auto gone = by_address_.extract(what.source);
  if (gone.empty()) {
    self_->quit(what.reason);
    return;
  }
  const auto which = std::move(gone.mapped());
  --which->home->figures().residents;
  if (what.reason == caf::exit_reason::user_shutdown)
    forget(which);
  else
    restart(which, caf::to_string(what.reason));
  leave_if_done();
}

void call_supervisor_state::restart(const child_ptr& which,
                                    const std::string& why) {
  const auto now = self_->clock().now();
  const auto again = which->crashed && now - *which->crashed < grace;
  if (again || which->left || !which->record->dialog) {
    give_up(*which, why);
    forget(which);
    return;
  }
  spdlog::error("call crashed, restarting call={} reason=\"{}\"",
                which->record->call_id, why);
  which->crashed = now;
  which->record->crash = why;
  which->record->gauge->restarts = ++which->record->restarts;
  ++world_->figures->restarted;
  start(which);
}

/// Nobody owns the call's recordings any more: what their sinks have is
/// finished, and their story is told to its end.
void call_supervisor_state::give_up(child& which, const std::string& why) {
  auto& record = *which.record;
  spdlog::error("call given up call={} reason=\"{}\"", record.call_id, why);
  ++world_->figures->given_up;
  call_story story{*world_, record};
  const instant now{self_->clock().now(), wall_clock::now()};
  for (auto& one : record.recordings) {
    for (const auto& sink : one.sinks) {
      if (sink.where == kept_sink::phase::up)
        --world_->kinds[sink.kind].figures->up;
      if (sink.handle)
        caf::anon_send(sink.handle, finish_atom::value);
    }
    story.tell_all(one,
                   bus::recording_failed{bus::blame::us, "call-crashed", why,
                                         bus::failure_behavior::proceed},
                   now);
  }
  record.recordings.clear();
  for (auto& one : std::exchange(record.announcements, {}))
    story.tell(bus::announcement_failed{std::move(one.facts), bus::blame::us,
                                        "the call crashed"},
               now.wall);
  story.end(bus::blame::us, "crash", now);
  story.publish();
  if (world_->board)
    world_->board->remove(to_string(record.story.session.id));
}

void call_supervisor_state::forget(const child_ptr& which) {
  ++world_->figures->ended;
  if (which->left)
    return;
  by_id_.erase(which->record->call_id);
  tell(ended_atom::value, which->record->call_id);
}

void call_supervisor_state::drain() {
  draining_ = true;
}

void call_supervisor_state::stop() {
  draining_ = true;
  stopping_ = true;
  for (const auto& [id, which] : by_id_)
    self_->send(which->handle, end_atom::value, std::string{"shutdown"});
  leave_if_done();
}

void call_supervisor_state::leave_if_done() {
  if (stopping_ && by_address_.empty())
    self_->quit(caf::exit_reason::user_shutdown);
}

shard& call_supervisor_state::least_loaded() const {
  const auto load = [](const shard* one) {
    return one->figures().residents.load(std::memory_order_relaxed);
  };
  return **std::min_element(shards_.begin(), shards_.end(),
                            [&load](const shard* left, const shard* right) {
                              return load(left) < load(right);
                            });
}

ng_reply_ptr call_supervisor_state::list(std::size_t limit) const {
  ng::list calls;
  for (const auto& [id, which] : by_id_) {
    if (calls.size() >= limit)
      break;
    calls.emplace_back(id);
  }
  ng::dictionary reply;
  reply.set("calls", std::move(calls)).set("result", "ok");
  return reply_of(std::move(reply));
}

ng_reply_ptr call_supervisor_state::statistics() const {
  const auto& figures = *world_->figures;
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(
    self_->clock().now() - began_);
  ng::dictionary current;
  current.set("sessionsown", number(by_id_.size()))
    .set("sessionsforeign", number(figures.foreign.load()))
    .set("sessionstotal", number(by_id_.size() + figures.foreign.load()));
  ng::dictionary total;
  total.set("uptime", std::to_string(up.count()))
    .set("managedsessions", number(figures.ended.load()))
    .set("rejectedsessions", number(figures.refused.load()))
    .set("restartedsessions", number(figures.restarted.load()))
    .set("recordings", number(figures.recordings_ended.load()));
  ng::dictionary both;
  both.set("currentstatistics", std::move(current))
    .set("totalstatistics", std::move(total));
  ng::dictionary reply;
  reply.set("statistics", std::move(both)).set("result", "ok");
  return reply_of(std::move(reply));
}

call_supervisor_actor::behavior_type
call_supervisor(call_supervisor_state::self_pointer self, call_world_ptr world,
                std::vector<shard*> shards) {
  auto& state = self->state;
  state.begin(std::move(world), std::move(shards));
  return {
    [&state](left_atom, const std::string& id) {
      state.on_left(id);
    },
    [&state](const ng_request_ptr& what) {
      return state.handle(what);
    },
    [&state](find_atom, const std::string& id) {
      return state.find(id);
    },
    [&state](watch_atom, const call_watch_actor& whom) {
      state.watch(whom);
    },
    [&state](drain_atom) {
      state.drain();
    },
    [&state](stop_atom) {
      state.stop();
    },
  };
}

} // namespace callfork::actors
