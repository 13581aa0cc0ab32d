#include "actors/siprec_news.hpp"
#include "tests/component/actors/conversation.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

TEST_CASE("news that nobody takes are bounded, but for the ends of sessions") {
  actors::siprec_news_line line;
  auto pushed = 0;
  const actors::client_news some{{}, sip::metadata_received{}};
  while (line.push(some))
    ++pushed;
  CHECK(pushed == 8192);
  CHECK(line.push(actors::client_news{{}, sip::ended{}}));
  CHECK(line.take());
  CHECK_FALSE(line.push(some));
  CHECK(line.take());
  CHECK(line.push(some));
}

TEST_CASE("sessions outlive the door of recording clients") {
  virtual_node node{with_siprec()};
  conversation with{node, "survivor"};
  with.begin();
  node.crash_siprec_door();
  node.advance(100ms);
  CHECK(node.status().siprec_door_restarts == 1);
  CHECK(node.status().siprec_sessions == 1);
  with.talk(60);
  CHECK(told(node, "session.ended").empty());
  // The next door asks what it may have missed, and takes up where all stood.
  const auto asked = with.asked();
  CHECK(asked.find("<requestsnapshot") != std::string::npos);
  with.client.answer(asked, "200 OK");
  node.advance(100ms);
  CHECK(with.client.ask("INVITE", "application/sdp", with.sdp()) == 200);
  conversation another{node, "newcomer"};
  another.begin();
  sip_client twin{node, "survivor"};
  CHECK(twin.invite("application/sdp", with.sdp()) == 482);
  CHECK(with.client.ask("BYE") == 200);
  node.advance(1s);
  CHECK(told(node, "session.ended").size() == 1);
  CHECK(node.status().siprec_sessions == 1);
}

TEST_CASE("a recording session outlives a crash of its call") {
  virtual_node node{with_siprec()};
  conversation with{node, "unlucky"};
  with.begin();
  with.talk(50);
  node.crash_call("siprec/unlucky");
  node.advance(100ms);
  REQUIRE(told(node, "session.restarted").size() == 1);
  with.talk(50);
  CHECK(with.client.ask(
          "UPDATE", metadata_type,
          document("partial",
                   takes_part(11, "<disassociate-time>2026-11-21T10:00:00Z"
                                  "</disassociate-time>")))
        == 200);
  CHECK(with.client.ask("INVITE", "application/sdp", with.sdp("inactive"))
        == 200);
  node.advance(100ms);
  CHECK(told(node, "participant.joined").size() == 2);
  CHECK(told(node, "participant.left").size() == 1);
  CHECK(told(node, "recording.paused").size() == 1);
  CHECK(with.client.ask("BYE") == 200);
  node.advance(2s);
  CHECK(told(node, "recording.stopped").size() == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a client that vanished ends in minutes") {
  virtual_node node{with_siprec()};
  conversation with{node, "gone"};
  with.begin();
  with.talk(50);
  node.advance(50s);
  CHECK_FALSE(with.client.asked());
  CHECK(told(node, "session.ended").empty());
  node.advance(60s);
  REQUIRE(told(node, "session.ended").size() == 1);
  CHECK(told(node, "session.ended")[0]["reason"] == "client-gone");
  CHECK(told(node, "recording.stopped").size() == 1);
  CHECK(node.status().siprec_sessions == 0);
}

TEST_CASE("a paused session lives for as long as its client does") {
  virtual_node node{with_siprec()};
  conversation with{node, "patient"};
  with.begin();
  REQUIRE(with.client.ask("INVITE", "application/sdp", with.sdp("inactive"))
          == 200);
  for (int minutes = 0; minutes < 70; ++minutes) {
    node.advance(62s);
    with.client.answer(with.asked(), "200 OK");
    // Once this is answered, that has been heard.
    CHECK(with.client.ask("OPTIONS") == 200);
  }
  CHECK(told(node, "session.ended").empty());
  CHECK(node.status().siprec_sessions == 1);
}

TEST_CASE("a call that ends here says BYE to its client") {
  virtual_node node{with_siprec()};
  conversation with{node, "deleted"};
  with.begin();
  auto end = ng::request{};
  end.command = ng::command::remove;
  end.call_id = "siprec/deleted";
  end.delete_delay = 0s;
  CHECK(text(node.ask(end), "result") == "ok");
  node.advance(2s);
  const auto asked = with.asked();
  CHECK(asked.starts_with("BYE "));
  CHECK(node.status().siprec_sessions == 0);
}
