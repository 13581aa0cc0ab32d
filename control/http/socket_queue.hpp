#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace callfork::http {

/// What waits to be sent on one WebSocket: between whoever tells it something,
/// on any thread, and its session on the server's.
class socket_queue {
public:
  /// The end of a WebSocket: a code of RFC 6455 7.4 and why.
  struct ending {
    std::uint16_t code = 1000;
    std::string why;
    bool forced = false; ///< The peer takes too little: it gets no more time.
  };

  /// `wake` says on any thread that something waits; it must not block, nor ask
  /// anything of the queue.
  socket_queue(std::size_t limit, std::function<void()> wake);

  /// As `socket_line::send` and `close`.
  bool push(std::string text);
  void close(std::uint16_t code, std::string why);

  /// The next text to send.
  [[nodiscard]] std::optional<std::string> next();
  /// How to end once nothing waits.
  [[nodiscard]] std::optional<ending> end() const;
  /// The socket is gone: nothing is taken or woken any more.
  void shut();

private:
  mutable std::mutex mutex_;
  std::size_t limit_;
  std::function<void()> wake_; ///< Empty: shut.
  std::deque<std::string> waiting_;
  std::size_t bytes_ = 0;
  std::optional<ending> end_;
};

} // namespace callfork::http
