#include "actors/node_root.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace callfork::actors {

namespace {

constexpr auto heartbeat = std::chrono::milliseconds{500};

} // namespace

void node_root_state::begin(root_world& world) {
  world_ = &world;
  self_->set_exit_handler([this](const caf::exit_msg& what) {
    on_exit(what);
  });
  start_publisher();
  supervisor_ = self_->spawn<caf::linked>(call_supervisor, world_->calls,
                                          world_->media);
  world_->ng->calls = supervisor_;
  start_region();
  start_front_door();
  start_siprec_door();
  beat();
  const std::lock_guard guard{world_->mutex};
  world_->supervisor = supervisor_;
  world_->started = true;
}

void node_root_state::start_publisher() {
  constexpr auto own_thread = caf::linked + caf::detached;
  publisher_ = world_->threads
                 ? self_->spawn<own_thread>(event_publisher, world_->events)
                 : self_->spawn<caf::linked>(event_publisher, world_->events);
}

/// It stands before the supervisor; doors that are open already are told.
void node_root_state::start_region() {
  if (world_->region == nullptr)
    return;
  region_ = open_region(self_->system(), *world_->region, supervisor_);
  self_->link_to(region_);
  world_->ng->calls = region_;
  if (front_door_)
    self_->send(front_door_, calls_atom::value, world_->ng->calls);
  const std::lock_guard guard{world_->mutex};
  world_->region_actor = region_;
}

void node_root_state::start_front_door() {
  front_door_ = start_ng_front_door(*world_->control, *world_->ng);
  self_->link_to(front_door_);
}

void node_root_state::start_siprec_door() {
  if (world_->siprec == nullptr)
    return;
  siprec_door_ = world_->siprec->open_door(*world_->control, supervisor_);
  if (siprec_door_)
    self_->link_to(siprec_door_);
}

void node_root_state::beat() {
  world_->heartbeat = self_->clock().now().time_since_epoch().count();
  self_->delayed_send(self_, heartbeat, work_atom::value);
}

void node_root_state::on_exit(const caf::exit_msg& what) {
  if (publisher_ && what.source == publisher_.address())
    return on_publisher_gone();
  if (supervisor_ && what.source == supervisor_.address())
    return on_supervisor_gone(what.reason);
  if (region_ && what.source == region_.address())
    return on_region_gone(what.reason);
  if (front_door_ && what.source == front_door_.address())
    return on_front_door_gone(what.reason);
  if (siprec_door_ && what.source == siprec_door_.address())
    return on_siprec_door_gone(what.reason);
}

void node_root_state::on_front_door_gone(const caf::error& why) {
  front_door_ = nullptr;
  if (stopping_)
    return;
  spdlog::error("front door died, restarting reason=\"{}\"",
                caf::to_string(why));
  ++world_->front_door_restarts;
  start_front_door();
}

/// Its calls go on; what other nodes own it hears from them.
void node_root_state::on_region_gone(const caf::error& why) {
  region_ = nullptr;
  if (stopping_ || !supervisor_)
    return;
  spdlog::error("region died, restarting reason=\"{}\"", caf::to_string(why));
  ++world_->region_restarts;
  start_region();
}

/// The sessions of its clients are kept, and their calls go on.
void node_root_state::on_siprec_door_gone(const caf::error& why) {
  siprec_door_ = nullptr;
  if (stopping_)
    return;
  spdlog::error("recording clients' door died, restarting reason=\"{}\"",
                caf::to_string(why));
  ++world_->siprec_door_restarts;
  start_siprec_door();
}

void node_root_state::on_publisher_gone() {
  publisher_ = nullptr;
  if (stopping_ && !supervisor_)
    return leave();
  spdlog::error("event publisher died, restarting");
  ++world_->publisher_restarts;
  start_publisher();
}

void node_root_state::on_supervisor_gone(const caf::error& why) {
  supervisor_ = nullptr;
  if (stopping_) {
    spdlog::info("calls ended, recordings finished");
    if (region_)
      self_->send_exit(region_, caf::exit_reason::user_shutdown);
    self_->send(publisher_, flush_atom::value, caf::timespan{flush_within_});
    return;
  }
  spdlog::critical("call supervisor died reason=\"{}\"", caf::to_string(why));
  world_->broken = true;
}

void node_root_state::drain() {
  if (region_)
    self_->send(region_, drain_atom::value);
  if (supervisor_)
    self_->send(supervisor_, drain_atom::value);
}

void node_root_state::stop(duration flush_within) {
  if (std::exchange(stopping_, true))
    return;
  flush_within_ = flush_within;
  drain();
  if (front_door_)
    self_->send_exit(front_door_, caf::exit_reason::user_shutdown);
  if (world_->siprec != nullptr)
    world_->siprec->close_door();
  if (supervisor_)
    self_->send(supervisor_, stop_atom::value);
  else
    on_supervisor_gone({});
}

void node_root_state::crash(bool front_door) {
  if (front_door && front_door_)
    self_->send(front_door_, crash_atom::value);
  else if (!front_door && publisher_)
    self_->send(publisher_, crash_atom::value);
}

void node_root_state::leave() {
  self_->quit(caf::exit_reason::user_shutdown);
  const std::lock_guard guard{world_->mutex};
  world_->supervisor = nullptr;
  world_->region_actor = nullptr;
  world_->gone = true;
}

node_root_actor::behavior_type node_root(node_root_state::self_pointer self,
                                         root_world* world) {
  auto& state = self->state;
  state.begin(*world);
  return {
    [&state](drain_atom) {
      state.drain();
    },
    [&state](stop_atom, caf::timespan within) {
      state.stop(within);
    },
    [&state](work_atom) {
      state.beat();
    },
    [&state](crash_atom, bool front_door) {
      state.crash(front_door);
    },
  };
}

} // namespace callfork::actors
