#include "actors/region_links.hpp"

#include "actors/node_settings.hpp"
#include "actors/secured_middleman.hpp"
#include "control/cluster/reach.hpp"
#include "media/base/uuid.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

namespace {

/// Whether CAF asked us who we are.
std::atomic<bool> was_asked{false};

} // namespace

namespace caf::detail {

/// Of what CAF makes the id of a node, beside addresses and the number of the
/// process: of the file system's id, which containers on one machine share, as
/// they share the rest. Two nodes with one id could not tell each other from
/// themselves, so it is another one for each actor system. Takes the place of
/// CAF's own function.
__attribute__((visibility("default"))) std::string get_root_uuid();
std::string get_root_uuid() {
  was_asked = true;
  return to_string(callfork::random_uuid());
}

} // namespace caf::detail

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto heartbeat = 500ms;
constexpr auto silent_at_most = 2s;
constexpr auto probe_within = 1s;
constexpr auto connect_within = 5s;
constexpr auto open_again = 1s;

using look_atom = caf::atom_constant<caf::atom("look")>;
using dial_atom = caf::atom_constant<caf::atom("dial")>;
using listen_atom = caf::atom_constant<caf::atom("listen")>;

/// Asks DNS, which may take its time: an actor with a thread of its own.
caf::behavior scout(caf::event_based_actor* self,
                    std::vector<std::string> peers, endpoint listen,
                    region_dialler_actor teller) {
  return {
    [=](look_atom) {
      auto found = cluster::look_up(peers, listen);
      self->send(teller, found_atom::value, std::move(found.own),
                 std::move(found.others));
    },
  };
}

/// What a dialler knows.
struct dialler_state {
  caf::io::middleman_actor middleman;
  endpoint listen;
  region_peer_actor region;
  region_dialler_actor teller;
};

using dialler_pointer = caf::stateful_actor<dialler_state>*;

/// Puts the region where others find it; a port that is not free yet is tried
/// again.
void listen(dialler_pointer self) {
  auto& state = self->state;
  const auto again = [self](const caf::error& fault) {
    spdlog::error("cluster does not listen at={} reason=\"{}\"",
                  to_string(self->state.listen), caf::to_string(fault));
    self->delayed_send(self, open_again, listen_atom::value);
  };
  self
    ->request(
      self->state.middleman, connect_within, caf::publish_atom::value,
      state.listen.port(), caf::actor_cast<caf::strong_actor_ptr>(state.region),
      self->system().message_types(state.region), state.listen.address(), true)
    .then(
      [self](std::uint16_t) {
        spdlog::info("cluster listens at={}", to_string(self->state.listen));
      },
      again);
}

/// Whom nobody can reach is told at once; CAF, which connects one after the
/// other and waits for each, gets the others.
void dial(dialler_pointer self, const std::vector<std::string>& where) {
  const auto there = cluster::reachable(where, probe_within);
  for (const auto& each : where) {
    const auto tell = [self, each](caf::strong_actor_ptr found,
                                   std::string why_not) {
      self->send(self->state.teller, dialled_atom::value, each,
                 std::move(found), std::move(why_not));
    };
    const auto to = cluster::read_peer(each);
    if (!to || std::find(there.begin(), there.end(), each) == there.end()) {
      tell(nullptr, "nobody takes the connection");
      continue;
    }
    self
      ->request(self->state.middleman, connect_within, caf::connect_atom::value,
                to->first, to->second)
      .then(
        [self, tell](const caf::node_id&, const caf::strong_actor_ptr& found,
                     const std::set<std::string>& says) {
          const auto wanted = self->system().message_types(
            caf::detail::type_list<region_peer_actor>{});
          const bool fits = found && self->system().assignable(says, wanted);
          tell(fits ? found : nullptr, fits ? "" : "it is no node of ours");
        },
        [tell](const caf::error& fault) {
          tell(nullptr, caf::to_string(fault));
        });
  }
}

caf::behavior dialler(dialler_pointer self, dialler_state with) {
  self->state = std::move(with);
  return {
    [self](listen_atom) {
      listen(self);
    },
    [self](dial_atom, const std::vector<std::string>& where) {
      dial(self, where);
    },
  };
}

/// The links through CAF's middleman and its TLS.
class tls_links final : public region_links {
public:
  tls_links(caf::actor_system& system, caf::io::middleman_actor middleman,
            const endpoint& listen, std::vector<std::string> peers)
    : system_(system),
      middleman_(std::move(middleman)),
      listen_(listen),
      peers_(std::move(peers)) {
  }

  ~tls_links() override {
    caf::anon_send_exit(middleman_, caf::exit_reason::user_shutdown);
  }
  tls_links(const tls_links&) = delete;
  tls_links& operator=(const tls_links&) = delete;

  std::vector<caf::actor> open(const region_peer_actor& region,
                               const region_dialler_actor& teller) override {
    if (published_)
      caf::anon_send(middleman_, caf::unpublish_atom::value, published_,
                     listen_.port());
    published_ = region.address();
    scout_ = system_.spawn<caf::detached>(scout, peers_, listen_, teller);
    dialler_ = system_.spawn<caf::detached>(
      dialler, dialler_state{middleman_, listen_, region, teller});
    caf::anon_send(dialler_, listen_atom::value);
    return {scout_, dialler_};
  }

  void look_up() override {
    caf::anon_send(scout_, look_atom::value);
  }

  void dial(const std::vector<std::string>& where) override {
    caf::anon_send(dialler_, dial_atom::value, where);
  }

private:
  caf::actor_system& system_;
  caf::io::middleman_actor middleman_;
  endpoint listen_;
  std::vector<std::string> peers_;
  caf::actor_addr published_;
  caf::actor scout_;
  caf::actor dialler_;
};

/// What libraries of two versions would make of each other's messages nobody
/// knows: links between them are refused before anything is said.
std::string identifier() {
  return "callfork-" + std::to_string(cluster::protocol);
}

} // namespace

struct secured_links::parts {
  std::shared_ptr<cluster::tls_identity> identity;
  std::shared_ptr<cluster::tls_gate> gate;
  endpoint listen;
  std::vector<std::string> peers;
};

secured_links::secured_links(std::unique_ptr<parts> what)
  : parts_(std::move(what)) {
}

secured_links::~secured_links() = default;

expected<std::unique_ptr<secured_links>, std::string>
secured_links::prepare(const cluster_settings& settings,
                       caf::actor_system_config& config) {
  auto identity = cluster::tls_identity::load(
    {settings.certificate, settings.key, settings.authorities});
  if (!identity)
    return make_unexpected(identity.error());
  auto gate = cluster::tls_gate::open(settings.listen, *identity);
  if (!gate)
    return make_unexpected("cluster.listen: " + to_string(settings.listen)
                           + ": " + gate.error());
  config.set("middleman.heartbeat-interval", caf::timespan{heartbeat});
  config.set("middleman.connection-timeout", caf::timespan{silent_at_most});
  config.set("middleman.enable-automatic-connections", false);
  config.set("middleman.app-identifiers",
             std::vector<std::string>{identifier()});
  config.add_message_type<cluster::vitals>("callfork_vitals");
  add_middleman(config);
  return std::unique_ptr<secured_links>{new secured_links{
    std::make_unique<parts>(parts{std::move(*identity), std::move(*gate),
                                  settings.listen, settings.peers})}};
}

expected<std::unique_ptr<region_links>, std::string>
secured_links::make(caf::actor_system& system) {
  // Else two nodes in containers might have one identity.
  if (!was_asked)
    return make_unexpected(
      std::string{"cluster: the actor library did not take our identity"});
  return std::make_unique<tls_links>(
    system, start_secured_middleman(system, parts_->identity, parts_->gate),
    parts_->listen, parts_->peers);
}

} // namespace callfork::actors
