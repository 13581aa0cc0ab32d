#include "control/api/live_board.hpp"
#include "tests/support/catch.hpp"

#include <thread>

using namespace callfork;
using namespace callfork::api;
using namespace std::chrono_literals;
using recording::phase;

namespace {

live_call half(const std::string& session, const std::string& person,
               bool terminating = false) {
  live_call made;
  made.id = session + "/" + person;
  made.session_id = session;
  made.person = person;
  made.terminating = terminating;
  made.mode = recording::mode::on_demand;
  return made;
}

live_call answered(live_call one, std::chrono::seconds when) {
  one.answered = wall_time{when};
  return one;
}

/// Keeps wishes, or grants them on a thread of its own as a call does.
struct phones {
  std::vector<call_wish_ptr> kept;
  std::thread granting;

  live_board::line keep() {
    return [this](call_wish_ptr wish) {
      kept.push_back(std::move(wish));
    };
  }

  live_board::line grant(std::string* whose) {
    return [this, whose](call_wish_ptr wish) {
      *whose = wish->whose().id;
      granting = std::thread{[wish] {
        if (wish->take())
          wish->answer({});
      }};
    };
  }

  ~phones() {
    if (granting.joinable())
      granting.join();
  }
};

/// What a watcher heard, as in "all: s/alice idle, s/alice recording".
struct ear {
  std::string heard;

  std::function<void(const call_news&)> listens() {
    return [this](const call_news& news) {
      heard += news.all ? "all:" : "";
      for (const auto& one : news.calls)
        heard += one.id + " " + std::string{to_string(one.phase)} + ",";
    };
  }
};

desk_fault fault_of(const expected<void, desk_refusal>& outcome) {
  REQUIRE_FALSE(outcome);
  return outcome.error().what;
}

} // namespace

TEST_CASE("a watcher hears of all calls, then of what differs, then of the end",
          "[control][api]") {
  live_board board;
  board.put("s", {half("s", "alice"), half("s", "bob", true)}, {});
  ear alice;
  ear carol;
  const auto listening = board.watch("alice", alice.listens());
  const auto other = board.watch("carol", carol.listens());
  CHECK(alice.heard == "all:s/alice idle,");
  auto mine = half("s", "alice");
  mine.phase = phase::recording;
  auto theirs = half("s", "bob", true);
  theirs.phase = phase::paused;
  board.put("s", {mine, theirs}, {});
  board.put("s", {mine, theirs}, {});
  CHECK(alice.heard == "all:s/alice idle,s/alice recording,");
  board.put("t", {half("t", "alice")}, {});
  board.put("s", {theirs}, {}); // Alice has handed over.
  board.remove("t");
  CHECK(alice.heard
        == "all:s/alice idle,s/alice recording,t/alice idle,"
           "s/alice ended,t/alice ended,");
  CHECK(carol.heard == "all:");
  CHECK(board.calls_of("alice").empty());
  CHECK(board.calls_of("bob").size() == 1);
  board.remove("s");
  CHECK(board.calls_of("alice").empty());
}

TEST_CASE("who listens no more hears nothing, also when the board is gone",
          "[control][api]") {
  auto board = std::make_unique<live_board>();
  ear alice;
  auto first = board->watch("alice", alice.listens());
  auto second = board->watch("alice", alice.listens());
  first.reset();
  board->put("s", {half("s", "alice")}, {});
  CHECK(alice.heard == "all:all:s/alice idle,");
  board.reset();
  second.reset();
}

TEST_CASE("without a name the call that was answered last is meant",
          "[control][api]") {
  live_board board;
  phones at;
  std::string whose;
  auto old = answered(half("old", "alice"), 10s);
  old.created = wall_time{9s}; // It rang for a short time only.
  board.put("old", {old}, at.keep());
  board.put("new", {answered(half("new", "alice"), 20s)}, at.grant(&whose));
  board.put("rings", {half("rings", "alice")}, at.keep());
  CHECK(board.act(recording_action::start, "alice", "").has_value());
  CHECK(whose == "new/alice");
  CHECK(at.kept.empty());
}

TEST_CASE("nobody steers a call of others, nor one that is not there",
          "[control][api]") {
  live_board board;
  phones at;
  board.put("s", {half("s", "alice"), half("s", "bob", true)}, at.keep());
  constexpr auto stop = recording_action::stop;
  CHECK(fault_of(board.act(stop, "bob", "s/alice"))
        == desk_fault::no_such_call);
  CHECK(fault_of(board.act(stop, "carol", "")) == desk_fault::no_such_call);
  CHECK(at.kept.empty());
}

TEST_CASE("what a call does not take up in time is not done later",
          "[control][api]") {
  live_board board{{.answer_within = 20ms}};
  phones at;
  board.put("s", {half("s", "alice")}, at.keep());
  constexpr auto pause = recording_action::pause;
  CHECK(fault_of(board.act(pause, "alice", "")) == desk_fault::unavailable);
  REQUIRE(at.kept.size() == 1);
  CHECK_FALSE(at.kept.front()->take());
}

TEST_CASE("a call that drops a wish is unavailable at once", "[control][api]") {
  live_board board{{.answer_within = 1h}};
  board.put("s", {half("s", "alice")}, [](const call_wish_ptr&) {});
  CHECK(fault_of(board.act(recording_action::start, "alice", ""))
        == desk_fault::unavailable);
}

TEST_CASE("a closed board says so, shows nothing and tells everybody",
          "[control][api]") {
  live_board board;
  ear alice;
  board.put("s", {half("s", "alice")}, {});
  const auto listening = board.watch("alice", alice.listens());
  board.close();
  CHECK(alice.heard == "all:s/alice idle,s/alice ended,");
  CHECK_FALSE(board.put("t", {half("t", "alice")}, {}));
  CHECK(board.calls_of("alice").empty());
  CHECK(fault_of(board.act(recording_action::start, "alice", ""))
        == desk_fault::unavailable);
  CHECK(board.watch("alice", alice.listens()) == nullptr);
}

TEST_CASE("a board holds no more than it may", "[control][api]") {
  live_board board{{.calls = 1, .watchers = 1}};
  ear alice;
  CHECK(board.put("s", {half("s", "alice")}, {}));
  CHECK_FALSE(board.put("t", {half("t", "alice")}, {}));
  CHECK(board.put("s", {half("s", "bob")}, {}));
  const auto listening = board.watch("alice", alice.listens());
  CHECK(listening != nullptr);
  CHECK(board.watch("bob", alice.listens()) == nullptr);
}
