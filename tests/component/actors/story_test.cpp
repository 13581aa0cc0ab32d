#include "actors/event_line.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <set>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

std::set<std::string> ids(const test_node& node) {
  std::set<std::string> found;
  for (const auto& one : node.records().copy())
    found.insert(bus::header_of(one, "ce_id").value_or(""));
  return found;
}

} // namespace

TEST_CASE("a call tells of its parties and their streams, never of keys") {
  const auto sink = std::make_shared<faults>();
  virtual_node node{{.sinks = {sink}}};
  test_call call{node, "story"};
  call.secure = true;
  call.set_up("always");
  node.advance(100ms);
  REQUIRE(node.records().count("recording.started") == 1);
  const auto started = nlohmann::json::parse(
    node.records().of("recording.started").front().value);
  CHECK(started["codec"] == "PCMU");
  CHECK(started["codecs"] == nlohmann::json{"PCMU", "PCMU"});
  CHECK(text(call.offer(""), "result") == "ok");
  call.hang_up();
  node.advance(100ms);
  REQUIRE(node.records().count("session.ended") == 1);
  const auto& told = node.records();
  CHECK(told.count("participant.joined") == 2);
  CHECK(told.count("participant.left") == 2);
  CHECK(told.count("stream.removed") == 2);
  CHECK(told.count("session.updated") == 1);
  const auto streams = told.of("stream.added");
  REQUIRE(streams.size() == 2);
  const auto added = nlohmann::json::parse(streams.front().value);
  CHECK(added["codec"] == "PCMU");
  CHECK(added["clockHz"] == 8000);
  CHECK(added["secure"] == true);
  CHECK(added["srtpSuite"] == "AES_CM_128_HMAC_SHA1_80");
  for (const auto& one : told.copy())
    CHECK(one.value.find("d0RmdmcmVCsp") == std::string::npos);
  CHECK(told.without_gaps());
}

TEST_CASE("a call id that is used again tells other events") {
  virtual_node node{{}};
  std::size_t count = 0;
  for (int turn = 0; turn < 2; ++turn) {
    test_call call{node, "again"};
    call.set_up("");
    call.hang_up();
    node.advance(100ms);
    REQUIRE(node.records().count("session.ended")
            == static_cast<std::size_t>(turn) + 1);
    count = node.records().copy().size();
  }
  CHECK(ids(node).size() == count);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a full line refuses events and counts them") {
  actors::event_line line{2};
  const bus::event one{{}, bus::session_started{{}, "ng"}, nullptr, nullptr};
  CHECK(line.push(one));
  CHECK(line.push(one));
  CHECK_FALSE(line.push(one));
  CHECK(line.refused() == 1);
  CHECK(line.waiting() == 2);
  line.pop();
  CHECK(line.push(one));
  CHECK(line.pushed() == 3);
}
