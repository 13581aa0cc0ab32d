#pragma once

#include "control/recording/policy.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callfork::recording {

/// What is heard when a recording is paused, and when it goes on.
enum class notification : std::uint8_t { none, beep, announcement };

/// Who hears it.
enum class audience : std::uint8_t { everybody, user };

/// What happens to a call that is to be recorded when no provider can be
/// reached at its start.
enum class failure_behaviour : std::uint8_t {
  proceed,
  proceed_with_announcement,
  end_with_announcement,
};

/// A compliance announcement at the answer of a call with the outside world.
struct compliance_rule {
  std::chrono::seconds delay{0}; ///< After the answer: 0 to 60.
  friend bool operator==(const compliance_rule&, const compliance_rule&)
    = default;
};

/// Everything that the law asks for in the recording of one user's call, as it
/// was decided when the call began. A regular value.
struct rules {
  recording::mode mode = recording::mode::on_demand;
  bool announces = false; ///< Start and stop, to all parties.
  notification notifies = notification::none; ///< On pause and resume.
  audience notified = audience::everybody;
  /// A tone to all parties while recording: each so often, 10 to 1800 s.
  std::optional<std::chrono::seconds> tone_every{};
  std::optional<compliance_rule> compliance{};
  failure_behaviour on_failure = failure_behaviour::proceed;
  bool pauses_for_digits = false; ///< While DTMF is sent (card numbers).
  /// Languages of the prompts, the best first, as in {"de", "en"}: folders.
  std::vector<std::string> languages{"en"};
  std::string country{}; ///< ISO 3166-1 alpha-2, of the tone; may be empty.
  friend bool operator==(const rules&, const rules&) = default;
};

} // namespace callfork::recording
