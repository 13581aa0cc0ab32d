#include "tests/component/actors/announced.hpp"
#include "tests/component/actors/scripted_recorder.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 1))
    ++found;
  return found;
}

/// How often each of these was told, in the order of the requests.
std::string kinds_told(const scripted_recorder& by) {
  std::string made;
  for (const auto& each : by.said)
    for (const auto* kind : {"compliance", "start", "pause", "resume", "beep",
                             "tone", "stop", "failure"})
      for (auto left = count(each.metadata,
                             " kind=\"" + std::string{kind} + "\"");
           left > 0; --left)
        made += std::string{made.empty() ? "" : " "} + kind;
  return made;
}

} // namespace

TEST_CASE("a provider is told of each announcement within the dialog, once",
          "[siprec]") {
  const prompts files;
  scripted_recorder recorder;
  recorder.provider.dialect = GENERATE(siprec::dialect::rfc7865,
                                       siprec::dialect::broadworks);
  recording::rules by;
  by.announces = true;
  by.notifies = recording::notification::announcement;
  by.compliance = recording::compliance_rule{};
  auto options = with(by, nullptr, files.path());
  options.recorders = {&recorder};
  virtual_node node{options};
  test_call call{node, "told"};
  call.set_up("");
  node.advance(1s);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(500ms);
  recorder.accept({"recvonly", "recvonly"});
  call.talk(50);
  CHECK(kinds_told(recorder) == "compliance start");
  CHECK(text(call.command(ng::command::pause_recording), "result") == "ok");
  node.advance(1s);
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(1s);
  CHECK(kinds_told(recorder) == "compliance start pause resume");
  const auto before = recorder.closed;
  CHECK(text(call.command(ng::command::stop_recording), "result") == "ok");
  node.advance(300ms);
  CHECK(recorder.closed == before);
  node.advance(1s);
  CHECK(kinds_told(recorder) == "compliance start pause resume stop");
  CHECK(recorder.closed == before + 1);
  call.hang_up();
  node.advance(1s);
}
