#pragma once

#include <caf/atom.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace callfork::actors {

/// Ids of calls; a message has `calls_per_message` of them at most.
using call_ids = std::vector<std::string>;

inline constexpr std::size_t calls_per_message = 500;

/// Here is a list of all calls, from its beginning.
using whole_atom = caf::atom_constant<caf::atom("whole")>;
using began_atom = caf::atom_constant<caf::atom("began")>;
using ended_atom = caf::atom_constant<caf::atom("ended")>;
/// From now on tell the one that is named which calls there are.
using watch_atom = caf::atom_constant<caf::atom("watch")>;

/// Whoever is told by the owner of calls which ones it owns: first all, in one
/// message or with further ones that began, then what changes.
using call_watch_actor = caf::typed_actor<caf::reacts_to<whole_atom, call_ids>,
                                          caf::reacts_to<began_atom, call_ids>,
                                          caf::reacts_to<ended_atom, call_ids>>;

} // namespace callfork::actors
