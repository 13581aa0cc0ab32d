#include "control/cluster/placement.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <vector>

using namespace callfork::cluster;

namespace {

candidate own(candidate what) {
  what.own = true;
  return what;
}

} // namespace

TEST_CASE("a new call goes where the largest part is free") {
  const std::array nodes{own({.calls = 80, .limit = 100}),
                         candidate{.calls = 300, .limit = 1000},
                         candidate{.calls = 45, .limit = 100}};
  CHECK(place(nodes) == 1U);
}

TEST_CASE("without limits it goes where a thread has the fewest calls") {
  const std::array nodes{own({.calls = 9, .shards = 1}),
                         candidate{.calls = 16, .shards = 4},
                         candidate{.calls = 5, .shards = 1}};
  CHECK(place(nodes) == 1U);
  const std::array mixed{own({.calls = 9, .limit = 1000}),
                         candidate{.calls = 8}};
  CHECK(place(mixed) == 1U);
}

TEST_CASE("among equals a call stays, or goes to the first") {
  const std::array nodes{candidate{.calls = 3}, own({.calls = 3}),
                         candidate{.calls = 3}};
  CHECK(place(nodes) == 1U);
  const std::array others{own({.calls = 4}), candidate{.calls = 3},
                          candidate{.calls = 3}};
  CHECK(place(others) == 1U);
}

TEST_CASE("full and draining nodes get no calls, and nobody if all are") {
  std::vector<candidate> nodes{own({.calls = 0, .draining = true}),
                               {.calls = 7, .placed = 3, .limit = 10},
                               {.calls = 90}};
  CHECK(place(nodes) == 2U);
  nodes.pop_back();
  CHECK_FALSE(place(nodes));
  CHECK_FALSE(place({}));
}

TEST_CASE("a burst spreads before anybody tells how many calls it has") {
  std::vector<candidate> nodes{own({.calls = 10, .limit = 100}),
                               {.calls = 10, .limit = 100},
                               {.calls = 40, .limit = 200}};
  for (int count = 0; count < 100; ++count)
    ++nodes.at(place(nodes).value()).placed;
  CHECK(nodes[0].placed == 30);
  CHECK(nodes[1].placed == 30);
  CHECK(nodes[2].placed == 40);
}
