#pragma once

#include "actors/call.hpp"
#include "actors/call_supervisor.hpp"
#include "actors/event_publisher.hpp"
#include "actors/region_fwd.hpp"
#include "actors/region_links.hpp"
#include "control/cluster/dial_plan.hpp"
#include "control/cluster/owners.hpp"
#include "control/cluster/placement.hpp"
#include "control/cluster/vitals.hpp"

#include <caf/response_promise.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::actors {

/// What became of requests that went from one node to another.
struct forward_figures {
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> refused{0}; ///< Too many were open, or too big.
};

/// Counters of the region, over all its lives. Any thread.
struct region_figures {
  std::atomic<std::size_t> members{0};   ///< Without the own node.
  std::atomic<std::size_t> strangers{0}; ///< Linked, and not taken.
  std::atomic<std::size_t> unlinked{0};  ///< Addresses that nobody answers at.
  std::atomic<std::uint64_t> placed_here{0};
  std::atomic<std::uint64_t> placed_elsewhere{0};
  forward_figures to_others;
  forward_figures from_others;
};

/// What a region needs. Outlives it.
struct region_world {
  cluster::vitals self;     ///< As far as it does not change.
  duration answer_within{}; ///< Of the front door.
  region_links* links = nullptr;
  call_supervisor_actor calls;
  std::atomic<std::uint64_t>* foreign = nullptr; ///< Calls of others.
  std::atomic<bool> draining{false};
  region_figures figures;
};

/// The nodes of a region as one: knows the others and whose every call is,
/// places new calls and brings requests to their calls' owners. Stands between
/// the front door and the call supervisor; what other nodes pass on goes to the
/// own supervisor and never further.
using region_actor = region_peer_actor::extend<
  caf::replies_to<ng_request_ptr>::with<ng_reply_ptr>,
  caf::reacts_to<drain_atom>, caf::reacts_to<work_atom>,
  caf::reacts_to<found_atom, std::string, std::vector<std::string>>,
  caf::reacts_to<dialled_atom, std::string, caf::strong_actor_ptr,
                 std::string>>;

class region_state {
public:
  static inline const char* name = "region";

  using self_pointer = region_actor::stateful_pointer<region_state>;

  explicit region_state(self_pointer self)
    : self_(self) {
  }

  void begin(region_world& world);
  void turn();
  void drain();

  /// @name What other nodes say, and the own supervisor of its calls
  [[nodiscard]] caf::result<cluster::vitals>
  on_vitals(const cluster::vitals& theirs);
  void on_whole(const call_ids& calls);
  void on_began(const call_ids& calls);
  void on_ended(const call_ids& calls);
  [[nodiscard]] caf::result<std::string> on_forward(const std::string& text);
  [[nodiscard]] bool owns(const std::string& call_id) const;

  /// @name What links say
  void on_found(const std::string& own, const std::vector<std::string>& others);
  void on_dialled(const std::string& where, const caf::strong_actor_ptr& found,
                  const std::string& why_not);

  /// Of the front door.
  [[nodiscard]] caf::result<ng_reply_ptr> handle(const ng_request_ptr& what);

private:
  /// Another node, from when it is linked until the link is down.
  struct peer {
    cluster::member number = 0;
    region_peer_actor handle;
    cluster::vitals last;   ///< Without a name until it said something.
    std::string dialled;    ///< Where, if we did.
    std::string refused;    ///< Why we do not take it; empty if we do.
    std::string logged;     ///< Why it is no member, as the log has it.
    time_point heard;       ///< When it last answered.
    bool asked = false;     ///< And has not answered yet.
    bool member = false;    ///< Answers, and both take the other.
    bool has_calls = false; ///< It listed its calls.
    std::size_t open = 0;   ///< Requests passed to it,
    std::size_t served = 0; ///< and by it, not answered yet.

    [[nodiscard]] bool taken() const {
      return !last.name.empty() && refused.empty();
    }
  };
  using peers = std::map<cluster::member, peer>;

  /// A request of the front door that is not just the own supervisor's.
  struct errand {
    ng_request_ptr what;
    caf::typed_response_promise<ng_reply_ptr> reply;
    time_point until;
    bool begins = false; ///< The call is new: another node will do.
    std::set<cluster::member> tried{};
    std::size_t asked = 0; ///< Members that have not said whether it is theirs.
    cluster::member with = cluster::own_node;
  };

  // Membership: region.cpp.
  [[nodiscard]] peer* meet(const caf::strong_actor_ptr& who);
  [[nodiscard]] peer* sender();
  [[nodiscard]] peer* find(cluster::member number);
  [[nodiscard]] cluster::vitals own_vitals(const peer& to) const;
  [[nodiscard]] std::string judge(const peer& who,
                                  const cluster::vitals& theirs) const;
  void ask(peer& whom);
  void on_answer(cluster::member number, const cluster::vitals& theirs);
  void note(peer& who, const cluster::vitals& theirs);
  void show_refusal(peer& who, const std::string& why);
  void join(peer& who);
  void leave(peer& who, const std::string& why);
  void on_down(const caf::down_msg& what);
  void list_calls(const peer& to);
  template <class Atom>
  void tell_others(Atom what, const call_ids& calls);
  [[nodiscard]] bool is_linked(const std::string& where) const;
  void show_figures();
  [[nodiscard]] std::size_t members() const;

  // Requests: region_requests.cpp.
  void place(std::uint64_t number);
  [[nodiscard]] cluster::member choose(const errand& which) const;
  void inquire(std::uint64_t number);
  void on_not_theirs(std::uint64_t number);
  void ask_own(std::uint64_t number);
  void pass(std::uint64_t number, peer& to);
  void on_reply(std::uint64_t number, const ng_reply_ptr& reply);
  void on_failure(std::uint64_t number, const std::string& why);
  void on_passed(std::uint64_t number, const std::string& text);
  void withdraw(const ng::request& what, peer& from);
  void give_up(cluster::member gone);
  void finish(std::uint64_t number, const ng_reply_ptr& reply);
  [[nodiscard]] bool is_late() const;

  self_pointer self_;
  region_world* world_ = nullptr;
  cluster::vitals own_;
  cluster::dial_plan plan_;
  cluster::owners owners_;
  peers peers_;
  cluster::member last_member_ = cluster::own_node;
  std::map<std::string, std::string> unreached_; ///< By address: in the log.
  std::unordered_map<std::uint64_t, errand> errands_;
  std::uint64_t last_errand_ = 0;
  time_point turned_;
  time_point distrusted_until_; ///< See `is_late`.
  time_point look_up_at_;
  unsigned turns_ = 0;
};

region_actor::behavior_type region(region_state::self_pointer self,
                                   region_world* world);

} // namespace callfork::actors
