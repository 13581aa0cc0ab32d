#pragma once

#include "control/dialog/resources.hpp"
#include "control/ng/request.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::dialog {

struct call_state;

/// What the operator chose for all calls.
struct dialog_settings {
  engine::source_rule source = engine::source_rule::pinned;
  /// How long a deleted call is kept for late queries.
  std::chrono::seconds delete_delay{30};
};

/// The two parties whose streams a recording takes.
struct audio_streams {
  std::optional<engine::leg_id> caller;
  std::optional<engine::leg_id> callee;
};

/// Of a recording client's session: the m-lines that are recorded as caller and
/// callee, by index.
struct recorded_lines {
  std::optional<std::size_t> caller;
  std::optional<std::size_t> callee;
};

/// The tags of SIP's From and To in the call's first INVITE.
struct dialog_tags {
  std::string caller;
  std::string callee;
};

/// The signalling of one call: what its parties offered and answered, through
/// which ports, with which keys. Knows NG and SDP, but neither threads nor
/// sockets. A copy is a checkpoint and costs nothing: what a request changes is
/// made anew, and shared until then.
class call_dialog {
public:
  call_dialog(std::string call_id, const dialog_settings& settings,
              instant now);

  /// Carries out a request for this call and returns the reply, `result`
  /// included; the error is the text for `error-reason`. A failed request
  /// leaves the call as it was. Recording and playing commands are only
  /// checked here: the caller carries them out.
  [[nodiscard]] expected<ng::dictionary, std::string>
  handle(const ng::request& what, resources& world, instant now);

  /// The desired state of all legs. Leg ids are stable.
  [[nodiscard]] engine::media_plan plan() const;

  /// Whose legs are recorded as caller and callee. The callee is the party that
  /// answered last.
  [[nodiscard]] audio_streams recorded() const;

  /// The same of a recording client's session; nothing for other calls.
  [[nodiscard]] recorded_lines lines() const;

  /// Those of caller and callee; empty before the first answer, and in a
  /// recording client's session.
  [[nodiscard]] dialog_tags tags() const;

  /// The legs whose listener hears what `play media` plays: the parties that
  /// the request selects. The error is the text for `error-reason`.
  [[nodiscard]] expected<std::vector<engine::leg_id>, std::string>
  play_targets(const ng::request& what) const;

  [[nodiscard]] const std::string& call_id() const noexcept;

  /// True from the first answer on.
  [[nodiscard]] bool answered() const noexcept;

  /// True once a party has said that it understands `a=record`: its
  /// descriptions say how recording stands.
  [[nodiscard]] bool has_record_aware() const noexcept;

  /// When the call is to be forgotten: set by a delete of the whole call.
  [[nodiscard]] std::optional<time_point> ends_at() const noexcept;

private:
  std::shared_ptr<const call_state> state_;
};

/// The reply to a request for a call that does not exist. Offers are not for
/// here: they make the call.
[[nodiscard]] expected<ng::dictionary, std::string>
reply_without_call(const ng::request& what);

/// The form that every error takes.
[[nodiscard]] ng::dictionary error_reply(std::string_view reason);

} // namespace callfork::dialog
