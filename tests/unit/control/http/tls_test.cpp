#include "control/http/client.hpp"
#include "control/http/server.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/control/http/raw_client.hpp"

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

using namespace callfork;
using namespace std::chrono_literals;
using callfork::test::raw_client;

namespace {

/// Certificates that speak for themselves, made by openssl.
class certificates {
public:
  void make(const std::string& name, const std::string& speaks_for) const {
    const auto line
      = "cd " + folder_.path().string()
        + " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
          " -nodes -keyout "
        + name + ".key -out " + name + ".pem -days 2 -subj /CN=" + name
        + " -addext subjectAltName=" + speaks_for + " 2>/dev/null";
    REQUIRE(std::system(line.c_str()) == 0);
  }

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return folder_.path() / name;
  }

  void replace(const std::string& with) const {
    for (const auto* kind : {".pem", ".key"})
      std::filesystem::copy_file(
        file(with + kind), file(std::string{"server"} + kind),
        std::filesystem::copy_options::overwrite_existing);
  }

private:
  test::temporary_folder folder_;
};

/// What the server tells, to be waited for.
class notices {
public:
  void take(const std::string& text) {
    const std::lock_guard guard{mutex_};
    last_ = text;
    changed_.notify_all();
  }

  std::string next() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 5s, [this] {
      return !last_.empty();
    });
    return std::exchange(last_, {});
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string last_;
};

expected<std::unique_ptr<http::server>, std::string>
start(const certificates& issued, notices* told) {
  http::server_settings settings;
  settings.listen = *endpoint::parse("127.0.0.1", 0);
  settings.tls = http::tls_files{issued.file("server.pem"),
                                 issued.file("server.key")};
  settings.look_after = 20ms;
  if (told != nullptr)
    settings.on_notice = [told](const std::string& text) {
      told->take(text);
    };
  http::route hello{"/hello", [](const http::request& asked) {
                      return http::response{200, "hello " + asked.body};
                    }};
  hello.method = "POST";
  return http::server::start(settings, {hello});
}

expected<http::response, std::string>
ask(const http::server& server, const std::filesystem::path& trusted,
    const std::string& host = "localhost") {
  return http::ask({host, server.local().port(), true, trusted},
                   {"/hello", "POST", {}, std::string(50'000, 'a')}, 5s);
}

} // namespace

TEST_CASE("a server with a certificate speaks TLS alone") {
  const certificates issued;
  issued.make("server", "DNS:localhost");
  issued.make("other", "DNS:localhost");
  const auto server = start(issued, nullptr);
  REQUIRE(server);
  const auto good = ask(**server, issued.file("server.pem"));
  REQUIRE(good);
  CHECK(good->status == 200);
  CHECK(good->body.size() == 50'006);
  CHECK_FALSE(ask(**server, issued.file("other.pem")));
  CHECK_FALSE(ask(**server, issued.file("server.pem"), "127.0.0.1"));
  CHECK_FALSE(ask(**server, issued.file("none.pem")));
  const raw_client plain{(*server)->local()};
  plain.write("POST /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.read_all().find("HTTP") == std::string::npos);
  CHECK(ask(**server, issued.file("server.pem")));
}

TEST_CASE("a renewed certificate is taken up, a faulty one is not") {
  const certificates issued;
  issued.make("server", "DNS:localhost");
  issued.make("newer", "DNS:localhost");
  notices told;
  const auto server = start(issued, &told);
  REQUIRE(server);
  issued.replace("newer");
  CHECK(told.next() == "http tls: the certificate was read again");
  CHECK(ask(**server, issued.file("newer.pem")));
  std::filesystem::resize_file(issued.file("server.key"), 40);
  CHECK(told.next().starts_with("http tls: key "));
  CHECK(ask(**server, issued.file("newer.pem")));
}

TEST_CASE("a key that is not the certificate's is told in one line") {
  const certificates issued;
  issued.make("server", "DNS:localhost");
  issued.make("other", "DNS:localhost");
  std::filesystem::copy_file(issued.file("other.key"),
                             issued.file("server.key"),
                             std::filesystem::copy_options::overwrite_existing);
  const auto server = start(issued, nullptr);
  REQUIRE_FALSE(server);
  CHECK(server.error().starts_with("http tls: key "));
  CHECK(server.error().find('\n') == std::string::npos);
}
