#include "control/http/client.hpp"
#include "control/http/server.hpp"
#include "tests/unit/control/http/raw_client.hpp"

using namespace callfork;
using namespace std::chrono_literals;
using callfork::test::raw_client;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

http::response echo(const http::request& asked) {
  return {200,
          asked.method + " " + asked.parameters.at("id") + " " + asked.body};
}

std::optional<http::response> only_known(http::request& asked) {
  if (asked.header("authorization") != "Bearer good")
    return http::response{401, "who are you?\n"};
  asked.known = std::string{"somebody"};
  return std::nullopt;
}

std::vector<http::route> routes() {
  http::route put{"/things/<id>", echo};
  put.method = "PUT";
  put.types = {"application/json"};
  put.needs_body = true;
  auto patch = put;
  patch.method = "PATCH";
  http::route remove{"/things/<id>", [](const http::request&) {
                       return http::response{204, ""};
                     }};
  remove.method = "DELETE";
  http::route large{
    "/large", [](const http::request& asked) {
      return http::response{200, std::to_string(asked.body.size()) + "\n"};
    }};
  large.method = "POST";
  large.body_limit = 8 * mebibyte;
  large.how = http::pace::slow;
  http::route guarded{"/guarded", [](const http::request& asked) {
                        return http::response{
                          200, std::any_cast<std::string>(asked.known) + " "
                                 + asked.peer.address()};
                      }};
  guarded.method = "POST";
  guarded.admit = only_known;
  http::route made{"/made", [](const http::request&) {
                     return http::response{201,
                                           "{}",
                                           "application/json",
                                           {{"Location", "/things/1"},
                                            {"trackingId", "T_1"},
                                            {"Link", "</a>; rel=\"next\""}}};
                   }};
  http::route split{"/split", [](const http::request& asked) {
                      return http::response{200,
                                            "",
                                            "text/plain",
                                            {{"X-Id", asked.query.at("id")}}};
                    }};
  return {
    {"/things/<id>", echo}, put, patch, remove, large, guarded, made, split};
}

/// As an API would: every refusal in JSON.
http::response as_json(const http::request& asked, http::response plain) {
  plain.type = "application/json";
  plain.body = "{\"path\":\"" + asked.path + "\"}";
  return plain;
}

std::unique_ptr<http::server> started() {
  http::server_settings settings;
  settings.listen = *endpoint::parse("127.0.0.1", 0);
  settings.request_timeout = 2s;
  settings.refusal = as_json;
  auto server = http::server::start(settings, routes());
  REQUIRE(server);
  return std::move(*server);
}

http::response ask(const http::server& server, const http::question& what) {
  const auto at = server.local();
  auto got = http::ask({at.address(), at.port()}, what, 10s);
  INFO((got ? "" : got.error()));
  REQUIRE(got);
  return *got;
}

std::string raw(const http::server& server, const std::string& text) {
  const raw_client one{server.local()};
  one.write(text);
  return one.read_all();
}

} // namespace

TEST_CASE("each method finds its own route") {
  const auto server = started();
  http::question put{"/things/7", "PUT", {}, "{1}"};
  CHECK(ask(*server, put).body == "PUT 7 {1}");
  put.method = "PATCH";
  put.type = "Application/JSON; charset=utf-8";
  CHECK(ask(*server, put).body == "PATCH 7 {1}");
  CHECK(ask(*server, {"/things/7"}).body == "GET 7 ");
  CHECK(ask(*server, {"/things/7", "HEAD"}).body.empty());
  const auto removed = ask(*server, {"/things/7", "DELETE"});
  CHECK(removed.status == 204);
  CHECK(removed.header("Content-Length").empty());
  const auto posted = ask(*server, {"/things/7", "POST"});
  CHECK(posted.status == 405);
  CHECK(posted.header("Allow") == "DELETE, GET, HEAD, PATCH, PUT");
  CHECK(posted.body == R"({"path":"/things/7"})");
}

TEST_CASE("a body has to be what its route takes") {
  const auto server = started();
  http::question put{"/things/7", "PUT", {}, "a=b"};
  put.type = "application/x-www-form-urlencoded";
  CHECK(ask(*server, put).status == 415);
  put.type = "application/json";
  put.body = std::string(64 * 1024, 'a');
  CHECK(ask(*server, put).status == 200);
  put.body += 'a';
  CHECK(ask(*server, put).status == 413);
  const std::string head = "PUT /things/7 HTTP/1.1\r\nHost: a\r\n"
                           "Content-Type: application/json\r\n";
  CHECK(raw(*server, head + "Connection: close\r\n\r\n")
          .starts_with("HTTP/1.1 411"));
  CHECK(raw(*server, head
                       + "Transfer-Encoding: chunked\r\n"
                         "Connection: close\r\n\r\n"
                         "2\r\n{}\r\n0\r\n\r\n")
          .ends_with("PUT 7 {}"));
  std::string chunks;
  for (int count = 0; count < 17; ++count)
    chunks += "1000\r\n" + std::string(4096, 'a') + "\r\n";
  CHECK(raw(*server, head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
          .starts_with("HTTP/1.1 413"));
}

TEST_CASE("a large body is for those routes that say so") {
  const auto server = started();
  http::question post{"/large", "POST", {}, std::string(8 * mebibyte, 'a')};
  CHECK(ask(*server, post).body == "8388608\n");
  CHECK(raw(*server, "POST /large HTTP/1.1\r\nHost: a\r\n"
                     "Content-Length: 8388609\r\n\r\n")
          .starts_with("HTTP/1.1 413"));
}

TEST_CASE("whoever is not admitted never sends a body") {
  const auto server = started();
  const std::string head = "POST /guarded HTTP/1.1\r\nHost: a\r\n"
                           "Content-Length: 60000\r\n"
                           "Expect: 100-continue\r\n";
  CHECK(raw(*server, head + "Authorization: Bearer bad\r\n\r\n")
          .starts_with("HTTP/1.1 401"));
  const raw_client good{server->local()};
  good.write(head + "Authorization: Bearer good\r\nConnection: close\r\n\r\n");
  CHECK(good.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  good.write(std::string(60'000, 'a'));
  const auto answer = good.read_all();
  CHECK(answer.starts_with("HTTP/1.1 200"));
  CHECK(answer.ends_with("somebody 127.0.0.1"));
}

TEST_CASE("a refused peer that goes on sending still reads why") {
  const auto server = started();
  const raw_client one{server->local()};
  one.write("POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
            + std::string(60'000, 'a'));
  const auto answer = one.read_all();
  CHECK(answer.starts_with("HTTP/1.1 401"));
  CHECK(answer.ends_with("who are you?\n"));
}

TEST_CASE("an answer's headers reach the peer, and never as two") {
  const auto server = started();
  const auto made = ask(*server, {"/made"});
  CHECK(made.status == 201);
  CHECK(made.type == "application/json");
  CHECK(made.header("Location") == "/things/1");
  CHECK(made.header("trackingId") == "T_1");
  CHECK(made.header("Link") == "</a>; rel=\"next\"");
  CHECK(made.header("Cache-Control") == "no-store");
  CHECK(ask(*server, {"/split?id=a+b"}).status == 200);
  const auto split = ask(*server, {"/split?id=a%0d%0aSet-Cookie:%20b"});
  CHECK(split.status == 500);
  CHECK(split.header("Set-Cookie").empty());
}

TEST_CASE("what could be read in two ways is refused") {
  const auto server = started();
  const auto request = GENERATE(
    as<std::string>{},
    "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
    "Content-Length: 4\r\n\r\nabcd",
    "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\na",
    "POST /large HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "zz\r\n",
    "POST /large HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "ffffffffffffffffff\r\n",
    "GET /made HTTP/1.1\r\n\r\n",
    "GET /made HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET /made HTTP/1.1\r\nHost: a\r\nBad Name: b\r\n\r\n",
    "GET /made HTTP/1.1\r\nHost: a\r\nName : b\r\n\r\n",
    "GET /made HTTP/1.1\r\nHost: a\r\nX: a" + std::string(1, '\0')
      + "b\r\n\r\n",
    "GET  /made HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /made HTTP/9.9\r\nHost: a\r\n\r\n",
    "GET made HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/made HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n\r\n\r\nGET",
    "GET /made HTTP/1.1\r\nHost: a\r\nExpect: gold\r\nContent-Length: "
    "9\r\n\r\n");
  INFO(request);
  const raw_client one{server->local()};
  one.write(request);
  one.finish();
  const auto told = one.read_all();
  CHECK((told.empty() || told.starts_with("HTTP/1.1 4")));
  CHECK(ask(*server, {"/made"}).status == 201);
}

TEST_CASE("requests cut or changed anywhere do no harm") {
  const auto server = started();
  const std::string whole = "PUT /things/%37?a=b HTTP/1.1\r\nHost: a\r\n"
                            "Content-Type: application/json\r\n"
                            "Expect: 100-continue\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "2\r\n{}\r\n0\r\n\r\n";
  std::uint32_t seed = 1;
  const auto next = [&seed] {
    seed = seed * 1'664'525U + 1'013'904'223U;
    return seed >> 8U;
  };
  for (int round = 0; round < 300; ++round) {
    auto text = whole;
    for (auto left = next() % 4; left > 0; --left)
      text[next() % text.size()] = static_cast<char>(next());
    text.resize(next() % (text.size() + 1));
    const raw_client one{server->local()};
    one.write(text);
    one.finish();
    CHECK(one.read_all() != "open");
  }
  CHECK(ask(*server, {"/made"}).status == 201);
}

TEST_CASE("a URL is read in its parts, or not at all") {
  const auto keys = http::read_url("https://keys.example/a/b?c=d");
  REQUIRE(keys);
  CHECK(keys->server.host == "keys.example");
  CHECK(keys->server.port == 443);
  CHECK(keys->server.secured);
  CHECK(keys->target == "/a/b?c=d");
  const auto local = http::read_url("http://[::1]:8080");
  REQUIRE(local);
  CHECK(local->server.host == "::1");
  CHECK(local->server.port == 8080);
  CHECK(local->target == "/");
  for (const auto* each :
       {"ftp://a/", "http://", "http://a:0/", "http://a:99999/", "http://a:b/",
        "http://me@a/", "http://a/ b", "http://a:80x/", "a"})
    CHECK_FALSE(http::read_url(each));
}
