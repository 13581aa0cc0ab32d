#pragma once

#include "control/http/client.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <string>

/// How signalling is asked to end a call that the law of recording does not
/// let go on. Pure; any thread.
namespace callfork::ending {

/// A call that is to be ended.
struct notice {
  std::string id; ///< Of its event `session.ending`: the same each time.
  std::string call_id;
  std::string from_tag; ///< Of whoever called; empty where there are no tags.
  std::string to_tag;
  std::string session;
  std::string recording; ///< Because of which one; may be empty.
  std::string reason;    ///< As in "provider-unreachable".
  std::string organisation;
  std::string location;
  std::string user;
  std::string region;
  std::string node;
  wall_time at;
};

/// What came of asking once.
enum class outcome : std::uint8_t {
  told,    ///< The call is being ended, or somebody else sees to it now.
  gone,    ///< There is no such call (any more).
  refused, ///< Asking again would not help.
  failed,  ///< Asking again may help.
};

struct verdict {
  outcome what = outcome::failed;
  std::string why; ///< One line for people, without secrets; empty if told.
};

/// What an HTTP server said, or why it said nothing.
using answer = expected<http::response, std::string>;

/// The POST of a webhook. `token` goes along as a bearer token; empty: none.
[[nodiscard]] http::question webhook_question(const std::string& target,
                                              const std::string& token,
                                              const notice& what);

/// 2xx is told; 404 and 410 are gone; time-outs, 408, 425, 429 and 5xx failed;
/// all else, redirections too, is refused.
[[nodiscard]] verdict judge_webhook(const answer& heard);

/// JSON-RPC for Kamailio's modules jsonrpcs and dialog: `dlg.terminate_dlg`
/// with the call id and both tags. Only for notices that have tags.
[[nodiscard]] http::question kamailio_question(const std::string& target,
                                               const notice& what);

/// A result is told; a dialog that it does not know is gone; a procedure that
/// it does not know is refused; any other error failed, as for a dialog that is
/// not confirmed yet. What is no JSON-RPC is judged by its status, and 2xx
/// refused.
[[nodiscard]] verdict judge_kamailio(const answer& heard);

} // namespace callfork::ending
