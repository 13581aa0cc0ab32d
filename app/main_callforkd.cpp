#include "app/config/load.hpp"
#include "app/daemon.hpp"
#include "app/siprec_wiring.hpp"
#include "app/version.hpp"
#include "app/wiring.hpp"

#include <sys/auxv.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace {

using callfork::config::wish;

/// Exit status for a command line or configuration that makes no sense.
constexpr int bad_usage = 2;

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>{value} : std::nullopt;
}

int print(const std::string& text) {
  std::cout << text << std::flush;
  return std::cout ? EXIT_SUCCESS : EXIT_FAILURE;
}

int refuse(const std::string& why) {
  std::cerr << "callforkd: " << why << "\n";
  return bad_usage;
}

/// Has all functions of libraries looked up at the start, by starting anew if
/// need be. A look-up at a function's first call leaves the registers on the
/// stack, and with them what was said in a pause, if it happens to be there. A
/// program with privileges of its file cannot choose that, and goes on as it
/// is.
void bind_libraries(char** words) {
  constexpr auto choice = "LD_BIND_NOW";
  std::error_code fault;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", fault);
  if (fault || ::getauxval(AT_SECURE) != 0 || std::getenv(choice) != nullptr
      || ::setenv(choice, "1", 0) != 0)
    return;
  ::execv(self.c_str(), words);
}

} // namespace

int main(int count, char** words) {
  auto asked = callfork::config::load({words + 1, words + count}, variable);
  if (!asked)
    return refuse(asked.error());
  if (asked->what == wish::check || asked->what == wish::run) {
    if (const auto read = callfork::read_kafka_password(asked->settings.events);
        !read)
      return refuse(read.error());
    if (const auto log = callfork::check_event_log(asked->settings); !log)
      return refuse(log.error());
    if (const auto sip = callfork::to_siprec_settings(asked->settings); !sip)
      return refuse(sip.error());
  }
  switch (asked->what) {
  case wish::help:
    return print(asked->text);
  case wish::version:
    return print("callforkd " + std::string{callfork::callfork_version} + "\n");
  case wish::print_example:
    return print(callfork::config::example_file());
  case wish::check:
    return print("the configuration is good\n");
  case wish::run:
    bind_libraries(words);
    return callfork::run_node(asked->settings);
  }
  return EXIT_FAILURE;
}
