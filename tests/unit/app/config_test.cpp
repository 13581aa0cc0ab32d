#include "app/config/load.hpp"
#include "app/config/option.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <set>
#include <sstream>

using namespace callfork;
using namespace callfork::config;
using namespace std::chrono_literals;

namespace {

environment empty() {
  return [](const std::string&) -> std::optional<std::string> {
    return {};
  };
}

environment with(const std::string& name, const std::string& value) {
  return [=](const std::string& asked) {
    return asked == name ? std::optional{value} : std::nullopt;
  };
}

std::string written(const std::string& yaml) {
  const std::string path = "/tmp/callfork_config_test.yaml";
  std::ofstream{path} << yaml;
  return path;
}

std::string fault_of(const std::string& yaml) {
  configuration into;
  const auto read = read_yaml(yaml, "f", into);
  return read ? "" : read.error();
}

std::string refusal(const std::vector<std::string>& arguments) {
  const auto loaded = load(arguments, empty());
  return loaded ? "" : loaded.error();
}

const option& named(const std::string& wanted) {
  for (const auto& each : options())
    if (key(each) == wanted)
      return each;
  throw std::runtime_error("no option " + wanted);
}

} // namespace

TEST_CASE("the example file is what the table of options says") {
  std::ifstream file{CALLFORK_SOURCE_DIR "/docs/callfork.example.yaml"};
  std::ostringstream text;
  text << file.rdbuf();
  CHECK(text.str() == example_file());
}

TEST_CASE("reading the example file changes no default") {
  configuration read;
  REQUIRE(read_yaml(example_file(), "example", read));
  configuration defaults;
  for (const auto& each : options()) {
    INFO(key(each));
    CHECK(text_of(each, read) == text_of(each, defaults));
  }
  CHECK(check(read));
}

TEST_CASE("every option has a name, a sentence and a place of its own") {
  std::set<std::string> flags;
  configuration settings;
  std::set<const void*> places;
  for (const auto& each : options()) {
    INFO(key(each));
    CHECK(flags.insert(flag(each)).second);
    CHECK(each.sentence.ends_with('.'));
    CHECK_FALSE(section_sentence(each.section).empty());
    const auto where = each.where(settings);
    const auto* choice_at = std::get_if<choice>(&where);
    CHECK((choice_at != nullptr) == !each.words.empty());
    CHECK(places
            .insert(std::visit(
              [](auto at) -> const void* {
                if constexpr (std::is_same_v<decltype(at), choice>)
                  return at.index;
                else
                  return at;
              },
              where))
            .second);
  }
}

TEST_CASE("what text_of writes, assign reads") {
  configuration from;
  from.ng.allowed = {"192.0.2.0/24", "2001:db8::1"};
  from.ng.udp = {*endpoint::parse("2001:db8::2", 2223)};
  from.media.interfaces = {{"in", "10.0.0.1", ""}, {"out", "::1", "192.0.2.9"}};
  from.events.kafka_settings = {{"sasl.username", "a"}, {"ssl.ca", "/x"}};
  from.log.format = log_format::json;
  from.media.held_timeout = 90s;
  configuration to;
  for (const auto& each : options()) {
    INFO(key(each));
    REQUIRE(assign(each, to, text_of(each, from)));
    CHECK(text_of(each, to) == text_of(each, from));
  }
  CHECK(to.media.interfaces == from.media.interfaces);
  CHECK(to.ng.udp == from.ng.udp);
  CHECK(to.log.format == log_format::json);
}

TEST_CASE("a flag wins over a variable, which wins over the file") {
  const auto path = written("ng: {answer_within: 3s, tcp_connections: 5}\n"
                            "node: {name: from-file}\n");
  const auto loaded = load(
    {"--config", path, "--ng-answer-within=7s"}, [](const std::string& name) {
      return name == "CALLFORK_NG_ANSWER_WITHIN" || name == "CALLFORK_NODE_NAME"
               ? std::optional<std::string>{"4s"}
               : std::nullopt;
    });
  REQUIRE(loaded);
  CHECK(loaded->settings.ng.answer_within == 7s);
  CHECK(loaded->settings.node.name == "4s");
  CHECK(loaded->settings.ng.tcp_connections == 5);
  CHECK(loaded->settings.ng.udp == configuration{}.ng.udp);
}

TEST_CASE("every option is a flag and a variable") {
  configuration defaults;
  for (const auto& each : options()) {
    const auto text = text_of(each, defaults);
    INFO(key(each) << " " << text);
    auto flagged = load({flag(each) + "=" + text}, empty());
    REQUIRE(flagged);
    CHECK(text_of(each, flagged->settings) == text);
    CHECK(load({}, with(variable(each), text)));
    if (const auto nonsense = "\t"; !assign(each, defaults, nonsense)) {
      CHECK(refusal({flag(each) + "=" + nonsense}).starts_with(flag(each)));
      const auto refused = load({}, with(variable(each), nonsense));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().starts_with(variable(each)));
    }
  }
}

TEST_CASE("the file may be named by a variable") {
  const auto loaded
    = load({}, with("CALLFORK_CONFIG", written("log: {level: debug}\n")));
  REQUIRE(loaded);
  CHECK(loaded->settings.log.level == log_level::debug);
}

TEST_CASE("a fault in the file is told with its line") {
  CHECK(fault_of("ng:\n  udq: []\n")
        == "f:2: ng.udq: unknown option, did you mean 'udp'?");
  CHECK(fault_of("nodes:\n  name: a\n")
        == "f:1: unknown section 'nodes', did you mean 'node'?");
  CHECK(fault_of("\nzebra: 1\n") == "f:2: unknown section 'zebra'");
  CHECK(fault_of("node:\n  name: a\n  name: b\n")
        == "f:3: node.name: given twice");
  CHECK(fault_of("node:\n  workers: many\n")
        == "f:2: node.workers: expected a whole number from 2 to 64 (threads), "
           "not 'many'");
  CHECK(fault_of("node:\n  workers: 65\n").find("not '65'")
        != std::string::npos);
  CHECK(fault_of("ng:\n  answer_within: 5\n")
        == "f:2: ng.answer_within: expected a duration from 100ms to 1m, not "
           "'5'");
  CHECK(fault_of("log:\n  level: loud\n")
        == "f:2: log.level: expected one of trace, debug, info, warn, error, "
           "not 'loud'");
  CHECK(fault_of("ng:\n  udp: 127.0.0.1:1\n")
        == "f:2: ng.udp: expected a list of addresses with ports");
  CHECK(fault_of("ng:\n  udp: [localhost:1]\n").starts_with("f:2: ng.udp: "));
  CHECK(fault_of("media:\n  interfaces:\n    - name: a\n      port: 3\n")
        == "f:3: media.interfaces: 'port' is not name, address or advertised");
  CHECK(fault_of("node: [1\n").starts_with("f:"));
  CHECK(fault_of("- a\n") == "f:1: expected sections, as in 'ng:'");
  CHECK(fault_of("").empty());
}

TEST_CASE("settings of the Kafka client are never repeated in a fault") {
  configuration into;
  const auto read = assign(named("events.kafka_settings"), into, "hunter2");
  REQUIRE_FALSE(read);
  CHECK(read.error().find("hunter2") == std::string::npos);
}

TEST_CASE("nothing listens beyond loopback by accident") {
  CHECK(refusal({}).empty());
  CHECK(refusal({"--ng-udp=0.0.0.0:2223"}).starts_with("ng.allowed: needed"));
  CHECK(
    refusal({"--ng-tcp=[2001:db8::1]:2223"}).starts_with("ng.allowed: needed"));
  CHECK(
    refusal({"--ng-udp=0.0.0.0:2223", "--ng-allowed=192.0.2.0/24"}).empty());
  CHECK(refusal({"--http-listen=0.0.0.0:8080"}).starts_with("http.listen: "));
  CHECK(refusal({"--http-listen=0.0.0.0:8080", "--http-beyond-loopback=true"})
          .empty());
  CHECK(refusal({"--http-listen=[::1]:8080"}).empty());
}

TEST_CASE("an API that lets somebody in writes it down, and is secured") {
  CHECK(refusal({"--api-keys=keys"}).starts_with("api.audit_key, "));
  CHECK(refusal({"--api-keys=keys", "--api-audit-key=key"}).empty());
  CHECK(refusal({"--api-key-set=set", "--api-audit-key=key"})
          .starts_with("api.issuer, api.audience: "));
  const auto set_at = [](const std::string& place) {
    return refusal(
      {"--api-key-set=" + place, "--api-issuer=i", "--api-audit-key=key"});
  };
  CHECK(set_at("set.json").empty());
  CHECK(set_at("https://keys.example/set").empty());
  CHECK(set_at("http://127.0.0.1:8081/set").empty());
  CHECK(set_at("http://keys.example/set").starts_with("api.key_set: "));
  CHECK(set_at("http://localhost@keys.example/").starts_with("api.key_set: "));
  CHECK(refusal({"--http-listen=0.0.0.0:8080", "--http-beyond-loopback=true",
                 "--api-keys=keys", "--api-audit-key=key"})
          .starts_with("http.certificate: needed"));
  CHECK(refusal({"--http-listen=0.0.0.0:8080", "--http-beyond-loopback=true",
                 "--api-keys=keys", "--api-audit-key=key",
                 "--http-certificate=c.pem", "--http-key=k.pem"})
          .empty());
  CHECK(refusal({"--http-certificate=c.pem"})
          .starts_with("http.certificate, http.key: "));
}

TEST_CASE("who ends calls is asked on this machine, or by TLS") {
  const std::string hook = "--ending-webhook=";
  const std::string proxy = "--ending-kamailio=";
  for (const auto* fine :
       {"https://hooks.example/calls?of=1", "http://127.0.0.1:8080/RPC",
        "http://localhost/RPC", "http://[::1]:5060/RPC"}) {
    INFO(fine);
    CHECK(refusal({hook + fine, "--ending-webhook-token=f"}).empty());
    CHECK(refusal({proxy + fine}).empty());
  }
  CHECK(refusal({proxy + "https://a.example/RPC,http://192.0.2.1:5060/RPC"})
          .starts_with("ending.plain_http: 'http://192.0.2.1"));
  CHECK(
    refusal({proxy + "http://192.0.2.1:5060/RPC", "--ending-plain-http=true"})
      .empty());
  CHECK(refusal({hook + "http://hooks.example/", "--ending-plain-http=true",
                 "--ending-webhook-token=f"})
          .starts_with("ending.webhook_token: "));
  for (const auto* bad : {"hooks.example", "ftp://127.0.0.1/", "http://",
                          "https://user:pass@hooks.example/"})
    CHECK(refusal({hook + bad}).starts_with("ending.webhook, "));
}

TEST_CASE("options that contradict each other are refused") {
  CHECK(
    refusal({"--media-port-lowest=40000"}).starts_with("media.port_highest: "));
  CHECK(refusal({"--media-interfaces=a=127.0.0.1,a=127.0.0.2"})
          .starts_with("media.interfaces: "));
  CHECK(refusal({"--media-interfaces=a=127.0.0.1,a=::1"}).empty());
  CHECK(refusal({"--media-interfaces=a=0.0.0.0"})
          .starts_with("media.interfaces: a: "));
  CHECK(refusal({"--events-log=kafka"}).starts_with("events.kafka_brokers: "));
  CHECK(
    refusal({"--events-log=kafka", "--events-kafka-brokers=a:1,b:2"}).empty());
  CHECK(refusal({"--ng-udp=", "--ng-tcp="}).starts_with("ng.udp, ng.tcp: "));
  CHECK(refusal({"--recording-tone-every=9s"})
          .starts_with("recording.tone_every: "));
  CHECK(refusal({"--recording-tone-every=10s"}).empty());
  CHECK(refusal({"--recording-tone-every=0s"}).empty());
}

TEST_CASE("a fault says where it came from, in one line") {
  CHECK(refusal({"--ng-allowed=10.0.0.0/33"}).starts_with("--ng-allowed: "));
  CHECK(refusal({"--no-such-flag"}).find('\n') == std::string::npos);
  CHECK_FALSE(refusal({"--no-such-flag"}).empty());
  CHECK(refusal({"--ng-upd=127.0.0.1:1"})
        == "unknown flag --ng-upd, did you mean '--ng-udp'?");
  CHECK(refusal({"--log-level"}) == "--log-level: a value is missing");
  CHECK(refusal({"stray"}).starts_with("'stray' is no flag"));
  CHECK(refusal({"--config=/nowhere.yaml"}) == "/nowhere.yaml: cannot be read");
  const auto loaded = load({}, with("CALLFORK_LOG_LEVEL", "loud"));
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().starts_with("CALLFORK_LOG_LEVEL: "));
}

TEST_CASE("the help names every flag and variable") {
  const auto loaded = load({"--help"}, empty());
  REQUIRE(loaded);
  CHECK(loaded->what == wish::help);
  for (const auto& each : options()) {
    INFO(key(each));
    CHECK(loaded->text.find(flag(each)) != std::string::npos);
    CHECK(loaded->text.find(variable(each)) != std::string::npos);
  }
  std::istringstream lines{loaded->text};
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK((line.size() <= 80 || line.starts_with("  --")));
  }
}
