#pragma once

#include "actors/call_directory.hpp"
#include "actors/node_drive.hpp"
#include "actors/node_root.hpp"
#include "actors/node_settings.hpp"
#include "actors/node_status.hpp"
#include "actors/siprec_side.hpp"
#include "control/api/live_board.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

class region_links;
class secured_links;
struct region_world;

/// All threads and actors of a node: what `node` hides from rooms that know no
/// CAF. Public functions may be called from any thread.
class node_core {
public:
  /// Starts everything. `more` are ways to deliver recordings beside the vault.
  [[nodiscard]] static expected<std::unique_ptr<node_core>, std::string>
  start(node_settings settings, std::vector<sink_kind> more);

  /// The same, moved by something else than threads.
  [[nodiscard]] static expected<std::unique_ptr<node_core>, std::string>
  start(node_settings settings, std::vector<sink_kind> more,
        std::unique_ptr<node_drive> drive);

  node_core(const node_core&) = delete;
  node_core& operator=(const node_core&) = delete;

  /// To be destroyed after `stop` said true.
  ~node_core();

  void drain();

  /// See `node::stop`.
  [[nodiscard]] bool stop(duration within);

  [[nodiscard]] node_status status() const;
  [[nodiscard]] const call_directory& directory() const noexcept {
    return directory_;
  }
  [[nodiscard]] const std::shared_ptr<api::live_board>& board() const noexcept {
    return board_;
  }
  [[nodiscard]] const ng_sockets& sockets() const noexcept {
    return ng_.sockets;
  }

  [[nodiscard]] caf::actor_system& system() noexcept {
    return *system_;
  }
  [[nodiscard]] const node_root_actor& root() const noexcept {
    return root_;
  }
  [[nodiscard]] call_supervisor_actor calls();
  /// Null without other nodes.
  [[nodiscard]] region_child region();
  /// Null without SIPREC.
  [[nodiscard]] const siprec_side* siprec() const noexcept {
    return siprec_.get();
  }
  [[nodiscard]] const net::port_pool& ports() const noexcept {
    return *ports_;
  }

private:
  node_core(node_settings settings, std::unique_ptr<node_drive> drive);

  [[nodiscard]] expected<void, std::string> prepare();
  void start_shards();
  [[nodiscard]] expected<void, std::string> open_cluster();
  void start_actors(std::vector<sink_kind> kinds);
  [[nodiscard]] call_world_ptr make_call_world(std::vector<sink_kind> kinds);
  [[nodiscard]] bool await(const std::function<bool()>& condition,
                           time_point until);
  [[nodiscard]] duration age(std::int64_t heartbeat) const;
  void judge(node_status& what) const;
  [[nodiscard]] std::string unwelcome(const node_status& what) const;
  void count_shards(node_status& to) const;
  void count_events(node_status& to) const;
  void count_requests(node_status& to) const;
  void count_recording_sessions(node_status& to) const;
  void count_cluster(node_status& to) const;

  node_settings settings_;
  std::unique_ptr<node_drive> drive_;
  std::optional<net::port_pool> ports_;
  call_directory directory_;
  std::shared_ptr<api::live_board> board_ = std::make_shared<api::live_board>();
  call_figures figures_;
  publisher_world events_;
  ng_world ng_;
  root_world world_;

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<std::unique_ptr<shard>> media_;
  std::vector<std::unique_ptr<shard>> writers_;
  std::vector<std::unique_ptr<shard>> senders_;
  std::unique_ptr<shard> control_;
  std::unique_ptr<siprec_side> siprec_;
  std::unique_ptr<secured_links> secured_; ///< Null without other nodes.
  std::unique_ptr<region_links> links_;
  std::unique_ptr<region_world> region_;
  prompt_library_actor prompts_;
  node_root_actor root_;
  std::atomic<bool> draining_{false};
};

} // namespace callfork::actors
