#pragma once

#include "control/recording/policy.hpp"
#include "control/sip/settings.hpp"
#include "control/sip/user_agent.hpp"
#include "control/siprec/metadata.hpp"
#include "control/siprec/organisations.hpp"
#include "control/siprec/session_sdp.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace callfork::actors {

/// A provider that takes recordings by SIPREC (RFC 7866).
struct siprec_provider {
  std::string name; ///< As it stands in events.
  /// SIP URIs, tried in order: see `sip::outgoing_session`.
  std::vector<std::string> targets;
  std::optional<sip::credentials> login;
  siprec::dialect dialect = siprec::dialect::rfc7865;
  bool secure = false;   ///< SRTP, with keys of its own.
  std::string interface; ///< Of the media; empty: the default one.
  std::vector<siprec::session_codec> codecs; ///< Best first.
  /// How much faster than real time a late provider gets what waited: 1 to 20.
  double rate = 2.0;
};

/// How recording clients' sessions are treated.
struct siprec_server_settings {
  /// How they are recorded: always, with pauses on request or without.
  recording::mode mode = recording::mode::always;
  /// Who may record, if anybody is named: others are refused with 403.
  siprec::organisations owners;
  /// A client that has sent no packet for so long is asked whether it is there.
  duration silent_after = std::chrono::seconds{60};
  /// From INVITE to answer, at most: then the client gets 500.
  duration answer_within = std::chrono::seconds{2};
};

/// How a node sends and takes recordings by SIPREC.
struct siprec_settings {
  sip::settings agent;
  bool serves = true; ///< Recording clients are welcome.
  sip::admission rule = sip::admission::lenient;
  siprec_server_settings server;
  std::vector<siprec_provider> providers;
  std::size_t senders = 1; ///< Threads that send to providers.
};

} // namespace callfork::actors
