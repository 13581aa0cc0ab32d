#pragma once

#include "actors/call_supervisor.hpp"
#include "actors/event_publisher.hpp"
#include "actors/ng_front_door.hpp"
#include "actors/region_fwd.hpp"
#include "actors/siprec_side.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace callfork::actors {

/// What the root of the node's actors needs, and what it says to other
/// threads. Outlives it.
struct root_world {
  call_world_ptr calls;
  std::vector<shard*> media; ///< Where calls live.
  shard* control = nullptr;  ///< Where front doors live.
  publisher_world* events = nullptr;
  ng_world* ng = nullptr;
  siprec_side* siprec = nullptr;  ///< Null without SIP.
  region_world* region = nullptr; ///< Null without other nodes.
  bool threads = true;            ///< The publisher may have one of its own.

  std::atomic<std::int64_t> heartbeat{0}; ///< Steady clock, nanoseconds.
  std::atomic<bool> broken{false};        ///< The call supervisor died.
  std::atomic<std::uint64_t> publisher_restarts{0};
  std::atomic<std::uint64_t> front_door_restarts{0};
  std::atomic<std::uint64_t> siprec_door_restarts{0};
  std::atomic<std::uint64_t> region_restarts{0};

  std::mutex mutex; ///< Guards what follows.
  bool started = false;
  bool gone = false;
  call_supervisor_actor supervisor;
  region_child region_actor; ///< Null without other nodes.
};

/// The parent of all: starts the publisher, the call supervisor, the region and
/// the front doors, and starts all but the supervisor anew when they die. Told
/// to stop, it ends them in order: front doors, calls, region, publisher,
/// itself.
using node_root_actor
  = caf::typed_actor<caf::reacts_to<drain_atom>,
                     /// Stop; the publisher may take this long to flush.
                     caf::reacts_to<stop_atom, caf::timespan>,
                     caf::reacts_to<work_atom>,
                     /// Tests: crash the publisher, or with `true` the door.
                     caf::reacts_to<crash_atom, bool>>;

class node_root_state {
public:
  static inline const char* name = "node_root";

  using self_pointer = node_root_actor::stateful_pointer<node_root_state>;

  explicit node_root_state(self_pointer self)
    : self_(self) {
  }

  void begin(root_world& world);
  void on_exit(const caf::exit_msg& what);
  void beat();
  void drain();
  void stop(duration flush_within);
  void crash(bool front_door);

private:
  void start_publisher();
  void start_region();
  void start_front_door();
  void start_siprec_door();
  void on_front_door_gone(const caf::error& why);
  void on_region_gone(const caf::error& why);
  void on_siprec_door_gone(const caf::error& why);
  void on_publisher_gone();
  void on_supervisor_gone(const caf::error& why);
  void leave();

  self_pointer self_;
  root_world* world_ = nullptr;
  event_publisher_actor publisher_;
  ng_front_door_actor front_door_;
  siprec_front_door_actor siprec_door_;
  call_supervisor_actor supervisor_;
  region_child region_;
  bool stopping_ = false;
  duration flush_within_{};
};

node_root_actor::behavior_type node_root(node_root_state::self_pointer self,
                                         root_world* world);

} // namespace callfork::actors
