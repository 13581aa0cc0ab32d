#include "control/siprec/metadata_reader.hpp"
#include "control/siprec/metadata_writer.hpp"
#include "media/base/time_text.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace std::chrono_literals;
namespace md = bus::metadata;

namespace {

uuid id(std::string_view name) {
  return named_uuid(callfork_space(), name);
}

const wall_time noon = read_time("2026-11-21T12:00:00Z")->when;

/// Alice and Bob, each with one stream, in one session of a group.
md::document two_parties() {
  md::document made;
  made.groups = {{id("group"), {noon, {}}}};
  made.sessions
    = {{id("call"), id("group"), {"ab30;remote=4775"}, {}, noon, {}}};
  made.participants = {{id("alice"), {{"sip:alice@example.com", "Alice & Co"}}},
                       {id("bob"), {{"sip:+12025550122@example.com", ""}}}};
  made.streams = {{id("one"), id("call"), "1"}, {id("two"), id("call"), "2"}};
  made.session_recordings = {{id("call"), {noon, {}}}};
  made.participant_sessions = {{id("alice"), id("call"), {noon, {}}},
                               {id("bob"), id("call"), {noon, noon + 1min}}};
  made.participant_streams = {{id("alice"), {id("one")}, {id("two")}, {}},
                              {id("bob"), {id("two")}, {id("one")}, {}}};
  return made;
}

siprec::peer_metadata read(std::string_view text) {
  auto made = siprec::read_metadata(text, callfork_space(), {});
  if (!made)
    FAIL(made.error().reason);
  return std::move(*made);
}

unsigned status_of(std::string_view text) {
  const auto made = siprec::read_metadata(text, callfork_space(), {});
  return made ? 200U : made.error().status;
}

/// Who sends the stream of that label, by address.
std::string sender_of(const md::document& in, std::string_view label) {
  for (const auto& stream : in.streams)
    for (const auto& sends : in.participant_streams)
      for (const auto& party : in.participants)
        if (stream.label == label && party.id == sends.participant
            && !sends.sends.empty() && sends.sends.front() == stream.id)
          return party.names.empty() ? "" : party.names.front().aor;
  return "nobody";
}

} // namespace

TEST_CASE("metadata of the standard reads back as it was written", "[siprec]") {
  siprec::call_recording more;
  more.mode = bus::recording_mode::always_with_pause;
  more.state = "recording";
  more.platform.service_provider = "SP1";
  more.platform.user = "alice@example.com";
  more.announcements = {{bus::announcement_kind::start, 0ms, 2500ms, "both"}};
  const auto text = siprec::write_rfc7865(two_parties(), more);
  INFO(text);
  const auto back = read(text);
  CHECK(back.written == siprec::dialect::rfc7865);
  CHECK(back.oddities.empty());
  CHECK(back.platform.service_provider == "SP1");
  CHECK(back.document.mode == md::completeness::complete);
  REQUIRE(back.document.sessions.size() == 1);
  CHECK(back.document.sessions.front().id == id("call"));
  CHECK(back.document.sessions.front().group == id("group"));
  CHECK(back.document.sessions.front().start == noon);
  REQUIRE(back.document.participants.size() == 2);
  CHECK(back.document.participants.front().names.front().name == "Alice & Co");
  CHECK(sender_of(back.document, "1") == "sip:alice@example.com");
  CHECK(sender_of(back.document, "2") == "sip:+12025550122@example.com");
  REQUIRE(back.document.participant_sessions.size() == 2);
  CHECK(back.document.participant_sessions.back().time.disassociated
        == noon + 1min);
  CHECK(siprec::write_rfc7865(back.document, more) == text);
}

TEST_CASE("metadata for BroadWorks keeps parties, streams and platform",
          "[siprec]") {
  siprec::platform_facts platform{"152463:1",
                                  "SP1",
                                  "G1",
                                  "alice@example.com",
                                  "callhalf-1:0",
                                  "+12025550111",
                                  "+12025550122",
                                  "",
                                  true};
  const auto back
    = read(siprec::write_broadworks(two_parties(), id("recording"), platform));
  CHECK(back.written == siprec::dialect::broadworks);
  CHECK(back.platform.tracking_id == "152463:1");
  CHECK(back.platform.service_provider == "SP1");
  CHECK(back.platform.group == "G1");
  CHECK(back.platform.user == "alice@example.com");
  CHECK(back.platform.calling == "+12025550111");
  CHECK(back.platform.called == "+12025550122");
  CHECK(back.platform.terminates);
  CHECK(sender_of(back.document, "1") == "sip:alice@example.com");
  CHECK(sender_of(back.document, "2") == "sip:+12025550122@example.com");
}

TEST_CASE("the dialects of border controllers are read", "[siprec]") {
  const auto acme = read(R"(<?xml version='1.0' encoding='UTF-8'?>
    <recording xmlns='urn:ietf:params:xml:ns:recording'>
      <dataMode>complete</dataMode>
      <session id="BYiC7uSZEGN3VQdWWI1HWw=="><associate-time>2017-01-01T08:00:00</associate-time></session>
      <participant id="hhpmXgAkT1eXO1Qms1jzkQ==" session="BYiC7uSZEGN3VQdWWI1HWw==">
        <nameID aor="sip:alice@example.com"><name>Alice</name></nameID>
        <send>i1Pz3to5hGk8fuXl+PbwCw==</send>
      </participant>
      <stream id="i1Pz3to5hGk8fuXl+PbwCw==" session="BYiC7uSZEGN3VQdWWI1HWw=="><label>16777227</label></stream>
    </recording>)");
  CHECK(acme.written == siprec::dialect::draft);
  CHECK(sender_of(acme.document, "16777227") == "sip:alice@example.com");
  CHECK(acme.document.sessions.front().start
        == read_time("2017-01-01T08:00:00Z")->when);
  CHECK_FALSE(acme.oddities.empty());

  const auto prefixed
    = read(R"(<tns:recording xmlns:tns="urn:ietf:params:xml:ns:recording">
      <tns:stream id="s-1"><tns:label>2</tns:label></tns:stream>
      <tns:participant id="p-1"><tns:nameID><tns:aor>bob@example.com</tns:aor></tns:nameID><tns:send>s-1</tns:send></tns:participant>
    </tns:recording>)");
  CHECK(sender_of(prefixed.document, "2") == "sip:bob@example.com");

  const auto scattered
    = read(R"(<recording xmlns="urn:ietf:params:xml:ns:recording:1">
      <participant participant_id="hhpmXgAkT1eXO1Qms1jzkQ=="><nameID aor="tel:+1202"/></participant>
      <stream stream_id="i1Pz3to5hGk8fuXl+PbwCw=="><label>0</label></stream>
      <session session_id="BYiC7uSZEGN3VQdWWI1HWw=="><start-time>2026-11-21T05:00:00+0000</start-time></session>
      <participantstreamassoc participant_id="hhpmXgAkT1eXO1Qms1jzkQ=="><send>i1Pz3to5hGk8fuXl+PbwCw==</send></participantstreamassoc>
    </recording>)");
  CHECK(scattered.written == siprec::dialect::rfc7865);
  CHECK(sender_of(scattered.document, "0") == "tel:+1202");
}

TEST_CASE("a request for a snapshot is told from metadata", "[siprec]") {
  const auto asked = read(siprec::write_snapshot_request("restarted"));
  CHECK(asked.snapshot_requested);
  CHECK(asked.snapshot_reason == "restarted");
  CHECK_FALSE(read(siprec::write_rfc7865({}, {})).snapshot_requested);
}

TEST_CASE("metadata that must not be read is refused", "[siprec]") {
  CHECK(status_of("") == 400);
  CHECK(status_of("<recording>") == 400);
  CHECK(status_of("<html/>") == 400);
  CHECK(status_of("<!DOCTYPE r [<!ENTITY a 'b'>]><recording>&a;</recording>")
        == 400);
  using namespace std::string_view_literals;
  std::string wide{"\xff\xfe"sv};
  for (const char one : "<!DOCTYPE recording><recording/>"sv)
    wide += {one, '\0'};
  CHECK(status_of(wide) == 400);
  CHECK(status_of("<!-- <!DOCTYPE r> --><recording/>") == 200);
  CHECK(status_of(R"(<recording><session session_id="a"/>
                     <stream stream_id="a"/></recording>)")
        == 400);
  CHECK(status_of("<recording>" + std::string(70'000, ' ') + "</recording>")
        == 413);
  std::string deep;
  std::string many = "<recording>";
  for (int level = 0; level < 1000; ++level) {
    deep.insert(0, "<a>");
    deep += "</a>";
    many += "<participant participant_id='" + std::to_string(level) + "'/>";
  }
  CHECK(status_of("<recording>" + deep + "</recording>") == 413);
  CHECK(status_of(many + "</recording>") == 413);
}

TEST_CASE("text from a call cannot break the metadata", "[siprec]") {
  auto from = two_parties();
  from.participants.front().names.front() = {"sip:a\"<b>@x",
                                             "]]>\x01 \xff<&'\""};
  const auto back = read(siprec::write_rfc7865(from, {}));
  CHECK(back.document.participants.front().names.front().aor
        == "sip:a%22%3Cb%3E@x");
}

TEST_CASE("times are read as peers write them", "[siprec]") {
  const auto moment = [](std::string_view text) {
    const auto made = read_time(text);
    return made ? std::optional{made->when} : std::nullopt;
  };
  CHECK(moment("2026-11-21T12:00:00Z") == noon);
  CHECK(moment("2026-11-21T07:00:00.5-05:00") == noon + 500ms);
  CHECK(moment("2026-11-21T13:00:00+0100") == noon);
  CHECK(moment("2026-11-21T12:00:00") == noon);
  CHECK_FALSE(read_time("2026-11-21T12:00:00")->zone_is_standard);
  CHECK_FALSE(read_time("2026-11-21T12:00:00+0000")->zone_is_standard);
  CHECK(read_time("2026-11-21T12:00:00+00:00")->zone_is_standard);
  for (const auto* bad :
       {"", "4052-03-02T09:00:00Z", "2026", "2026-13-01T00:00:00Z",
        "2026-11-21", "2026-11-21T25:00:00Z", "2026-11-21T12:00:00X",
        "2026-11-21T12:00:00+1"})
    CHECK_FALSE(moment(bad));
}
