#pragma once

#include "actors/siprec_settings.hpp"
#include "control/ng/request.hpp"
#include "control/sip/session.hpp"
#include "control/siprec/client_picture.hpp"
#include "control/siprec/client_words.hpp"
#include "media/base/clock.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// A recording client's session as the front door knows it. Outlives the door.
struct siprec_client {
  std::string call_id; ///< Of our call: none that a proxy could have.
  std::string sip_call_id;
  std::string from;           ///< Address and port, for the log.
  std::string session_header; ///< Session-ID (RFC 7989), may be empty.
  std::string organisation;   ///< By the certificate; may be empty.
  bool accepted = false;

  siprec::client_picture picture;
  std::vector<std::string> group_keys;
  std::optional<uuid> group;
  std::string last_answer; ///< Our description. Holds keys: never log it.

  /// When the documents that came so far would have come at the pace that is
  /// allowed in the long run.
  time_point paced{};
  bool snapshot_wanted = false;
  bool takes_update = true; ///< Until it says otherwise.
  std::optional<time_point> snapshot_asked;

  std::uint64_t packets = 0;       ///< When last looked at.
  time_point heard{};              ///< When it last sent media.
  time_point alive{};              ///< When last heard of, in any way.
  std::optional<time_point> asked; ///< When asked whether it is there.
  unsigned unreachable = 0;        ///< Answers in a row that say so.
};

/// What our call is asked: `sdp` is the client's, empty when only metadata are
/// new.
[[nodiscard]] std::shared_ptr<const ng::request>
session_request(const siprec_client& of, recording::mode mode, std::string sdp);

/// The same, for its end. `reason` stands in the story.
[[nodiscard]] std::shared_ptr<const ng::request>
end_request(const std::string& call_id, const std::string& reason);

/// The body of an UPDATE that asks for a snapshot (RFC 7866 8.4).
[[nodiscard]] siprec::written_body snapshot_body(std::string_view reason);

} // namespace callfork::actors
