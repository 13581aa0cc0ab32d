#pragma once

#include "actors/call_record.hpp"
#include "actors/call_world.hpp"

#include <functional>

namespace callfork::actors {

/// What the forks of a call need of their call. All outlives them.
struct forks_of {
  const call_world& world;
  call_record& record;
  engine::call_media& media;
  std::function<sink_owner_actor()> owner; ///< The call's own handle.
  std::function<void(const sink_actor&)> watch;
};

/// Makes the world agree with what the record says of recordings: taps on the
/// media, their gates, sinks, and what takes from which tap. Where it agrees
/// already, nothing happens; so a successor begins where its predecessor died.
/// Belongs to the call's shard.
class call_forks {
public:
  explicit call_forks(forks_of around);

  /// Takes over the taps and sinks of a predecessor, as they are.
  void adopt();

  /// Carries out what the record says. True when that has changed the record,
  /// or when there is something to tell: then it is to be saved again, and
  /// asked for once more.
  [[nodiscard]] bool agree(time_point now);

  /// True when a sink has lost something, or when a recording that ended has
  /// been delivered to all of them. Often called; cheap.
  [[nodiscard]] bool has_news() const;

  /// A fault on purpose, for tests: the sinks of that kind die of a bug.
  void crash(std::size_t kind);

private:
  [[nodiscard]] bool agree_on_tap(kept_recording& of, time_point now);
  [[nodiscard]] bool agree_on(kept_recording& of, kept_sink& which,
                              time_point now);
  [[nodiscard]] bool feed(kept_recording& of, kept_sink& which, time_point now);
  [[nodiscard]] bool let_go(kept_recording& of, kept_sink& which);
  [[nodiscard]] bool release(kept_recording& of, time_point now);
  [[nodiscard]] bool inform(const kept_recording& of, kept_sink& which);
  void start(kept_recording& of, kept_sink& which);

  forks_of around_;
};

} // namespace callfork::actors
