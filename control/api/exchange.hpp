#pragma once

#include "control/http/message.hpp"
#include "media/base/expected.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace callfork::api {

/// What a client asks.
using request = http::request;

/// What it gets: JSON, but for files.
struct reply {
  unsigned status = 200;
  std::string body; ///< Empty with 204.
  std::string type = "application/json";
  /// Besides HTTP's own.
  http::header_list headers;
};

/// Why it does not get it: becomes the error shape of the API.
struct refusal {
  unsigned status = 400;
  std::string message; ///< One sentence for people.
  std::vector<std::string>
    details; ///< What is wrong, one by one; may be empty.
};

using result = expected<reply, refusal>;

/// Refuses with this status and sentence.
[[nodiscard]] unexpected<refusal> refuse(unsigned status, std::string message);

/// 204.
[[nodiscard]] reply done();

/// 200 with this text, or a document of JSON; bytes that are no UTF-8 are
/// replaced.
[[nodiscard]] reply document(std::string text);
[[nodiscard]] reply document(const nlohmann::ordered_json& what);

/// The refusal as the API writes it, with the header `trackingId`.
[[nodiscard]] reply tell(const refusal& why, const std::string& tracking_id);

} // namespace callfork::api
