#include "actors/config_log.hpp"
#include "actors/job_runner.hpp"
#include "bus/file_log.hpp"
#include "bus/kafka_log.hpp"
#include "control/admin/deeds.hpp"
#include "media/base/uuid.hpp"
#include "tests/component/actors/shared_log.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"

#include <cstdlib>
#include <thread>

using namespace callfork;
using namespace callfork::actors;
using namespace std::chrono_literals;

namespace {

using admin::change;
using admin::entity_key;
using admin::person;
using log_ptr = std::shared_ptr<test::shared_log>;
using registry_ptr = std::unique_ptr<config_log>;

person somebody(const std::string& id, const std::string& name) {
  person made;
  made.id = id;
  made.organisation = "acme";
  made.last_name = name;
  made.email = id + "@acme.example";
  return made;
}

change change_of(const person& to, std::uint64_t seen) {
  return {{entity_key::kind::person, to.id}, seen, to};
}

registry_ptr open_on(const log_ptr& log, const std::string& node,
                     const std::string& loses = "") {
  auto writer = std::make_unique<test::shared_log_writer>(log);
  writer->loses = loses;
  config_log_settings settings;
  settings.node = node;
  settings.compacted = true;
  auto made = config_log::start(settings, std::move(writer),
                                std::make_unique<test::shared_log_reader>(log));
  REQUIRE(made);
  REQUIRE((*made)->await_complete(10s));
  return std::move(*made);
}

expected<registry_ptr, bus::log_error>
open_in(const std::filesystem::path& folder) {
  bus::file_log_settings files;
  files.folder = folder;
  files.keep_for = {};
  files.keep_bytes = 0;
  config_log_settings settings;
  return config_log::start(
    settings, bus::make_file_log_writer(files),
    std::make_unique<bus::file_log_reader>(folder / settings.topic,
                                           bus::read_from::beginning));
}

registry_ptr open_on(const bus::kafka_settings& kafka,
                     const std::string& topic) {
  config_log_settings settings;
  settings.topic = topic;
  settings.compacted = true;
  settings.prepare = [kafka, topic] {
    return bus::make_compacted_topic(kafka, topic, 10s);
  };
  auto writer = bus::make_kafka_writer(kafka);
  auto reader = bus::make_kafka_reader(kafka, topic, bus::read_from::beginning);
  REQUIRE(writer);
  REQUIRE(reader);
  auto made = config_log::start(settings, std::move(*writer),
                                std::move(*reader));
  REQUIRE(made);
  REQUIRE((*made)->await_complete(60s));
  return std::move(*made);
}

/// All that a book says of people, with versions.
std::string text_of(const admin::registry& of) {
  return of.read([](const admin::book& by) {
    std::string text;
    for (const auto* who : by.people_of("acme"))
      text
        += who->id + '=' + who->last_name + '@'
           + std::to_string(by.version_of({entity_key::kind::person, who->id}))
           + ' ';
    return text;
  });
}

/// Adds one to a person's number, as often as told; takes the latest look
/// after each defeat.
void count_up(admin::registry& on, const std::string& id, int times) {
  while (times > 0) {
    const auto next = on.read([&](const admin::book& by) {
      const auto* was = by.find_person(id);
      const auto number = was == nullptr ? 0 : std::stoi(was->last_name);
      return change_of(somebody(id, std::to_string(number + 1)),
                       by.version_of({entity_key::kind::person, id}));
    });
    if (on.write({next}))
      --times;
  }
}

} // namespace

TEST_CASE("A restart rebuilds the book from the file log", "[config]") {
  const test::temporary_folder folder;
  std::string before;
  {
    const auto it = open_in(folder.path());
    REQUIRE(it);
    REQUIRE((*it)->await_complete(10s));
    std::vector<change> many;
    for (int number = 0; number < 300; ++number)
      many.push_back(change_of(somebody(std::to_string(number), "first"), 0));
    REQUIRE((*it)->write(many));
    REQUIRE((*it)->write({change_of(somebody("7", "second"), 1)}));
    REQUIRE((*it)->write({{{entity_key::kind::person, "8"}, 1, std::nullopt}}));
    before = text_of(**it);
    const auto other = open_in(folder.path());
    REQUIRE_FALSE(other);
    CHECK(other.error().code == bus::log_error_code::in_use);
  }
  const auto again = open_in(folder.path());
  REQUIRE(again);
  REQUIRE((*again)->await_complete(10s));
  CHECK(text_of(**again) == before);
  CHECK(before.find("7=second@2 ") != before.npos);
  CHECK(before.find(" 8=") == before.npos);
  CHECK_FALSE((*again)->write({change_of(somebody("8", "third"), 0)}));
  CHECK((*again)->write({change_of(somebody("8", "third"), 2)}));
}

TEST_CASE("Two nodes that write at once lose nothing and agree", "[config]") {
  const auto log = std::make_shared<test::shared_log>();
  const auto left = open_on(log, "left");
  const auto right = open_on(log, "right");
  constexpr int times = 60;
  std::vector<std::thread> writers;
  for (auto* node : {left.get(), left.get(), right.get()})
    writers.emplace_back([node] {
      for (const auto* id : {"a", "b"})
        count_up(*node, id, times);
    });
  for (auto& each : writers)
    each.join();
  const std::string expected = "a=180@180 b=180@180 ";
  CHECK(test::eventually([&] {
    return text_of(*left) == expected && text_of(*right) == expected;
  }));
  SECTION("and so does a third that comes when the log was compacted") {
    // What the losers wrote is gone, and what the winners replaced.
    CHECK(test::eventually([&] {
      log->compact();
      return log->records().size() == 2;
    }));
    const auto third = open_on(log, "third");
    CHECK(text_of(*third) == expected);
  }
}

TEST_CASE("Two nodes on Kafka lose nothing and agree", "[config][kafka]") {
  const char* address = std::getenv("CALLFORK_TEST_KAFKA");
  if (address == nullptr || *address == '\0') {
    WARN("skipped: CALLFORK_TEST_KAFKA does not name a broker; "
         "see tests/kafka/kafka.sh start");
    return;
  }
  bus::kafka_settings kafka;
  kafka.brokers = address;
  const auto topic = "callfork.test-" + to_string(random_uuid()).substr(0, 8)
                     + ".config.v1";
  const auto left = open_on(kafka, topic);
  const auto right = open_on(kafka, topic);
  std::thread other{[&right] {
    count_up(*right, "a", 20);
  }};
  count_up(*left, "a", 20);
  other.join();
  REQUIRE(left->write({{{entity_key::kind::person, "a"}, 40, std::nullopt},
                       change_of(somebody("b", "x"), 0)}));
  CHECK(test::eventually([&] {
    return text_of(*right) == "b=x@1 ";
  }));
  CHECK(text_of(*open_on(kafka, topic)) == "b=x@1 ");
}

TEST_CASE("Behind an outdated change of a write nothing counts", "[config]") {
  const auto log = std::make_shared<test::shared_log>();
  const auto left = open_on(log, "left");
  const auto right = open_on(log, "right");
  REQUIRE(left->write({change_of(somebody("b", "left"), 0)}));
  const auto refused = right->write({change_of(somebody("a", "right"), 0),
                                     change_of(somebody("b", "right"), 0),
                                     change_of(somebody("c", "right"), 0)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == admin::write_fault::outdated);
  const std::string expected = "a=right@1 b=left@1 ";
  REQUIRE(right->write({change_of(somebody("z", "z"), 0)}));
  CHECK(text_of(*right) == expected + "z=z@1 ");
  CHECK(test::eventually([&] {
    return text_of(*left) == expected + "z=z@1 ";
  }));
  SECTION("also when the log was compacted") {
    CHECK(test::eventually([&] {
      log->compact();
      return log->records().size() == 3;
    }));
    CHECK(text_of(*open_on(log, "third")) == expected + "z=z@1 ");
  }
}

TEST_CASE("A removal stays on a compacted log", "[config]") {
  const auto log = std::make_shared<test::shared_log>();
  const auto it = open_on(log, "it");
  REQUIRE(it->write({change_of(somebody("a", "x"), 0)}));
  REQUIRE(it->write({{{entity_key::kind::person, "a"}, 1, std::nullopt}}));
  CHECK(test::eventually([&] {
    log->compact();
    return log->records().size() == 1;
  }));
  const auto other = open_on(log, "other");
  CHECK(text_of(*other).empty());
  CHECK_FALSE(other->write({change_of(somebody("a", "y"), 0)}));
  CHECK(other->write({change_of(somebody("a", "y"), 2)}));
}

TEST_CASE("What the log loses is told to whoever wrote it", "[config]") {
  const auto log = std::make_shared<test::shared_log>();
  const auto it = open_on(log, "it", "person/lost");
  const auto refused = it->write({change_of(somebody("lost", "x"), 0)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == admin::write_fault::unavailable);
  CHECK(it->write({change_of(somebody("kept", "x"), 0)}));
  CHECK(text_of(*it) == "kept=x@1 ");
}

TEST_CASE("An entry that nobody can read is passed and told", "[config]") {
  const auto log = std::make_shared<test::shared_log>();
  log->append({"t", "person/x/1/n", {}, "{\"kind\":\"person\"", {}});
  const auto it = open_on(log, "it");
  CHECK(it->figures().unreadable == 1);
  CHECK(it->write({change_of(somebody("a", "x"), 0)}));
}

TEST_CASE("Two nodes carry on a job to its end", "[config]") {
  const auto log = std::make_shared<test::shared_log>();
  const auto left = open_on(log, "left");
  const auto right = open_on(log, "right");
  admin::organisation acme;
  acme.id = "acme";
  acme.name = "Acme";
  std::vector<change> all{{{entity_key::kind::organisation, "acme"}, 0, acme}};
  for (int number = 0; number < 500; ++number) {
    auto who = somebody(std::to_string(number), "x");
    who.settings.enabled = true;
    all.push_back(change_of(who, 0));
  }
  REQUIRE(left->write(all));
  const auto wanted = left->read([](const admin::book& by) {
    admin::provider_wish wish;
    wish.provider = "callfork";
    return admin::choose_provider(by, "acme", wish,
                                  {"job", "t", "boss", wall_clock::now()});
  });
  REQUIRE(wanted);
  REQUIRE(left->write(wanted->changes));
  const job_runner one{*left};
  const job_runner two{*right};
  CHECK(test::eventually([&] {
    return right->read([](const admin::book& by) {
      const auto* job = by.find_job("job");
      return job != nullptr && job->has_ended();
    });
  }));
  right->read([](const admin::book& by) {
    CHECK(by.find_job("job")->where == admin::job::state::completed);
    CHECK(by.find_job("job")->moved == 500);
    CHECK(by.find_person("499")->known_to
          == std::vector<admin::identifier>{"callfork"});
  });
}
