#include "app/ctl/api/api_client.hpp"
#include "app/ctl/api/bulk.hpp"
#include "app/ctl/api/show.hpp"
#include "tests/support/catch.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

using namespace callfork;
using ctl::json;

namespace {

const YAML::Node& document() {
  static const YAML::Node read = YAML::LoadFile(CALLFORK_SOURCE_DIR
                                                "/docs/openapi.yaml");
  return read;
}

/// What a reference stands for, as "#/components/parameters/max".
YAML::Node resolved(const YAML::Node& node) {
  if (!node || !node.IsMap() || !node["$ref"])
    return node;
  std::string_view path = node["$ref"].Scalar();
  path.remove_prefix(2);
  auto at = document();
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    at.reset(at[std::string{path.substr(0, end)}]);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return resolved(at);
}

YAML::Node operation_in(std::string_view method, std::string_view path) {
  std::string lower{method};
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(c + ('a' - 'A'));
  });
  const auto& paths = document()["paths"];
  return paths[std::string{path}][lower];
}

std::set<std::string> parameters_of(const YAML::Node& operation,
                                    const std::string& within) {
  std::set<std::string> made;
  for (const auto& one : operation["parameters"])
    if (const auto parameter = resolved(one);
        parameter["in"].Scalar() == within)
      made.insert(parameter["name"].Scalar());
  return made;
}

/// Whether a schema has what is at this place.
bool has_field(const YAML::Node& schema, std::string_view at) {
  const auto here = resolved(schema);
  if (!here || at.empty())
    return static_cast<bool>(here);
  at.remove_prefix(1);
  const auto end = std::min(at.find('/'), at.size());
  const auto fields = here["properties"];
  const auto next = fields ? fields[std::string{at.substr(0, end)}] : fields;
  return next && has_field(next, at.substr(end));
}

YAML::Node body_of(const YAML::Node& operation) {
  return operation["requestBody"]["content"]["application/json"]["schema"];
}

YAML::Node answer_of(const YAML::Node& operation) {
  const auto answers = operation["responses"];
  for (const auto* status : {"200", "201"})
    if (const auto found = answers[status]) {
      const auto told = found["content"]["application/json"];
      return told ? told["schema"] : YAML::Node{YAML::NodeType::Undefined};
    }
  return YAML::Node{YAML::NodeType::Undefined};
}

std::string name_of(const ctl::operation& what) {
  return std::string{what.group} + " " + std::string{what.verb};
}

} // namespace

TEST_CASE("every command asks for what the API has") {
  for (const auto& what : ctl::operations()) {
    INFO(name_of(what));
    for (const auto path : {what.path, what.how.other_path}) {
      if (path.empty())
        continue;
      INFO(path);
      const auto there = operation_in(what.method, path);
      REQUIRE(there);
      const auto query = parameters_of(there, "query");
      const auto in_path = parameters_of(there, "path");
      CHECK(what.how.pages == query.contains("max"));
      const auto takes_one = query.contains("orgId")
                             && !in_path.contains("orgId");
      // Where one of two paths takes none, none is sent.
      CHECK((path == what.path ? what.how.of_organisation == takes_one
                               : takes_one || !what.how.of_organisation));
      CHECK(what.how.merges
            == parameters_of(there, "header").contains("If-Match")
                 * (what.method == "PUT"));
      for (const auto& one : what.takes) {
        INFO(one.name);
        if (one.goes == ctl::place::query)
          CHECK(query.contains(std::string{one.to}));
        if (one.goes == ctl::place::path && one.required)
          CHECK(in_path.contains(std::string{one.to}));
        if (one.goes == ctl::place::body && one.needs.empty())
          CHECK(has_field(body_of(there), one.to));
      }
    }
  }
}

TEST_CASE("every command shows what the API answers") {
  for (const auto& what : ctl::operations()) {
    INFO(name_of(what));
    const auto shown = what.how.shows_after ? "GET" : what.method;
    const auto answer = answer_of(operation_in(shown, what.path));
    for (const auto& one : what.shows.heads) {
      const std::string at{one.at.substr(0, one.at.find(' '))};
      INFO(at);
      if (at.find("/0/") == std::string::npos && at != "/useOrgSettingsEnabled")
        CHECK(has_field(answer, at));
    }
    if (!what.shows.columns.empty())
      CHECK(has_field(answer, what.shows.items));
  }
}

TEST_CASE("there is a command for everything that the API can do") {
  std::set<std::string> asked{
    "POST /callfork/v1/people/import",
    "GET /callfork/v1/recordings/{recordingId}/audio",
  };
  for (const auto& what : ctl::operations())
    for (const auto path : {what.path, what.how.other_path})
      asked.insert(std::string{what.method} + " " + std::string{path});
  for (const auto& path : document()["paths"])
    for (const auto& one : path.second) {
      auto method = one.first.Scalar();
      std::transform(method.begin(), method.end(), method.begin(), [](char c) {
        return static_cast<char>(c - ('a' - 'A'));
      });
      INFO(method << " " << path.first.Scalar());
      CHECK(asked.contains(method + " " + path.first.Scalar()));
    }
}

TEST_CASE("words of a person become a question to the API") {
  const auto& sets = ctl::operation_of("recording-settings", "set");
  const auto asked = ctl::request_of(sets,
                                     {{"person", {"al/ice"}},
                                      {"--mode", {"always-with-pause"}},
                                      {"--announce-pstn", {"on"}},
                                      {"--tone-every", {"30"}}},
                                     "acme & co");
  REQUIRE(asked);
  CHECK(asked->method == "PUT");
  CHECK(asked->target
        == "/v1/people/al%2Fice/features/callRecording"
           "?orgId=acme%20%26%20co");
  CHECK(json::parse(asked->body)
        == json{{"record", "Always with Pause/Resume"},
                {"startStopAnnouncement", {{"pstnCallsEnabled", true}}},
                {"repeat", {{"interval", 30}}}});
  const auto& lists = ctl::operation_of("recordings", "list");
  CHECK(ctl::request_of(lists, {{"--to", {"2026-11-21"}}}, "")->target
        == "/v1/admin/convergedRecordings?to=2026-11-21T23%3A59%3A59.999Z");
  const auto& calls = ctl::operation_of("calls", "list");
  CHECK(ctl::request_of(calls, {{"--person", {"alice"}}}, "")->target
        == "/v1/telephony/calls/members/alice/calls");
}

TEST_CASE("words that mean nothing are refused by their names") {
  const auto& sets = ctl::operation_of("recording-settings", "set");
  const auto why = [&](const char* name, const char* value) {
    return ctl::request_of(sets, {{"person", {"a"}}, {name, {value}}}, "")
      .error();
  };
  CHECK(why("--mode", "sometimes")
        == "--mode: expected one of always, never, always-with-pause, "
           "on-demand, not 'sometimes'");
  CHECK(why("--tone", "maybe") == "--tone: expected on or off, not 'maybe'");
  CHECK(why("--tone-every", "3x")
        == "--tone-every: expected a number, not "
           "'3x'");
  CHECK(ctl::request_of(sets, {{"person", {"a"}}}, "").error()
        == "there is nothing to change");
  CHECK(
    ctl::request_of(sets, {{"person", {""}}, {"--tone", {"on"}}}, "").error()
    == "person: it is empty");
}

TEST_CASE("a change is put over what is there") {
  const json was{{"id", "alice"},
                 {"email", "a@x"},
                 {"lastName", "Old"},
                 {"addresses", {"1", "2"}},
                 {"freedAt", nullptr}};
  const auto made = ctl::merged(ctl::operation_of("people", "set"), was,
                                {{"lastName", "New"}});
  CHECK(
    json::diff(
      made, {{"email", "a@x"}, {"lastName", "New"}, {"addresses", {"1", "2"}}})
      .empty());
}

TEST_CASE("text is UTF-8, or it is not") {
  CHECK(ctl::is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (const auto* bad : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
    CHECK(!ctl::is_utf8(bad));
}

TEST_CASE("answers read as tables") {
  const auto& lists = ctl::operation_of("recordings", "list");
  const json one{{"id", "r1"},
                 {"timeRecorded", "2026-11-21T04:50:00.123Z"},
                 {"durationSeconds", 185},
                 {"sizeBytes", 960044},
                 {"ownerEmail", "alice@x"},
                 {"status", "available"}};
  CHECK(ctl::shown({{"items", {one}}}, lists.shows, false)
        == "ID  RECORDED              LENGTH  SIZE     OWNER    STATUS     "
           "TOPIC\n"
           "r1  2026-11-21 04:50:00Z  3:05    938 KiB  alice@x  available  "
           "-\n");
  CHECK(ctl::shown({{"items", json::array()}}, lists.shows, false)
        == "no recordings\n");
  const auto& policy = ctl::operation_of("people", "policy");
  const auto text = ctl::shown(
    {{"recorded", true}, {"record", {{"value", "Always"}, {"from", "user"}}}},
    policy.shows, false);
  CHECK(text.find("Recorded") != std::string::npos);
  CHECK(text.find("Always  (user)") != std::string::npos);
}

TEST_CASE("a refusal tells the message and each of its details") {
  CHECK(ctl::told_refusal(400, R"({"message": "Invalid request: a is wrong.",
    "errors": [{"description": "a is wrong."}, {"description": "b\u001b, too."}],
    "trackingId": "T"})")
        == "Invalid request: a is wrong.\n  b., too.");
  CHECK(ctl::told_refusal(502, "<html>") == "the server answered 502");
  CHECK(ctl::told_refusal(503, R"({"message": "No.", "trackingId": "T1"})")
          .find("T1")
        != std::string::npos);
}

TEST_CASE("the next page is a query, wherever its link leads") {
  http::response answer;
  answer.headers = {{"Link", "<http://evil.example/x?max=1&start=1>; "
                             "rel=\"next\""}};
  CHECK(ctl::next_query(answer) == "max=1&start=1");
  answer.headers = {{"link", "<http://a/x?max=1>; rel=\"prev\""}};
  CHECK(ctl::next_query(answer).empty());
}

TEST_CASE("a key travels in the open only to this machine") {
  const auto file = "/dev/null";
  CHECK(!ctl::api_client::make({"nowhere", {}, file, {}, false}));
  ::setenv("CALLFORK_KEY", "secret", 1);
  CHECK(ctl::api_client::make({"http://127.0.0.1:1/x", {}, {}, {}, false}));
  CHECK(ctl::api_client::make({"https://far.example", {}, {}, {}, false}));
  CHECK(ctl::api_client::make({"http://far.example", {}, {}, {}, true}));
  const auto open
    = ctl::api_client::make({"http://far.example", {}, {}, {}, false});
  REQUIRE(!open);
  CHECK(open.error().find("in the open") != std::string::npos);
  ::setenv("CALLFORK_KEY", "se\ncret", 1);
  const auto bad = ctl::api_client::make({"https://x", {}, {}, {}, false});
  REQUIRE(!bad);
  CHECK(bad.error().find("cret") == std::string::npos);
  ::unsetenv("CALLFORK_KEY");
}
