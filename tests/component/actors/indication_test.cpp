#include "control/api/call_desk.hpp"
#include "tests/component/actors/office.hpp"

/// What parties that understand it read in their descriptions: RFC 7866 7.1.2.

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// A call whose parties are told in their descriptions.
struct aware_call : test_call {
  test_node& node;

  explicit aware_call(test_node& where)
    : test_call(where, "aware"),
      node(where) {
  }

  /// What a description for one of the parties says: "on", and of which
  /// version it is, as in "on 3".
  std::string told(ng::command what,
                   const std::string& flag = "recording-indication",
                   bool record = false) {
    auto wanted = request(what);
    wanted.record_call = record;
    wanted.sdp = own_sdp();
    wanted.metadata = metadata;
    wanted.replace.add("SDP-version");
    if (!flag.empty())
      wanted.flags.add(flag);
    if (what == ng::command::answer)
      wanted.to_tag = "callee";
    const auto sdp = text(node.ask(wanted), "sdp");
    constexpr std::string_view line = "a=record:";
    const auto at = sdp.find(line);
    if (at == std::string::npos)
      return "nothing";
    const auto from = at + line.size();
    const auto origin = sdp.find("o=- 1 ") + 6;
    return sdp.substr(from, sdp.find('\r', from) - from) + " "
           + sdp.substr(origin, sdp.find(' ', origin) - origin);
  }
};

} // namespace

TEST_CASE("a call that will be recorded says so from its first offer on") {
  branch at;
  at.change("bob", [](admin::person_settings& settings) {
    settings.mode = recording::mode::always_pausable;
  });
  virtual_node node{at.options()};
  aware_call call{node};
  call.metadata
    = {{"organisation", "acme"}, {"caller", alice}, {"callee", bob}};
  CHECK(call.told(ng::command::offer) == "on 1");
  CHECK(call.told(ng::command::answer) == "on 1");
  node.advance(100ms);
  CHECK(node.records().count("recording.started") == 1);
  CHECK(node.records().count("session.started") == 1);
  CHECK(call.told(ng::command::offer) == "on 1");
  CHECK(text(control(node, call, ng::command::pause_recording, "bob"), "result")
        == "ok");
  CHECK(call.told(ng::command::offer) == "paused 2");
  CHECK(call.told(ng::command::offer) == "paused 2");
  CHECK(call.told(ng::command::offer, "") == "nothing");
}

TEST_CASE("a call says whether it is being recorded now") {
  branch at;
  virtual_node node{at.options()};
  aware_call call{node};
  call.metadata
    = {{"organisation", "acme"}, {"caller", alice}, {"callee", bob}};
  CHECK(call.told(ng::command::offer) == "off 1");
  CHECK(call.told(ng::command::answer) == "off 1");
  CHECK(
    text(control(node, call, ng::command::start_recording, "alice"), "result")
    == "ok");
  CHECK(call.told(ng::command::offer) == "on 2");
  CHECK(
    text(control(node, call, ng::command::stop_recording, "alice"), "result")
    == "ok");
  CHECK(call.told(ng::command::offer) == "off 3");
  CHECK(call.told(ng::command::offer, "recording-indication", true) == "on 4");
  CHECK(call.told(ng::command::offer) == "on 4");
}

TEST_CASE("what an offer would have decided is undone when it is refused") {
  branch at;
  virtual_node node{at.options()};
  aware_call call{node};
  call.metadata
    = {{"organisation", "acme"}, {"caller", alice}, {"callee", bob}};
  CHECK(call.told(ng::command::offer) == "off 1");
  auto broken = call.request(ng::command::offer);
  broken.sdp = "v=0\r\n";
  broken.flags.add("recording-indication");
  broken.metadata = {{"caller", "sip:x@example.com"},
                     {"callee", "sip:y@example.com"}};
  CHECK(text(node.ask(broken), "result") == "error");
  CHECK(call.told(ng::command::answer) == "off 1");
  CHECK(node.desk()->calls_of("alice").size() == 1);
}
