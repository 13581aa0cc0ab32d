#include "app/config/load.hpp"

#include "app/config/option.hpp"
#include "app/config/suggestion.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <set>
#include <sstream>

namespace callfork::config {

namespace {

using done = expected<void, std::string>;

/// The flags as given, before they are understood.
struct flags {
  std::string file;
  bool version = false;
  bool print_example = false;
  bool check = false;
  std::vector<std::optional<std::string>> values; ///< As in options().
};

void declare(CLI::App& app, flags& to) {
  app.set_help_flag("-h,--help");
  app.add_flag("--version", to.version);
  app.add_flag("--print-example", to.print_example);
  app.add_flag("--check", to.check);
  app.add_option("-c,--config", to.file);
  to.values.resize(options().size());
  for (std::size_t at = 0; at < options().size(); ++at)
    app
      .add_option_function<std::string>(
        flag(options()[at]),
        [&value = to.values[at]](const std::string& text) {
          value = text;
        })
      ->take_last();
}

/// Words that are no flags, told as people expect it.
std::string stray(const std::string& word) {
  if (!word.starts_with('-'))
    return fmt::format("'{}' is no flag; options are written as "
                       "--section-name=value",
                       word);
  std::set<std::string> known{"--help", "--version", "--print-example",
                              "--check", "--config"};
  for (const auto& what : options())
    known.insert(flag(what));
  const auto name = word.substr(0, word.find('='));
  return fmt::format("unknown flag {}{}", name, suggestion(name, known));
}

done read_file(const std::string& path, configuration& into) {
  std::ifstream file{path};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return make_unexpected(fmt::format("{}: cannot be read", path));
  return read_yaml(text.view(), path, into);
}

done read_variables(const environment& variables, configuration& into) {
  for (const auto& what : options())
    if (const auto text = variables(variable(what)))
      if (const auto assigned = assign(what, into, *text); !assigned)
        return make_unexpected(
          fmt::format("{}: {}", variable(what), assigned.error()));
  return {};
}

done read_flags(const flags& given, configuration& into) {
  for (std::size_t at = 0; at < options().size(); ++at)
    if (const auto& text = given.values[at]; text)
      if (const auto assigned = assign(options()[at], into, *text); !assigned)
        return make_unexpected(
          fmt::format("{}: {}", flag(options()[at]), assigned.error()));
  return {};
}

done read_all(const flags& given, const environment& variables,
              configuration& into) {
  const auto named = given.file.empty() ? variables("CALLFORK_CONFIG")
                                        : std::optional{given.file};
  if (named)
    if (auto read = read_file(*named, into); !read)
      return read;
  if (auto read = read_variables(variables, into); !read)
    return read;
  if (auto read = read_flags(given, into); !read)
    return read;
  return check(into);
}

/// As CLI11 wants it: from the end, and `--flag=` as two words, because it
/// would take the next argument for the value that is meant to be empty.
std::vector<std::string> reversed(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (auto each = arguments.rbegin(); each != arguments.rend(); ++each) {
    const bool empty = each->starts_with("--") && each->ends_with('=');
    if (empty)
      words.emplace_back();
    words.push_back(each->substr(0, each->size() - (empty ? 1 : 0)));
  }
  return words;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

} // namespace

expected<command_line, std::string>
load(const std::vector<std::string>& arguments, const environment& variables) {
  CLI::App app{"", "callforkd"};
  flags given;
  declare(app, given);
  command_line found;
  try {
    app.parse(reversed(arguments));
  } catch (const CLI::CallForHelp&) {
    return command_line{wish::help, help_text(), {}};
  } catch (const CLI::ExtrasError&) {
    return make_unexpected(stray(app.remaining().front()));
  } catch (const CLI::ArgumentMismatch& fault) {
    const std::string what = fault.what();
    return make_unexpected(what.substr(0, what.find(':'))
                           + ": a value is "
                             "missing");
  } catch (const CLI::Error& fault) {
    return make_unexpected(one_line(fault.what()));
  }
  if (given.version || given.print_example) {
    found.what = given.version ? wish::version : wish::print_example;
    return found;
  }
  if (auto read = read_all(given, variables, found.settings); !read)
    return make_unexpected(one_line(read.error()));
  found.what = given.check ? wish::check : wish::run;
  return found;
}

} // namespace callfork::config
