#include "app/ctl/api/declare.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callfork::ctl {

namespace {

std::string help_text(const parameter& of) {
  std::string text{of.says};
  if (of.is == value_kind::flag && of.goes == place::body)
    text += " (on, off)";
  if (of.words.empty())
    return text;
  std::string words;
  for (const auto& [said, meant] : of.words)
    words += (words.empty() ? "" : ", ") + std::string{said};
  return text + " (" + words + ")";
}

/// Flags in queries are there or not; others are told on or off.
bool is_switch(const parameter& of) {
  return of.is == value_kind::flag
         && (of.goes == place::query || of.name == "--all");
}

void declare_parameter(CLI::App& words, const operation& what,
                       const parameter& of, given_values& given) {
  const std::string name{of.name};
  const auto store = [&given, name](const std::vector<std::string>& texts) {
    given[name] = texts;
    return true;
  };
  if (is_switch(of)) {
    words.add_flag_callback(
      name,
      [&given, name] {
        given[name] = {"true"};
      },
      help_text(of));
    return;
  }
  auto* made = words.add_option(name, CLI::callback_t{store}, help_text(of));
  const auto is_word = !name.starts_with("--");
  const auto many = of.is == value_kind::list
                    || (is_word && takes_several(what));
  made->type_size(1)->type_name("");
  if (many && is_word)
    made->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args();
  else if (many)
    made->expected(1)->take_all()->allow_extra_args(false);
  else
    made->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  made->required(of.required);
}

CLI::App* group_in(CLI::App& app, const group& of) {
  const std::string name{of.name};
  const auto there = app.get_subcommands([&](const CLI::App* one) {
    return one->get_name() == name;
  });
  auto* made = there.empty() ? nullptr : there.front();
  if (made == nullptr) {
    made = app.add_subcommand(name, std::string{of.says});
    made->require_subcommand(1);
  } else {
    made->description(std::string{of.says});
    made->require_subcommand(0, 1);
  }
  if (!of.also.empty())
    made->alias(std::string{of.also});
  made->group(std::string{of.chapter});
  return made;
}

} // namespace

void api_commands::declare_options(CLI::App& app) {
  app
    .add_option("--url", which_.url,
                "Where the API is; without it, at --node. The key comes from "
                "CALLFORK_KEY or --key-file.")
    ->envname("CALLFORK_URL");
  app.add_option("--ca", which_.authorities,
                 "Who may have signed the server's certificate: a PEM file.");
  app.add_option("--key-file", which_.key_file, "A file with the API's key.");
  app
    .add_option("--organisation,--organization", which_.organisation,
                "Whose; the key's own without it.")
    ->envname("CALLFORK_ORGANISATION");
  app.add_flag("--in-the-open", which_.in_the_open,
               "Let the key go to another machine without TLS.");
}

void api_commands::declare_one(CLI::App& group, const operation& what) {
  auto* words = group.add_subcommand(std::string{what.verb},
                                     std::string{what.says});
  auto& made = commands_.emplace_back(command{words, &what, {}});
  for (const auto& one : what.takes)
    declare_parameter(*words, what, one, made.given);
  for (const auto& one : what.takes)
    if (!one.needs.empty())
      words->get_option(std::string{one.name})
        ->needs(words->get_option(std::string{one.needs}));
  if (what.how.pages)
    words->add_option("--limit", wish_.limit,
                      "How many at most; 0: all. [1000]");
  if (!what.how.careful.empty())
    words->add_flag("--yes", wish_.agreed, "Do not ask whether it is meant.");
  if (what.group == "vendor" && what.method == "PUT")
    words->add_flag("--wait", wish_.waits,
                    "Wait for the job that moves people.");
}

void api_commands::declare_import(CLI::App& app, const std::string& group) {
  auto* of = app.get_subcommand(group);
  auto* out = of->add_subcommand("export", "Write all as a file: CSV, YAML or "
                                           "lines of JSON.");
  out->add_option("-o,--output", bulk_.file,
                  "The file; standard output without it.");
  auto* in = of->add_subcommand("import", "Make and change those in a file; "
                                          "what it leaves out stays.");
  in->add_option("file", bulk_.file, "The file.")->required();
  in->add_flag("--dry-run", bulk_.only_check,
               "Change nothing, say what would be done.");
  for (auto* each : {in, out})
    each
      ->add_option("--format", bulk_.format,
                   "csv, yaml or jsonl; without it, as the file's name ends.")
      ->check(CLI::IsMember({"csv", "yaml", "jsonl"}));
  tasks_.emplace_back(in, [this, group] {
    bulk_.group = group;
    return import_entities(bulk_, which_, how_);
  });
  tasks_.emplace_back(out, [this, group] {
    bulk_.group = group;
    return export_entities(bulk_, which_);
  });
}

void api_commands::declare_download(CLI::App& app) {
  auto* words = app.get_subcommand("recordings")
                  ->add_subcommand("download", "Get the audio of some.");
  words->add_option("recording", download_.recordings, "Their identifiers.")
    ->required();
  words->add_option("-o,--output", download_.output,
                    "A file, or a folder for several; - is standard output.");
  words->add_option("--format", download_.format, "wav, mp3 or opus. [wav]")
    ->check(CLI::IsMember({"wav", "mp3", "opus"}));
  tasks_.emplace_back(words, [this] {
    return download(download_, which_);
  });
}

void api_commands::declare_wait(CLI::App& app) {
  auto* words = app.get_subcommand("jobs")->add_subcommand(
    "wait", "Wait until one has ended; the status is 0 when nothing failed.");
  words->add_option("job", job_, "Its identifier.")->required();
  tasks_.emplace_back(words, [this] {
    const auto with = api_client::make(which_);
    return with ? wait_for_job(job_, *with, how_) : refuse_usage(with.error());
  });
}

void api_commands::declare(CLI::App& app) {
  declare_options(app);
  for (const auto& of : groups()) {
    auto* group = group_in(app, of);
    for (const auto& what : operations())
      if (what.group == of.name)
        declare_one(*group, what);
  }
  declare_import(app, "people");
  declare_import(app, "locations");
  declare_download(app);
  declare_wait(app);
}

bool api_commands::is_given() const {
  const auto parsed = [](const auto& one) {
    return one->parsed();
  };
  return std::any_of(commands_.begin(), commands_.end(),
                     [&](const command& one) {
                       return parsed(one.words);
                     })
         || std::any_of(tasks_.begin(), tasks_.end(), [&](const auto& one) {
              return parsed(one.first);
            });
}

int api_commands::run(const node_choice& node, const manner& how) {
  how_ = how;
  if (which_.url.empty())
    which_.url = "http://" + to_string(node.http);
  for (const auto& [words, task] : tasks_)
    if (words->parsed())
      return task();
  for (auto& one : commands_)
    if (one.words->parsed())
      return run_operation(*one.what, one.given, which_, wish_, how);
  return bad_usage;
}

} // namespace callfork::ctl
