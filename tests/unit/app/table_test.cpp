#include "app/ctl/ask.hpp"
#include "app/ctl/table.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;

TEST_CASE("columns are as wide as their widest cell") {
  CHECK(ctl::table({{"A", "BB"}, {"long", "x"}}, false)
        == "A     BB\nlong  x\n");
  CHECK(ctl::table({{"é", "x"}, {"ab", "y"}}, false) == "é   x\nab  y\n");
  CHECK(ctl::table({{"A"}}, true) == "\x1b[1mA\x1b[0m\n");
}

TEST_CASE("what a phone sent steers no terminal") {
  CHECK(ctl::table({{"\x1b[2Jx\n"}}, false) == ".[2Jx.\n");
}

TEST_CASE("lengths read like those of a music player") {
  CHECK(ctl::length_text(4560) == "4.5 s");
  CHECK(ctl::length_text(185'000) == "3:05");
  CHECK(ctl::length_text(3'723'000) == "1:02:03");
}

TEST_CASE("an id becomes one segment of a path") {
  CHECK(ctl::segment("a/b c%~.") == "a%2Fb%20c%25~.");
}
