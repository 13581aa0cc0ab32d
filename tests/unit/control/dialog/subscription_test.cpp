#include "tests/unit/control/dialog/fixture.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;
using ng::command;

namespace {

const auto recorder_sdp = sdp_of("198.51.100.9", 20000,
                                 "a=recvonly\r\nm=audio 20010 RTP/AVP 0\r\n"
                                 "a=recvonly\r\n");

/// Subscribes to both parties as a SIPREC client does.
std::string subscribe(conversation& with) {
  auto ask = conversation::make(command::subscribe_request);
  ask.flags.add("all");
  ask.flags.add("siprec");
  ask.from_tag = "1";
  const auto tag = text_of(with.must(ask), "to-tag");
  auto answer = conversation::make(command::subscribe_answer);
  answer.to_tag = tag;
  answer.sdp = recorder_sdp;
  with.must(answer);
  return tag;
}

engine::leg_plan leg_at(const conversation& with, std::uint16_t port) {
  for (const auto& leg : with.call.plan().legs)
    if (leg.remote_rtp && leg.remote_rtp->port() == port)
      return leg;
  FAIL("no leg to port " << port);
  return {};
}

} // namespace

TEST_CASE("a recorder hears each party on an m-line of its own", "[dialog]") {
  conversation with;
  with.connect();
  subscribe(with);
  const auto first = leg_at(with, 20000);
  const auto second = leg_at(with, 20010);
  const auto caller = with.leg_to("198.51.100.1");
  const auto callee = with.leg_to("198.51.100.2");
  CHECK(caller.listeners == std::vector{callee.id, first.id});
  CHECK(callee.listeners == std::vector{caller.id, second.id});
  CHECK_FALSE(first.receives);
  CHECK(first.sends);
  CHECK(first.listeners.empty());
}

TEST_CASE("an inactive subscription is silent at once", "[dialog]") {
  conversation with;
  with.connect();
  auto again = conversation::make(command::subscribe_request);
  again.to_tag = subscribe(with);
  again.flags.add("all");
  again.flags.add("inactive");
  const auto paused = text_of(with.must(again), "sdp");
  CHECK(paused.find("a=inactive") != std::string::npos);
  CHECK_FALSE(leg_at(with, 20000).sends);
  again.flags = {};
  again.flags.add("all");
  with.must(again);
  CHECK(leg_at(with, 20000).sends);
}

TEST_CASE("a subscriber's tag can not be a party's", "[dialog]") {
  conversation with;
  with.connect();
  auto ask = conversation::make(command::subscribe_request);
  ask.from_tag = "a";
  ask.to_tag = "b";
  CHECK_FALSE(with.call.handle(ask, with.world, with.now));
}

TEST_CASE("labels are integers and unique", "[dialog]") {
  conversation with;
  with.connect();
  auto ask = conversation::make(command::subscribe_request);
  ask.flags.add("all");
  ask.flags.add("siprec");
  const auto reply = with.must(ask);
  const auto* tags = reply.find("tag-medias")->items();
  REQUIRE(tags->size() == 2);
  std::vector<std::string> labels;
  for (const auto& tag : *tags)
    for (const auto& media : *tag.entries()->find("medias")->items())
      labels.push_back(*media.entries()->find("label")->string());
  CHECK(labels == std::vector<std::string>{"1", "0"});
}

TEST_CASE("a delete says what was counted and when the call ends", "[dialog]") {
  conversation with;
  with.connect();
  dialog::leg_figures counted;
  counted.rtp = {50, 8600, 1, {}};
  counted.sources = {{1234, 50, 8600}};
  with.world.counted[with.leg_to("198.51.100.1").id] = counted;
  auto remove = conversation::make(command::remove);
  remove.from_tag = "b";
  remove.delete_delay = 7s;
  with.now.steady += 100s;
  const auto reply = with.must(remove);
  const auto* rtp = reply.find("totals")->entries()->find("RTP")->entries();
  CHECK(*rtp->find("packets")->integer() == 50);
  CHECK(*rtp->find("bytes")->integer() == 8600);
  CHECK(*rtp->find("errors")->integer() == 1);
  CHECK(reply.find("SSRC")->entries()->find("1234") != nullptr);
  CHECK(with.call.ends_at() == with.now.steady + 7s);
}

TEST_CASE("an offer takes a delayed delete back", "[dialog]") {
  conversation with;
  with.connect();
  with.must(conversation::make(command::remove));
  CHECK(with.call.ends_at());
  with.must(conversation::offer(caller_sdp, "a", "b"));
  CHECK_FALSE(with.call.ends_at());
}

TEST_CASE("the number of parties is bounded", "[dialog]") {
  conversation with;
  auto refused = false;
  for (auto i = 0; i < 200 && !refused; ++i)
    refused = !with.call.handle(conversation::offer(caller_sdp,
                                                    "t" + std::to_string(i),
                                                    "u" + std::to_string(i)),
                                with.world, with.now);
  CHECK(refused);
}

TEST_CASE("a peer that keeps moving holds few ports", "[dialog]") {
  conversation with;
  with.connect();
  for (auto port = 40000; port < 40100; port += 2)
    with.must(conversation::offer(sdp_of("198.51.100.1", port), "a", "b"));
  CHECK(with.world.held() <= 10);
}
