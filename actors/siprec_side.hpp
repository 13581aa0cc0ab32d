#pragma once

#include "actors/siprec_front_door.hpp"
#include "actors/siprec_settings.hpp"
#include "actors/siprec_sink.hpp"
#include "media/base/expected.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace callfork::actors {

/// A node's SIP side: one user agent for the sinks that send recordings and the
/// front door that takes them. Belongs to the node's owner.
class siprec_side {
public:
  /// Binds and runs the user agent. The error is one line for people.
  [[nodiscard]] static expected<std::unique_ptr<siprec_side>, std::string>
  start(const siprec_settings& settings);

  /// Ends the user agent: every session that is left gets its BYE.
  ~siprec_side();
  siprec_side(const siprec_side&) = delete;
  siprec_side& operator=(const siprec_side&) = delete;

  /// One for each provider. `ports` and `homes` outlive the sinks.
  [[nodiscard]] std::vector<sink_kind> kinds(net::port_pool& ports,
                                             std::vector<shard*> homes) const;

  /// From now on recording clients are answered, until then with 503.
  void open_door(shard& home, call_supervisor_actor calls);
  void close_door();

  [[nodiscard]] const sip::user_agent& agent() const noexcept {
    return *world_.agent;
  }
  [[nodiscard]] const siprec_figures& figures() const noexcept {
    return world_.figures;
  }

private:
  explicit siprec_side(const siprec_settings& settings);

  [[nodiscard]] sip::recording_server listeners();
  [[nodiscard]] siprec_front_door_actor door();

  siprec_settings settings_;
  siprec_door_world world_;
  std::mutex mutex_; ///< Guards the door: the SIP thread looks for it.
  siprec_front_door_actor door_;
  std::unique_ptr<sip::user_agent> agent_; ///< Last: it calls into the rest.
};

} // namespace callfork::actors
