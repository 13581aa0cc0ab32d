#include "bus/event_json.hpp"
#include "bus/event_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/event_lines.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/bus/event_samples.hpp"

#include <set>

using namespace callfork;
using namespace callfork::bus;

namespace {

std::vector<record> sample_records() {
  std::vector<record> made;
  for (const auto& each : test::one_of_each())
    made.push_back(to_record(each, "events"));
  return made;
}

bool valid(const std::vector<record>& records) {
  const test::temporary_folder folder;
  const auto lines = folder.path() / "events.ndjson";
  test::write_event_lines(lines, records);
  const bool good = test::events_are_valid(lines);
  UNSCOPED_INFO(test::validator_report(lines));
  return good;
}

} // namespace

TEST_CASE("every type of event fits its schema", "[bus][event]") {
  std::set<std::string_view> types;
  for (const auto& each : test::one_of_each())
    types.insert(type_of(each.data));
  CHECK(types.size() == event_types.size());
  CHECK(valid(sample_records()));
}

TEST_CASE("the validator finds what is wrong", "[bus][event]") {
  auto records = sample_records();
  SECTION("a gap in the sequence") {
    records.erase(records.begin() + 3);
    CHECK_FALSE(valid(records));
  }
  SECTION("two events in the wrong order") {
    std::swap(records[2], records[3]);
    CHECK_FALSE(valid(records));
  }
  SECTION("a value that no schema allows") {
    records[0].value = R"({"session":"x"})";
    CHECK_FALSE(valid(records));
  }
  SECTION("a member that no schema names") {
    records[0].value.insert(1, R"("secret":"x",)");
    CHECK_FALSE(valid(records));
  }
  SECTION("a key that is not the partition key") {
    records[0].key = "another";
    CHECK_FALSE(valid(records));
  }
  SECTION("an event repeated word for word is no fault") {
    records.push_back(records.front());
    CHECK(valid(records));
  }
  SECTION("an event repeated with other words") {
    records.push_back(records.front());
    records.back().value = records[3].value;
    CHECK_FALSE(valid(records));
  }
}

TEST_CASE("an event's attributes are headers and its id is deterministic",
          "[bus][event]") {
  auto event = test::sample("rec-1", 42, recording_paused{});
  event.header.epoch = 3;
  const auto made = to_record(event, "callfork.us.events.v1");
  const auto header = [&made](std::string_view name) {
    return header_of(made, name).value_or("none");
  };
  CHECK(made.topic == "callfork.us.events.v1");
  CHECK(made.key == "call-1@192.0.2.1");
  CHECK(header("content-type") == "application/json");
  CHECK(header("ce_specversion") == "1.0");
  CHECK(header("ce_id") == "rec-1-000000000042");
  CHECK(header("ce_source") == "/callfork/us/callfork-0");
  CHECK(header("ce_type") == "io.callfork.recording.paused.v1");
  CHECK(header("ce_subject") == "rec-1");
  CHECK(header("ce_time") == "2026-11-21T04:50:00.123456Z");
  CHECK(header("ce_dataschema")
        == "https://callfork.io/schemas/recording.paused.v1.json");
  CHECK(header("ce_sequence") == "000000000042");
  CHECK(header("ce_epoch") == "3");
  CHECK(header("ce_partitionkey") == made.key);
  CHECK(header("ce_region") == "us");
  CHECK(to_record(event, "t").value == made.value);
}

TEST_CASE("a call's events say in the words of RFC 7865 what changed",
          "[bus][event]") {
  const auto session = named_uuid(callfork_space(), "session");
  const auto party = named_uuid(callfork_space(), "party");
  const auto said = [&session](event_data data) {
    const auto made
      = to_record(test::sample(to_string(session), 1, std::move(data)), "t");
    return nlohmann::json::parse(made.value)["recording"];
  };
  const auto time = "2026-11-21T04:50:00.123456Z";
  const nlohmann::json joined{
    {"datamode", "partial"},
    {"participant",
     {{{"participant_id", to_base64(party)},
       {"nameID", {{{"aor", "sip:alice@example.com"}, {"name", "Alice"}}}}}}},
    {"participantsessionassoc",
     {{{"participant_id", to_base64(party)},
       {"session_id", to_base64(session)},
       {"associate-time", time}}}}};
  CHECK(said(participant_joined{party, party_role::remote, 0,
                                "sip:alice@example.com", "Alice"})
        == joined);
  const nlohmann::json ended{
    {"datamode", "partial"},
    {"session", {{{"session_id", to_base64(session)}, {"stop-time", time}}}}};
  CHECK(said(session_ended{session, blame::none, "delete", {}}) == ended);
  CHECK(said(recording_paused{}).is_null());
}

TEST_CASE("bytes that are no UTF-8 neither break the JSON nor the headers",
          "[bus][event]") {
  auto event = test::sample("call\xFF", 1, session_started{uuid{}, "n\xC0g"});
  event.header.call_key = "call\xFF";
  const auto made = to_record(event, "t");
  CHECK(made.key == "call\xEF\xBF\xBD");
  CHECK(header_of(made, "ce_subject") == made.key);
  CHECK(nlohmann::json::parse(made.value)["frontDoor"] == "n\xEF\xBF\xBDg");
}

TEST_CASE("an event reads as one line", "[bus][event]") {
  const auto paused = to_record(
    test::sample("7c2f0000-1111", 5,
                 recording_paused{initiator::pci_dtmf, "card data",
                                  std::chrono::milliseconds{12'500}}),
    "t");
  CHECK(to_line(paused, colors::none)
        == "04:50:00.123  call-1@192.0.2.1          recording paused "
           "[7c2f0000]      by pci-dtmf, reason card data, stream offset "
           "12.5 s");
  CHECK(to_line(paused, colors::ansi).find('\x1b') != std::string::npos);
}

TEST_CASE("columns of events stand below each other", "[bus][event]") {
  const auto line = [](const std::string& call) {
    auto made = to_record(
      test::sample("7c2f0000-1111", 1,
                   provider_delivery_completed{
                     {"vault", transport::file, 1}, 128'720, "a.wav"}),
      "t");
    made.key = call;
    return to_line(made, colors::none);
  };
  const std::string rest
    = "  delivery completed [7c2f0000]    provider vault, 126 KiB, location "
      "a.wav";
  CHECK(line("short") == "04:50:00.123  short" + std::string(19, ' ') + rest);
  CHECK(line(std::string(24, 'a'))
        == "04:50:00.123  " + std::string(24, 'a') + rest);
  CHECK(line(std::string(25, 'a'))
        == "04:50:00.123  " + std::string(23, 'a') + "…" + rest);
  std::string umlauts;
  for (int count = 0; count < 30; ++count)
    umlauts += "ü";
  CHECK(line(umlauts).find("…" + rest) == 14 + 2 * 23);
}

TEST_CASE("an event's text cannot steer the terminal", "[bus][event]") {
  const auto made = to_record(
    test::sample("call\x1b[2J\n", 1, session_updated{uuid{}, "\x1b]0;x\a"}),
    "t");
  const auto line = to_line(made, colors::none);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
}
