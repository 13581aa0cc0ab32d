#include "app/ending_wiring.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <fstream>

using namespace callfork;
namespace fs = std::filesystem;

namespace {

std::string written(const std::string& path, const std::string& text,
                    fs::perms rights) {
  std::ofstream{path} << text;
  fs::permissions(path, rights);
  return path;
}

constexpr auto mine = fs::perms::owner_read | fs::perms::owner_write;

std::string fault_of(const std::string& token) {
  config::configuration from;
  from.ending.webhook = "http://127.0.0.1:1/";
  from.ending.webhook_token = token;
  const auto made = make_call_ender(from);
  return made ? "" : made.error();
}

} // namespace

TEST_CASE("nobody ends calls unless the configuration names somebody") {
  config::configuration from;
  auto made = make_call_ender(from);
  REQUIRE(made);
  CHECK(*made == nullptr);
  from.ending.kamailio = {"http://127.0.0.1:1/RPC", "https://b.example/RPC"};
  from.ending.webhook = "https://c.example/";
  made = make_call_ender(from);
  REQUIRE(made);
  const auto figures = (*made)->figures();
  REQUIRE(figures.size() == 3);
  CHECK(figures[0].place == "webhook");
  CHECK(figures[1].place == "kamailio 127.0.0.1:1");
  CHECK(figures[2].place == "kamailio b.example:443");
  from.ending.authorities = "/nowhere.pem";
  CHECK_FALSE(make_call_ender(from));
}

TEST_CASE("the webhook's token is one line that is nobody else's to read") {
  const test::temporary_folder folder;
  const auto path = folder.path().string() + "/token";
  CHECK(fault_of(written(path, "hunter2\n", mine)).empty());
  CHECK(
    fault_of(written(path, "hunter2", mine | fs::perms::group_read)).empty());
  const auto open
    = fault_of(written(path, "hunter2\n", mine | fs::perms::others_read));
  CHECK(open.find("others may read") != std::string::npos);
  CHECK(open.find("hunter2") == std::string::npos);
  for (const auto& bad :
       {std::string{}, std::string{"\n"}, std::string{"hunter2 hunter3\n"},
        std::string{"hunter2\nHost: evil\n"}, std::string(9000, 'x')}) {
    const auto fault = fault_of(written(path, bad, mine));
    CHECK(fault.find("one line") != std::string::npos);
    CHECK(fault.find("hunter2") == std::string::npos);
  }
  CHECK(fault_of(path + ".none").find("no such file") != std::string::npos);
}
