#include "app/config/option.hpp"
#include "app/ctl/api/declare.hpp"
#include "app/ctl/commands.hpp"
#include "app/version.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace {

using namespace callfork;

/// Everything the command line can say.
struct words {
  ctl::manner how;
  ctl::node_choice node;
  unsigned limit = 100;
  std::string recording;
  std::string output;
  std::vector<std::string> compared;
  std::string key_file;
  std::string exported;
  ctl::event_source events;
  std::string folder;
  std::string kafka_settings;
  ctl::demo_wish demo;
  std::string audit_folder = "audit";
  std::string audit_key;
  std::vector<std::string> helped;
  ctl::api_commands api;
};

/// Checks and stores an address with a port.
auto address_into(endpoint& to) {
  return [&to](const std::string& text) {
    const auto read = config::parse_endpoint(text);
    if (!read)
      throw CLI::ValidationError("expected an address with a port, as in "
                                 "127.0.0.1:8080, not '"
                                 + text + "'");
    to = *read;
  };
}

void declare_events(CLI::App& app, words& to) {
  auto* events = app.add_subcommand("events", "Show what happened to calls.");
  events->add_flag("-f,--follow", to.events.follow, "Wait for more events.");
  events
    ->add_option("--folder", to.folder,
                 "The folder of the log in files. Without it and --kafka the "
                 "node says where its events are.")
    ->envname("CALLFORK_EVENTS_FOLDER");
  events->add_option(
    "--kafka", to.events.brokers,
    "Read from these Kafka brokers, as in host:9092,host2:9092.");
  events->add_option("--kafka-settings", to.kafka_settings,
                     "A file of lines name=value for the Kafka client, as for "
                     "TLS and SASL.");
  events->add_option("--topic", to.events.topic,
                     "The topic; without it the folder's only one, or "
                     "callfork.local.events.v1 of Kafka.");
  events->add_option("--call", to.events.call,
                     "Only calls and recordings whose ids begin so.");
}

void declare_demo(CLI::App& app, words& to) {
  auto* demo = app.add_subcommand("demo",
                                  "Play a call with recorded speech through a "
                                  "node.");
  demo->add_option_function<std::string>("--ng", address_into(to.demo.ng),
                                         "Where the node takes NG requests by "
                                         "UDP. [127.0.0.1:2223]");
  demo->add_option("--seconds", to.demo.seconds, "How long the call lasts.")
    ->check(CLI::Range(1, 3600))
    ->capture_default_str();
  demo->add_flag("--plain", to.demo.plain, "RTP instead of SRTP.");
}

void declare_audit(CLI::App& app, words& to) {
  auto* audit = app.add_subcommand("audit", "Look after the audit log.");
  audit->require_subcommand(1);
  auto* verify
    = audit->add_subcommand("verify", "Tell whether the audit log is as it was "
                                      "written; the status is 0 when it is.");
  verify->add_option("--folder", to.audit_folder, "The folder of the log.")
    ->envname("CALLFORK_API_AUDIT_FOLDER")
    ->capture_default_str();
  verify->add_option("--key", to.audit_key, "The file with its key.")
    ->envname("CALLFORK_API_AUDIT_KEY")
    ->required();
}

void declare(CLI::App& app, words& to) {
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version",
                       "callforkctl " + std::string{callfork_version});
  app.add_flag("--json", to.how.json, "Print JSON, for programs.");
  app
    .add_option_function<std::string>("--node", address_into(to.node.http),
                                      "Where the node serves HTTP. "
                                      "[127.0.0.1:8080]")
    ->envname("CALLFORK_HTTP_LISTEN");
  app.add_subcommand("calls", "Show the calls that live now.");
  app.add_subcommand("recordings", "Show what the vault holds.")
    ->add_option("--limit", to.limit, "How many, the latest first.")
    ->check(CLI::Range(1, 10'000))
    ->capture_default_str();
  auto* play = app.add_subcommand("play", "Listen to a recording.");
  play->add_option("id", to.recording, "Its id, or how the id begins.");
  play->add_option("-o,--output", to.output, "Copy it to this file instead.");
  app
    .add_subcommand("compare", "Tell how two recordings of one call differ; "
                               "the status is 0 when they do not.")
    ->add_option("files", to.compared, "Two WAV files, or encrypted ones.")
    ->expected(2)
    ->required();
  auto* exported = app.add_subcommand(
    "export", "Decrypt a recording of the vault, or make an MP3 or Opus of "
              "it.");
  exported->add_option("file", to.exported, "Its file in the vault.")
    ->required();
  exported
    ->add_option("-o,--output", to.output,
                 "The file to write; it ends in .wav, .mp3 or .opus.")
    ->required();
  for (auto* each : {app.get_subcommand("compare"), exported})
    each
      ->add_option("--key-file", to.key_file,
                   "The file of keys, as in vault.key_file.")
      ->envname("CALLFORK_VAULT_KEY_FILE");
  declare_events(app, to);
  declare_audit(app, to);
  declare_demo(app, to);
  for (auto* each : app.get_subcommands({}))
    each->group("This node and its files");
  to.api.declare(app);
  app.add_subcommand("help", "Tell about a command.")
    ->group("This node and its files")
    ->add_option("command", to.helped, "Which one.");
}

int refuse(const std::string& why) {
  std::cerr << "callforkctl: " << why << "\n";
  return ctl::bad_usage;
}

std::string names_in(const CLI::App& app) {
  std::string known;
  for (const auto* each : app.get_subcommands({}))
    known += (known.empty() ? "" : ", ") + each->get_name();
  return known;
}

/// No command, or one that there is not.
int refuse_command(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty())
    at = at->get_subcommands().front();
  const auto rest = app.remaining(true);
  const auto kind = at == &app ? std::string{"command"}
                               : at->get_name() + " command";
  if (rest.empty())
    return refuse("a " + kind + " is missing: " + names_in(*at)
                  + " (--help tells more)");
  return refuse("there is no " + kind + " '" + rest.front() + "'; there are "
                + names_in(*at) + " (--help tells more)");
}

/// Whether a command misses its next word, and not something else.
bool misses_command(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty())
    at = at->get_subcommands().front();
  return at->get_require_subcommand_min() > 0;
}

int help(const CLI::App& app, const words& what) {
  const auto text = ctl::help_of(app, what.helped);
  if (text.empty())
    return refuse("there is no such command; 'callforkctl help' shows all");
  std::cout << text;
  return ctl::succeeded;
}

int run(const CLI::App& app, words& what) {
  const auto* no_color = std::getenv("NO_COLOR");
  what.how.colors = ::isatty(STDOUT_FILENO) == 1
                    && (no_color == nullptr || *no_color == '\0');
  if (what.api.is_given())
    return what.api.run(what.node, what.how);
  if (app.got_subcommand("help"))
    return help(app, what);
  if (app.got_subcommand("calls"))
    return ctl::show_calls(what.node, what.how);
  if (app.got_subcommand("recordings"))
    return ctl::show_recordings(what.node, what.limit, what.how);
  if (app.got_subcommand("play") && what.recording.empty())
    return refuse("play needs the id of a recording, or how it begins: "
                  "'callforkctl recordings' shows them");
  if (app.got_subcommand("play"))
    return ctl::play(what.node, what.recording, what.output);
  if (app.got_subcommand("compare"))
    return ctl::compare_recordings(what.compared[0], what.compared[1],
                                   what.key_file, what.how);
  if (app.got_subcommand("export"))
    return ctl::export_recording(what.exported, what.output, what.key_file);
  if (app.got_subcommand("audit"))
    return ctl::verify_audit_log({what.audit_folder, what.audit_key}, what.how);
  if (app.got_subcommand("demo"))
    return ctl::play_demo(what.demo, what.how);
  what.events.folder = what.folder;
  what.events.kafka_settings = what.kafka_settings;
  return ctl::show_events(what.events, what.node, what.how);
}

} // namespace

int main(int count, char** arguments) {
  CLI::App app{"callforkctl shows what a callfork node does, and administers "
               "it.",
               "callforkctl"};
  words what;
  declare(app, what);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& end) {
    return app.exit(end);
  } catch (const CLI::RequiredError& fault) {
    return misses_command(app)
             ? refuse_command(app)
             : refuse(std::string{fault.what()} + " (--help tells more)");
  } catch (const CLI::Error& fault) {
    return refuse(std::string{fault.what()} + " (--help tells more)");
  }
  return run(app, what);
}
