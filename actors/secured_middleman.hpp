#pragma once

#include "control/cluster/tls.hpp"
#include "control/cluster/tls_gate.hpp"

#include <caf/fwd.hpp>
#include <caf/io/middleman_actor.hpp>

#include <memory>

namespace callfork::actors {

/// Prepares an actor system for links to other nodes.
void add_middleman(caf::actor_system_config& config);

/// CAF's middleman, with links of our own TLS in place of those of CAF's: a
/// stranger that says nothing keeps theirs busy, without an end and before it
/// has shown any certificate. Here CAF gets a link when both sides have shown
/// theirs. Connects to addresses alone, never to names.
[[nodiscard]] caf::io::middleman_actor
start_secured_middleman(caf::actor_system& system,
                        std::shared_ptr<cluster::tls_identity> identity,
                        std::shared_ptr<cluster::tls_gate> gate);

} // namespace callfork::actors
