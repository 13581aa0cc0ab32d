#include "bus/event_json.hpp"
#include "bus/file_log.hpp"
#include "bus/publisher.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/bus/event_samples.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <map>
#include <set>

using namespace callfork;
using namespace callfork::bus;
using namespace std::chrono_literals;

namespace {

/// A log whose will is the test's. It outlives the publishers that use it.
struct scripted_log {
  std::vector<std::string> taken; ///< ce_id of everything appended, in order.
  std::deque<std::pair<std::uint64_t, std::string>> in_flight;
  std::vector<std::string> delivered;
  std::size_t room = 1000;
  bool answers = true;
  bool forget = false; ///< The next poll says `start_over`.
  std::set<std::string> hopeless;
};

class scripted_writer final : public log_writer {
public:
  explicit scripted_writer(scripted_log& script)
    : script_(script) {
  }

  expected<void, log_error> append(const record& what, std::uint64_t tag,
                                   time_point) override {
    if (script_.in_flight.size() >= script_.room)
      return make_unexpected(log_error{log_error_code::full, "full"});
    const auto id = header_of(what, "ce_id").value_or("?");
    script_.taken.push_back(id);
    script_.in_flight.emplace_back(tag, id);
    return {};
  }

  log_progress poll(time_point, std::chrono::milliseconds) override {
    log_progress made;
    made.start_over = std::exchange(script_.forget, false);
    if (made.start_over)
      script_.in_flight.clear();
    while (script_.answers && !script_.in_flight.empty()) {
      const auto [tag, id] = script_.in_flight.front();
      script_.in_flight.pop_front();
      if (script_.hopeless.contains(id)) {
        made.rejected.emplace_back(
          tag, log_error{log_error_code::too_large, "too large"});
        continue;
      }
      made.durable.push_back(tag);
      script_.delivered.push_back(id);
    }
    return made;
  }

  [[nodiscard]] bool reachable() const noexcept override {
    return script_.answers;
  }
  [[nodiscard]] std::string trouble() const override {
    return {};
  }

private:
  scripted_log& script_;
};

publisher must_open(const test::temporary_folder& folder, scripted_log& log) {
  publisher_settings settings;
  settings.folder = folder.path() / "outbox";
  auto made = publisher::open(settings, std::make_unique<scripted_writer>(log));
  REQUIRE(made.has_value());
  return std::move(*made);
}

/// Time stands still unless a test moves it.
struct watch {
  instant now{time_point{1h}, test::sample_time};

  void poll(publisher& on) {
    now.steady += 25ms; // Past the sync interval.
    now.wall += 25ms;
    static_cast<void>(on.poll(now));
  }
};

void accept(publisher& on, watch& time, std::string subject,
            std::uint64_t sequence) {
  CHECK(on.accept(test::sample(std::move(subject), sequence,
                               recording_paused{initiator::user, "", 1s}),
                  time.now)
        == acceptance::stored);
}

std::vector<std::string> ids(const std::string& subject, std::uint64_t from,
                             std::uint64_t to) {
  std::vector<std::string> made;
  for (auto sequence = from; sequence <= to; ++sequence) {
    event_header header;
    header.subject = subject;
    header.sequence = sequence;
    made.push_back(cloud_event_id(header));
  }
  return made;
}

} // namespace

TEST_CASE("events reach the log in order once they are durable",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  auto publisher = must_open(folder, log);
  watch time;
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence)
    accept(publisher, time, "r", sequence);
  CHECK(publisher.poll(time.now) <= 50ms);
  CHECK(log.taken.empty());
  time.poll(publisher);
  CHECK(log.delivered == ids("r", 1, 5));
  CHECK(publisher.gauges(time.now).pending == 0);
  CHECK(publisher.poll(time.now) == 1s);
}

TEST_CASE("nothing is lost or out of order while the log has no room",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  log.room = 3;
  log.answers = false;
  auto publisher = must_open(folder, log);
  watch time;
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    accept(publisher, time, "r", sequence);
    time.poll(publisher);
  }
  CHECK(log.taken.size() == 3);
  const auto gauges = publisher.gauges(time.now);
  CHECK(gauges.pending == 20);
  CHECK(gauges.pending_bytes > 0);
  CHECK(gauges.oldest_age == 500ms);
  CHECK_FALSE(gauges.reachable);
  log.answers = true;
  for (int round = 0; round < 20; ++round)
    time.poll(publisher);
  CHECK(log.delivered == ids("r", 1, 20));
}

TEST_CASE("a log that forgets gets everything unacknowledged again, in order",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  auto publisher = must_open(folder, log);
  watch time;
  accept(publisher, time, "r", 1);
  time.poll(publisher);
  log.answers = false;
  for (std::uint64_t sequence = 2; sequence <= 6; ++sequence)
    accept(publisher, time, "r", sequence);
  time.poll(publisher);
  log.forget = true;
  time.poll(publisher);
  log.answers = true;
  accept(publisher, time, "r", 7);
  time.poll(publisher);
  time.poll(publisher);
  CHECK(log.delivered == ids("r", 1, 7));
  CHECK(publisher.gauges(time.now).restarts == 1);
}

TEST_CASE("what is accepted outlives the process, in order",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  log.answers = false;
  watch time;
  std::uint64_t sequence = 1;
  for (int life = 0; life < 4; ++life) {
    // Destroyed without a flush, as by kill -9.
    auto publisher = must_open(folder, log);
    for (const auto last = sequence + 50; sequence < last; ++sequence)
      accept(publisher, time, "r", sequence);
    time.poll(publisher);
    log.in_flight.clear();
  }
  log.answers = true;
  auto publisher = must_open(folder, log);
  CHECK(publisher.gauges(time.now).pending == 200);
  CHECK(publisher.flush(clock::now() + 5s));
  CHECK(log.delivered == ids("r", 1, 200));
}

TEST_CASE("what was acknowledged is not sent again after a restart",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  watch time;
  {
    auto publisher = must_open(folder, log);
    accept(publisher, time, "r", 1);
    time.poll(publisher);
  }
  auto publisher = must_open(folder, log);
  accept(publisher, time, "r", 2);
  time.poll(publisher);
  CHECK(log.delivered == ids("r", 1, 2));
}

TEST_CASE("a record that the log never takes blocks no other",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  log.hopeless = {"r-000000000002"};
  auto publisher = must_open(folder, log);
  watch time;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence)
    accept(publisher, time, "r", sequence);
  time.poll(publisher);
  CHECK(log.delivered
        == std::vector<std::string>{"r-000000000001", "r-000000000003"});
  CHECK(publisher.gauges(time.now).rejected == 1);
  CHECK(publisher.gauges(time.now).pending == 0);
  file_log_reader aside{folder.path() / "outbox" / "rejected",
                        read_from::beginning};
  const auto kept = aside.next(0ms);
  REQUIRE((kept && *kept));
  CHECK(header_of((*kept)->record, "ce_id") == "r-000000000002");
}

TEST_CASE("the limits are told before anything is refused",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  log.answers = false;
  publisher_settings settings;
  settings.folder = folder.path();
  settings.soft_limit_bytes = 5000;
  settings.hard_limit_bytes = 10000;
  auto made = publisher::open(settings, std::make_unique<scripted_writer>(log));
  REQUIRE(made.has_value());
  watch time;
  std::map<acceptance, int> seen;
  for (std::uint64_t sequence = 1; sequence <= 40; ++sequence)
    ++seen[made->accept(test::sample("r", sequence, recording_paused{}),
                        time.now)];
  CHECK(seen[acceptance::stored] > 3);
  CHECK(seen[acceptance::crowded] > 3);
  CHECK(seen[acceptance::refused] > 3);
  CHECK(made->gauges(time.now).refused
        == static_cast<std::uint64_t>(seen[acceptance::refused]));
  CHECK(made->gauges(time.now).pending_bytes <= 10000);
}

TEST_CASE("recordings that never ended are known after a restart",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  watch time;
  const auto tell = [&time](publisher& on, std::string subject,
                            std::uint64_t sequence, event_data data) {
    auto event = test::sample(std::move(subject), sequence, std::move(data));
    event.header.epoch = 2;
    CHECK(on.accept(event, time.now) == acceptance::stored);
  };
  {
    auto publisher = must_open(folder, log);
    tell(publisher, "call one", 1, session_started{});
    tell(publisher, "r1", 1, recording_requested{});
    tell(publisher, "r1", 2, recording_started{});
    tell(publisher, "r2", 1, recording_started{});
    tell(publisher, "r2", 2, recording_stopped{});
    tell(publisher, "r2", 3, provider_delivery_completed{});
    // Many delivered events later the story's beginning is long removed.
    for (std::uint64_t sequence = 1; sequence <= 15'000; ++sequence) {
      tell(publisher, "busy", sequence, recording_paused{});
      if (sequence % 500 == 0)
        time.poll(publisher);
    }
    tell(publisher, "busy", 15'001, recording_stopped{});
  }
  std::uintmax_t bytes = 0;
  for (const auto& file :
       std::filesystem::directory_iterator{folder.path() / "outbox"})
    bytes += file.is_regular_file() ? file.file_size() : 0;
  CHECK(bytes < (9U << 20U));
  const auto publisher = must_open(folder, log);
  CHECK(publisher.open_recordings()
        == std::vector<open_subject>{
          {subject_kind::recording, "r1", "call-1@192.0.2.1", 2, 2}});
  CHECK(publisher.open_calls()
        == std::vector<open_subject>{
          {subject_kind::call, "call one", "call-1@192.0.2.1", 1, 2}});
}

TEST_CASE("a damaged cursor costs duplicates and nothing else",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  scripted_log log;
  watch time;
  {
    auto publisher = must_open(folder, log);
    for (std::uint64_t sequence = 1; sequence <= 5; ++sequence)
      accept(publisher, time, "r", sequence);
    time.poll(publisher);
  }
  std::ofstream{folder.path() / "outbox" / "cursor"} << "garbage";
  log.delivered.clear();
  auto publisher = must_open(folder, log);
  CHECK(publisher.flush(clock::now() + 5s));
  CHECK(log.delivered == ids("r", 1, 5));
}

TEST_CASE("the file log takes the events and tells when they are durable",
          "[bus][publisher]") {
  const test::temporary_folder folder;
  publisher_settings settings;
  settings.folder = folder.path() / "outbox";
  settings.topic = "callfork.us.events.v1";
  file_log_settings target;
  target.folder = folder.path() / "log";
  auto made = publisher::open(settings, make_file_log_writer(target));
  REQUIRE(made.has_value());
  watch time;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence)
    accept(*made, time, "r", sequence);
  CHECK(made->flush(clock::now() + 5s));
  file_log_reader reader{target.folder / settings.topic, read_from::beginning};
  for (const auto& id : ids("r", 1, 3)) {
    const auto next = reader.next(0ms);
    REQUIRE((next && *next));
    CHECK(header_of((*next)->record, "ce_id") == id);
  }
}
