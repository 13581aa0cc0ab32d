#pragma once

#include "bus/event_json.hpp"
#include "bus/kafka_log.hpp"
#include "bus/publisher.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace callfork::test {

using namespace std::chrono_literals;

[[nodiscard]] inline instant real_now() {
  return {clock::now(), wall_clock::now()};
}

/// A name that no earlier run has used.
[[nodiscard]] inline std::string fresh_topic() {
  return "callfork.test-" + to_string(random_uuid()).substr(0, 8)
         + ".events.v1";
}

/// The next event of one of ten recordings, in turn. `number` counts from 0.
[[nodiscard]] inline bus::event nth_event(std::uint64_t number) {
  const auto call = std::to_string(number % 10);
  bus::event made;
  made.header.subject = "recording-" + call;
  made.header.call_key = "call-" + call;
  made.header.sequence = number / 10 + 1;
  made.header.time = wall_clock::now();
  made.header.region = "us";
  made.header.node = "callfork-0";
  if (made.header.sequence == 1)
    made.data = bus::recording_requested{};
  else
    made.data = bus::recording_paused{bus::initiator::user, "test",
                                      std::chrono::milliseconds{number}};
  return made;
}

[[nodiscard]] inline bus::publisher
must_open(const std::filesystem::path& folder, const std::string& topic,
          std::unique_ptr<bus::log_writer> log) {
  bus::publisher_settings settings;
  settings.folder = folder;
  settings.topic = topic;
  auto made = bus::publisher::open(settings, std::move(log));
  REQUIRE(made.has_value());
  return std::move(*made);
}

/// Tells events at a steady pace and polls meanwhile, by the real clock.
inline void tell(bus::publisher& to, std::uint64_t from, std::uint64_t until,
                 std::chrono::milliseconds pause) {
  auto next = clock::now();
  for (auto number = from; number < until; ++number) {
    REQUIRE(to.accept(nth_event(number), real_now())
            != bus::acceptance::refused);
    static_cast<void>(to.poll(real_now()));
    std::this_thread::sleep_until(next += pause);
  }
}

[[nodiscard]] inline std::unique_ptr<bus::log_writer>
must_connect(const bus::kafka_settings& to) {
  auto made = bus::make_kafka_writer(to);
  REQUIRE(made.has_value());
  return std::move(*made);
}

/// What a reader finds, each event once, until `count` different ones came or
/// nothing came for ten seconds. Checks that no event appears before an
/// earlier one of its subject, and that partitions follow Java's hash.
struct findings {
  std::vector<bus::record> records; ///< As they stand in the log.
  std::set<std::string> ids;
  bool ordered = true;
};

[[nodiscard]] inline findings collect(bus::log_reader& from,
                                      std::size_t count) {
  findings made;
  std::map<std::string, std::uint64_t> last;
  while (made.ids.size() < count) {
    auto next = from.next(10s);
    REQUIRE(next.has_value());
    if (!*next)
      return made;
    auto& record = (*next)->record;
    const auto subject = header_of(record, "ce_subject").value_or("");
    const auto sequence = std::stoull(*header_of(record, "ce_sequence"));
    if (made.ids.insert(*header_of(record, "ce_id")).second)
      made.ordered = made.ordered && sequence == ++last[subject];
    made.records.push_back(std::move(record));
  }
  return made;
}

/// Reads a topic from its beginning until it has `count` different events.
[[nodiscard]] inline findings read_all(const bus::kafka_settings& from,
                                       const std::string& topic,
                                       std::size_t count) {
  const auto reader = bus::make_kafka_reader(from, topic,
                                             bus::read_from::beginning);
  REQUIRE(reader.has_value());
  return collect(**reader, count);
}

/// The log has `count` events, each subject's in order.
inline void check_complete(const bus::kafka_settings& kafka,
                           const std::string& topic, std::size_t count) {
  const auto found = read_all(kafka, topic, count);
  CHECK(found.ids.size() == count);
  CHECK(found.ordered);
}

} // namespace callfork::test
