#include "control/ng/setup_delay.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::ng;
using namespace std::chrono_literals;

namespace {

request asking(command what, const std::string& call,
               const std::string& to_tag = "") {
  request made;
  made.command = what;
  made.call_id = call;
  made.to_tag = to_tag;
  return made;
}

} // namespace

TEST_CASE("the delay of a set-up is that of its offers and its answer") {
  setup_delay calls{10};
  CHECK_FALSE(calls.note(asking(command::offer, "a"), 2ms));
  CHECK_FALSE(calls.note(asking(command::offer, "b"), 50ms));
  CHECK_FALSE(calls.note(asking(command::offer, "a"), 3ms)); // A forked branch.
  CHECK_FALSE(calls.note(asking(command::query, "a"), 40ms));
  CHECK(calls.note(asking(command::answer, "a", "t"), 1ms) == 6ms);
  CHECK(calls.note(asking(command::answer, "b", "t"), 1ms) == 51ms);
}

TEST_CASE("what comes after the first answer is no set-up") {
  setup_delay calls{10};
  CHECK_FALSE(calls.note(asking(command::offer, "a"), 2ms));
  CHECK(calls.note(asking(command::answer, "a", "t"), 1ms));
  CHECK_FALSE(calls.note(asking(command::answer, "a", "t"), 1ms));
  CHECK_FALSE(calls.note(asking(command::offer, "a", "t"), 2ms));
  CHECK_FALSE(calls.note(asking(command::answer, "a", "t"), 1ms));
  CHECK_FALSE(calls.note(asking(command::offer, "b"), 2ms));
  CHECK_FALSE(calls.note(asking(command::remove, "b"), 2ms));
  CHECK_FALSE(calls.note(asking(command::answer, "b", "t"), 2ms));
}

TEST_CASE("calls that nobody answers are forgotten, the latest ones last") {
  setup_delay calls{10};
  for (int call = 0; call < 30; ++call)
    CHECK_FALSE(calls.note(asking(command::offer, std::to_string(call)), 1ms));
  CHECK_FALSE(calls.note(asking(command::answer, "5", "t"), 1ms));
  for (int call = 20; call < 30; ++call)
    CHECK(calls.note(asking(command::answer, std::to_string(call), "t"), 1ms));
}
