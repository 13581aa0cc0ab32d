#include "app/api_door.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

const wall_time now{1'790'000'000s};

/// Whether links of one node's door open another's.
bool honours(const api_door& one, const api_door& another) {
  const auto query = one.links->query_for("r1", "mp3", now + 1h);
  const auto signature = query.substr(query.find("signature=") + 10);
  const auto expires = std::to_string((now + 1h).time_since_epoch() / 1s);
  return another.links->admits("r1", "mp3", expires, signature, now);
}

} // namespace

TEST_CASE("nodes with one key honour each other's links, and others none") {
  const test::temporary_folder folder;
  const auto file = (folder.path() / "links").string();
  std::ofstream{file} << std::string(32, 'k') << "\nmore\n";
  config::configuration settings;
  const auto alone = open_api_door(settings);
  REQUIRE(alone);
  CHECK(honours(*alone, *alone));
  settings.api.link_key = file;
  const auto one = open_api_door(settings);
  const auto another = open_api_door(settings);
  REQUIRE(one);
  REQUIRE(another);
  CHECK(honours(*one, *another));
  CHECK_FALSE(honours(*one, *alone));
  CHECK_FALSE(honours(*alone, *one));
}

TEST_CASE("a key of links that is none is refused by name") {
  const test::temporary_folder folder;
  config::configuration settings;
  settings.api.link_key = (folder.path() / "none").string();
  CHECK(open_api_door(settings).error().ends_with("cannot be read"));
  for (const auto size : {31U, 513U}) {
    std::ofstream{settings.api.link_key} << std::string(size, 'k') << '\n';
    CHECK(open_api_door(settings).error().starts_with("api.link_key: "));
  }
}
