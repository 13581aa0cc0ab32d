#pragma once

#include "control/api/caller.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace callfork::api {

enum class outcome : std::uint8_t {
  done,
  refused, ///< They may not, or it does not make sense.
  failed,  ///< It was allowed, and did not work.
};

/// One thing that somebody did or tried: a change, or an access to a recording.
/// Texts are at most 1 KiB each; what is longer is cut.
struct deed {
  wall_time time;
  std::string who; ///< `caller::id`; empty: callfork itself.
  std::string role;
  admin::identifier organisation; ///< Whose thing it was.
  std::string what;               ///< As in "person.change", "recording.play".
  std::string target;             ///< As in "person/4711".
  api::outcome outcome = outcome::done;
  std::string before; ///< `digest_of` what it was; empty: nothing.
  std::string after;  ///< The same of what it is.
  std::string tracking_id;
};

/// A deed of a caller, with what is known of them.
[[nodiscard]] deed deed_of(const caller& who, std::string what,
                           std::string target, wall_time now);

/// The SHA-256 of something in hex, for `deed::before` and `after`.
[[nodiscard]] std::string digest_of(std::string_view text);

/// Where deeds are kept. Any thread but a shard's: waits for the disk.
class audit {
public:
  audit() = default;
  audit(const audit&) = delete;
  audit& operator=(const audit&) = delete;
  virtual ~audit() = default;

  /// Once it returns well the deed outlives the process and a power cut. The
  /// error is one line for people: whoever asked then has to be refused.
  [[nodiscard]] virtual expected<void, std::string> note(const deed& what) = 0;
};

} // namespace callfork::api
