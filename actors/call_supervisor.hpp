#pragma once

#include "actors/call.hpp"
#include "actors/call_watch.hpp"
#include "actors/call_world.hpp"
#include "actors/shard.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::actors {

/// Take no new calls.
using drain_atom = caf::atom_constant<caf::atom("drain")>;
/// End all calls, then leave.
using stop_atom = caf::atom_constant<caf::atom("stop")>;
/// The actor of a call; an error if there is none.
using find_atom = caf::atom_constant<caf::atom("find")>;

/// Finds the call that a request is for, or starts one on the least loaded
/// shard, and passes the request on. Owns the calls: one that crashes is
/// started once more from its record; if it crashes again within ten seconds,
/// it is given up. Answers `list` and `statistics` itself.
using call_supervisor_actor = call_owner_actor::extend<
  caf::replies_to<ng_request_ptr>::with<ng_reply_ptr>,
  caf::replies_to<find_atom, std::string>::with<call_actor>,
  caf::reacts_to<watch_atom, call_watch_actor>, caf::reacts_to<drain_atom>,
  caf::reacts_to<stop_atom>>;

class call_supervisor_state {
public:
  static inline const char* name = "call_supervisor";

  using self_pointer
    = call_supervisor_actor::stateful_pointer<call_supervisor_state>;

  explicit call_supervisor_state(self_pointer self)
    : self_(self) {
  }

  /// Makes it ready to work; `shards` outlive it.
  void begin(call_world_ptr world, std::vector<shard*> shards);

  caf::result<ng_reply_ptr> handle(const ng_request_ptr& what);
  caf::result<call_actor> find(const std::string& call_id) const;
  void watch(const call_watch_actor& whom);
  void on_left(const std::string& call_id);
  void on_exit(const caf::exit_msg& what);
  void drain();
  void stop();

private:
  struct child {
    call_record_ptr record;
    call_actor handle;
    shard* home = nullptr;
    std::optional<time_point> crashed;
    bool left = false; ///< Over; it may still deliver recordings.
  };
  using child_ptr = std::shared_ptr<child>;

  [[nodiscard]] child_ptr admit(const std::string& call_id);
  void start(const child_ptr& which);
  void restart(const child_ptr& which, const std::string& why);
  void give_up(child& which, const std::string& why);
  void forget(const child_ptr& which);
  void leave_if_done();
  template <class Atom>
  void tell(Atom what, const std::string& call_id);
  [[nodiscard]] shard& least_loaded() const;
  [[nodiscard]] ng_reply_ptr list(std::size_t limit) const;
  [[nodiscard]] ng_reply_ptr statistics() const;

  self_pointer self_;
  call_world_ptr world_;
  std::vector<shard*> shards_;
  time_point began_;
  std::unordered_map<std::string, child_ptr> by_id_;
  std::unordered_map<caf::actor_addr, child_ptr> by_address_;
  call_watch_actor watcher_; ///< Null while nobody wants to know.
  bool draining_ = false;
  bool stopping_ = false;
};

call_supervisor_actor::behavior_type
call_supervisor(call_supervisor_state::self_pointer self, call_world_ptr world,
                std::vector<shard*> shards);

} // namespace callfork::actors
