#include "control/cluster/owners.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::cluster;
using namespace std::chrono_literals;

namespace {

const time_point start{1000s};

} // namespace

TEST_CASE("a call is whose owner tells of it, until that tells its end") {
  owners known;
  REQUIRE(known.began(1, "a"));
  REQUIRE(known.began(own_node, "b"));
  CHECK(known.find("a") == 1U);
  CHECK(known.find("b") == own_node);
  CHECK_FALSE(known.find("c"));
  CHECK(known.foreign() == 1);
  known.ended(2, "a");
  CHECK(known.find("a") == 1U);
  known.ended(1, "a");
  CHECK_FALSE(known.find("a"));
  CHECK(known.calls_of(1) == 0);
}

TEST_CASE("what is told twice counts once, and the last owner counts") {
  owners known;
  REQUIRE(known.began(1, "a"));
  REQUIRE(known.began(1, "a"));
  CHECK(known.calls_of(1) == 1);
  REQUIRE(known.began(2, "a"));
  CHECK(known.find("a") == 2U);
  CHECK(known.calls_of(1) == 0);
  CHECK(known.calls_of(2) == 1);
}

TEST_CASE("nobody can claim what lives here") {
  owners known;
  REQUIRE(known.began(own_node, "a"));
  static_cast<void>(known.began(1, "a"));
  CHECK(known.find("a") == own_node);
  CHECK(known.calls_of(1) == 0);
}

TEST_CASE("a member that is gone owns nothing, others keep theirs") {
  owners known;
  REQUIRE(known.began(1, "a"));
  REQUIRE(known.began(2, "b"));
  known.place(1, "c", start);
  known.forget(1);
  CHECK_FALSE(known.find("a"));
  CHECK_FALSE(known.find("c"));
  CHECK(known.find("b") == 2U);
  CHECK(known.calls_of(1) + known.placed_with(1) == 0);
}

TEST_CASE("a placed call counts against its member until that tells of it") {
  owners known;
  known.place(1, "a", start);
  CHECK(known.find("a") == 1U);
  CHECK(known.placed_with(1) == 1);
  CHECK(known.calls_of(1) == 0);
  REQUIRE(known.began(1, "a"));
  CHECK(known.placed_with(1) == 0);
  CHECK(known.calls_of(1) == 1);
  known.unplace(1, "a");
  CHECK(known.find("a") == 1U);
}

TEST_CASE("a placed call that nobody tells of is forgotten after seconds") {
  owners known;
  known.place(1, "a", start);
  known.expire(start + 5s);
  CHECK(known.find("a") == 1U);
  known.expire(start + 6s);
  CHECK_FALSE(known.find("a"));
  CHECK(known.placed_with(1) == 0);
}

TEST_CASE("no member fills the memory") {
  owners known;
  CHECK_FALSE(known.began(1, std::string(longest_call_id + 1, 'x')));
  CHECK_FALSE(known.began(1, ""));
  for (int count = 0; count < 200'000; ++count)
    REQUIRE(known.began(1, std::to_string(count)));
  CHECK_FALSE(known.began(1, "one more"));
  CHECK(known.began(2, "another's"));
  CHECK(known.list(1).size() == 200'000);
}
