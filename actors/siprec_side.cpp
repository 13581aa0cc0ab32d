#include "actors/siprec_side.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace callfork::actors {

siprec_side::siprec_side(const siprec_settings& settings,
                         const call_directory& calls)
  : settings_(settings) {
  world_.settings = settings.server;
  world_.directory = &calls;
}

siprec_side::~siprec_side() {
  close_door();
}

expected<std::unique_ptr<siprec_side>, std::string>
siprec_side::start(const siprec_settings& settings,
                   const call_directory& calls) {
  std::unique_ptr<siprec_side> made{new siprec_side{settings, calls}};
  std::optional<sip::recording_server> server;
  if (settings.serves)
    server = made->listeners();
  auto wanted = settings.agent;
  wanted.watched.on_change = [side = made.get()](const auto& what) {
    side->on_target(what);
  };
  wanted.on_notice = [](const std::string& text) {
    spdlog::warn("{}", text);
  };
  auto agent = sip::user_agent::start(wanted, std::move(server));
  if (!agent)
    return make_unexpected(agent.error());
  made->agent_ = std::move(*agent);
  made->world_.line = made->agent_.get();
  return made;
}

sip::recording_server siprec_side::listeners() {
  sip::recording_server made;
  made.rule = settings_.rule;
  made.on_invitation = [this](const sip::incoming_session& what) {
    return bring(what);
  };
  made.on_event = [this](sip::session_id which,
                         const sip::session_event& what) {
    static_cast<void>(bring(client_news{which, what}));
  };
  made.on_refusal = [this](const sip::refused_invitation& what) {
    ++world_.figures.refused[std::min<std::size_t>(what.status / 100, 6)];
    spdlog::warn("recording session refused call=\"{}\" from={} status={} "
                 "reason=\"{}\"",
                 what.call_id, to_string(what.source), what.status,
                 what.reason);
  };
  return made;
}

/// False if nobody takes it.
bool siprec_side::bring(siprec_news what) {
  const auto to = door();
  if (!to || !world_.news.push(std::move(what)))
    return false;
  caf::anon_send(to, news_atom::value);
  return true;
}

siprec_front_door_actor siprec_side::door() const {
  const std::lock_guard guard{mutex_};
  return door_;
}

void siprec_side::on_target(const sip::target_state& what) {
  if (what.up)
    spdlog::info("recorder up target={}", what.target);
  else
    spdlog::warn("recorder down target={} reason=\"{}\"", what.target,
                 what.reason);
  const std::lock_guard guard{mutex_};
  targets_[what.target] = what.up;
}

std::map<std::string, bool> siprec_side::targets() const {
  const std::lock_guard guard{mutex_};
  return targets_;
}

std::vector<sink_kind> siprec_side::kinds(net::port_pool& ports,
                                          std::vector<shard*> homes) const {
  std::vector<sink_kind> made;
  for (const auto& provider : settings_.providers)
    made.push_back(siprec_sinks(provider, {agent_.get(), &ports}, homes));
  return made;
}

siprec_front_door_actor siprec_side::open_door(shard& home,
                                               call_supervisor_actor calls) {
  if (!settings_.serves)
    return {};
  world_.calls = std::move(calls);
  auto opened = start_siprec_front_door(home, world_);
  const std::lock_guard guard{mutex_};
  door_ = opened;
  return opened;
}

void siprec_side::close_door() {
  siprec_front_door_actor closed;
  {
    const std::lock_guard guard{mutex_};
    std::swap(closed, door_);
  }
  if (closed)
    caf::anon_send_exit(closed, caf::exit_reason::user_shutdown);
}

} // namespace callfork::actors
