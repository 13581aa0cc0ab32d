#pragma once

#include "control/sip/user_agent.hpp"
#include "tests/support/catch.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace callfork::test {

/// Keeps what listeners are told, for the test's own thread.
template <class What>
class witness {
public:
  void tell(What what) {
    const std::lock_guard hold{mutex_};
    told_.push_back(std::move(what));
    more_.notify_all(); // Within the lock: who waits may end this object.
  }

  /// The next thing told; fails the test after ten seconds.
  What next() {
    std::unique_lock hold{mutex_};
    REQUIRE(more_.wait_for(hold, std::chrono::seconds{10}, [this] {
      return !told_.empty();
    }));
    auto made = std::move(told_.front());
    told_.pop_front();
    return made;
  }

  [[nodiscard]] bool has_more() {
    const std::lock_guard hold{mutex_};
    return !told_.empty();
  }

private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<What> told_;
};

/// Events of sessions, in their order.
class session_witness : public witness<sip::session_event> {
public:
  [[nodiscard]] sip::session_listener listener() {
    return [this](sip::session_id, const sip::session_event& event) {
      tell(event);
    };
  }

  /// The next event, which must be of this type; provisional responses are
  /// passed over.
  template <class Event>
  Event expect() {
    auto event = next();
    while (std::holds_alternative<sip::progressed>(event))
      event = next();
    INFO("event " << event.index());
    REQUIRE(std::holds_alternative<Event>(event));
    return std::get<Event>(event);
  }
};

/// A recording server on loopback, with its witnesses.
struct recorder {
  witness<sip::incoming_session> invitations;
  witness<sip::refused_invitation> refusals;
  session_witness events;
  std::unique_ptr<sip::user_agent> agent;

  explicit recorder(sip::settings wanted,
                    sip::admission rule = sip::admission::lenient) {
    auto made = sip::user_agent::start(
      wanted, sip::recording_server{rule, 488,
                                    [this](const auto& what) {
                                      invitations.tell(what);
                                      return true;
                                    },
                                    events.listener(),
                                    [this](const auto& what) {
                                      refusals.tell(what);
                                    }});
    INFO((made ? std::string{} : made.error()));
    REQUIRE(made);
    agent = std::move(*made);
  }

  [[nodiscard]] std::uint16_t port(std::size_t which = 0) const {
    return agent->local().at(which).at.port();
  }
};

[[nodiscard]] inline endpoint loopback(std::uint16_t port = 0) {
  return *endpoint::parse("127.0.0.1", port);
}

[[nodiscard]] inline sip::settings
listening_on(std::initializer_list<sip::transport> all) {
  sip::settings made;
  made.stop_within = std::chrono::milliseconds{300};
  for (const auto one : all)
    made.listen.push_back({one, loopback()});
  return made;
}

[[nodiscard]] inline std::unique_ptr<sip::user_agent>
start_client(const sip::settings& wanted) {
  auto made = sip::user_agent::start(wanted, std::nullopt);
  INFO((made ? std::string{} : made.error()));
  REQUIRE(made);
  return std::move(*made);
}

/// A body as recording clients send it, of more than a UDP packet's size.
[[nodiscard]] inline siprec::written_body offer(const std::string& mark) {
  return siprec::write_body(
    {{"application/sdp",
      {},
      false,
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=" + mark
        + "\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
          "a=sendonly\r\na=label:1\r\n"},
     {"application/rs-metadata+xml", "recording-session", false,
      "<recording>" + std::string(2500, 'x') + mark + "</recording>"}},
    "unit-test-boundary");
}

[[nodiscard]] inline siprec::written_body answer(const std::string& mark) {
  return {"application/sdp", "v=0\r\ns=" + mark + "\r\n"};
}

[[nodiscard]] inline siprec::written_body metadata(const std::string& mark) {
  return {"application/rs-metadata+xml", "<" + mark + "/>"};
}

} // namespace callfork::test
