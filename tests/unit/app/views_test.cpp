#include "app/views/health.hpp"
#include "app/views/lists.hpp"
#include "app/views/metrics.hpp"
#include "app/views/routes.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace callfork;
using nlohmann::json;

namespace {

actors::node_status busy_node() {
  actors::node_status status;
  status.live = true;
  status.reason = "draining";
  status.shards.resize(2);
  status.shards[1].index = 1;
  for (auto& shard : status.shards) {
    shard.packets_received = 10;
    shard.dropped[static_cast<std::size_t>(drop_reason::replayed)] = 2;
  }
  status.ng_requests["offer"] = 3;
  status.ng_overload = 5;
  status.events_refused = 6;
  status.calls = 4;
  status.calls_capacity = 9;
  duration_histogram delays;
  delays.add(std::chrono::milliseconds{3});
  delays.add(std::chrono::seconds{20});
  status.setup_delay = delays.read();
  status.ng_durations["block DTMF"] = delays.read();
  status.sinks.push_back({"vault", 2, 1, delays.read(), {}});
  status.sinks.push_back({"recorder", 1, 0, {}, actors::delivery_status{}});
  status.sinks.back().delivery->lost = 7;
  status.sinks.back().delivery->unsent[1] = 8;
  status.sip_targets["sip:rec@provider.example"] = true;
  status.endings.push_back({.place = "webhook", .given_up = 3});
  status.overrun_gaps = std::chrono::milliseconds{1500};
  status.cluster.emplace().to_others.failed = 4;
  return status;
}

http::request asking(const std::string& name, const std::string& value) {
  http::request asked;
  asked.query[name] = value;
  return asked;
}

std::string operations_page() {
  std::ifstream file{CALLFORK_SOURCE_DIR "/docs/operations.md"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A vault with two days, a finished and an open recording.
class vault_folder {
public:
  vault_folder() {
    write("2026-11-20/aa.wav", "x");
    write("2026-11-20/aa.json",
          R"({"recording": "aa", "call": "c1", "durationMs": 5})");
    write("2026-11-21/bb.wav", "x");
    write("2026-11-21/bb.open", "");
    write("2026-11-21/note.txt", "x");
    write("secret.wav", "x");
  }
  vault_folder(const vault_folder&) = delete;
  vault_folder& operator=(const vault_folder&) = delete;
  ~vault_folder() {
    std::filesystem::remove_all(root);
  }

  const std::filesystem::path root = std::filesystem::temp_directory_path()
                                     / "callfork_views_test";

private:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream{root / name} << text;
  }
};

} // namespace

TEST_CASE("a live node that takes no calls is live and not ready") {
  const auto status = busy_node();
  CHECK(views::live(status, {}).status == 200);
  const auto ready = views::ready(status, {});
  CHECK(ready.status == 503);
  CHECK(ready.body == "draining\n");
  const auto told = views::ready(status, asking("verbose", ""));
  CHECK(told.status == 503);
  CHECK(json::parse(told.body).at("shards").size() == 2);
}

TEST_CASE("a node has started when the vault is in order") {
  auto status = busy_node();
  const auto early = views::started(status, {});
  CHECK(early.status == 503);
  CHECK(early.body.find("earlier run") != std::string::npos);
  CHECK(views::live(status, {}).status == 200);
  status.started = true;
  CHECK(views::started(status, {}).body == "ok\n");
  const auto told
    = json::parse(views::started(status, asking("verbose", "")).body);
  CHECK(told.at("started") == true);
  CHECK(told.at("ready") == false);
  status.live = false;
  CHECK(views::started(status, {}).status == 503);
}

TEST_CASE("only pages that read the disk may be slow") {
  for (const auto& page : views::routes({})) {
    INFO(page.path);
    CHECK((page.how == http::pace::slow)
          == page.path.starts_with("/recordings"));
  }
}

TEST_CASE("other machines are told how the node is, and nothing of calls") {
  const auto asked_from = [](const char* address, const std::string& path) {
    http::request asked;
    asked.method = "GET";
    asked.path = path;
    asked.peer = *endpoint::parse(address, 4711);
    return http::respond(views::routes({}), asked).status;
  };
  for (const auto* path :
       {"/calls", "/calls/1", "/events", "/recordings", "/recordings/1"}) {
    INFO(path);
    CHECK(asked_from("192.0.2.1", path) == 403);
    CHECK(asked_from("2001:db8::1", path) == 403);
    CHECK(asked_from("127.0.0.1", path) != 403);
    CHECK(asked_from("::1", path) != 403);
  }
  CHECK(asked_from("192.0.2.1", "/version") == 200);
}

TEST_CASE("the version names the libraries of a bug report") {
  const auto told = json::parse(views::version().body);
  CHECK(told.at("version") == CALLFORK_VERSION);
  CHECK(told.at("libraries").contains("caf"));
}

TEST_CASE("metrics count what the node counts") {
  const auto text = views::metrics(
    busy_node(), {.version = "1", .region = "eu", .node = "n1", .started = {}});
  const auto has = [&](const std::string& line) {
    INFO(line);
    CHECK(text.find("\n" + line + "\n") != std::string::npos);
  };
  has("callfork_active_calls 4");
  has("callfork_calls_capacity 9");
  has("callfork_rtp_packets_total{direction=\"in\",shard=\"1\"} 10");
  has("callfork_rtp_dropped_packets_total{reason=\"replayed\"} 4");
  has("callfork_ng_requests_total{command=\"offer\"} 3");
  has("callfork_ready 0");
  has("callfork_build_info{version=\"1\",region=\"eu\",node=\"n1\"} 1");
  has("callfork_calls_total{region=\"eu\",node=\"n1\",outcome=\"ended\"} 0");
  has("callfork_ng_overload_total 5");
  has("callfork_events_refused_total 6");
  has("callfork_sinks_up{provider=\"vault\"} 2");
  has("callfork_provider_lost_packets_total{provider=\"recorder\"} 7");
  has("callfork_provider_unsent_packets_total{provider=\"recorder\","
      "reason=\"not_accepted\"} 8");
  has("callfork_recording_gap_seconds_total{cause=\"sink_overrun\"} 1.5");
  has("callfork_setup_added_delay_seconds_bucket{le=\"0.0025\"} 0");
  has("callfork_setup_added_delay_seconds_bucket{le=\"0.005\"} 1");
  has("callfork_setup_added_delay_seconds_bucket{le=\"+Inf\"} 2");
  has("callfork_setup_added_delay_seconds_count 2");
  has("callfork_setup_added_delay_seconds_sum 20.003");
  has("callfork_ng_request_duration_seconds_count{command=\"block DTMF\"} 2");
  has("callfork_ending_calls_total{place=\"webhook\",outcome=\"given_up\"} "
      "3");
  has("callfork_fork_lag_seconds_count{provider=\"vault\"} 2");
}

TEST_CASE("every metric and its type stand on the page about operations") {
  const auto text = views::metrics(busy_node(), {});
  std::set<std::string> told;
  std::istringstream lines{text};
  for (std::string hash, kind, name, type; lines >> hash;
       std::getline(lines, hash)) {
    lines >> kind;
    if (hash == "#" && kind == "TYPE" && lines >> name >> type)
      told.insert(name + " " + type);
  }
  std::set<std::string> documented;
  const std::regex row{R"(\n\| `(callfork_\w+|process_\w+)` \| (\w+) \|)"};
  const auto page = operations_page();
  for (std::sregex_iterator each{page.begin(), page.end(), row}, end;
       each != end; ++each)
    documented.insert((*each)[1].str() + " " + (*each)[2].str());
  CHECK(told.size() > 30);
  CHECK(told == documented);
}

TEST_CASE("every page of the node stands on the page about operations") {
  for (const auto& page : views::routes({})) {
    INFO(page.path);
    CHECK(operations_page().find("`" + page.path + "`") != std::string::npos);
  }
}

TEST_CASE("the kernel knows this process") {
  views::process_figures figures;
  views::read_kernel(figures);
  CHECK(figures.resident_bytes > 1'000'000);
  CHECK(figures.open_descriptors >= 3);
}

TEST_CASE("a call is listed and found by its id") {
  std::vector<actors::call_status> live(2);
  live[0].call_id = "a\"b\xff";
  live[1].call_id = "c";
  const auto list = json::parse(views::calls(live).body);
  CHECK(list.at("calls").size() == 2);
  CHECK(json::parse(views::call(live, "c").body).at("call") == "c");
  CHECK(views::call(live, "d").status == 404);
}

TEST_CASE("the node says where its events are, and only what helps") {
  const auto files = json::parse(
    views::events({"files", "/var/events", "", "a.b.events.v1"}).body);
  CHECK(files.at("folder") == "/var/events");
  CHECK(files.at("topic") == "a.b.events.v1");
  CHECK_FALSE(files.contains("brokers"));
  const auto kafka
    = json::parse(views::events({"kafka", "", "a:1,b:2", "t"}).body);
  CHECK(kafka.at("brokers") == "a:1,b:2");
  CHECK(json::parse(views::events({}).body) == json{{"log", "none"}});
}

TEST_CASE("recordings are listed from the latest day on") {
  const vault_folder vault;
  const auto list
    = json::parse(views::recordings(vault.root, {}).body).at("recordings");
  REQUIRE(list.size() == 2);
  CHECK(list[0].at("recording") == "bb");
  CHECK(list[0].at("open") == true);
  CHECK(list[1].at("call") == "c1");
  CHECK(list[1].at("open") == false);
  const auto first = views::recordings(vault.root, asking("limit", "1"));
  CHECK(json::parse(first.body).at("recordings").size() == 1);
  CHECK(views::recordings("/nowhere", {}).status == 200);
  const auto one
    = json::parse(views::recordings(vault.root, asking("id", "a")).body);
  REQUIRE(one.at("recordings").size() == 1);
  CHECK(one.at("recordings")[0].at("recording") == "aa");
}

TEST_CASE("a summary that is no file is not waited for") {
  const vault_folder vault;
  const auto pipe = vault.root / "2026-11-21/bb.json";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto list = json::parse(views::recordings(vault.root, {}).body);
  CHECK(list.at("recordings")[0].at("recording") == "bb");
}

TEST_CASE("a recording is found by its id and by nothing else") {
  const vault_folder vault;
  const auto found = json::parse(views::recording(vault.root, "aa").body);
  CHECK(found.at("durationMs") == 5);
  CHECK(found.at("file") == (vault.root / "2026-11-20/aa.wav").string());
  CHECK(views::recording(vault.root, "cc").status == 404);
  CHECK(views::recording(vault.root, "../secret").status == 404);
  CHECK(views::recording(vault.root, "").status == 404);
}
