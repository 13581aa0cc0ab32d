#pragma once

#include "actors/event_line.hpp"
#include "actors/node_settings.hpp"
#include "actors/prompt_library.hpp"
#include "actors/sink.hpp"
#include "control/dialog/call_dialog.hpp"
#include "media/net/port_pool.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::api {
class live_board;
} // namespace callfork::api

namespace callfork::actors {

class call_directory;

/// One way to deliver recordings. Every recording gets a sink of each kind.
struct sink_kind {
  std::string provider; ///< As it stands in events, as in "vault".
  bus::transport transport = bus::transport::file;
  /// Starts a sink, the `attempt`th of its recording. Any thread.
  std::function<sink_actor(std::uint32_t attempt)> start;
  std::shared_ptr<sink_figures> figures = std::make_shared<sink_figures>();
};

/// Counters of all calls of a node, since its start. Any thread.
struct call_figures {
  std::atomic<std::uint64_t> started{0};
  std::atomic<std::uint64_t> ended{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> restarted{0};
  std::atomic<std::uint64_t> given_up{0};
  std::atomic<std::uint64_t> recordings_started{0};
  std::atomic<std::uint64_t> recordings_ended{0};
  std::atomic<std::uint64_t> overruns{0};
  std::atomic<std::uint64_t> foreign{0}; ///< Of other nodes, as they tell.
  /// Nanoseconds that copies of recordings miss because a sink was too slow.
  std::atomic<std::int64_t> overrun_gaps{0};
};

/// What all calls of a node share. Outlives them; immutable but for what says
/// so itself.
struct call_world {
  std::string node;
  std::string region;
  call_limits limits;
  dialog::dialog_settings dialog;
  recording::rules rules; ///< Of calls about which nothing else is said.
  fork::tap_settings tap;
  sink_settings sinks;
  std::vector<sink_kind> kinds;
  std::vector<dialog::interface_address> interfaces;
  net::port_pool* ports = nullptr;
  event_line* events = nullptr;
  call_figures* figures = nullptr;
  call_directory* directory = nullptr;
  api::live_board* board = nullptr; ///< Null: calls show themselves to nobody.
  prompt_library_actor prompts;
  /// What administrators have decided; null: nothing.
  const admin::registry* admin = nullptr;
  /// Null: nobody but the log hears which calls are to end.
  call_ender* ender = nullptr;
};

using call_world_ptr = std::shared_ptr<const call_world>;

} // namespace callfork::actors
