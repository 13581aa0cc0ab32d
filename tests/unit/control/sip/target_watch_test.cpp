#include "control/sip/target_watch.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;
const names all{"sip:a", "sip:b", "sip:c"};

} // namespace

TEST_CASE("targets that are down are tried last", "[sip]") {
  sip::target_watch watch;
  const time_point now{1h};
  CHECK(watch.in_order(all, now) == all);
  CHECK(watch.heard("sip:a", false));
  CHECK_FALSE(watch.heard("sip:a", false));
  CHECK(watch.heard("sip:b", true));
  CHECK(watch.in_order(all, now) == names{"sip:b", "sip:c", "sip:a"});
  CHECK(watch.heard("sip:a", true));
  CHECK(watch.in_order(all, now) == all);
}

TEST_CASE("a target that has just failed is avoided for a while", "[sip]") {
  sip::target_watch watch;
  const time_point now{1h};
  watch.failed("sip:a", now, now + 10s);
  watch.heard("sip:b", false);
  CHECK(watch.in_order(all, now + 9s) == names{"sip:c", "sip:a", "sip:b"});
  CHECK(watch.in_order(all, now + 10s) == names{"sip:a", "sip:c", "sip:b"});
  watch.failed("sip:c", now, now + 24h);
  CHECK(watch.in_order(all, now + 4min) == names{"sip:a", "sip:c", "sip:b"});
  CHECK(watch.in_order({"sip:c", "sip:a"}, now + 4min)
        == names{"sip:a", "sip:c"});
  CHECK(watch.in_order({"sip:c", "sip:a"}, now + 5min)
        == names{"sip:c", "sip:a"});
}

TEST_CASE("a session that is opened proves its target", "[sip]") {
  sip::target_watch watch;
  const time_point now{1h};
  watch.failed("sip:a", now, now + 10s);
  CHECK_FALSE(watch.worked("sip:a"));
  CHECK(watch.in_order(all, now) == all);
  watch.heard("sip:a", false);
  CHECK(watch.worked("sip:a"));
  CHECK(watch.in_order(all, now) == all);
}
