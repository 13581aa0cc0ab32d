#include "actors/call_ender.hpp"
#include "tests/component/actors/announced.hpp"
#include "tests/support/eventually.hpp"

#include <atomic>
#include <mutex>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;
using actors::call_ender;
using actors::ending_patience;
using ending::outcome;

namespace {

/// Somebody who says what the test wants, and knows what he was asked.
struct place {
  std::mutex mutex;
  std::vector<ending::notice> asked;
  std::vector<outcome> says{outcome::told}; ///< The last one for ever.
  std::atomic<bool> hangs{false};

  [[nodiscard]] std::size_t count() {
    const std::lock_guard guard{mutex};
    return asked.size();
  }

  ending::verdict hear(const ending::notice& what) {
    while (hangs)
      std::this_thread::sleep_for(1ms);
    const std::lock_guard guard{mutex};
    const auto at = std::min(asked.size(), says.size() - 1);
    asked.push_back(what);
    return {says[at], says[at] == outcome::told ? "" : "out of order"};
  }
};

using shared_place = std::shared_ptr<place>;

std::shared_ptr<call_ender> ender_of(const std::vector<shared_place>& places,
                                     const ending_patience& how = {}) {
  std::vector<actors::ending_place> made;
  for (const auto& each : places)
    made.push_back({"place " + std::to_string(made.size()),
                    [each](const ending::notice& what) {
                      return each->hear(what);
                    },
                    !made.empty()});
  return std::make_shared<call_ender>(std::move(made), how);
}

ending::notice notice_of(const std::string& call) {
  ending::notice made;
  made.call_id = call;
  made.from_tag = "a";
  made.to_tag = "b";
  return made;
}

ending_patience hasty() {
  ending_patience made;
  made.first_retry = 2ms;
  made.last_retry = 5ms;
  made.give_up = 60ms;
  return made;
}

} // namespace

TEST_CASE("a call that nobody can record is ended by whoever can") {
  const prompts files;
  const auto hook = std::make_shared<place>();
  const auto proxy = std::make_shared<place>();
  const auto ender = ender_of({hook, proxy});
  auto sink = std::make_shared<faults>();
  sink->refuse_starts = 100;
  recording::rules rules;
  rules.mode = recording::mode::always;
  rules.on_failure = recording::failure_behaviour::end_with_announcement;
  auto options = with(rules, sink, files.path());
  options.change = [inner = options.change,
                    &ender](actors::node_settings& settings) {
    inner(settings);
    settings.ender = ender;
  };
  virtual_node node{options};
  test_call call{node, "ended"};
  call.set_up("");
  node.advance(700ms);
  CHECK(played(node).empty());
  CHECK(hook->count() == 0); // Not before the parties have heard why.
  node.advance(1s);
  CHECK(played(node) == words{"failure"});
  REQUIRE(eventually([&] {
    return hook->count() == 1 && proxy->count() == 1;
  }));
  const auto& said = hook->asked.front();
  const auto offered = call.request(ng::command::answer);
  CHECK(said.call_id == "ended");
  CHECK(said.from_tag == offered.from_tag);
  CHECK(said.to_tag == "callee");
  CHECK(said.reason == "provider-unreachable");
  CHECK(said.recording == told(node, "session.ending").front()["recordingId"]);
  CHECK(said.id == proxy->asked.front().id);
  REQUIRE(eventually([&] {
    const auto all = node.status().endings;
    return all.size() == 2 && all[0].told == 1 && all[1].told == 1;
  }));
  call.hang_up();
  node.advance(1min);
  CHECK(hook->count() == 1);
}

TEST_CASE("who fails is asked again, and who refuses is not") {
  const auto fails = std::make_shared<place>();
  fails->says = {outcome::failed, outcome::failed, outcome::told};
  const auto refuses = std::make_shared<place>();
  refuses->says = {outcome::refused};
  const auto ender = ender_of({fails, refuses}, hasty());
  ender->end(notice_of("one"));
  REQUIRE(eventually([&] {
    return ender->figures()[0].told == 1 && ender->figures()[1].refused == 1;
  }));
  CHECK(fails->count() == 3);
  CHECK(refuses->count() == 1);
  CHECK(ender->figures()[0].failures == 2);
  CHECK(ender->figures()[0].waiting == 0);
}

TEST_CASE("a place that never works is given up after its time") {
  const auto fails = std::make_shared<place>();
  fails->says = {outcome::failed};
  const auto ender = ender_of({fails}, hasty());
  const auto began = clock::now();
  ender->end(notice_of("one"));
  REQUIRE(eventually([&] {
    return ender->figures()[0].given_up == 1;
  }));
  CHECK(clock::now() - began > 40ms);
  CHECK(fails->count() > 5);
  CHECK(ender->figures()[0].waiting == 0);
}

TEST_CASE("a place that hangs holds up neither others nor the end") {
  const auto hangs = std::make_shared<place>();
  hangs->hangs = true;
  const auto works = std::make_shared<place>();
  auto how = hasty();
  how.most_waiting = 5;
  auto ender = ender_of({hangs, works}, how);
  for (int count = 0; count < 9; ++count) {
    ender->end(notice_of("call " + std::to_string(count)));
    REQUIRE(eventually([&] {
      return works->count() == static_cast<std::size_t>(count) + 1;
    }));
  }
  CHECK(ender->figures()[0].waiting == 5);
  CHECK(ender->figures()[0].lost == 4);
  const auto began = clock::now();
  ender->stop(20ms);
  CHECK(clock::now() - began < 500ms);
  CHECK(ender->figures()[0].lost == 7); // Two are with those who hang.
  ender->end(notice_of("too late"));
  CHECK(ender->figures()[1].lost == 1);
  ender.reset();
  hangs->hangs = false; // Its threads go by themselves.
}

TEST_CASE("a proxy is not asked about a call without a dialog") {
  const auto hook = std::make_shared<place>();
  const auto proxy = std::make_shared<place>();
  const auto ender = ender_of({hook, proxy});
  auto bare = notice_of("recording client's");
  bare.from_tag.clear();
  ender->end(bare);
  ender->stop(5s);
  CHECK(hook->count() == 1);
  CHECK(proxy->count() == 0);
}
