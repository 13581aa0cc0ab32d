#pragma once

#include "control/admin/entities.hpp"
#include "control/recording/machine.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::api {

/// A call as one of its people sees it.
struct live_call {
  std::string id;         ///< As in the API: stays for the whole call.
  std::string session_id; ///< Of the session that both halves share.
  admin::identifier organisation;
  admin::identifier person; ///< Whose half it is.
  bool terminating = false; ///< It came to this person.
  std::string remote_name;
  std::string remote_address; ///< A URI.
  wall_time created;
  std::optional<wall_time> answered;
  recording::mode mode = recording::mode::never;
  recording::phase phase = recording::phase::idle;
  wall_time since;              ///< Of the phase.
  std::uint32_t recordings = 0; ///< Begun so far, of this half.
  recording::controls buttons;  ///< What the person may ask for now.
  friend bool operator==(const live_call&, const live_call&) = default;
};

/// What became of a person's calls.
struct call_news {
  bool all = false; ///< These are all there are; else those that changed.
  std::vector<live_call> calls; ///< In phase `ended`: over, and forgotten.
};

/// What somebody asks of the recording of a call.
enum class recording_action : std::uint8_t { start, stop, pause, resume };

enum class desk_fault : std::uint8_t {
  no_such_call, ///< Or none of this person's.
  forbidden,    ///< The mode does not allow it; or it is not the moment.
  unavailable,  ///< The call did not answer in time.
};

/// Why it was not done: a sentence for people.
struct desk_refusal {
  desk_fault what = desk_fault::no_such_call;
  std::string reason;
};

/// The calls of this cluster, for whoever may see and steer them. Any thread
/// but a shard's; `act` waits for the call, for seconds at most.
class call_desk {
public:
  call_desk() = default;
  call_desk(const call_desk&) = delete;
  call_desk& operator=(const call_desk&) = delete;
  virtual ~call_desk() = default;

  /// All live calls of a person.
  [[nodiscard]] virtual std::vector<live_call>
  calls_of(const admin::identifier& person) const = 0;

  /// Carries out an action on a person's half of a call; `call` empty means
  /// the only one, or the one that was answered last.
  [[nodiscard]] virtual expected<void, desk_refusal>
  act(recording_action what, const admin::identifier& person,
      const std::string& call)
    = 0;

  /// From now on `told` hears of a person's calls, in order, for as long as
  /// what is returned is kept: first of all there are, before this returns,
  /// then of each change. On any thread, those of shards included: it neither
  /// blocks nor asks the desk. Null if too many listen, or nobody can be told.
  [[nodiscard]] virtual std::shared_ptr<void>
  watch(const admin::identifier& person,
        std::function<void(const call_news&)> told)
    = 0;
};

} // namespace callfork::api
