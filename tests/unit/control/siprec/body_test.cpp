#include "control/siprec/body.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using siprec::read_body;

namespace {

constexpr auto mixed = "multipart/mixed;boundary=unique";

std::string two_parts(std::string_view boundary, std::string_view line_end) {
  std::string made;
  const auto line = [&](std::string_view text) {
    made += std::string{text} + std::string{line_end};
  };
  const auto mark = "--" + std::string{boundary};
  line(mark);
  line("Content-Type: application/sdp");
  line("");
  line("v=0");
  line(mark);
  line("content-disposition:Recording-Session");
  line("CONTENT-TYPE:application/rs-metadata+xml");
  line("");
  line("<recording/>");
  line(mark + "--");
  return made;
}

} // namespace

TEST_CASE("a body of several parts reads back as it was written", "[siprec]") {
  const std::vector<siprec::body_part> parts{
    {"application/sdp", "", false, "v=0\r\n"},
    {"application/rs-metadata+xml", "recording-session", false, "<recording/>"},
    {"application/gtd", "signal", true, "IAM,\r\n"},
  };
  const auto written = siprec::write_body(parts, "unique");
  const auto read = read_body(written.content_type, written.content, {});
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  for (std::size_t at = 0; at < parts.size(); ++at) {
    CHECK((*read)[at].type == parts[at].type);
    CHECK((*read)[at].disposition == parts[at].disposition);
    CHECK((*read)[at].optional == parts[at].optional);
    CHECK((*read)[at].content == parts[at].content);
  }
}

TEST_CASE("the multiparts that clients are known to send are read",
          "[siprec]") {
  const auto [type, body] = GENERATE(table<std::string, std::string>({
    {mixed, two_parts("unique", "\r\n")},
    {mixed, two_parts("unique", "\n")},
    {"Multipart/Mixed; Boundary=\"unique mark\"",
     two_parts("unique mark", "\r\n")},
    {"multipart/mixed", two_parts("unnamed", "\r\n")},
    {mixed, "a preamble\r\n\r\n" + two_parts("unique", "\r\n")},
    {"multipart/mixed;charset=utf-8;boundary=unique",
     two_parts("unique", "\r\n") + "an epilogue"},
    {"multipart/mixed;boundary=\"uni;que\"", two_parts("uni;que", "\r\n")},
  }));
  INFO(type);
  const auto read = read_body(type, body, {});
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(read->front().content == "v=0");
  CHECK(read->back().type == "application/rs-metadata+xml");
  CHECK(read->back().disposition == "recording-session");
  CHECK(read->back().content == "<recording/>");
}

TEST_CASE("a body that is no multipart is the one part that it is",
          "[siprec]") {
  const auto read = read_body("application/SDP;charset=x", "v=0\r\n", {});
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK(read->front().type == "application/sdp");
  CHECK(read_body("", "\r\n", {})->empty());
}

TEST_CASE("a body that cannot be read says what SIP answers", "[siprec]") {
  const auto status = [](std::string_view type, std::string_view body) {
    const auto read = read_body(type, body, {});
    return read ? 200U : read.error().status;
  };
  const auto whole = two_parts("unique", "\r\n");
  CHECK(status(mixed, whole.substr(0, whole.size() - 4)) == 400);
  CHECK(status("multipart/mixed;boundary=other", whole) == 400);
  CHECK(status("multipart/mixed;boundary=uniq", whole) == 400);
  CHECK(status(mixed, "") == 400);
  CHECK(status("multipart/mixed", "no mark at all") == 400);
  CHECK(status(mixed, std::string(200'000, 'x')) == 413);
  std::string many;
  for (int part = 0; part < 20; ++part)
    many += "--unique\r\n\r\nx\r\n";
  CHECK(status(mixed, many + "--unique--\r\n") == 413);
  CHECK(status(mixed, "--unique\r\nX: " + std::string(9000, 'x')
                        + "\r\nY: y\r\n\r\nz\r\n--unique--")
        == 413);
}
