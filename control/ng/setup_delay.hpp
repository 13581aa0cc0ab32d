#pragma once

#include "control/ng/request.hpp"
#include "media/base/clock.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace callfork::ng {

/// Adds up what the set-up of each call takes inside the node: its offers and
/// its first answer, each from the request's arrival to its reply. Bounded:
/// calls that nobody answers or deletes are forgotten in time. One thread.
class setup_delay {
public:
  /// Remembers at least `most` calls without an answer, and at most twice that.
  explicit setup_delay(std::size_t most) noexcept
    : most_(most) {
  }

  /// A request was carried out, and its reply left `took` after it came. The
  /// whole delay when that was the first answer of a call; nothing otherwise.
  [[nodiscard]] std::optional<duration> note(const request& what,
                                             duration took);

private:
  using delays = std::unordered_map<std::string, duration>;

  [[nodiscard]] std::optional<duration> take(const std::string& call_id);

  std::size_t most_;
  delays young_;
  delays old_;
};

} // namespace callfork::ng
