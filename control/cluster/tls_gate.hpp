#pragma once

#include "control/cluster/tls.hpp"
#include "media/base/endpoint.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace callfork::cluster {

/// Takes connections and lets those in that show a certificate of ours, within
/// two seconds. The others, of which it minds a few dozen at once, cost little
/// and reach nothing behind it. A thread of its own; public functions may be
/// called from any.
class tls_gate {
public:
  /// The error is the system's, in words.
  [[nodiscard]] static expected<std::unique_ptr<tls_gate>, std::string>
  open(const endpoint& listen, std::shared_ptr<tls_identity> identity);

  ~tls_gate();
  tls_gate(const tls_gate&) = delete;
  tls_gate& operator=(const tls_gate&) = delete;

  /// From now on whoever reads from this socket finds a byte for each link that
  /// waits to be taken; earlier ones get no more.
  [[nodiscard]] net::file_descriptor attend();

  /// The next link, by a byte of that socket.
  [[nodiscard]] std::optional<tls_stream> take(int notices);

  [[nodiscard]] const endpoint& local() const noexcept {
    return local_;
  }

private:
  /// Somebody who has not yet shown who it is.
  struct visitor {
    tls_stream stream;
    short awaits = 0;
    time_point until;
  };

  tls_gate(net::file_descriptor listener,
           std::shared_ptr<tls_identity> identity);

  void run();
  void accept(time_point now);
  /// False when nothing more is to be done about it here.
  [[nodiscard]] bool proceed(visitor& who);
  void admit(tls_stream stream);

  net::file_descriptor listener_;
  endpoint local_;
  std::shared_ptr<tls_identity> identity_;
  std::deque<visitor> visitors_; ///< The oldest first.

  std::mutex mutex_; ///< Guards what follows.
  std::deque<tls_stream> admitted_;
  net::file_descriptor notices_; ///< The other end of what attends.

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace callfork::cluster
