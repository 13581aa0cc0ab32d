#include "control/cluster/dial_plan.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::cluster;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;

const time_point start{1000s};

bool nobody(const std::string&) {
  return false;
}

} // namespace

TEST_CASE("the node with the lesser address dials, the other waits") {
  dial_plan plan;
  plan.learn("b:1", {"a:1", "b:1", "c:1"}, start);
  CHECK(plan.due(start, nobody) == names{"c:1"});
  CHECK(plan.unlinked() == 2);
  CHECK(plan.due(start + 2s, nobody).empty());
  CHECK(plan.due(start + 3s, nobody) == names{"a:1"});
}

TEST_CASE("who cannot be reached is dialled for ever, one dial at a time") {
  dial_plan plan;
  plan.learn("a:1", {"b:1"}, start);
  REQUIRE(plan.due(start, nobody).size() == 1);
  CHECK(plan.due(start + 10s, nobody).empty());
  plan.dialled("b:1", start + 10s);
  CHECK(plan.due(start + 10s, nobody).empty());
  CHECK(plan.due(start + 11s, nobody).size() == 1);
  CHECK(plan.due(start + 27s, nobody).size() == 1);
}

TEST_CASE("who is linked is dialled once the link is gone") {
  dial_plan plan;
  plan.learn("b:1", {"a:1", "c:1"}, start);
  const auto all = [](const std::string&) {
    return true;
  };
  CHECK(plan.due(start + 100s, all).empty());
  CHECK(plan.unlinked() == 0);
  CHECK(plan.due(start + 101s, nobody) == names{"c:1"});
  CHECK(plan.due(start + 103s, nobody) == names{"a:1"});
}

TEST_CASE("who left the list is dialled no more") {
  dial_plan plan;
  plan.learn("a:1", {"b:1", "c:1"}, start);
  plan.learn("a:1", {"c:1"}, start);
  CHECK(plan.due(start, nobody) == names{"c:1"});
}
