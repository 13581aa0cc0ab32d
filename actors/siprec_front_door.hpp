#pragma once

#include "actors/call_supervisor.hpp"
#include "actors/event_publisher.hpp"
#include "actors/shard.hpp"
#include "actors/siprec_client.hpp"
#include "actors/siprec_news.hpp"
#include "control/sip/user_agent.hpp"
#include "control/siprec/session_groups.hpp"

#include <caf/typed_actor.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>

namespace callfork::actors {

class call_directory;

/// Counters of the SIPREC front door. Any thread.
struct siprec_figures {
  std::atomic<std::uint64_t> live{0}; ///< Sessions of now.
  std::atomic<std::uint64_t> accepted{0};
  /// By the first digit of the status.
  std::array<std::atomic<std::uint64_t>, 7> refused{};
  std::atomic<std::uint64_t> ended{0};
};

/// What a SIPREC front door needs, and what of its work outlives it: the
/// sessions. Used by one door at a time, on its shard, but for what says so
/// itself.
struct siprec_door_world {
  siprec_server_settings settings;
  sip::session_line* line = nullptr; ///< Any thread.
  call_supervisor_actor calls;
  const call_directory* directory = nullptr; ///< Any thread.
  siprec_news_line news;                     ///< Any thread.
  siprec_figures figures;                    ///< Any thread.

  std::map<sip::session_id, siprec_client> clients;
  siprec::session_groups groups{16'384, std::chrono::minutes{10}};
  unsigned opened = 0; ///< Doors so far.
};

/// Takes the sessions of recording clients (RFC 7866) and makes calls of them:
/// policy, sinks and events are those of any call. Dies of its bugs alone: the
/// sessions go on, and the next door asks their clients for snapshots. On a
/// shard without media.
using siprec_front_door_actor
  = caf::typed_actor<caf::reacts_to<news_atom>, ///< There are news.
                     caf::reacts_to<work_atom>, ///< Look after the sessions.
                     caf::reacts_to<crash_atom>>;

[[nodiscard]] siprec_front_door_actor
start_siprec_front_door(shard& home, siprec_door_world& world);

} // namespace callfork::actors
