#include "control/sdp/rewrite.hpp"
#include "tests/unit/control/dialog/fixture.hpp"

#include <algorithm>

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

namespace {

/// The directions of a description's m-lines, in order.
std::vector<std::string> directions(const std::string& sdp) {
  std::vector<std::string> out;
  for (const auto* word : {"sendrecv", "sendonly", "recvonly", "inactive"})
    for (auto at = sdp.find(std::string{"a="} + word); at != std::string::npos;
         at = sdp.find(std::string{"a="} + word, at + 1))
      out.push_back(std::to_string(100'000 + at) + word);
  std::sort(out.begin(), out.end());
  for (auto& each : out)
    each.erase(0, 6);
  return out;
}

/// The words `id version` of a description's `o=`.
std::pair<std::string, std::uint64_t> origin(const std::string& sdp) {
  const auto read = *sdp::read_description(sdp, {});
  return {std::string{sdp::origin_word(read, 1)},
          std::stoull(std::string{sdp::origin_word(read, 2)})};
}

ng::request to_all(const std::string& to_tag) {
  auto ask = conversation::make(command::subscribe_request);
  ask.flags.add("all");
  ask.to_tag = to_tag;
  return ask;
}

} // namespace

TEST_CASE("a recorder is told who is on hold", "[dialog]") {
  conversation with;
  with.connect();
  const auto tag = subscribe(with);
  with.must(
    conversation::offer(sdp_of("198.51.100.1", 49170, "a=sendonly\r\n")));
  with.must(
    conversation::answer(sdp_of("198.51.100.2", 30000, "a=recvonly\r\n")));
  const auto held = text_of(with.must(to_all(tag)), "sdp");
  CHECK(directions(held) == std::vector<std::string>{"sendonly", "inactive"});
  with.must(conversation::offer());
  with.must(conversation::answer());
  const auto again = text_of(with.must(to_all(tag)), "sdp");
  CHECK(directions(again) == std::vector<std::string>{"sendonly", "sendonly"});
}

TEST_CASE("a changed offer to a recorder is a new version of its session",
          "[dialog]") {
  conversation with;
  with.connect();
  const auto all = GENERATE(true, false);
  auto ask = conversation::make(command::subscribe_request);
  ask.to_tag = "recorder";
  if (all)
    ask.flags.add("all");
  else
    ask.from_tag = "a";
  const auto first = origin(text_of(with.must(ask), "sdp"));
  CHECK(origin(text_of(with.must(ask), "sdp")) == first);
  ask.flags.add("inactive");
  const auto paused = origin(text_of(with.must(ask), "sdp"));
  CHECK(paused.first == first.first);
  CHECK(paused.second == first.second + 1);
}

TEST_CASE("what is blocked for subscribers alone goes on in the call",
          "[dialog]") {
  conversation with;
  with.connect();
  subscribe(with);
  auto block = conversation::make(command::block_media);
  block.from_tag = "a";
  block.flags.add("all-except-offer-answer");
  with.must(block);
  CHECK_FALSE(leg_at(with, 20000).sends);
  CHECK(leg_at(with, 20010).sends);
  CHECK_FALSE(with.leg_to("198.51.100.1").blocked);
  CHECK(with.leg_to("198.51.100.2").sends);
  block.command = command::unblock_media;
  with.must(block);
  CHECK(leg_at(with, 20000).sends);
}

TEST_CASE("a block can concern one flow to one subscriber", "[dialog]") {
  conversation with;
  with.connect();
  auto block = conversation::make(command::block_media);
  block.to_tag = subscribe(with);
  block.from_tag = "b";
  with.must(block);
  CHECK(leg_at(with, 20000).sends);
  CHECK_FALSE(leg_at(with, 20010).sends);
  CHECK_FALSE(with.leg_to("198.51.100.2").blocked);
}

TEST_CASE("a subscription of a call that is full can still be paused",
          "[dialog]") {
  conversation with;
  with.connect();
  const auto tag = subscribe(with);
  while (with.call.handle(to_all(""), with.world, with.now)) {
  }
  CHECK(with.why(to_all("")) == "Too many parties in call");
  auto pause = to_all(tag);
  pause.flags.add("inactive");
  with.must(pause);
  CHECK_FALSE(leg_at(with, 20000).sends);
}
