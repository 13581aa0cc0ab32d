#include "tests/component/actors/test_call.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

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

std::vector<nlohmann::json> side_files(const std::string& vault) {
  std::vector<nlohmann::json> found;
  for (const auto& one : std::filesystem::recursive_directory_iterator{vault})
    if (one.path().extension() == ".json")
      found.push_back(nlohmann::json::parse(std::ifstream{one.path()}));
  return found;
}

} // namespace

TEST_CASE("a sink's successor gets what the dead one had not dealt with") {
  const auto weak = std::make_shared<faults>();
  const auto strong = std::make_shared<faults>();
  weak->die_after = 3;
  weak->delay_ms = 20;
  test_node node{{.sinks = {weak, strong}}};
  test_call call{node, "successor"};
  call.set_up("always");
  call.talk(300);
  REQUIRE(eventually([&] {
    call.talk(1);
    return weak->started == 2;
  }));
  call.talk(100);
  call.hang_up();
  REQUIRE(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  const auto all = first_numbers(call.caller.sequence - 1U);
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
  test_node node{
    {.sinks = {weak}, .change = [](actors::node_settings& settings) {
       settings.tap.keep = 200ms;
       settings.sinks.first_retry = 700ms;
     }}};
  test_call call{node, "overrun"};
  call.set_up("always");
  REQUIRE(eventually([&] {
    call.talk(20);
    return weak->started == 2;
  }));
  call.talk(100);
  call.hang_up();
  REQUIRE(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
  const auto gaps = node.records().of("recording.gap");
  REQUIRE(gaps.size() == 2);
  const auto told = nlohmann::json::parse(gaps.front().value);
  CHECK(told["cause"] == "sink-overrun");
  CHECK(told["provider"] == "faulty");
  const auto length = told["toOffsetMs"].get<int>()
                      - told["fromOffsetMs"].get<int>();
  CHECK(length > 100);
  CHECK(length < 1500);
  CHECK(weak->lost == 2);
  CHECK(weak->heard(0).size() < call.caller.sequence - 1U);
  CHECK(weak->heard(0).back() == call.caller.sequence - 1U);
}

TEST_CASE("a slow sink gets all, in order, before the recording is finished") {
  const auto slow = std::make_shared<faults>();
  slow->delay_ms = 60;
  test_node node{
    {.sinks = {slow}, .change = [](actors::node_settings& settings) {
       settings.sinks.credit = 1;
       settings.sinks.finish_within = 20s;
     }}};
  test_call call{node, "slow"};
  call.set_up("always");
  call.talk(500);
  call.hang_up();
  REQUIRE(eventually([&] {
    return slow->finished == 1;
  }));
  const auto all = first_numbers(call.caller.sequence - 1U);
  CHECK(slow->heard(0) == all);
  CHECK(slow->heard(1) == all);
  CHECK(eventually([&] {
    return node.status().calls_ended == 1;
  }));
}

TEST_CASE("the vault's files of before and after a death hold every packet") {
  test_node node{{.vault = true}};
  test_call call{node, "parts"};
  call.set_up("always");
  call.talk(60, 20ms);
  node.crash_sinks("parts", 0);
  call.talk(60, 20ms);
  call.hang_up();
  REQUIRE(eventually([&] {
    return node.records().count("recording.stopped") == 1;
  }));
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
