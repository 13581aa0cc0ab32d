#include "app/ctl/api/declare.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callfork::ctl {

namespace {

constexpr std::string_view usage
  = "callforkctl shows what a callfork node does, and administers it.\n\n"
    "  callforkctl COMMAND [WORD] [options]\n"
    "  callforkctl help COMMAND [WORD]\n";

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) {
    return !one->get_name().empty();
  });
}

std::string line(const CLI::App& of, std::size_t width) {
  return fmt::format("  {:<{}}  {}\n", of.get_name(), width,
                     of.get_description());
}

/// All, by chapters in the order of their first command.
std::string overview(const CLI::App& app) {
  const auto all = commands_of(app);
  std::size_t width = 0;
  std::vector<std::string> chapters;
  for (const auto* one : all) {
    width = std::max(width, one->get_name().size());
    if (std::count(chapters.begin(), chapters.end(), one->get_group()) == 0)
      chapters.push_back(one->get_group());
  }
  std::string text{usage};
  for (const auto& chapter : chapters) {
    text += "\n" + chapter + "\n";
    for (const auto* one : all)
      if (one->get_group() == chapter)
        text += line(*one, width);
  }
  return text + "\nOptions of all commands: callforkctl --help\n";
}

} // namespace

std::string help_of(const CLI::App& app,
                    const std::vector<std::string>& words) {
  if (words.empty())
    return overview(app);
  const auto* at = &app;
  std::string name = "callforkctl";
  for (const auto& word : words) {
    const auto all = commands_of(*at);
    const auto found = std::find_if(all.begin(), all.end(), [&](auto* one) {
      return one->check_name(word);
    });
    if (found == all.end())
      return {};
    at = *found;
    name += " " + at->get_name();
  }
  return at->help(name);
}

} // namespace callfork::ctl
