#pragma once

#include "actors/call.hpp"
#include "actors/node_settings.hpp"
#include "actors/shard.hpp"
#include "control/ng/command.hpp"
#include "control/ng/source_allow_list.hpp"
#include "media/base/duration_histogram.hpp"
#include "media/net/udp_socket.hpp"

#include <caf/typed_actor.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace callfork::actors {

/// Who answers requests.
using calls_atom = caf::atom_constant<caf::atom("calls")>;

/// Counters of the front door, over all its lives. Any thread.
struct ng_figures {
  std::array<std::atomic<std::uint64_t>, ng::command_count> requests{};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> repeated{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> malformed{0};
  std::atomic<std::uint64_t> overload{0};
  /// From a request's arrival to its reply, by command.
  std::array<duration_histogram, ng::command_count> durations;
  duration_histogram setup_delay; ///< See `ng::setup_delay`.
};

/// The sockets on which the front door listens. They belong to the node, so
/// that a front door that is started anew finds what came in the meantime.
struct ng_sockets {
  std::vector<net::file_descriptor> udp;
  std::vector<net::file_descriptor> tcp;

  /// Binds them; the error is one readable line.
  [[nodiscard]] static expected<ng_sockets, std::string>
  bind(const ng_settings& settings);
};

/// What a front door needs. Outlives it.
struct ng_world {
  ng_settings settings;
  ng::source_allow_list allowed;
  ng_sockets sockets;
  ng_figures figures;
  ng_service_actor calls; ///< Of a door that starts.
};

/// Takes NG requests, passes them to the call supervisor, or to the region that
/// stands before it, and answers, at the latest after `answer_within`. On a
/// shard without media: it never waits.
using ng_front_door_actor
  = caf::typed_actor<caf::reacts_to<crash_atom>,
                     /// From now on pass requests to that one.
                     caf::reacts_to<calls_atom, ng_service_actor>>;

[[nodiscard]] ng_front_door_actor start_ng_front_door(shard& home,
                                                      ng_world& world);

} // namespace callfork::actors
