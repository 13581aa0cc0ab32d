#pragma once

#include "control/sip/session.hpp"

#include <string>
#include <string_view>

namespace callfork::sip {

/// What a server asks in a Digest challenge (RFC 7616 3.3); parameters without
/// their quotes.
struct digest_challenge {
  std::string realm;
  std::string nonce;
  std::string opaque;    ///< Empty: none.
  std::string algorithm; ///< As it came; empty: MD5.
  std::string qop;       ///< All that it takes, as in "auth,auth-int".
};

/// The request that has to be authorised.
struct digest_request {
  std::string method;
  std::string uri;
  std::string_view body;
};

/// What makes an answer different from the last one.
struct digest_turn {
  std::string client_nonce;
  unsigned count = 1; ///< Of requests with the server's nonce.
};

/// Whether we can answer such a challenge: MD5 or SHA-256, with or without
/// "-sess", and no qop or one of auth and auth-int.
[[nodiscard]] bool can_answer(const digest_challenge& asked);

/// The value of the Authorization header; empty if we cannot answer.
[[nodiscard]] std::string
answer(const digest_challenge& asked, const digest_request& request,
       const credentials& login, const digest_turn& turn);

/// Has Sofia-SIP, which knows MD5 alone, answer all challenges as above. A
/// challenge with SHA-256 is never taken back by one with MD5 of the same realm
/// (RFC 8760 2.4).
void answer_digests();

} // namespace callfork::sip
