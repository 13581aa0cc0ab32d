#pragma once

#include "actors/call_watch.hpp"
#include "control/cluster/vitals.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace callfork::cluster {

/// How CAF writes it.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& to, vitals& what) {
  return to(what.protocol, what.name, what.region, what.listen,
            what.incarnation, what.calls, what.limit, what.shards,
            what.draining, what.wants_calls, what.refusal);
}

} // namespace callfork::cluster

namespace callfork::actors {

struct cluster_settings;

/// How I am; the answer says how you are.
using vitals_atom = caf::atom_constant<caf::atom("vitals")>;
/// Carry out this request of a proxy: it and the answer are dictionaries of NG
/// in bencode.
using forward_atom = caf::atom_constant<caf::atom("forward")>;
/// Does the call with that id live with you?
using whose_atom = caf::atom_constant<caf::atom("whose")>;
/// What the names of peers stand for: the own address and those of others.
using found_atom = caf::atom_constant<caf::atom("found")>;
/// A node was dialled: its address, its region or null, and then why not.
using dialled_atom = caf::atom_constant<caf::atom("dialled")>;

/// All that nodes say to each other.
using region_peer_actor = call_watch_actor::extend<
  caf::replies_to<vitals_atom, cluster::vitals>::with<cluster::vitals>,
  caf::replies_to<forward_atom, std::string>::with<std::string>,
  caf::replies_to<whose_atom, std::string>::with<bool>>;

/// Whoever is told what came of looking and dialling.
using region_dialler_actor = caf::typed_actor<
  caf::reacts_to<found_atom, std::string, std::vector<std::string>>,
  caf::reacts_to<dialled_atom, std::string, caf::strong_actor_ptr,
                 std::string>>;

/// The ways to other nodes. Outlives the region; its functions return at once.
class region_links {
public:
  virtual ~region_links() = default;

  /// From now on others who dial this node reach that region, which may be the
  /// successor of another one, and `teller` hears of what is asked below. The
  /// actors returned serve it and live and die with it.
  [[nodiscard]] virtual std::vector<caf::actor>
  open(const region_peer_actor& region, const region_dialler_actor& teller) = 0;

  virtual void look_up() = 0;
  virtual void dial(const std::vector<std::string>& where) = 0;
};

/// Links of TLS by certificates of the region's own authority. `prepare` before
/// there is an actor system, for which it sets `config`, `make` with it.
class secured_links {
public:
  /// The error is one line for people.
  [[nodiscard]] static expected<std::unique_ptr<secured_links>, std::string>
  prepare(const cluster_settings& settings, caf::actor_system_config& config);

  ~secured_links();
  secured_links(const secured_links&) = delete;
  secured_links& operator=(const secured_links&) = delete;

  /// What is made goes before the actor system does, and this after it.
  [[nodiscard]] expected<std::unique_ptr<region_links>, std::string>
  make(caf::actor_system& system);

private:
  struct parts;
  explicit secured_links(std::unique_ptr<parts> what);
  std::unique_ptr<parts> parts_;
};

} // namespace callfork::actors
