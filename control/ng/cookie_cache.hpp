#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace callfork::ng {

/// Remembers the replies to recent requests, so that a repeated one (Kamailio
/// sends five times) is answered byte for byte without being executed again.
/// Keyed by the sender's address and the cookie. Not thread-safe: one per
/// front door.
class cookie_cache {
public:
  /// Replies are kept for one to two times this long.
  static constexpr auto generation = std::chrono::seconds{30};

  /// `most` bounds the entries of a generation; beyond it the generation ends
  /// early, and the oldest replies are forgotten.
  explicit cookie_cache(std::size_t most)
    : most_(most) {
  }

  /// What is known of a request.
  struct lookup {
    enum what_t : std::uint8_t {
      fresh,       ///< Never seen: execute it, then `finish`.
      in_progress, ///< Being executed: drop the duplicate, the reply comes.
      answered,    ///< Send `reply` again.
    };
    what_t what = fresh;
    std::string_view reply; ///< Valid until the next call.
  };

  /// Looks a request up, and marks a fresh one as being executed.
  [[nodiscard]] lookup begin(const endpoint& from, std::string_view cookie,
                             time_point now);

  /// Keeps the reply to a request that is no longer being executed.
  void finish(const endpoint& from, std::string_view cookie, std::string reply);

  /// Forgets a request that will have no reply: a repetition executes it.
  void abandon(const endpoint& from, std::string_view cookie);

  [[nodiscard]] std::size_t size() const noexcept {
    return young_.size() + old_.size();
  }

private:
  struct remembered {
    bool answered = false;
    std::string reply;
  };
  using generation_map = std::unordered_map<std::string, remembered>;

  void turn(time_point now);
  [[nodiscard]] remembered* find(const std::string& key);

  std::size_t most_;
  generation_map young_;
  generation_map old_;
  std::optional<time_point> turned_;
};

} // namespace callfork::ng
