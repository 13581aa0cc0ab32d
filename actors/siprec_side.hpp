#pragma once

#include "actors/siprec_front_door.hpp"
#include "actors/siprec_settings.hpp"
#include "actors/siprec_sink.hpp"
#include "media/base/expected.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace callfork::actors {

/// A node's SIP side: one user agent for the sinks that send recordings and the
/// front door that takes them. Belongs to the node's owner.
class siprec_side {
public:
  /// Binds and runs the user agent. The error is one line for people. `calls`
  /// outlives it.
  [[nodiscard]] static expected<std::unique_ptr<siprec_side>, std::string>
  start(const siprec_settings& settings, const call_directory& calls);

  /// Ends the user agent: every session that is left gets its BYE.
  ~siprec_side();
  siprec_side(const siprec_side&) = delete;
  siprec_side& operator=(const siprec_side&) = delete;

  /// One for each provider. `ports` and `homes` outlive the sinks.
  [[nodiscard]] std::vector<sink_kind> kinds(net::port_pool& ports,
                                             std::vector<shard*> homes) const;

  /// Starts a door, the first or another one after its death: from now on
  /// recording clients are answered, until then with 503. Null when they are
  /// not welcome.
  [[nodiscard]] siprec_front_door_actor open_door(shard& home,
                                                  call_supervisor_actor calls);

  /// No news come any more, and the door leaves.
  void close_door();

  /// Null before it opened and after it closed.
  [[nodiscard]] siprec_front_door_actor door() const;

  [[nodiscard]] const sip::user_agent& agent() const noexcept {
    return *agent_;
  }
  /// Which targets of providers answer; those that were not asked are not
  /// among them. Any thread.
  [[nodiscard]] std::map<std::string, bool> targets() const;
  [[nodiscard]] const siprec_figures& figures() const noexcept {
    return world_.figures;
  }

private:
  siprec_side(const siprec_settings& settings, const call_directory& calls);

  [[nodiscard]] sip::recording_server listeners();
  [[nodiscard]] bool bring(siprec_news what);
  void on_target(const sip::target_state& what);

  siprec_settings settings_;
  siprec_door_world world_;
  /// Guards what follows: the SIP thread looks for the door.
  mutable std::mutex mutex_;
  std::map<std::string, bool> targets_;
  siprec_front_door_actor door_;
  std::unique_ptr<sip::user_agent> agent_; ///< Last: it calls into the rest.
};

} // namespace callfork::actors
