#include "control/api/live.hpp"
#include "control/api/live_board.hpp"
#include "control/http/socket_queue.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/example_book.hpp"

#include <nlohmann/json.hpp>

using namespace callfork;
using namespace callfork::api;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

constexpr wall_time morning{
  std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

/// The socket of /callfork/v1/live without its socket.
struct stage {
  stage() {
    test::fill(*book);
    live_call call;
    call.id = "c1";
    call.session_id = "s1";
    call.organisation = "acme";
    call.person = "alice";
    call.remote_name = "Bob";
    call.remote_address = "sip:bob@sip.example";
    call.created = morning - 1min;
    call.answered = morning - 30s;
    call.since = morning - 30s;
    call.mode = recording::mode::on_demand;
    call.buttons.start = true;
    calls.push_back(call);
    board->put("s1", calls, {});
  }

  /// Who comes in; then what is waiting for them.
  unsigned enter(const caller& as, const std::string& person = {}) {
    asked = {};
    asked.path = "/callfork/v1/live";
    if (!person.empty())
      asked.query["personId"] = person;
    who = as;
    if (const auto refused = route.admit(asked))
      return refused->status;
    events = route.opened(asked, http::socket_line{queue});
    return 101;
  }

  json next() {
    const auto text = queue->next();
    return text ? json::parse(*text) : json{};
  }

  void change(recording::phase to) {
    calls.front().phase = to;
    calls.front().recordings = 1;
    board->put("s1", calls, {});
  }

  static caller user(const char* id) {
    return {id, {}, role::user, "acme", {}};
  }

  std::shared_ptr<admin::memory_registry> book
    = std::make_shared<admin::memory_registry>();
  std::shared_ptr<live_board> board = std::make_shared<live_board>();
  std::vector<live_call> calls;
  wall_time now = morning;
  std::optional<caller> who;
  http::socket_route route = live_route(
    {book, board, nullptr, nullptr, nullptr},
    {.admit = [this](http::request& in) -> std::optional<http::response> {
       if (!who)
         return http::response{401, "who is it?\n"};
       in.known = *who;
       return std::nullopt;
     },
     .base_url = {},
     .now =
       [this] {
         return now;
       }});
  http::request asked;
  std::shared_ptr<http::socket_queue> queue
    = std::make_shared<http::socket_queue>(4096, [] {});
  http::socket_events events;
};

} // namespace

TEST_CASE("a user hears of all live calls, of each change and of the end",
          "[control][api]") {
  stage at;
  REQUIRE(at.enter(stage::user("alice")) == 101);
  CHECK(at.next() == json::parse(R"({
    "event": "calls", "personId": "alice", "calls": [{
      "callId": "c1", "callSessionId": "s1", "personality": "originator",
      "remoteParty": {"name": "Bob", "number": "sip:bob@sip.example"},
      "created": "2026-05-31T23:59:00.000Z",
      "answered": "2026-05-31T23:59:30.000Z",
      "recordingMode": "on-demand", "state": "idle",
      "since": "2026-05-31T23:59:30.000Z", "buttons": ["start"]}]})"));
  at.calls.front().buttons = {false, true, true, false};
  at.change(recording::phase::recording);
  const auto changed = at.next();
  CHECK(changed["event"] == "changed");
  CHECK(changed["call"]["state"] == "recording");
  CHECK(changed["call"]["buttons"] == json{"stop", "pause"});
  at.change(recording::phase::idle);
  CHECK(at.next()["call"]["state"] == "stopped");
  at.board->remove("s1");
  const auto last = at.next();
  CHECK(last["event"] == "ended");
  CHECK(last["call"]["state"] == "ended");
  CHECK(last["call"]["buttons"].empty());
  CHECK_FALSE(at.queue->end());
}

TEST_CASE("a user listens to own calls, administrators to their people's",
          "[control][api]") {
  stage at;
  CHECK(at.enter(stage::user("bob"), "alice") == 403);
  CHECK(at.enter(stage::user("bob"), "mallory") == 404);
  CHECK(at.enter(stage::user("nobody")) == 404);
  const caller partner{
    "penny", {}, role::partner_administrator, {}, "reseller"};
  CHECK(at.enter(partner, "alice") == 403);
  const caller full{"root", {}, role::full_administrator, "acme", {}};
  CHECK(at.enter(full) == 404);
  CHECK(at.enter(full, "alice") == 101);
  CHECK(at.next()["calls"].size() == 1);
  at.who.reset();
  CHECK(at.route.admit(at.asked)->status == 401);
}

TEST_CASE("who may not listen any more is closed and told nothing",
          "[control][api]") {
  stage at;
  REQUIRE(at.enter(stage::user("alice")) == 101);
  REQUIRE_FALSE(at.next().is_null());
  const auto key = admin::key_of(*at.book->read([](const admin::book& book) {
    return book.find_person("alice");
  }));
  const auto seen = at.book->read([&key](const admin::book& book) {
    return book.version_of(key);
  });
  SECTION("because the hour is over") {
    at.now += 1h;
  }
  SECTION("because there is no such person any more") {
    REQUIRE(at.book->write({{key, seen, std::nullopt}}).has_value());
  }
  at.change(recording::phase::recording);
  CHECK(at.next().is_null());
  REQUIRE(at.queue->end());
  CHECK(at.queue->end()->code == 1008);
}

TEST_CASE("a peer that is gone is told nothing, a slow one is closed",
          "[control][api]") {
  stage at;
  REQUIRE(at.enter(stage::user("alice")) == 101);
  SECTION("gone") {
    REQUIRE_FALSE(at.next().is_null());
    at.events.closed();
    at.change(recording::phase::recording);
    CHECK(at.next().is_null());
  }
  SECTION("slow") {
    for (int each = 0; each < 50; ++each)
      at.change(each % 2 == 0 ? recording::phase::recording
                              : recording::phase::paused);
    REQUIRE(at.queue->end());
    CHECK(at.queue->end()->code == 1013);
  }
}
