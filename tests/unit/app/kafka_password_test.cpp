#include "app/wiring.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <fstream>

using namespace callfork;
namespace fs = std::filesystem;

namespace {

constexpr auto mine = fs::perms::owner_read | fs::perms::owner_write;

/// A configuration whose password is in a file with this text and these rights.
config::configuration with(const fs::path& path, const std::string& text,
                           fs::perms rights = mine) {
  std::ofstream{path} << text;
  fs::permissions(path, rights);
  config::configuration made;
  made.events.log = config::event_log::kafka;
  made.events.kafka_brokers = {"127.0.0.1:9"};
  made.events.kafka_settings = {{"security.protocol", "sasl_plaintext"},
                                {"sasl.mechanism", "SCRAM-SHA-256"},
                                {"sasl.username", "callfork"}};
  made.events.kafka_password = path.string();
  return made;
}

} // namespace

TEST_CASE("the password for Kafka comes from a file and reaches its client") {
  const test::temporary_folder folder;
  auto from = with(folder.path() / "password", "hunter2\n",
                   mine | fs::perms::group_read);
  REQUIRE(read_kafka_password(from.events));
  CHECK(kafka_of(from.events, "a").options.at("sasl.password") == "hunter2");
  CHECK(check_event_log(from));
  from.events.kafka_password.clear();
  from.events.kafka_settings["sasl.password"] = "of the settings";
  REQUIRE(read_kafka_password(from.events));
  CHECK(kafka_of(from.events, "a").options.at("sasl.password")
        == "of the settings");
}

TEST_CASE(
  "a password for Kafka that others may read is refused, and not told") {
  const test::temporary_folder folder;
  const auto path = folder.path() / "password";
  const auto refused = [](config::configuration from) {
    const auto read = read_kafka_password(from.events);
    REQUIRE_FALSE(read);
    CHECK(read.error().starts_with("events.kafka_password: "));
    CHECK(read.error().find("hunter2") == std::string::npos);
    CHECK_FALSE(from.events.kafka_settings.contains("sasl.password"));
  };
  refused(with(path, "hunter2\n", mine | fs::perms::others_read));
  refused(with(path, "hunter2 hunter3\n"));
  refused(with(path, std::string(8193, 'x')));
  refused(with(path, ""));
  auto none = with(path, "hunter2\n");
  fs::remove(path);
  refused(none);
}
