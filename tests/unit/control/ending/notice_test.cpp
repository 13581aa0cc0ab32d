#include "control/ending/notice.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace callfork;
using namespace callfork::ending;

namespace {

notice sample() {
  notice made;
  made.id = "0193-000000000007";
  made.call_id = "a84b4c76e66710@pc33.example.com";
  made.from_tag = "1928301774";
  made.to_tag = "a6c85cf";
  made.session = "0193";
  made.recording = "0194";
  made.reason = "provider-unreachable";
  made.organisation = "acme";
  made.region = "local";
  made.node = "one";
  made.at = wall_time{std::chrono::milliseconds{1'700'000'000'250}};
  return made;
}

answer said(unsigned status, const std::string& body = "") {
  return http::response{status, body};
}

outcome webhook(const answer& heard) {
  return judge_webhook(heard).what;
}

outcome kamailio(const answer& heard) {
  return judge_kamailio(heard).what;
}

answer error_of(const std::string& message) {
  return said(500, R"({"jsonrpc":"2.0","error":{"code":500,"message":")"
                     + message + R"("},"id":"x"})");
}

} // namespace

TEST_CASE("a webhook is told which call is to end, and why") {
  const auto asked = webhook_question("/hook?of=callfork", "s3cret", sample());
  CHECK(asked.method == "POST");
  CHECK(asked.target == "/hook?of=callfork");
  REQUIRE(asked.headers.size() == 1);
  CHECK(asked.headers[0].first == "Authorization");
  CHECK(asked.headers[0].second == "Bearer s3cret");
  const auto body = nlohmann::json::parse(asked.body);
  CHECK(body["id"] == "0193-000000000007");
  CHECK(body["callId"] == "a84b4c76e66710@pc33.example.com");
  CHECK(body["fromTag"] == "1928301774");
  CHECK(body["toTag"] == "a6c85cf");
  CHECK(body["reason"] == "provider-unreachable");
  CHECK(body["recordingId"] == "0194");
  CHECK(body["organisation"] == "acme");
  CHECK(body["node"] == "one");
  CHECK(body["at"] == "2023-11-14T22:13:20.250000Z");
  CHECK_FALSE(body.contains("user"));
  CHECK(webhook_question("/", "", sample()).headers.empty());
}

TEST_CASE("Kamailio is asked to terminate the dialog, whatever its bytes are") {
  auto odd = sample();
  odd.from_tag = "42";
  odd.to_tag = "\"\xff";
  const auto asked = kamailio_question("/RPC", odd);
  const auto body = nlohmann::json::parse(asked.body);
  CHECK(body["jsonrpc"] == "2.0");
  CHECK(body["method"] == "dlg.terminate_dlg");
  REQUIRE(body["params"].size() == 3);
  CHECK(body["params"][0] == "a84b4c76e66710@pc33.example.com");
  CHECK(body["params"][1] == "42"); // Text, though it looks like a number.
  CHECK(body["params"][2] == "\"\xef\xbf\xbd");
}

TEST_CASE("a webhook's status says whether asking again may help") {
  CHECK(webhook(said(200)) == outcome::told);
  CHECK(webhook(said(204)) == outcome::told);
  CHECK(webhook(said(404)) == outcome::gone);
  CHECK(webhook(said(410)) == outcome::gone);
  for (const auto status : {408U, 425U, 429U, 500U, 503U})
    CHECK(webhook(said(status)) == outcome::failed);
  for (const auto status : {301U, 307U, 400U, 401U, 403U, 422U})
    CHECK(webhook(said(status)) == outcome::refused);
  const answer none = make_unexpected(std::string{"host: timeout"});
  CHECK(webhook(none) == outcome::failed);
  CHECK(judge_webhook(none).why == "host: timeout");
}

TEST_CASE("Kamailio's errors are told apart by their words") {
  CHECK(kamailio(said(200, R"({"jsonrpc":"2.0","result":{},"id":"x"})"))
        == outcome::told);
  CHECK(kamailio(error_of("Couldnt find callid in dialog")) == outcome::gone);
  CHECK(kamailio(error_of("Dialog not in confirmed state")) == outcome::failed);
  CHECK(kamailio(error_of("Method Not Found")) == outcome::refused);
  CHECK(kamailio(said(404, "Not Found")) == outcome::refused);
  CHECK(kamailio(said(503, "busy")) == outcome::failed);
  CHECK(kamailio(said(200, "<html>")) == outcome::refused);
  CHECK(kamailio(said(200, R"({"error":null})")) == outcome::refused);
  CHECK(kamailio(make_unexpected(std::string{"gone"})) == outcome::failed);
  const auto long_one = judge_kamailio(error_of(std::string(5000, 'x')));
  CHECK(long_one.why.size() < 200);
}
