#include "app/ctl/api/bulk.hpp"
#include "app/ctl/api/sheet.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using ctl::json;

namespace {

std::vector<ctl::sheet_row> people_in(std::string_view text,
                                      ctl::sheet_format as) {
  return ctl::read_sheet(text, as, ctl::operation_of("people", "add")).value();
}

const json anna{{"email", "anna@acme.example"},
                {"locationId", "berlin"},
                {"firstName", "Änna"},
                {"licenseType", "BASIC_USER"},
                {"addresses", {"+49301234", "0123"}}};

} // namespace

TEST_CASE("people read alike from CSV, YAML and lines of JSON") {
  const auto csv
    = people_in("E-Mail,Location,First Name,licence,addresses,plan\n"
                "anna@acme.example,berlin,Änna,basic,+49301234; 0123,PAID\n",
                ctl::sheet_format::csv);
  const auto yaml = people_in("people:\n"
                              "- email: anna@acme.example\n"
                              "  locationId: berlin\n"
                              "  firstName: Änna\n"
                              "  licenseType: BASIC_USER\n"
                              "  addresses: ['+49301234', 0123]\n",
                              ctl::sheet_format::yaml);
  const auto jsonl
    = people_in(R"({"email":"anna@acme.example","locationId":"berlin",)"
                R"("firstName":"Änna","licenseType":"BASIC_USER",)"
                R"("addresses":["+49301234","0123"],"lastName":null})",
                ctl::sheet_format::jsonl);
  for (const auto& each : {csv, yaml, jsonl}) {
    REQUIRE(each.size() == 1);
    CHECK(each[0].fault.empty());
    CHECK(json::diff(each[0].what, anna).empty());
  }
  CHECK(csv[0].line == 2);
  CHECK(yaml[0].line == 2);
}

TEST_CASE("each wrong row of a file says why, and costs no other") {
  const auto read = people_in("email,type,locationId\n"
                              "a@x,person,berlin\n"
                              "b@x,robot,berlin\n"
                              "c@x,person\n"
                              "d\xff@x,person,berlin\n"
                              "e@x,,berlin\n",
                              ctl::sheet_format::csv);
  REQUIRE(read.size() == 5);
  CHECK(read[0].fault.empty());
  CHECK(read[1].fault
        == "type: expected one of person, workspace, virtual-line, not "
           "'robot'");
  CHECK(read[2].fault == "there are 2 cells below 3 headings");
  CHECK(read[3].fault == "email: it is no UTF-8");
  CHECK(read[4].what == json{{"email", "e@x"}, {"locationId", "berlin"}});
  const auto lines = people_in("{\"email\":\"a@x\"}\nnonsense\n"
                               "{\"emial\":\"a@x\"}\n{\"email\":{}}\n",
                               ctl::sheet_format::jsonl);
  CHECK(lines.at(0).fault.empty());
  CHECK(lines.at(1).fault == "it is no object of JSON");
  CHECK(lines.at(2).fault.find("there is no field 'emial'") == 0);
  CHECK(lines.at(3).fault == "email: expected a text");
  const auto yaml = people_in("- email: a@x\n- 7\n- email: [[b]]\n",
                              ctl::sheet_format::yaml);
  CHECK(yaml.at(0).fault.empty());
  CHECK(yaml.at(1).line == 2);
  CHECK(yaml.at(1).fault == "expected 'name: value' lines");
  CHECK(yaml.at(2).fault == "email: expected a list of texts");
}

TEST_CASE("a file with a heading that means nothing is not read") {
  const auto& adds = ctl::operation_of("people", "add");
  const auto read = ctl::read_sheet("email,emial\n", ctl::sheet_format::csv,
                                    adds);
  REQUIRE(!read);
  CHECK(read.error().find("line 1: there is no field 'emial'; there are id, ")
        == 0);
  CHECK(!ctl::read_sheet("email,E-Mail\n", ctl::sheet_format::csv, adds));
  CHECK(!ctl::read_sheet("- a: [\n", ctl::sheet_format::yaml, adds));
}

TEST_CASE("what is exported reads as it was, in each format") {
  auto listed = anna;
  listed["callRecording"] = {{"enabled", true}};
  listed["lastName"] = "O\"Neil, Jr.";
  auto kept = anna;
  kept["lastName"] = "O\"Neil, Jr.";
  const auto& adds = ctl::operation_of("people", "add");
  for (const auto format : {ctl::sheet_format::csv, ctl::sheet_format::yaml,
                            ctl::sheet_format::jsonl}) {
    const auto text = ctl::write_sheet(json::array({listed}), format, adds);
    const auto read = people_in(text, format);
    REQUIRE(read.size() == 1);
    CHECK(json::diff(read[0].what, kept).empty());
  }
}

TEST_CASE("rows go in parts, and their faults name lines of the file") {
  std::vector<ctl::sheet_row> rows;
  for (std::size_t line = 2; line < 8; ++line)
    rows.push_back(
      {line, {{"email", "P" + std::to_string(line % 5) + "@x"}}, {}});
  rows[1].fault = "unreadable";
  std::vector<std::size_t> parts;
  const auto went = ctl::deliver(
    rows, {"id", "email"}, 2,
    [&](std::span<const ctl::sheet_row> part,
        ctl::import_report& to) -> expected<void, std::string> {
      parts.push_back(part.size());
      to.created += part.size();
      return {};
    },
    [](std::size_t) {});
  CHECK(parts == std::vector<std::size_t>{2, 2});
  CHECK(went.created == 4);
  REQUIRE(went.faults.size() == 2);
  CHECK(went.faults[0].line == 3);
  CHECK(went.faults[1].line == 7);
  CHECK(went.faults[1].why == "line 2 has the same email");
}

TEST_CASE("an import that stops says from where on it can be done again") {
  std::vector<ctl::sheet_row> rows;
  for (std::size_t line = 1; line < 8; ++line)
    rows.push_back({line, {{"id", std::to_string(line)}}, {}});
  int asked = 0;
  const auto went = ctl::deliver(
    rows, {"id"}, 3,
    [&](std::span<const ctl::sheet_row> part,
        ctl::import_report& to) -> expected<void, std::string> {
      if (++asked == 2)
        return make_unexpected(std::string{"gone"});
      to.created += part.size();
      return {};
    },
    [](std::size_t) {});
  CHECK(asked == 2);
  CHECK(went.created == 3);
  CHECK(went.unsent_from == 4);
  CHECK(went.stopped == "gone");
}
