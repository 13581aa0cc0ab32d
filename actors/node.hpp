#pragma once

#include "actors/node_settings.hpp"
#include "actors/node_status.hpp"
#include "media/base/expected.hpp"

#include <memory>
#include <string>
#include <vector>

namespace callfork::api {
class call_desk;
} // namespace callfork::api

namespace callfork::actors {

/// The whole running system: shards, supervisors, calls, front doors and the
/// publisher. One per process. Public functions may be called from any thread.
class node {
public:
  /// Binds every socket, starts every thread. The error is one readable line,
  /// as in "ng udp 127.0.0.1:2223: address already in use".
  [[nodiscard]] static expected<std::unique_ptr<node>, std::string>
  start(node_settings settings);

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Stops with a deadline of ten seconds if nobody has called `stop`.
  ~node();

  /// Takes no new calls from now on; those that live go on. `/readyz` says so.
  void drain();

  /// Ends everything in order: front doors, calls and their recordings, sinks,
  /// publisher with its outbox, shards, actor system. False when `within` was
  /// not enough: then threads still run, and the process must leave by
  /// `std::_Exit` without destroying the node.
  [[nodiscard]] bool stop(duration within);

  /// A snapshot for health checks and metrics. Never waits for an actor.
  [[nodiscard]] node_status status() const;

  /// The calls of now, at most `limit`. Never waits for an actor.
  [[nodiscard]] std::vector<call_status> calls(std::size_t limit) const;

  /// The calls of now for their people, who see and steer them. May outlive the
  /// node: then there are none.
  [[nodiscard]] std::shared_ptr<api::call_desk> desk() const;

  /// Where NG over UDP and TCP really listens, in the order of the settings.
  [[nodiscard]] std::vector<endpoint> ng_udp() const;
  [[nodiscard]] std::vector<endpoint> ng_tcp() const;

private:
  struct parts;
  explicit node(std::unique_ptr<parts> what);
  std::unique_ptr<parts> parts_;
};

} // namespace callfork::actors
