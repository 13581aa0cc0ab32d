#include "tests/component/actors/conversation.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("a recording session is a call with parties who come and go") {
  virtual_node node{with_siprec()};
  conversation with{node, "parties"};
  with.begin();
  with.talk(50);
  REQUIRE(told(node, "session.started").size() == 1);
  CHECK(told(node, "session.started")[0]["frontDoor"] == "sip");
  auto joined = told(node, "participant.joined");
  REQUIRE(joined.size() == 2);
  CHECK(joined[0]["aor"] == "sip:alice@example.com");
  CHECK(joined[0]["party"] == 0);
  CHECK(joined[1]["aor"] == "sip:bob@example.com");

  // Bob gives the call to Carol: metadata alone, in an UPDATE.
  CHECK(with.client.ask(
          "UPDATE", metadata_type,
          document("partial",
                   person(12, "carol")
                     + takes_part(11, "<disassociate-time>2026-11-21T10:00:00Z"
                                      "</disassociate-time>")
                     + takes_part(12) + sends(12, 21)))
        == 200);
  node.advance(100ms);
  joined = told(node, "participant.joined");
  REQUIRE(joined.size() == 3);
  CHECK(joined[2]["aor"] == "sip:carol@example.com");
  CHECK(joined[2]["party"] == 1);
  CHECK(joined[2]["participant"] != joined[1]["participant"]);
  const auto left = told(node, "participant.left");
  REQUIRE(left.size() == 1);
  CHECK(left[0]["participant"] == joined[1]["participant"]);

  CHECK(with.client.ask("BYE") == 200);
  node.advance(2s);
  const auto stopped = told(node, "recording.stopped");
  REQUIRE(stopped.size() == 1);
  CHECK(stopped[0]["recording"]["participant"].size() == 3);
  CHECK(told(node, "session.ended")[0]["reason"] == "bye");
  CHECK(told(node, "participant.left").size() == 3);
  const auto status = node.status();
  CHECK(status.siprec_accepted == 1);
  CHECK(status.siprec_ended == 1);
  CHECK(status.siprec_sessions == 0);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a client's pause is a pause of ours, in a mode without pauses") {
  virtual_node node{with_siprec()};
  conversation with{node, "pause"};
  with.begin();
  with.talk(50);
  auto controller = ng::request{};
  controller.command = ng::command::pause_recording;
  controller.call_id = "siprec/pause";
  CHECK(text(node.ask(controller), "result") == "error");
  CHECK(with.client.ask("INVITE", "application/sdp", with.sdp("inactive"))
        == 200);
  CHECK(with.client.response().find("a=inactive") != std::string::npos);
  node.advance(1s);
  CHECK(told(node, "recording.paused").size() == 1);
  CHECK(told(node, "recording.paused")[0]["reason"] == "source");
  CHECK(with.client.ask("UPDATE", "application/sdp", with.sdp()) == 200);
  with.talk(10);
  REQUIRE(told(node, "recording.resumed").size() == 1);
  CHECK(told(node, "recording.resumed")[0]["pausedMs"] >= 1000);

  // The same by metadata alone, and a re-INVITE that brings only those.
  const auto mute = document("partial", sends(10, 0) + sends(11, 0));
  CHECK(with.client.ask("UPDATE", metadata_type, mute) == 200);
  node.advance(100ms);
  CHECK(told(node, "recording.paused").size() == 2);
  const auto speak = document("partial", sends(10, 20) + sends(11, 21));
  CHECK(with.client.ask("INVITE", metadata_type, speak, with.sdp()) == 200);
  CHECK(with.client.response().find("a=recvonly") != std::string::npos);
  node.advance(100ms);
  CHECK(told(node, "recording.resumed").size() == 2);
}

TEST_CASE("a session may begin inactive, and be paused by us if allowed") {
  virtual_node node{with_siprec([](actors::siprec_settings& siprec) {
    siprec.server.mode = recording::mode::always_pausable;
  })};
  conversation with{node, "later"};
  REQUIRE(with.client.invite("application/sdp", with.sdp("inactive")) == 200);
  node.advance(1s);
  CHECK(told(node, "recording.paused").size() == 1);
  REQUIRE(with.client.ask("INVITE", "application/sdp", with.sdp()) == 200);
  with.talk(50);
  CHECK(told(node, "recording.resumed").size() == 1);
  auto controller = ng::request{};
  controller.command = ng::command::pause_recording;
  controller.call_id = "siprec/later";
  CHECK(text(node.ask(controller), "result") == "ok");
  // What we were asked to keep out stays out when the client resumes.
  REQUIRE(with.client.ask("INVITE", "application/sdp", with.sdp("inactive"))
          == 200);
  REQUIRE(with.client.ask("INVITE", "application/sdp", with.sdp()) == 200);
  node.advance(100ms);
  CHECK(told(node, "recording.resumed").size() == 1);
  controller.command = ng::command::start_recording;
  CHECK(text(node.ask(controller), "result") == "ok");
  node.advance(100ms);
  CHECK(told(node, "recording.resumed").size() == 2);
}

TEST_CASE("metadata that build on nothing known make us ask for all") {
  virtual_node node{with_siprec()};
  conversation with{node, "snapshot"};
  with.begin();
  const auto strange = document("partial", takes_part(99) + sends(99, 98));
  CHECK(with.client.ask("UPDATE", metadata_type, strange) == 200);
  node.advance(1100ms);
  const auto asked = with.asked();
  CHECK(asked.starts_with("UPDATE "));
  CHECK(asked.find("<requestsnapshot") != std::string::npos);
  CHECK(asked.find("Content-Disposition: recording-session")
        != std::string::npos);
  CHECK(asked.find("application/sdp\r\n\r\n") == std::string::npos);
  with.client.answer(asked, "200 OK");
  node.advance(1s);
  // Not again at once.
  CHECK(with.client.ask("UPDATE", metadata_type, strange) == 200);
  with.talk(100);
  CHECK_FALSE(with.client.asked());
  with.talk(500);
  with.asked();
}

TEST_CASE("a flood of metadata is skipped, and made up for by a snapshot") {
  virtual_node node{with_siprec()};
  conversation with{node, "flood"};
  with.begin();
  for (int each = 0; each < 60; ++each)
    CHECK(with.client.ask(
            "UPDATE", metadata_type,
            document("partial", person(11, "bob" + std::to_string(each))))
          == 200);
  node.advance(100ms);
  const auto count = told(node, "participant.joined").size();
  CHECK(count > 15);
  CHECK(count < 25);
  node.advance(1100ms);
  const auto asked = with.asked();
  CHECK(asked.find("<requestsnapshot") != std::string::npos);
  with.client.answer(asked, "200 OK");
  CHECK(with.client.ask("UPDATE", metadata_type, alice_and_bob()) == 200);
  node.advance(10s);
  CHECK(with.client.ask("UPDATE", metadata_type, alice_and_bob()) == 200);
  node.advance(100ms);
  CHECK(told(node, "participant.joined").back()["aor"]
        == "sip:bob@example.com");
}

TEST_CASE("sessions of one call are told in one group") {
  virtual_node node{with_siprec()};
  const auto tracked = [](const std::string& user) {
    return "<extensiondata id='x' parent='y'><broadWorksRecordingMetadata>"
           "<extTrackingID>152463:1</extTrackingID><serviceProviderID>acme"
           "</serviceProviderID><groupID>sales</groupID><userID>"
           + user + "</userID></broadWorksRecordingMetadata></extensiondata>";
  };
  conversation one{node, "one"};
  one.begin(tracked("alice"));
  conversation other{node, "other"};
  other.begin(tracked("bob"));
  conversation stranger{node, "stranger"};
  stranger.begin();
  conversation half{node, "half"};
  half.client.more_headers = "Session-ID: ab30317f1a784dc48ff824d0d3715d86;"
                             "remote=47755a9de7794ba387653f2099600ef2\r\n";
  half.begin();
  conversation other_half{node, "other-half"};
  other_half.client.more_headers
    = "Session-ID: 47755a9de7794ba387653f2099600ef2;"
      "remote=00000000000000000000000000000000\r\n";
  other_half.begin();
  std::map<std::string, std::string> groups;
  for (const auto& each : node.records().of("recording.requested"))
    groups[each.key]
      = json::parse(each.value)["context"]["labels"].value("group", "");
  REQUIRE(groups.size() == 5);
  CHECK(groups["siprec/one"] == groups["siprec/other"]);
  CHECK(groups["siprec/one"] != groups["siprec/stranger"]);
  CHECK(groups["siprec/half"] == groups["siprec/other-half"]);
  CHECK(groups["siprec/half"] != groups["siprec/one"]);
  const auto started = told(node, "recording.requested");
  CHECK(started[0]["recording"]["group"][0]["group_id"]
        == started[0]["recording"]["session"][0].value("group-ref", ""));
  CHECK(started[0]["context"].value("organisation", "") == "acme");
}

TEST_CASE("what cannot be recorded is refused with the status it deserves") {
  virtual_node node{with_siprec()};
  phone speaker;
  const auto sdp = client_sdp({speaker.port()});
  const auto status = [&](const std::string& type, const std::string& body) {
    static int number = 0;
    sip_client client{node, "bad-" + std::to_string(++number)};
    client.more_headers = "Require: siprec\r\n";
    return client.invite(type, body);
  };
  const auto third = [&sdp](const std::string& headers) {
    return "--unit\r\nContent-Type: application/sdp\r\n\r\n" + sdp
           + "\r\n--unit\r\nContent-Type: application/gtd\r\n" + headers
           + "\r\nIAM,\r\n--unit--\r\n";
  };
  CHECK(status(two_parts_type,
               third("Content-Disposition: signal;handling=optional\r\n"))
        == 200);
  CHECK(status(two_parts_type, third("")) == 200);
  CHECK(status(two_parts_type, third("Content-Disposition: signal\r\n"))
        == 415);
  CHECK(status(two_parts_type,
               third("Content-Disposition: signal;handling=required\r\n"))
        == 415);
  CHECK(status(two_parts_type, two_parts(sdp, "<recording>")) == 400);
  CHECK(status(two_parts_type, two_parts(sdp, "<!DOCTYPE a><recording/>"))
        == 400);
  std::string many = "<recording>";
  for (int each = 0; each < 1000; ++each)
    many += "<participant participant_id='" + std::to_string(each) + "'/>";
  CHECK(status(two_parts_type, two_parts(sdp, many + "</recording>")) == 413);
  CHECK(status("application/sdp",
               "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
               "c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 18\r\n")
        == 488);
  CHECK(status("application/rs-metadata+xml", alice_and_bob()) == 488);
  CHECK(node.status().siprec_refused[4] == 7);
  CHECK(node.status().siprec_accepted == 2);
  node.drain();
  sip_client late{node, "late"};
  CHECK(late.invite("application/sdp", sdp) == 503);
  CHECK(node.status().siprec_refused[5] == 1);
}

TEST_CASE("two streams are recorded of many, and one of one") {
  virtual_node node{with_siprec()};
  phone one;
  phone two;
  phone three;
  sip_client client{node, "conference"};
  const auto sdp = client_sdp({one.port(), two.port(), three.port()});
  const auto everybody = document(
    "complete", "<session session_id='" + id(1) + "'/>" + person(10, "alice")
                  + person(11, "bob") + person(12, "carol") + stream(20, 1)
                  + stream(21, 2) + stream(22, 3) + sends(10, 20)
                  + sends(11, 21) + sends(12, 22));
  REQUIRE(client.invite(two_parts_type, two_parts(sdp, everybody)) == 200);
  CHECK(client.port(0) != 0);
  CHECK(client.port(1) != 0);
  CHECK(client.port(2) == 0);
  node.advance(100ms);
  auto joined = told(node, "participant.joined");
  REQUIRE(joined.size() == 3);
  CHECK(joined[2]["aor"] == "sip:carol@example.com");
  CHECK(joined[2]["party"] == 2);
  // The second stream goes, and the third takes its place.
  const auto less = client_sdp({one.port(), 0, three.port()});
  REQUIRE(client.ask("INVITE", "application/sdp", less) == 200);
  CHECK(client.port(1) == 0);
  CHECK(client.port(2) != 0);

  sip_client mixed{node, "mixed"};
  const auto both = document("complete", "<session session_id='" + id(1) + "'/>"
                                           + person(10, "alice")
                                           + person(11, "bob") + stream(20, 5)
                                           + sends(10, 20) + sends(11, 20));
  REQUIRE(
    mixed.invite(two_parts_type, two_parts(client_sdp({two.port()}), both))
    == 200);
  for (int each = 0; each < 100; ++each) {
    two.send(mixed.port(0));
    node.advance(20ms);
  }
  CHECK(mixed.ask("BYE") == 200);
  node.advance(2s);
  joined = told(node, "participant.joined");
  CHECK(joined.back()["aor"] == "sip:bob@example.com");
  CHECK(joined.back()["party"] == 1);
  const auto stopped = told(node, "recording.stopped");
  REQUIRE(stopped.size() == 1);
  CHECK(stopped[0]["streamResults"][0]["delivered"] == 100);
  CHECK(stopped[0]["streamResults"][1]["delivered"] == 0);
}
