#include "control/api/auth.hpp"
#include "control/api/auth_gate.hpp"
#include "control/http/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/control/api/signing.hpp"

#include <openssl/sha.h>

#include <atomic>
#include <filesystem>
#include <fstream>

using namespace callfork;
using namespace std::chrono_literals;
using callfork::test::eventually;
using callfork::test::signer;
using nlohmann::json;

namespace {

const wall_time now{std::chrono::seconds{1'800'000'000}};
const std::string good_key(40, 'k');
const std::string other_key(40, 'o');

std::string hash_of(const std::string& key) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         digest.data());
  std::string hex;
  for (const auto each : digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[each >> 4U];
    hex += digits[each & 0xfU];
  }
  return hex;
}

std::string line_of(const std::string& name, const std::string& role,
                    const std::string& organisation, const std::string& key) {
  return name + " " + role + " " + organisation + " " + hash_of(key) + "\n";
}

const signer& issuer() {
  static const signer made = signer::curve();
  return made;
}

std::string set_of(const signer& whose, const std::string& id) {
  return json{{"keys", {whose.public_half(id)}}}.dump();
}

std::string token_of(const signer& by, const std::string& id) {
  return by.token({{"alg", "ES256"}, {"kid", id}},
                  {{"iss", "i"},
                   {"aud", "callfork"},
                   {"sub", "anna"},
                   {"exp", 1'800'000'300},
                   {"callfork_role", "user"},
                   {"callfork_organisation", "o1"}});
}

struct files {
  test::temporary_folder folder;

  [[nodiscard]] std::string keys() const {
    return folder.path() / "keys";
  }
  [[nodiscard]] std::string set() const {
    return folder.path() / "set.json";
  }
  static void write(const std::string& file, const std::string& text) {
    std::ofstream{file + ".new"} << text;
    std::filesystem::rename(file + ".new", file);
  }
  [[nodiscard]] api::auth_settings settings() const {
    api::auth_settings made;
    made.rules = {"i", "callfork"};
    made.look_every = 5ms;
    return made;
  }
};

std::unique_ptr<api::authenticator> start(const api::auth_settings& from) {
  auto started = api::authenticator::start(from);
  INFO((started ? "" : started.error()));
  REQUIRE(started);
  return std::move(*started);
}

http::request asking(const std::string& authorization,
                     const std::string& from = "192.0.2.1") {
  http::request made;
  made.method = "GET";
  made.path = "/v1/people/me";
  made.peer = *endpoint::parse(from, 4711);
  if (!authorization.empty())
    made.headers["authorization"] = authorization;
  return made;
}

/// A guard whose clock the test turns.
struct gate {
  files at;
  std::unique_ptr<api::authenticator> by;
  instant time{time_point{1h}, now};
  std::optional<api::guard> guard;

  explicit gate(api::gate_settings settings = {}) {
    files::write(at.keys(),
                 line_of("robot", "full-administrator", "o1", good_key)
                   + line_of("other", "user", "o1", other_key));
    auto auth = at.settings();
    auth.keys = at.keys();
    by = start(auth);
    settings.now = [this] {
      return time;
    };
    guard.emplace(*by, settings);
  }

  unsigned ask(const std::string& key, const std::string& from = "192.0.2.1") {
    auto asked = asking(key.empty() ? "" : "Bearer " + key, from);
    const auto refusal = guard->admit(asked);
    return refusal ? refusal->status : 200;
  }
};

} // namespace

TEST_CASE("a local key is known by its hash alone") {
  const auto keys = api::local_keys::read(
    "# name role organisation sha256\n\n"
    + line_of("robot", "full-administrator", "o1", good_key) + "  # end\n"
    + line_of("partner", "partner-administrator", "p1", other_key));
  REQUIRE(keys);
  CHECK(keys->find(good_key)
        == api::caller{"robot", "", api::role::full_administrator, "o1", ""});
  CHECK(keys->find(other_key)->partner == "p1");
  CHECK_FALSE(keys->find(good_key + "k"));
  CHECK_FALSE(keys->find(""));
  CHECK_FALSE(keys->find(hash_of(good_key)));
}

TEST_CASE("a key that could be guessed is never taken") {
  const auto keys
    = api::local_keys::read(line_of("a", "user", "o1", std::string(31, 'k')));
  REQUIRE(keys);
  CHECK_FALSE(keys->find(std::string(31, 'k')));
}

TEST_CASE("a file of keys that is wrong is refused with its line") {
  const auto good = line_of("a", "user", "o1", good_key);
  const auto why = [&](const std::string& line) {
    const auto read = api::local_keys::read(good + line);
    return read ? std::string{} : read.error();
  };
  CHECK(why("").empty());
  CHECK(why("a user o1\n").starts_with("line 2: "));
  CHECK(why(line_of("a", "root", "o1", good_key)).starts_with("line 2: "));
  CHECK(why(line_of("a b", "user", "o1", good_key)).starts_with("line 2: "));
  CHECK(why(line_of("a;", "user", "o1", good_key)).starts_with("line 2: "));
  CHECK(why("a user o1 " + good_key + "\n").starts_with("line 2: "));
  CHECK(why("a user o1 " + std::string(64, 'x')).find("xxx")
        == std::string::npos);
}

TEST_CASE("without keys nobody is known") {
  const files at;
  const auto by = start(at.settings());
  CHECK_FALSE(by->identify(good_key, now));
  CHECK_FALSE(by->identify(token_of(issuer(), "k1"), now));
  CHECK_FALSE(by->identify("", now));
}

TEST_CASE("a changed file counts at once, a faulty one not at all") {
  const files at;
  files::write(at.keys(), line_of("a", "user", "o1", good_key));
  files::write(at.set(), set_of(issuer(), "k1"));
  auto settings = at.settings();
  settings.keys = at.keys();
  settings.key_set = at.set();
  std::atomic<int> notices{0};
  settings.on_notice = [&](const std::string&) {
    ++notices;
  };
  const auto by = start(settings);
  CHECK(by->identify(good_key, now));
  CHECK(by->identify(token_of(issuer(), "k1"), now)->id == "anna");
  files::write(at.keys(), line_of("a", "user", "o1", other_key));
  CHECK(eventually([&] {
    return by->identify(other_key, now).has_value();
  }));
  CHECK_FALSE(by->identify(good_key, now));
  const auto before = notices.load();
  files::write(at.keys(), "nonsense\n");
  CHECK(eventually([&] {
    return notices > before;
  }));
  CHECK(by->identify(other_key, now));
  const auto next = signer::curve();
  files::write(at.set(), set_of(next, "k2"));
  CHECK(eventually([&] {
    return by->identify(token_of(next, "k2"), now).has_value();
  }));
  CHECK_FALSE(by->identify(token_of(issuer(), "k1"), now));
}

TEST_CASE("a start without readable keys fails in one line") {
  const files at;
  auto settings = at.settings();
  settings.keys = at.keys();
  const auto started = api::authenticator::start(settings);
  REQUIRE_FALSE(started);
  CHECK(started.error() == at.keys() + ": cannot be read");
}

TEST_CASE("keys are fetched from a URL, and kept when that fails") {
  std::atomic<bool> well{true};
  std::atomic<int> asked{0};
  http::route keys{"/keys", [&](const http::request&) {
                     ++asked;
                     return well ? http::response{200, set_of(issuer(), "k1"),
                                                  "application/json"}
                                 : http::response{500, "broken\n"};
                   }};
  const auto server
    = http::server::start({.listen = *endpoint::parse("127.0.0.1", 0)}, {keys});
  REQUIRE(server);
  const files at;
  auto settings = at.settings();
  settings.key_set = "http://" + to_string((*server)->local()) + "/keys";
  settings.refresh = 20ms;
  const auto by = start(settings);
  const auto known = [&] {
    return by->identify(token_of(issuer(), "k1"), now).has_value();
  };
  CHECK(eventually(known));
  well = false;
  const auto before = asked.load();
  CHECK(eventually([&] {
    return asked > before + 1;
  }));
  CHECK(known());
}

TEST_CASE("a guard lets in whom it knows, and notes who it is") {
  gate at;
  auto asked = asking("bearer " + good_key);
  CHECK_FALSE(at.guard->admit(asked));
  REQUIRE(api::caller_of(asked) != nullptr);
  CHECK(api::caller_of(asked)->id == "robot");
  const auto refused = [&](const std::string& authorization) {
    auto stranger = asking(authorization);
    const auto told = at.guard->admit(stranger);
    CHECK(api::caller_of(stranger) == nullptr);
    return told && told->status == 401
           && told->header("WWW-Authenticate").starts_with("Bearer")
           && told->body.find("kkk") == std::string::npos;
  };
  CHECK(refused(""));
  CHECK(refused("Bearer"));
  CHECK(refused("Bearer "));
  CHECK(refused("Basic " + good_key));
  CHECK(refused("Bearer  " + good_key));
  CHECK(refused("Bearer " + good_key + ", Bearer " + good_key));
  CHECK(refused("Bearer " + good_key + "\t"));
  CHECK(refused(good_key));
}

TEST_CASE("a browser's WebSocket offers its token as a subprotocol") {
  auto asked = asking("");
  asked.headers["sec-websocket-protocol"] = "callfork.v1, callfork.bearer."
                                            + good_key;
  CHECK(api::bearer_of(asked) == good_key);
  asked.headers["sec-websocket-protocol"] += ", callfork.bearer." + other_key;
  CHECK_FALSE(api::bearer_of(asked));
}

TEST_CASE("who asks too often is told when to ask again") {
  api::gate_settings settings;
  settings.per_caller = {2, 3};
  gate at{settings};
  for (int count = 0; count < 3; ++count)
    CHECK(at.ask(good_key) == 200);
  auto asked = asking("Bearer " + good_key);
  const auto refusal = at.guard->admit(asked);
  REQUIRE(refusal);
  CHECK(refusal->status == 429);
  CHECK(refusal->header("Retry-After") == "1");
  CHECK(at.ask(good_key, "192.0.2.2") == 429);
  CHECK(at.ask(other_key) == 200);
  at.time.steady += 500ms;
  CHECK(at.ask(good_key) == 200);
  CHECK(at.ask(good_key) == 429);
}

TEST_CASE("whoever guesses keys is soon not listened to") {
  gate at;
  int guesses = 0;
  while (at.ask(std::string(40, 'x')) == 401 && guesses < 1000)
    ++guesses;
  CHECK(guesses < 25);
  CHECK(at.ask(good_key) == 429);
  CHECK(at.ask(good_key, "192.0.2.2") == 200);
  at.time.steady += 1h;
  CHECK(at.ask(good_key) == 200);
}

TEST_CASE("all addresses of an IPv6 network count as one") {
  api::gate_settings settings;
  settings.per_address = {1, 2};
  gate at{settings};
  CHECK(at.ask(good_key, "2001:db8::1") == 200);
  CHECK(at.ask(good_key, "2001:db8::2") == 200);
  CHECK(at.ask(good_key, "2001:db8::ffff:3") == 429);
  CHECK(at.ask(good_key, "2001:db8:0:1::1") == 200);
}

TEST_CASE("limits remember a bounded number of callers, the latest") {
  api::rate_limiter limits{{1, 1}, 100};
  const time_point start{1h};
  CHECK_FALSE(limits.take("first", 1, start));
  CHECK(limits.take("first", 1, start) == 1s);
  for (int number = 0; number < 1000; ++number) {
    CHECK_FALSE(limits.take(std::to_string(number), 1, start));
    CHECK(limits.take("first", 1, start) == 1s);
  }
  CHECK(limits.remembered() == 100);
  CHECK(limits.take("999", 1, start) == 1s);
  CHECK_FALSE(limits.take("0", 1, start));
}
