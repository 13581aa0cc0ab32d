#pragma once

#include "control/sip/session.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <variant>

namespace callfork::actors {

/// What the SIP thread tells of a session that a peer has begun.
struct client_news {
  sip::session_id session{};
  sip::session_event what;
};

using siprec_news = std::variant<sip::incoming_session, client_news>;

/// The line of news from the SIP thread to the SIPREC front door. It outlives
/// the door: what a door that dies has not taken yet, the next one takes. Any
/// thread.
class siprec_news_line {
public:
  /// False when too much waits. The end of a session always finds room.
  [[nodiscard]] bool push(siprec_news what);

  /// The next one; nothing when there is none.
  [[nodiscard]] std::optional<siprec_news> take();

private:
  std::mutex mutex_;
  std::deque<siprec_news> waiting_;
};

} // namespace callfork::actors
