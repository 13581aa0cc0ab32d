#include "control/http/server.hpp"
#include "tests/unit/control/http/raw_client.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace callfork;
using namespace std::chrono_literals;
using callfork::test::raw_client;

namespace {

/// Whoever owns the sockets of a test: keeps their lines and what they said.
class owner {
public:
  http::socket_events take(const http::request& asked, http::socket_line line) {
    note("opened " + asked.parameters.at("id"), line);
    return {[this, line](const std::string& text) {
              note("said " + text, line);
              if (text == "echo")
                (void)line.send("heard you");
            },
            [this, line] {
              note("closed", line);
            }};
  }

  /// The next thing that happens, waited for.
  std::string next() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 5s, [this] {
      return read_ < notes_.size();
    });
    return read_ < notes_.size() ? notes_[read_++] : "nothing";
  }

  http::socket_line line() {
    const std::lock_guard guard{mutex_};
    return *line_;
  }

private:
  void note(std::string what, const http::socket_line& line) {
    const std::lock_guard guard{mutex_};
    notes_.push_back(std::move(what));
    line_ = line;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> notes_;
  std::size_t read_ = 0;
  std::optional<http::socket_line> line_;
};

struct place {
  owner owned;
  std::unique_ptr<http::server> server;

  explicit place(http::socket_route route = {}) {
    route.path = "/watch/<id>";
    route.opened = [this](const http::request& asked, http::socket_line line) {
      return owned.take(asked, std::move(line));
    };
    route.admit = [](http::request& asked) -> std::optional<http::response> {
      if (asked.parameters.at("id") == "secret")
        return http::response{401, "who are you?\n"};
      return std::nullopt;
    };
    auto made = http::server::start(
      {.listen = *endpoint::parse("127.0.0.1", 0), .request_timeout = 1s}, {},
      {route});
    REQUIRE(made);
    server = std::move(*made);
  }
};

/// The key and the proof are those of RFC 6455 1.3.
std::string handshake(const std::string& path, const std::string& more = "") {
  return "GET " + path
         + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         + more + "\r\n";
}

/// A frame from a client, masked with zeros (RFC 6455 5.2).
std::string frame(unsigned char opcode, const std::string& text) {
  std::string made;
  made += static_cast<char>(0x80U | opcode);
  if (text.size() < 126) {
    made += static_cast<char>(0x80U | text.size());
  } else {
    made += static_cast<char>(0x80U | 126U);
    made += static_cast<char>(text.size() >> 8U);
    made += static_cast<char>(text.size() & 0xffU);
  }
  return made + std::string(4, '\0') + text;
}

constexpr unsigned char text_frame = 1;
constexpr unsigned char binary_frame = 2;
constexpr unsigned char close_frame = 8;

/// A client whose handshake is done.
struct watcher : raw_client {
  explicit watcher(const place& at, const std::string& path = "/watch/7")
    : raw_client{at.server->local()} {
    write(handshake(path));
    const auto answer = read_until("\r\n\r\n");
    REQUIRE(answer.starts_with("HTTP/1.1 101"));
    CHECK(answer.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
  }

  /// A short frame from the server, without its two first bytes' length.
  std::string read_frame() const {
    const auto head = read_bytes(2);
    if (head.size() < 2)
      return "closed";
    return head.substr(0, 1) + read_bytes(static_cast<unsigned char>(head[1]));
  }
};

std::string ending(unsigned code, const std::string& why) {
  return std::string("\x88") + static_cast<char>(code >> 8U)
         + static_cast<char>(code & 0xffU) + why;
}

} // namespace

TEST_CASE("a WebSocket carries text both ways until one side closes it") {
  place at;
  const watcher one{at};
  CHECK(at.owned.next() == "opened 7");
  one.write(frame(text_frame, "echo"));
  CHECK(at.owned.next() == "said echo");
  CHECK(one.read_frame() == "\x81heard you");
  const auto line = at.owned.line();
  std::thread{[line] {
    for (const auto* each : {"recording", "paused"})
      (void)line.send(each);
  }}.join();
  CHECK(one.read_frame() == "\x81recording");
  CHECK(one.read_frame() == "\x81paused");
  line.close(1000, "call over");
  CHECK(one.read_frame() == ending(1000, "call over"));
  one.write(frame(close_frame, "\x03\xe8"));
  CHECK(at.owned.next() == "closed");
  CHECK_FALSE(line.send("too late"));
}

TEST_CASE("a peer that leaves is told to the owner") {
  place at;
  {
    const watcher one{at};
    CHECK(at.owned.next() == "opened 7");
  }
  CHECK(at.owned.next() == "closed");
}

TEST_CASE("only who is admitted gets a WebSocket, and only by a handshake") {
  const place at;
  const raw_client stranger{at.server->local()};
  stranger.write(handshake("/watch/secret", "Connection: close\r\n"));
  CHECK(stranger.read_until("\r\n").starts_with("HTTP/1.1 401"));
  const raw_client plain{at.server->local()};
  plain.write("GET /watch/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.read_until("\r\n").starts_with("HTTP/1.1 426"));
  const raw_client eager{at.server->local()};
  eager.write(handshake("/watch/7") + frame(text_frame, "now"));
  CHECK(eager.read_until("\r\n").starts_with("HTTP/1.1 426"));
}

TEST_CASE("no more WebSockets than the route allows") {
  http::socket_route route;
  route.at_once = 1;
  const place at{route};
  const watcher one{at};
  const raw_client two{at.server->local()};
  two.write(handshake("/watch/8"));
  CHECK(two.read_until("\r\n").starts_with("HTTP/1.1 503"));
}

TEST_CASE("a WebSocket takes text of a bounded length alone") {
  http::socket_route route;
  route.message_bytes = 100;
  place at{route};
  const watcher binary{at};
  CHECK(at.owned.next() == "opened 7");
  binary.write(frame(binary_frame, "x"));
  CHECK(binary.read_frame() == ending(1003, "only text is taken here"));
  const watcher large{at};
  large.write(frame(text_frame, std::string(101, 'a')));
  CHECK(large.read_frame() == ending(1009, ""));
}

TEST_CASE("a peer that reads too little is cut off, and nobody waits for it") {
  http::socket_route route;
  route.queue_bytes = 64 * 1024;
  place at{route};
  const watcher one{at};
  CHECK(at.owned.next() == "opened 7");
  const auto line = at.owned.line();
  const std::string text(8000, 'a');
  int sent = 0;
  while (line.send(text) && sent < 100'000)
    ++sent;
  CHECK(sent < 100'000);
  CHECK_FALSE(line.send("more"));
  CHECK(at.owned.next() == "closed");
}

TEST_CASE("a peer that is silent is pinged, then gone") {
  http::socket_route route;
  route.silence = 200ms;
  place at{route};
  const watcher one{at};
  CHECK(at.owned.next() == "opened 7");
  CHECK(one.read_frame() == "\x89");
  CHECK(at.owned.next() == "closed");
}

TEST_CASE("a server that ends tells its WebSockets' owners") {
  place at;
  const watcher one{at};
  CHECK(at.owned.next() == "opened 7");
  const auto line = at.owned.line();
  at.server.reset();
  CHECK(at.owned.next() == "closed");
  CHECK_FALSE(line.send("too late"));
}
