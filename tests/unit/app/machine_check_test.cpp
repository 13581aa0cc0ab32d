#include "app/machine_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>

using namespace callfork;

namespace {

/// A good configuration with its folders in a place of their own.
config::configuration settings_in(const std::string& folder) {
  config::configuration made;
  made.vault.folder = folder + "/a/recordings";
  made.events.folder = folder + "/events";
  made.events.outbox = folder + "/outbox";
  return made;
}

std::string fault_of(const config::configuration& settings) {
  const auto checked = check_machine(settings);
  return checked ? "" : checked.error();
}

} // namespace

TEST_CASE("missing folders are made, for their owner and group alone") {
  const test::temporary_folder room;
  const auto settings = settings_in(room.path().string());
  CHECK(fault_of(settings).empty());
  CHECK(fault_of(settings).empty()); // They are there now.
  const auto mode
    = std::filesystem::status(settings.vault.folder).permissions();
  CHECK((mode & std::filesystem::perms::others_all)
        == std::filesystem::perms::none);
}

TEST_CASE("a folder that cannot be one is told with its option") {
  const test::temporary_folder room;
  const auto file = room.path().string() + "/file";
  std::ofstream{file} << "x";
  for (auto change : {+[](config::configuration&to, const std::string&folder) {
                        to.vault.folder = folder;
                      },
                      +[](config::configuration&to, const std::string&folder) {
                        to.events.folder = folder;
                      },
                      +[](config::configuration&to, const std::string&folder) {
                        to.events.outbox = folder;
                      },
                      +[](config::configuration&to, const std::string&folder) {
                        to.admin.folder = folder;
                      }}) {
    auto settings = settings_in(room.path().string());
    change(settings, file + "/below");
    const auto told = fault_of(settings);
    CHECK(told.ends_with(": Not a directory"));
    CHECK(told.find(file) != std::string::npos);
  }
  auto unused = settings_in(room.path().string());
  unused.events.log = config::event_log::none;
  unused.events.folder = unused.events.outbox = file + "/below";
  unused.vault.folder.clear();
  unused.admin.folder.clear();
  CHECK(fault_of(unused).empty());
}

TEST_CASE("a media address of another machine is told at the start") {
  const test::temporary_folder room;
  auto settings = settings_in(room.path().string());
  settings.media.interfaces.push_back({"far", "192.0.2.77", ""});
  CHECK(fault_of(settings)
        == "media.interfaces: far: 192.0.2.77: Cannot assign requested "
           "address");
}
