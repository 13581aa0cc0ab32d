#include "control/ng/cookie_cache.hpp"
#include "control/ng/source_allow_list.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::ng;
using namespace std::chrono_literals;

namespace {

const auto proxy = *endpoint::parse("192.0.2.1", 5060);
const auto other = *endpoint::parse("192.0.2.1", 5061);
const time_point start{};

} // namespace

TEST_CASE("a repeated request gets the same reply", "[ng]") {
  cookie_cache cache{100};
  CHECK(cache.begin(proxy, "1", start).what == cookie_cache::lookup::fresh);
  CHECK(cache.begin(proxy, "1", start + 1s).what
        == cookie_cache::lookup::in_progress);
  cache.finish(proxy, "1", "1 reply");
  for (const auto later : {2s, 29s, 59s}) {
    const auto again = cache.begin(proxy, "1", start + later);
    CHECK(again.what == cookie_cache::lookup::answered);
    CHECK(again.reply == "1 reply");
  }
}

TEST_CASE("a cookie is known by its sender", "[ng]") {
  cookie_cache cache{100};
  (void)cache.begin(proxy, "1", start);
  CHECK(cache.begin(other, "1", start).what == cookie_cache::lookup::fresh);
}

TEST_CASE("replies are forgotten after two generations", "[ng]") {
  cookie_cache cache{100};
  (void)cache.begin(proxy, "1", start);
  cache.finish(proxy, "1", "reply");
  (void)cache.begin(proxy, "2", start + 31s);
  CHECK(cache.size() == 2);
  CHECK(cache.begin(proxy, "1", start + 62s).what
        == cookie_cache::lookup::fresh);
}

TEST_CASE("after a long silence everything is forgotten", "[ng]") {
  cookie_cache cache{100};
  (void)cache.begin(proxy, "1", start);
  cache.finish(proxy, "1", "reply");
  CHECK(cache.begin(proxy, "1", start + 1h).what
        == cookie_cache::lookup::fresh);
}

TEST_CASE("a flood of cookies is bounded", "[ng]") {
  cookie_cache cache{100};
  for (auto i = 0; i < 1000; ++i)
    (void)cache.begin(proxy, std::to_string(i), start);
  CHECK(cache.size() <= 200);
}

TEST_CASE("an abandoned request may be executed again", "[ng]") {
  cookie_cache cache{100};
  (void)cache.begin(proxy, "1", start);
  cache.abandon(proxy, "1");
  CHECK(cache.begin(proxy, "1", start).what == cookie_cache::lookup::fresh);
}

TEST_CASE("only listed networks are allowed", "[ng]") {
  const auto list = source_allow_list::parse(
    {"192.0.2.0/25", "2001:db8:8000::/33", "198.51.100.7"});
  REQUIRE(list);
  auto allows = [&list](const char* address) {
    return list->allows(*endpoint::parse(address, 1));
  };
  CHECK(allows("192.0.2.127"));
  CHECK_FALSE(allows("192.0.2.128"));
  CHECK(allows("198.51.100.7"));
  CHECK_FALSE(allows("198.51.100.8"));
  CHECK(allows("2001:db8:8000::1"));
  CHECK_FALSE(allows("2001:db8:7fff::1"));
  CHECK(allows("::ffff:192.0.2.1"));
  CHECK_FALSE(source_allow_list{}.allows(proxy));
}

TEST_CASE("zero bits allow a whole family and no other", "[ng]") {
  const auto list = source_allow_list::parse({"0.0.0.0/0"});
  REQUIRE(list);
  CHECK(list->allows(proxy));
  CHECK_FALSE(list->allows(*endpoint::parse("2001:db8::1", 1)));
}

TEST_CASE("a network that is none is named in the error", "[ng]") {
  for (const auto* bad : {"nonsense", "192.0.2.0/33", "192.0.2.0/",
                          "2001:db8::/129", "192.0.2.0/8x"}) {
    const auto list = source_allow_list::parse({bad});
    REQUIRE_FALSE(list);
    CHECK(list.error().find(bad) != std::string::npos);
  }
}
