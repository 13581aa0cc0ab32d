#include "bus/event_json.hpp"
#include "bus/recording_about.hpp"
#include "bus/vault_json.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <fstream>

using namespace callfork;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

bool fits_schema(const json& text) {
  std::ifstream file{CALLFORK_SOURCE_DIR
                     "/docs/schemas/vault.recording.v1.json"};
  const auto form = json::parse(file);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{form}, schema);
  valijson::Validator validator;
  return validator.validate(
    schema, valijson::adapters::NlohmannJsonAdapter{text}, nullptr);
}

recording_summary sample() {
  recording_summary made;
  made.id = "c0ffee00-0000-4000-8000-000000000001";
  made.call_id = "a84b4c76\xff@pc33"; // Not UTF-8.
  made.file = "/vault/2026-09-21/c0ffee00-0000-4000-8000-000000000001.wav";
  made.started = wall_time{milliseconds{1'790'000'000'007}};
  made.duration = milliseconds{61'000};
  made.rate = 16000;
  made.bytes = 3'904'080;
  made.sha256 = std::string(64, 'a');
  made.streams[0].codec = "opus";
  made.streams[0].concealed = milliseconds{60};
  made.gaps = {{1, milliseconds{0}, milliseconds{2000}, "no media"}};
  made.pauses = {{milliseconds{3000}, milliseconds{10'000},
                  wall_time{milliseconds{1'790'000'003'007}}}};
  return made;
}

} // namespace

TEST_CASE("a recording's summary is JSON as its schema says", "[vault]") {
  const auto text = callfork::bus::vault_json(sample());
  CHECK(text.back() == '\n');
  const auto read = json::parse(text);
  CHECK(fits_schema(read));
  CHECK(read["started"] == "2026-09-21T14:13:20.007Z");
  CHECK(read["file"] == "c0ffee00-0000-4000-8000-000000000001.wav");
  CHECK(read["call"] == "a84b4c76\xef\xbf\xbd@pc33");
  CHECK(read["streams"][0]["concealedMs"] == 60);
  CHECK(read["gaps"][0]["cause"] == "no media");
  CHECK(read["pauses"][0]["lengthMs"] == 10'000);

  auto strange = read;
  strange["streams"].erase(1);
  CHECK(!fits_schema(strange));
}

TEST_CASE("whose a recording is stands in its summary", "[vault]") {
  using namespace callfork::bus;
  event_context context;
  context.organisation = "acme";
  context.location = "oslo";
  context.user = "p1";
  context.labels = {{"topic", "Sales \xff"}};
  metadata::document document;
  document.sessions.push_back({callfork_space(), {}, {}, {}, {}, {}});
  document.participants
    = {{named_uuid(callfork_space(), "a"), {{"sip:+4712@a.example", "Kari"}}},
       {named_uuid(callfork_space(), "b"), {{"sip:+4713@a.example", ""}}}};
  const wall_time began{milliseconds{1'790'000'000'007}};
  document.participant_sessions
    = {{document.participants[0].id, callfork_space(), {began, {}}}};
  recording_about about;
  about.context = &context;
  about.document = &document;
  about.region = "SG";
  about.party = 1;
  about.announcements = {{announcement_kind::start,
                          "start.wav",
                          began,
                          milliseconds{0},
                          milliseconds{2500},
                          {true, false}}};
  auto summary = sample();
  summary.about = about_json(about);
  CHECK(summary.about.find('\n') == std::string::npos);
  const auto read = json::parse(vault_json(summary));
  CHECK(fits_schema(read));
  const auto& told = read["about"];
  CHECK(told["organisation"] == "acme");
  CHECK(told["owner"] == "p1");
  CHECK(told["region"] == "SG");
  CHECK(told["party"] == "callee");
  CHECK(told["session"] == to_string(callfork_space()));
  CHECK(told["parties"][0]["name"] == "Kari");
  CHECK(told["parties"][0]["joined"] == to_rfc3339(began));
  CHECK(told["parties"][1]["role"] == "callee");
  CHECK(told["announcements"][0]["heardBy"] == json::array({"caller"}));
  about.party.reset(); // As where nobody decided.
  summary.about = about_json(about);
  CHECK(!json::parse(vault_json(summary))["about"].contains("party"));
  CHECK(fits_schema(json::parse(vault_json(summary))));
  summary.about = "nonsense";
  CHECK(json::parse(vault_json(summary))["about"] == json::object());
}
