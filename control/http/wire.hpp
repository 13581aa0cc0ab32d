#pragma once

#include "control/http/serving.hpp"

#include <optional>

namespace callfork::http {

/// The head of a request, as routes see it: `path` is the whole target yet.
[[nodiscard]] request to_request(const beast_request& from,
                                 const endpoint& peer);

/// An answer as it goes out; 500 if it holds what is no header.
[[nodiscard]] beast_response to_beast(response from, unsigned version,
                                      bool keep_alive, bool head);

/// What a request that cannot even be read is told; nothing: just close.
[[nodiscard]] std::optional<unsigned>
status_of(const boost::beast::error_code& fault);

/// What is to be said against the head of a request, beside what its route
/// says: hosts and expectations.
[[nodiscard]] std::optional<response> refuse_head(const beast_request& head);

} // namespace callfork::http
