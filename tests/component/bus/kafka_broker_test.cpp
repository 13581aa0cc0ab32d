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
using std::chrono::milliseconds;

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

/// A publisher on the broker, with a topic of its own.
struct scene {
  explicit scene(const broker& where)
    : settings(settings_of(where)) {
  }

  kafka_settings settings;
  test::temporary_folder folder;
  std::string topic = fresh_topic();
  bus::publisher publisher = must_open(folder.path(), topic,
                                       must_connect(settings));
};

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

enum class outage : std::uint8_t { killed, frozen };

void take_away(const broker& kafka, outage how) {
  if (how == outage::killed)
    REQUIRE(script(kafka, "kill") == 0);
  else
    REQUIRE(::kill(broker_pid(kafka), SIGSTOP) == 0);
}

void bring_back(const broker& kafka, outage how) {
  if (how == outage::killed)
    REQUIRE(script(kafka, "again") == 0);
  else
    REQUIRE(::kill(broker_pid(kafka), SIGCONT) == 0);
}

/// For outages longer than those of every day, run by hand.
std::uint64_t number_from(const char* variable, std::uint64_t usual) {
  const char* text = std::getenv(variable);
  return text == nullptr ? usual : std::stoull(text);
}

std::int64_t resident_kilobytes() {
  std::ifstream file{"/proc/self/statm"};
  std::int64_t total = 0;
  std::int64_t resident = 0;
  file >> total >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

/// A topic of one partition that takes no larger batch.
void make_topic(const kafka_settings& on, const std::string& topic,
                int most_bytes) {
  struct deleter {
    void operator()(rd_kafka_NewTopic_t* each) const {
      rd_kafka_NewTopic_destroy(each);
    }
    void operator()(rd_kafka_queue_t* queue) const {
      rd_kafka_queue_destroy(queue);
    }
    void operator()(rd_kafka_event_t* event) const {
      rd_kafka_event_destroy(event);
    }
  };
  auto conf = make_kafka_conf(on, {});
  REQUIRE(conf.has_value());
  const auto client = make_kafka_client(RD_KAFKA_PRODUCER, std::move(*conf));
  REQUIRE(client.has_value());
  const std::unique_ptr<rd_kafka_NewTopic_t, deleter> wanted{
    rd_kafka_NewTopic_new(topic.c_str(), 1, 1, nullptr, 0)};
  rd_kafka_NewTopic_set_config(wanted.get(), "max.message.bytes",
                               std::to_string(most_bytes).c_str());
  const std::unique_ptr<rd_kafka_queue_t, deleter> queue{
    rd_kafka_queue_new(client->get())};
  auto* all = wanted.get();
  rd_kafka_CreateTopics(client->get(), &all, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, deleter> done{
    rd_kafka_queue_poll(queue.get(), 10'000)};
  REQUIRE(done);
  REQUIRE(rd_kafka_event_error(done.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

/// A recording's only event, with text that does not compress well.
event large_event(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes)
    text += to_string(random_uuid());
  auto made = nth_event(0);
  made.header.subject = "large-" + std::to_string(bytes);
  made.data = recording_paused{initiator::user, std::move(text), 0ms};
  return made;
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

/// Kills the child when it has said `enough`; what it said last.
std::uint64_t kill_at(std::uint64_t enough, pid_t child, int from) {
  std::uint64_t number = 0;
  std::uint64_t next = 0;
  while (::read(from, &next, sizeof next) == sizeof next) {
    number = next;
    if (number == enough)
      ::kill(child, SIGKILL);
  }
  return number;
}

} // namespace

TEST_CASE("kcat reads our events from a real broker and they are valid",
          "[bus][kafka]") {
  const auto kafka = find_broker();
  if (!kafka)
    return;
  scene on{*kafka};
  tell(on.publisher, 0, 1000, 0ms);
  REQUIRE(on.publisher.flush(clock::now() + 30s));
  const auto lines = on.folder.path() / "events.ndjson";
  CHECK(run("kcat -q -C -J -e -b " + kafka->address + " -t " + on.topic + " >"
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
  scene on{*kafka};
  tell(on.publisher, 0, 40, 0ms);
  REQUIRE(on.publisher.flush(clock::now() + 30s));
  const auto reader = make_kafka_reader(on.settings, on.topic,
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

TEST_CASE("a broker away for a while costs time and no event",
          "[bus][kafka][outage][slow]") {
  const auto kafka = find_broker();
  if (!kafka || kafka->folder.empty())
    return;
  const auto how = GENERATE(outage::killed, outage::frozen);
  const auto seconds = number_from("CALLFORK_TEST_OUTAGE_SECONDS", 10);
  const auto rate = number_from("CALLFORK_TEST_OUTAGE_RATE", 50);
  const auto away = seconds * rate;
  const milliseconds pace{1000 / rate};
  scene on{*kafka};
  tell(on.publisher, 0, 100, 1ms);
  take_away(*kafka, how);
  tell(on.publisher, 100, 100 + away / 2, pace);
  const auto memory = resident_kilobytes();
  tell(on.publisher, 100 + away / 2, 100 + away, pace);
  const auto grown = resident_kilobytes() - memory;
  const auto pending = on.publisher.gauges(real_now()).pending;
  CHECK(pending >= away * 9 / 10);
  bring_back(*kafka, how);
  const auto back = clock::now();
  tell(on.publisher, 100 + away, 200 + away, 1ms);
  CHECK(on.publisher.flush(back + 30s));
  const std::chrono::duration<double> caught_up = clock::now() - back;
  WARN(pending << " events waited, caught up after " << caught_up.count()
               << " s; memory " << memory << " KiB half way, " << grown
               << " KiB more at the end");
  check_complete(on.settings, on.topic, 200 + away);
}

TEST_CASE("a record larger than the broker takes is set aside alone",
          "[bus][kafka]") {
  const auto kafka = find_broker();
  if (!kafka)
    return;
  scene on{*kafka};
  make_topic(on.settings, on.topic, 4000);
  tell(on.publisher, 0, 100, 0ms);
  std::set<std::string> large;
  for (const std::size_t size : {20'000, 2'000'000}) {
    const auto event = large_event(size);
    large.insert(cloud_event_id(event.header));
    REQUIRE(on.publisher.accept(event, real_now()) != acceptance::refused);
    tell(on.publisher, large.size() * 100, large.size() * 100 + 100, 0ms);
  }
  CHECK(on.publisher.flush(clock::now() + 20s));
  check_complete(on.settings, on.topic, 300);
  CHECK(on.publisher.gauges(real_now()).rejected == 2);
  std::set<std::string> told;
  for (const auto& [id, why] : on.publisher.take_set_aside()) {
    told.insert(id);
    CHECK(why.find("Message size too large") != std::string::npos);
  }
  CHECK(told == large);
}

TEST_CASE("a reader waits for a topic that nobody has made", "[bus][kafka]") {
  const auto kafka = find_broker();
  if (!kafka)
    return;
  const auto topic = fresh_topic();
  const auto reader = make_kafka_reader(settings_of(*kafka), topic,
                                        read_from::beginning);
  REQUIRE(reader.has_value());
  const auto none = (*reader)->next(10ms);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().text == "Kafka has no topic " + topic);
  const test::temporary_folder folder;
  auto publisher = must_open(folder.path(), topic,
                             must_connect(settings_of(*kafka)));
  tell(publisher, 0, 20, 0ms);
  CHECK(publisher.flush(clock::now() + 20s));
  CHECK(collect(**reader, 20).ids.size() == 20);
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
  const auto accepted = kill_at(3000, child, ends[0]);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  REQUIRE(accepted >= 3000);

  auto publisher = must_open(folder.path(), topic,
                             must_connect(settings_of(*kafka)));
  const auto left = publisher.gauges(real_now()).pending;
  CHECK(publisher.open_recordings().size() == 10);
  CHECK(publisher.flush(clock::now() + 30s));
  WARN(accepted << " accepted, " << left << " left at the kill");
  const auto found = read_all(settings_of(*kafka), topic, accepted);
  CHECK(found.ids.size() >= accepted);
  CHECK(found.ordered);
}
