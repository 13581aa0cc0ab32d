#pragma once

#include "actors/event_line.hpp"
#include "actors/node_settings.hpp"
#include "actors/sink.hpp"
#include "media/vault/recover.hpp"

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace callfork::actors {

/// What publishers need and leave behind: outlives all of them.
struct publisher_world {
  std::string node;
  std::string region;
  std::function<expected<bus::publisher, bus::log_error>()> open;
  std::string vault; ///< Folder of recordings to complete; empty: none.
  std::shared_ptr<const vault::key_ring> vault_keys; ///< May be null.
  event_line line;

  /// What a dead process left is finished and told once, not after each
  /// restart.
  bool recovery_began = false;
  bool heirs_told = false;
  vault::recovery recovered;
  std::atomic<bool> vault_recovered{false};

  std::atomic<std::uint64_t> forgotten{0}; ///< Events with nowhere to go.
  mutable std::mutex mutex;                ///< Guards what follows.
  bus::publisher_gauges gauges;
  std::string trouble;
};

/// Take what stands in the line.
using news_atom = caf::atom_constant<caf::atom("news")>;
/// Do what is due and come again. A newer appointment replaces an older one.
using work_atom = caf::atom_constant<caf::atom("work")>;
/// Deliver what you can within the duration, then leave.
using flush_atom = caf::atom_constant<caf::atom("flush")>;

/// Takes events from the line to the outbox and on to the log. Has a thread of
/// its own, since it waits for the disk. Keeps nothing that its successor would
/// miss.
using event_publisher_actor = caf::typed_actor<
  caf::reacts_to<news_atom>, caf::reacts_to<work_atom, std::uint64_t>,
  caf::reacts_to<flush_atom, caf::timespan>, caf::reacts_to<crash_atom>>;

class event_publisher_state {
public:
  static inline const char* name = "event_publisher";

  using self_pointer
    = event_publisher_actor::stateful_pointer<event_publisher_state>;

  explicit event_publisher_state(self_pointer self)
    : self_(self) {
  }

  void begin(publisher_world& world);
  void on_news();
  void work(std::uint64_t appointment);
  void flush(duration within);

private:
  [[nodiscard]] instant right_now() const;
  [[nodiscard]] bool open();
  void take();
  void work_in(duration delay);
  void recover_vault();
  void tell_heirs();
  void note();
  void tell_trouble(const std::string& trouble, time_point now);

  self_pointer self_;
  publisher_world* world_ = nullptr;
  std::optional<bus::publisher> publisher_;
  std::uint64_t appointment_ = 0;
  time_point next_work_{};
  std::string told_; ///< The trouble that the log file speaks of.
  time_point told_at_{};
};

/// To be spawned detached, in tests also in the pool; `world` outlives it.
event_publisher_actor::behavior_type
event_publisher(event_publisher_state::self_pointer self,
                publisher_world* world);

} // namespace callfork::actors
