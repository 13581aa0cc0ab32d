#include "control/http/server.hpp"
#include "tests/unit/control/http/raw_client.hpp"

#include <stdexcept>
#include <thread>

using namespace callfork;
using callfork::test::raw_client;
using namespace std::chrono_literals;

namespace {

std::vector<http::route> routes() {
  return {
    {"/hello",
     [](const http::request&) -> http::response {
       return {200, "hello\n"};
     }},
    {"/calls/<id>",
     [](const http::request& asked) -> http::response {
       const auto verbose = asked.query.find("v");
       return {200, asked.parameters.at("id")
                      + (verbose == asked.query.end() ? "" : verbose->second)};
     }},
    {"/broken",
     [](const http::request&) -> http::response {
       throw std::runtime_error("secret");
     }},
  };
}

http::response get(const std::string& target) {
  return http::respond(routes(), "GET", target);
}

std::unique_ptr<http::server> started(http::server_settings settings = {}) {
  settings.listen = *endpoint::parse("127.0.0.1", 0);
  auto server = http::server::start(settings, routes());
  REQUIRE(server);
  return std::move(*server);
}

} // namespace

TEST_CASE("a path finds its route") {
  CHECK(get("/hello").body == "hello\n");
  CHECK(get("/calls/a%20b").body == "a b");
  CHECK(get("/calls/a%2Fb?v=%21").body == "a/b!");
  CHECK(get("/calls/").status == 404);
  CHECK(get("/calls").status == 404);
  CHECK(get("/calls/a/b").status == 404);
  CHECK(get("/hello/").status == 200);
  CHECK(get("/").status == 404);
}

TEST_CASE("what cannot be read is refused") {
  CHECK(get("").status == 400);
  CHECK(get("hello").status == 400);
  CHECK(get("/hello?a=%2").status == 400);
  CHECK(get("/calls/%zz").status == 404);
  CHECK(http::respond(routes(), "POST", "/hello").status == 405);
  CHECK(http::respond(routes(), "HEAD", "/hello").status == 200);
}

TEST_CASE("a route that throws tells nothing of it") {
  const auto answer = get("/broken");
  CHECK(answer.status == 500);
  CHECK(answer.body.find("secret") == std::string::npos);
}

TEST_CASE("one connection carries many requests, pipelined ones too") {
  const auto server = started();
  const raw_client one{server->local()};
  one.write("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            "GET /calls/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(one.read_until("hello\n").starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(one.read_until("\r\n\r\n7").starts_with("HTTP/1.1 200 OK\r\n"));
  one.write("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto head = one.read_all();
  CHECK(head.find("Content-Length: 6\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("requests beyond the limits are refused and cut off") {
  const auto server = started();
  const raw_client long_header{server->local()};
  long_header.write("GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'a'));
  CHECK(long_header.read_all().starts_with("HTTP/1.1 431"));
  const raw_client long_body{server->local()};
  long_body.write("GET /hello HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n");
  CHECK(long_body.read_all().starts_with("HTTP/1.1 413"));
  const raw_client noise{server->local()};
  noise.write("\x16\x03\x01 what is this\r\n\r\n");
  CHECK(noise.read_all().starts_with("HTTP/1.1 400"));
}

TEST_CASE("a slow or idle connection is closed") {
  const auto server = started({.idle_timeout = 50ms, .request_timeout = 50ms});
  const raw_client idle{server->local()};
  CHECK(idle.read_all().empty());
  const raw_client slow{server->local()};
  slow.write("GET /hel");
  CHECK(slow.read_all().empty());
}

TEST_CASE("connections beyond the limit are closed at once") {
  const auto server = started({.connections = 1});
  const raw_client first{server->local()};
  first.write("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(first.read_until("hello\n").ends_with("hello\n"));
  const raw_client second{server->local()};
  CHECK(second.read_all().empty());
  first.write("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(first.read_until("hello\n").ends_with("hello\n"));
}

TEST_CASE("an address in use is told in one line") {
  const auto server = started();
  const auto second = http::server::start({.listen = server->local()},
                                          routes());
  REQUIRE_FALSE(second);
  CHECK(second.error()
        == "http " + to_string(server->local()) + ": Address already in use");
}
