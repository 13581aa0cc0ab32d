#include "tests/component/actors/side_files.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <numeric>

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// 1, 2, 3 and so on: the sequence numbers of a test phone.
std::vector<std::uint16_t> first_numbers(std::size_t count) {
  std::vector<std::uint16_t> made(count);
  std::iota(made.begin(), made.end(), std::uint16_t{1});
  return made;
}

} // namespace

TEST_CASE("a sink's successor gets what the dead one had not dealt with") {
  const auto weak = std::make_shared<faults>();
  const auto strong = std::make_shared<faults>();
  weak->die_after = 3;
  weak->delay_ms = 20;
  virtual_node node{{.sinks = {weak, strong}}};
  test_call call{node, "successor"};
  call.set_up("always");
  call.talk(100);
  CHECK(weak->started == 2);
  call.hang_up();
  node.advance(1s);
  REQUIRE(node.records().count("recording.stopped") == 1);
  const auto all = first_numbers(100);
  CHECK(weak->heard(0) == all);
  CHECK(weak->heard(1) == all);
  CHECK(strong->heard(0) == all);
  CHECK(weak->lost == 0);
  CHECK(node.records().count("recording.gap") == 0);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a sink that is away for too long is told, with all, what is lost") {
  const auto weak = std::make_shared<faults>();
  weak->die_after = 2;
  virtual_node node{
    {.sinks = {weak}, .change = [](actors::node_settings& settings) {
       settings.tap.keep = 200ms;
       settings.sinks.first_retry = 700ms;
     }}};
  test_call call{node, "overrun"};
  call.set_up("always");
  call.talk(100);
  CHECK(weak->started == 2);
  call.hang_up();
  node.advance(100ms);
  REQUIRE(node.records().count("recording.stopped") == 1);
  const auto gaps = node.records().of("recording.gap");
  REQUIRE(gaps.size() == 2);
  const auto told = nlohmann::json::parse(gaps.front().value);
  CHECK(told["cause"] == "sink-overrun");
  CHECK(told["provider"] == "faulty");
  const auto length = told["toOffsetMs"].get<int>()
                      - told["fromOffsetMs"].get<int>();
  // Away for 700 ms, of which 200 were kept.
  CHECK(length >= 400);
  CHECK(length <= 600);
  CHECK(weak->lost == 2);
  CHECK(weak->heard(0).size() == 100U - static_cast<std::size_t>(length) / 20U);
  CHECK(weak->heard(0).back() == 100);
}

TEST_CASE("a slow sink gets all, in order, before the recording is finished") {
  const auto slow = std::make_shared<faults>();
  slow->delay_ms = 100;
  virtual_node node{
    {.sinks = {slow}, .change = [](actors::node_settings& settings) {
       settings.sinks.credit = 1;
     }}};
  test_call call{node, "slow"};
  call.set_up("always");
  call.talk(250);
  call.hang_up();
  node.advance(1s);
  CHECK(slow->finished == 0);
  CHECK(node.status().calls_ended == 0);
  node.advance(5s);
  CHECK(slow->finished == 1);
  // Each batch waits for the ones before, so that all of them are late.
  const auto lag = node.status().sinks.at(0).lag;
  CHECK(std::accumulate(lag.buckets.begin(), lag.buckets.end(), 0)
        == slow->batches);
  CHECK(lag.sum > 100ms * slow->batches.load());
  const auto all = first_numbers(250);
  CHECK(slow->heard(0) == all);
  CHECK(slow->heard(1) == all);
  CHECK(node.status().calls_ended == 1);
}

TEST_CASE("a sink that has had all ends, whatever another one still wants") {
  const auto slow = std::make_shared<faults>();
  const auto quick = std::make_shared<faults>();
  slow->delay_ms = 100;
  virtual_node node{
    {.sinks = {slow, quick}, .change = [](actors::node_settings& settings) {
       settings.sinks.credit = 1;
     }}};
  test_call call{node, "quick"};
  call.set_up("always");
  call.talk(250);
  call.hang_up();
  node.advance(1s);
  CHECK(quick->finished == 1);
  CHECK(slow->finished == 0);
  CHECK(node.records().count("provider.delivery.completed") == 1);
  node.advance(5s);
  CHECK(slow->finished == 1);
  CHECK(quick->started == 1);
  CHECK(quick->heard(0) == first_numbers(250));
  CHECK(slow->heard(0) == first_numbers(250));
  CHECK(node.records().count("recording.stopped") == 1);
  CHECK(node.records().without_gaps());
}

TEST_CASE("the vault's files of before and after a death hold every packet") {
  virtual_node node{{.vault = true}};
  test_call call{node, "parts"};
  call.set_up("always");
  call.talk(60);
  node.crash_sinks("parts", 0);
  call.talk(60);
  call.hang_up();
  node.advance(100ms);
  REQUIRE(node.records().count("recording.stopped") == 1);
  const auto files = side_files(node.vault());
  REQUIRE(files.size() == 2);
  for (const auto stream : {0, 1}) {
    std::uint64_t packets = 0;
    for (const auto& one : files) {
      packets += one["streams"][stream]["packets"].get<std::uint64_t>();
      CHECK(one["streams"][stream]["lost"] == 0);
    }
    CHECK(packets == 120);
  }
  const auto told = node.records().of("provider.delivery.completed");
  REQUIRE(told.size() == 2);
  const auto first = nlohmann::json::parse(told[0].value);
  const auto second = nlohmann::json::parse(told[1].value);
  CHECK(first["attempt"] == 1);
  CHECK(second["attempt"] == 2);
  CHECK(first["location"] != second["location"]);
  CHECK(std::filesystem::exists(first["location"].get<std::string>()));
  CHECK(std::filesystem::exists(second["location"].get<std::string>()));
  CHECK(node.records().count("provider.delivery.retrying") == 1);
  CHECK(node.records().without_gaps());
}
