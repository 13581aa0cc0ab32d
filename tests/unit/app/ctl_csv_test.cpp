#include "app/ctl/api/csv.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;

namespace {

std::vector<ctl::csv_record> all_of(std::string_view text) {
  ctl::csv_reader from{text};
  std::vector<ctl::csv_record> made;
  while (auto one = from.next())
    made.push_back(*std::move(one));
  return made;
}

using cells = std::vector<std::string>;

} // namespace

TEST_CASE("CSV has quotes, line breaks of any kind and a byte order mark") {
  const auto read = all_of("\xef\xbb\xbf"
                           "a,b\r\n"
                           "\"x, \"\"y\"\"\", z \n"
                           "\n"
                           "\"two\r\nlines\",\r"
                           "last,one");
  REQUIRE(read.size() == 4);
  CHECK(read[0].cells == cells{"a", "b"});
  CHECK(read[1].cells == cells{"x, \"y\"", "z"});
  CHECK(read[2].cells == cells{"two\r\nlines", ""});
  CHECK(read[2].line == 4);
  CHECK(read[3].cells == cells{"last", "one"});
  CHECK(read[3].line == 6);
}

TEST_CASE("a wrong line of CSV costs that line alone") {
  const auto read = all_of("a,b\n"
                           "x\"y,z\n"
                           "\"x\"y,z\n"
                           "good,line\n"
                           "\"open,line\nmore\n");
  REQUIRE(read.size() == 5);
  CHECK(read[1].fault == "a quote stands in the middle of a cell");
  CHECK(read[2].fault == "there is text behind a closing quote");
  CHECK(read[3].fault.empty());
  CHECK(read[3].line == 4);
  CHECK(read[4].line == 5);
  CHECK(read[4].fault.find("nothing closes") == 0);
}

TEST_CASE("semicolons separate where spreadsheets write them") {
  const auto read = all_of("a;b;c\n1,5;2;3\n");
  REQUIRE(read.size() == 2);
  CHECK(read[1].cells == cells{"1,5", "2", "3"});
}

TEST_CASE("what is written as CSV reads as it was") {
  const cells all{"plain", "", "a,b", "say \"x\"", "two\nlines", " blank "};
  const auto text = ctl::csv_line(all);
  CHECK(text.ends_with("\r\n"));
  CHECK(all_of(text).at(0).cells == all);
}
