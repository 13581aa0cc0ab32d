#include "tests/component/actors/scripted_recorder.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

using directions = std::array<std::string, 2>;

/// Without a gap and without a repetition.
bool is_unbroken(const std::vector<std::uint16_t>& numbers) {
  return std::ranges::adjacent_find(numbers,
                                    [](auto one, auto next) {
                                      return static_cast<std::uint16_t>(one + 1)
                                             != next;
                                    })
         == numbers.end();
}

nlohmann::json last_of(const test_node& node, const std::string& what) {
  const auto all = node.records().of(what);
  REQUIRE_FALSE(all.empty());
  return nlohmann::json::parse(all.back().value);
}

/// Re-negotiates the call: what the caller offers, what the callee answers.
void renew(test_call& call, const std::string& offered,
           const std::string& answered) {
  call.direction = offered;
  CHECK(text(call.offer(""), "result") == "ok");
  call.direction = answered;
  CHECK(text(call.answer(), "result") == "ok");
}

std::string aor_of(const siprec::peer_metadata& in, const uuid& who) {
  for (const auto& one : in.document.participants)
    if (one.id == who && !one.names.empty())
      return one.names.front().aor;
  return {};
}

/// 200 ms of silence, mono at 8 kHz.
std::string write_prompt(const std::string& folder) {
  const std::array<unsigned char, 44> header{
    'R', 'I', 'F',  'F',  0xa4, 0x0c, 0,    0,    'W',  'A', 'V',
    'E', 'f', 'm',  't',  ' ',  16,   0,    0,    0,    1,   0,
    1,   0,   0x40, 0x1f, 0,    0,    0x80, 0x3e, 0,    0,   2,
    0,   16,  0,    'd',  'a',  't',  'a',  0x80, 0x0c, 0,   0};
  auto path = folder + "/prompt.wav";
  std::ofstream out{path, std::ios::binary};
  for (const auto byte : header)
    out.put(static_cast<char>(byte));
  for (int at = 0; at < 3200; ++at)
    out.put(0);
  return path;
}

} // namespace

TEST_CASE("a recorder that answers after 4 s gets all from the first packet on",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "late"};
  call.set_up("always");
  recorder.skip(503);
  call.talk(200);
  REQUIRE(recorder.opened == 1);
  CHECK(recorder.heard(0).empty());
  recorder.accept({"recvonly", "recvonly"});
  node.advance(1s);
  const auto begun = recorder.heard(0);
  const auto other = recorder.heard(1).size();
  INFO("in the first second: " << begun.size());
  CHECK(begun.size() > 80);  // Twice real time,
  CHECK(begun.size() < 130); // and not all at once.
  call.talk(150);
  call.hang_up();
  node.advance(2s);
  auto all = begun;
  std::ranges::copy(recorder.heard(0), std::back_inserter(all));
  CHECK(all.size() == 350);
  CHECK(is_unbroken(all));
  CHECK(other + recorder.heard(1).size() == 350);
  CHECK(recorder.closed == 1);
  CHECK(recorder.ended_with.find("recording ended") != std::string::npos);
  CHECK(node.records().count("provider.delivery.completed") == 1);
  CHECK(node.records().count("recording.gap") == 0);
}

TEST_CASE("what was said just before the end is recorded", "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "last words"};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  call.talk(50);
  // They wait in the sockets of the node when it hears of the end.
  for (int each = 0; each < 3; ++each) {
    call.caller.send(call.for_caller);
    call.callee.send(call.for_callee);
  }
  call.hang_up();
  node.advance(2s);
  CHECK(recorder.heard(0).size() == 53);
  CHECK(recorder.heard(1).size() == 53);
  CHECK(node.records().count("recording.gap") == 0);
}

TEST_CASE("a recorder that is not ready at first gets all once it is",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "inactive"};
  call.set_up("always");
  recorder.accept({"inactive", "inactive"});
  call.talk(50);
  CHECK(recorder.heard(0).empty());
  recorder.reinvite({"recvonly", "recvonly"});
  call.talk(50);
  recorder.ask_for_offer({"recvonly", "recvonly"});
  node.settle();
  CHECK(directions_in(recorder.last().sdp)
        == directions{"sendonly", "sendonly"});
  CHECK(recorder.last().read().document.participants.size() == 2);
  call.talk(50);
  call.hang_up();
  node.advance(2s);
  const auto all = recorder.heard(1);
  CHECK(all.size() == 150);
  CHECK(is_unbroken(all));
  CHECK(recorder.refusals.empty());
}

TEST_CASE("a recorder that refuses one stream gets the other, and events tell",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "half"};
  call.set_up("always");
  recorder.accept({"recvonly", "refused"});
  call.talk(100);
  call.hang_up();
  node.advance(2s);
  CHECK(recorder.heard(0).size() == 100);
  CHECK(recorder.heard(1).empty());
  REQUIRE(node.records().count("recording.gap") == 1);
  const auto gap = last_of(node, "recording.gap");
  CHECK(gap["cause"] == "provider-refused");
  CHECK(gap["provider"] == "scripted");
  CHECK(gap["label"] == "2");
  CHECK(gap["toOffsetMs"].get<int>() - gap["fromOffsetMs"].get<int>() == 1980);
  CHECK(recorder.figures->delivery.refused_streams == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a recorder that hangs up is called again with what it has not got",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "again"};
  call.set_up("always");
  recorder.refuse(603, "Decline");
  call.talk(10);
  const auto refused = last_of(node, "provider.delivery.retrying");
  CHECK(refused["blame"] == "provider");
  CHECK(refused["sipStatus"] == 603);
  node.advance(500ms);
  REQUIRE(recorder.opened == 2);
  recorder.accept({"recvonly", "recvonly"});
  call.talk(100);
  const auto first = recorder.heard(0).size();
  recorder.hang_up("SIP;cause=503;text=\"no disk\"");
  call.talk(10);
  const auto lost = last_of(node, "provider.delivery.retrying");
  CHECK(lost["blame"] == "provider");
  CHECK(lost["reason"].get<std::string>().find("no disk") != std::string::npos);
  call.talk(50);
  REQUIRE(recorder.opened == 3);
  recorder.accept({"recvonly", "recvonly"});
  call.talk(50);
  call.hang_up();
  node.advance(3s);
  const auto second = recorder.heard(0);
  CHECK(is_unbroken(second));
  CHECK(first + second.size() >= 220); // What was half sent comes again.
  CHECK(first + second.size() < 260);
  CHECK(node.records().count("provider.delivery.completed") == 1);
  CHECK(node.records().count("recording.gap") == 0);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a delivery that failed for good tells whose fault it was",
          "[siprec]") {
  const auto [status, blame] = GENERATE(table<unsigned, std::string>(
    {{488, "provider"}, {408, "platform"}, {904, "us"}}));
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "failed"};
  call.set_up("always");
  call.talk(10);
  call.hang_up();
  for (int tries = 0; tries < 60; ++tries) {
    if (recorder.opened > 0
        && node.records().count("provider.delivery.failed") == 0)
      recorder.refuse_if_asked(status, "no");
    node.advance(1s);
  }
  REQUIRE(node.records().count("provider.delivery.failed") == 1);
  const auto failed = last_of(node, "provider.delivery.failed");
  CHECK(failed["blame"] == blame);
  if (status < 700)
    CHECK(failed["sipStatus"] == status);
  else
    CHECK_FALSE(failed.contains("sipStatus"));
}

TEST_CASE("a transfer reaches the provider as an UPDATE with partial metadata",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "transfer"};
  call.metadata = {{"caller", "sip:alice@example.com"},
                   {"callee", "sip:bob@example.com"}};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  const auto beginning = recorder.last().read();
  call.talk(20);
  REQUIRE(recorder.said.size() == 1);
  call.metadata = {{"callee", "sip:carol@example.com"}};
  renew(call, "", "");
  node.advance(100ms);
  REQUIRE(recorder.said.size() == 2);
  CHECK(recorder.last().by == sip::method::update);
  CHECK(recorder.last().sdp.empty());
  const auto change = recorder.last().read();
  CHECK(change.document.mode == bus::metadata::completeness::partial);
  CHECK(change.document.streams.empty()); // No labels without a description.
  CHECK(change.oddities.empty());
  const auto bob = beginning.document.participants.at(1).id;
  std::string joined;
  std::string left;
  for (const auto& one : change.document.participant_sessions) {
    if (one.time.disassociated)
      left = one.participant == bob ? "bob" : "somebody";
    else
      joined = aor_of(change, one.participant);
  }
  CHECK(joined == "sip:carol@example.com");
  CHECK(left == "bob");
  CHECK(node.records().count("participant.left") == 1);
  CHECK(node.records().count("participant.joined") == 3);
  recorder.ask_for_snapshot();
  node.advance(20ms);
  const auto whole = recorder.last().read().document;
  CHECK(whole.mode == bus::metadata::completeness::complete);
  CHECK(whole.participants.size() == 3);
  call.hang_up();
  node.advance(1s);
  CHECK(recorder.ended_metadata.find("stop-time") != std::string::npos);
}

TEST_CASE("a recorder that takes no UPDATE hears of changes by re-INVITE",
          "[siprec]") {
  scripted_recorder recorder;
  recorder.answers_updates = 405;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "no-update"};
  call.metadata = {{"callee", "sip:bob@example.com"}};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  for (const auto* callee : {"sip:carol@example.com", "sip:dan@example.com"}) {
    call.metadata = {{"callee", callee}};
    renew(call, "", "");
    node.advance(100ms);
    CHECK(recorder.last().by == sip::method::invite);
    CHECK(directions_in(recorder.last().sdp)
          == directions{"sendonly", "sendonly"});
    CHECK(recorder.last().metadata.find(callee) != std::string::npos);
  }
  CHECK(recorder.said.size() == 4); // The UPDATE was tried once.
  call.hang_up();
  node.advance(1s);
}

TEST_CASE("a party on hold is a stream that is inactive, until it goes on",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "hold"};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  call.talk(100);
  const auto before = recorder.heard(0).size();
  renew(call, "sendonly", "recvonly");
  call.talk(100);
  CHECK(recorder.last().by == sip::method::invite);
  CHECK(directions_in(recorder.last().sdp)
        == directions{"sendonly", "inactive"});
  const auto held = recorder.last().read().document;
  REQUIRE(held.participant_streams.size() == 2);
  recorder.answers = false; // The answer takes its time.
  renew(call, "sendrecv", "sendrecv");
  call.talk(20);
  CHECK(directions_in(recorder.last().sdp)
        == directions{"sendonly", "sendonly"});
  recorder.answer_now();
  call.talk(80);
  call.hang_up();
  node.advance(2s);
  CHECK(before + recorder.heard(0).size() == 300);
  CHECK(recorder.heard(1).size() == 200);
  CHECK(node.records().count("recording.gap") == 0);
}

TEST_CASE("another codec of the call is offered first from then on",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "codec"};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  call.talk(20);
  CHECK(recorder.last().sdp.find(" RTP/AVP 0 8") != std::string::npos);
  call.a_law = true;
  renew(call, "", "");
  node.advance(200ms);
  CHECK(recorder.last().by == sip::method::invite);
  CHECK(recorder.last().sdp.find(" RTP/AVP 8 0") != std::string::npos);
  call.hang_up();
  node.advance(1s);
}

TEST_CASE("announcements are told in both dialects", "[siprec]") {
  const scratch_folder folder;
  scripted_recorder recorder;
  recorder.provider.dialect = GENERATE(siprec::dialect::rfc7865,
                                       siprec::dialect::broadworks);
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "announced"};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  call.talk(50);
  auto wanted = call.request(ng::command::play_media);
  wanted.play.file = write_prompt(folder.path());
  wanted.metadata = {{"announcement", "compliance"}};
  CHECK(text(node.ask(wanted), "result") == "ok");
  CHECK(recorder.said.size() == 1);
  node.advance(1s);
  REQUIRE(recorder.said.size() == 2);
  const auto& told = recorder.last();
  INFO(told.metadata);
  CHECK(told.by == sip::method::update);
  CHECK(told.metadata.find("urn:callfork:recording:1") != std::string::npos);
  CHECK(told.metadata.find("kind=\"compliance\"") != std::string::npos);
  CHECK(told.metadata.find("stream-offset-ms=\"1000\"") != std::string::npos);
  CHECK(told.metadata.find("duration-ms=\"180\"") != std::string::npos);
  CHECK(told.metadata.find("played-to=\"caller\"") != std::string::npos);
  call.hang_up();
  node.advance(1s);
  CHECK(recorder.ended_metadata.find("compliance") == std::string::npos);
}

TEST_CASE("BroadWorks hears whose call it is", "[siprec]") {
  scripted_recorder recorder;
  recorder.provider.dialect = siprec::dialect::broadworks;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "platform"};
  call.metadata = {{"organisation", "SP1"},
                   {"location", "G1"},
                   {"user", "bob@example.com"},
                   {"tracking-id", "152463:1"},
                   {"platform-call-id", "callhalf-177:5"},
                   {"caller", "sip:+12025550111@example.com;user=phone"},
                   {"callee", "sip:bob@example.com"}};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  const auto& told = recorder.last().read().platform;
  CHECK(told.service_provider == "SP1");
  CHECK(told.group == "G1");
  CHECK(told.user == "bob@example.com");
  CHECK(told.tracking_id == "152463:1");
  CHECK(told.call_id == "callhalf-177:5");
  CHECK(told.calling == "+12025550111");
  CHECK(told.called == "bob");
  CHECK(told.terminates);
  call.hang_up();
  node.advance(1s);
}

TEST_CASE("a flood at the media ports is counted and touches nothing",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "flood"};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  const auto port = port_of(recorder.last().sdp);
  phone stranger;
  const std::vector<std::byte> junk(500, std::byte{0x80});
  for (int count = 0; count < 20; ++count) {
    for (int burst = 0; burst < 20; ++burst) {
      stranger.send(junk, port);
      stranger.send(junk, static_cast<std::uint16_t>(port + 1));
    }
    call.talk(5);
  }
  call.hang_up();
  node.advance(1s);
  const auto all = recorder.heard(0);
  CHECK(all.size() == 100);
  CHECK(is_unbroken(all));
  CHECK(recorder.figures->delivery.ignored == 800);
  CHECK(recorder.figures->failures == 0);
  CHECK(recorder.figures->delivery.packets == 200);
}

TEST_CASE("a sink that dies of a bug has a successor who goes on in its place",
          "[siprec]") {
  scripted_recorder recorder;
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "bug"};
  call.set_up("always");
  recorder.accept({"recvonly", "recvonly"});
  call.talk(100);
  node.crash_sinks("bug", 0);
  const auto first = recorder.heard(0);
  CHECK(is_unbroken(first));
  CHECK(recorder.closed == 1); // With a BYE, also then.
  call.talk(50);
  const auto told = last_of(node, "provider.delivery.retrying");
  CHECK(told["blame"] == "us");
  CHECK_FALSE(told.contains("sipStatus"));
  REQUIRE(recorder.opened == 2);
  recorder.accept({"recvonly", "recvonly"});
  call.talk(100);
  call.hang_up();
  node.advance(3s);
  const auto second = recorder.heard(0);
  CHECK(is_unbroken(second));
  // Nothing is missing; what was in a batch half sent comes again.
  CHECK(first.size() + second.size() >= 250);
  CHECK(first.size() + second.size() <= 256);
  CHECK(node.records().count("recording.gap") == 0);
}

TEST_CASE("media go by the address family of the provider", "[siprec]") {
  scripted_recorder recorder;
  recorder.provider.targets = {"sip:rec@[::1]:5060"};
  virtual_node node{{.recorders = {&recorder}}};
  test_call call{node, "six"};
  call.set_up("always");
  REQUIRE(recorder.opened == 1);
  CHECK(recorder.last().sdp.find("c=IN IP6 ::1\r\n") != std::string::npos);
  call.hang_up();
  node.advance(1s);
}
