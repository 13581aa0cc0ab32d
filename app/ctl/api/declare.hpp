#pragma once

#include "app/ctl/api/bulk.hpp"
#include "app/ctl/api/run.hpp"
#include "app/ctl/api/tasks.hpp"

#include <CLI/CLI.hpp>

#include <deque>
#include <string>
#include <utility>

namespace callfork::ctl {

/// The commands of the administration API on a command line.
class api_commands {
public:
  /// Declares options of all commands, then the groups and their commands. A
  /// group that `app` has already gets more words.
  void declare(CLI::App& app);

  /// Whether one of them was given.
  [[nodiscard]] bool is_given() const;

  /// Carries it out. Without a URL the node that `node` names is asked.
  [[nodiscard]] int run(const node_choice& node, const manner& how);

private:
  struct command {
    CLI::App* words = nullptr;
    const operation* what = nullptr;
    given_values given{};
  };

  void declare_options(CLI::App& app);
  void declare_one(CLI::App& group, const operation& what);
  void declare_import(CLI::App& app, const std::string& group);
  void declare_download(CLI::App& app);
  void declare_wait(CLI::App& app);

  api_choice which_;
  run_wish wish_;
  bulk_wish bulk_;
  download_wish download_;
  std::string job_;
  manner how_;
  std::deque<command> commands_; ///< Stays where it is: CLI points into it.
  /// Commands that are more than one question.
  std::vector<std::pair<CLI::App*, std::function<int()>>> tasks_;
};

/// Tells all commands, by chapters, or those of the words that follow "help".
/// Empty for words that are no command.
[[nodiscard]] std::string help_of(const CLI::App& app,
                                  const std::vector<std::string>& words);

} // namespace callfork::ctl
