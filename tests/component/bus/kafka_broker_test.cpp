#include "bus/kafka_handle.hpp"
#include "tests/component/bus/workload.hpp"
#include "tests/support/event_lines.hpp"
#include "tests/support/temporary_folder.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

using namespace callfork;
using namespace callfork::bus;
using namespace callfork::test;

namespace {

/// The broker that tests/kafka/kafka.sh started, if any.
struct broker {
  std::string address;
  std::string folder; ///< For stopping and starting it; may be empty.
};

std::optional<broker> find_broker() {
  const char* address = std::getenv("CALLFORK_TEST_KAFKA");
  const char* folder = std::getenv("CALLFORK_TEST_KAFKA_FOLDER");
  if (address == nullptr || *address == '\0') {
    WARN("skipped: CALLFORK_TEST_KAFKA does not name a broker; "
         "see tests/kafka/kafka.sh start");
    return std::nullopt;
  }
  return broker{address, folder == nullptr ? "" : folder};
}

kafka_settings settings_of(const broker& kafka) {
  kafka_settings made;
  made.brokers = kafka.address;
  return made;
}

std::unique_ptr<log_writer> must_connect(const broker& kafka) {
  auto made = make_kafka_writer(settings_of(kafka));
  REQUIRE(made.has_value());
  return std::move(*made);
}

findings read(const broker& kafka, const std::string& topic,
              std::size_t count) {
  const auto reader = make_kafka_reader(settings_of(kafka), topic,
                                        read_from::beginning);
  REQUIRE(reader.has_value());
  return collect(**reader, count);
}

int run(const std::string& command) {
  return std::system(command.c_str());
}

int script(const broker& kafka, const std::string& verb) {
  return run(std::string{CALLFORK_SOURCE_DIR "/tests/kafka/kafka.sh "} + verb
             + " " + kafka.folder);
}

pid_t broker_pid(const broker& kafka) {
  std::ifstream file{kafka.folder + "/pid"};
  pid_t pid = 0;
  file >> pid;
  REQUIRE(pid > 1);
  return pid;
}

/// Accepts events until it is killed, and says after each one how many it has
/// accepted.
[[noreturn]] void publish_for_ever(const broker& kafka,
                                   const std::filesystem::path& folder,
                                   const std::string& topic, int tell_to) {
  publisher_settings settings;
  settings.folder = folder;
  settings.topic = topic;
  auto writer = make_kafka_writer(settings_of(kafka));
  auto made = publisher::open(settings, std::move(*writer));
  for (std::uint64_t number = 0;; ++number) {
    if (made->accept(nth_event(number), real_now()) != acceptance::stored)
      _exit(1);
    const auto accepted = number + 1;
    if (::write(tell_to, &accepted, sizeof accepted) < 0)
      _exit(1);
    static_cast<void>(made->poll(real_now()));
  }
}

/// What the child said last.
std::uint64_t last_number(int from) {
  std::uint64_t number = 0;
  std::uint64_t next = 0;
  while (::read(from, &next, sizeof next) == sizeof next)
    number = next;
  return number;
}

} // namespace

TEST_CASE("kcat reads our events from a real broker and they are valid",
          "[bus][kafka]") {
  const auto kafka = find_broker();
  if (!kafka)
    return;
  const test::temporary_folder folder;
  const auto topic = fresh_topic();
  auto publisher = must_open(folder.path(), topic, must_connect(*kafka));
  tell(publisher, 0, 1000, 0ms);
  REQUIRE(publisher.flush(clock::now() + 30s));
  const auto lines = folder.path() / "events.ndjson";
  CHECK(run("kcat -q -C -J -e -b " + kafka->address + " -t " + topic + " >"
            + lines.string())
        == 0);
  CHECK(events_are_valid(lines));
  UNSCOPED_INFO(validator_report(lines));
  CHECK(validator_report(lines)
        == "1000 events of 10 subjects, 0 duplicates, 0 faults\n");
}

TEST_CASE("events stand in the partition that Java's clients expect",
          "[bus][kafka]") {
  const auto kafka = find_broker();
  if (!kafka)
    return;
  const test::temporary_folder folder;
  const auto topic = fresh_topic();
  auto publisher = must_open(folder.path(), topic, must_connect(*kafka));
  tell(publisher, 0, 40, 0ms);
  REQUIRE(publisher.flush(clock::now() + 30s));
  const auto reader = make_kafka_reader(settings_of(*kafka), topic,
                                        read_from::beginning);
  REQUIRE(reader.has_value());
  for (int count = 0; count < 40; ++count) {
    const auto next = (*reader)->next(10s);
    REQUIRE((next && *next));
    const auto& key = (*next)->record.key;
    CHECK((*next)->partition
          == rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(),
                                              4, nullptr, nullptr));
  }
}

TEST_CASE("a broker away for ten seconds costs time and no event",
          "[bus][kafka][slow]") {
  const auto kafka = find_broker();
  if (!kafka || kafka->folder.empty())
    return;
  const test::temporary_folder folder;
  const auto topic = fresh_topic();
  auto publisher = must_open(folder.path(), topic, must_connect(*kafka));
  tell(publisher, 0, 100, 1ms);
  SECTION("killed and started again") {
    REQUIRE(script(*kafka, "kill") == 0);
    tell(publisher, 100, 600, 20ms);
    REQUIRE(script(*kafka, "again") == 0);
  }
  SECTION("frozen") {
    REQUIRE(::kill(broker_pid(*kafka), SIGSTOP) == 0);
    tell(publisher, 100, 600, 20ms);
    REQUIRE(::kill(broker_pid(*kafka), SIGCONT) == 0);
  }
  CHECK(publisher.gauges(real_now()).pending > 400);
  const auto back = clock::now();
  tell(publisher, 600, 700, 1ms);
  CHECK(publisher.flush(back + 30s));
  const std::chrono::duration<double> caught_up = clock::now() - back;
  WARN("caught up after " << caught_up.count() << " s");
  const auto found = read(*kafka, topic, 700);
  CHECK(found.ids.size() == 700);
  CHECK(found.ordered);
}

TEST_CASE("a publisher killed in mid-sentence loses nothing it accepted",
          "[bus][kafka]") {
  const auto kafka = find_broker();
  if (!kafka)
    return;
  const test::temporary_folder folder;
  const auto topic = fresh_topic();
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0)
    publish_for_ever(*kafka, folder.path(), topic, ends[1]);
  ::close(ends[1]);
  std::thread killer{[child] {
    std::this_thread::sleep_for(3s);
    ::kill(child, SIGKILL);
  }};
  const auto accepted = last_number(ends[0]);
  killer.join();
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  REQUIRE(accepted > 100);

  auto publisher = must_open(folder.path(), topic, must_connect(*kafka));
  const auto left = publisher.gauges(real_now()).pending;
  CHECK(publisher.open_recordings().size() == 10);
  CHECK(publisher.flush(clock::now() + 30s));
  WARN(accepted << " accepted, " << left << " left at the kill");
  const auto found = read(*kafka, topic, accepted);
  CHECK(found.ids.size() >= accepted);
  CHECK(found.ordered);
}
