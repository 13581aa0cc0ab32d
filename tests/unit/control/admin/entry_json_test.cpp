#include "control/admin/entry_json.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace callfork;
using namespace callfork::admin;
using namespace std::chrono_literals;

namespace {

const wall_time then{1'799'999'999'123ms};

organisation full_organisation() {
  organisation made;
  made.id = "acme";
  made.name = "Acme \"Ø\" Inc.";
  made.partner = "partner";
  made.region = "EU";
  made.may_record = false;
  made.purchase_channel = "web";
  made.provider = "";
  made.storage_region = "DE";
  made.on_failure = recording::failure_behaviour::end_with_announcement;
  made.compliance = {true, true, true, 60s};
  made.language = "nb";
  made.country = "NO";
  made.time_zone = "Europe/Oslo";
  return made;
}

location full_location() {
  location made;
  made.id = "site";
  made.organisation = "acme";
  made.name = "Site";
  made.provider = identifier{"imagicle"};
  made.storage_region = "US";
  made.on_failure = recording::failure_behaviour::proceed_with_announcement;
  made.compliance = compliance_settings{false, true, false, 5s};
  made.language = "de";
  made.country = "DE";
  made.time_zone = "Europe/Berlin";
  made.announces_by_default = true;
  return made;
}

person full_person() {
  person made;
  made.id = "ada";
  made.organisation = "acme";
  made.location = "site";
  made.first_name = "Ada";
  made.last_name = "Lovelace";
  made.email = "ada@acme.example";
  made.kind = person_kind::virtual_line;
  made.licence = licence::virtual_profile;
  made.addresses = {"+441", "ada@pbx"};
  made.settings = {.enabled = true,
                   .mode = recording::mode::always_pausable,
                   .records_voicemail = true,
                   .notifies = true,
                   .notification = recording::notification::announcement,
                   .notified = recording::audience::user,
                   .tone_repeats = false,
                   .tone_every = 1800s,
                   .announces_internal = true,
                   .announces_pstn = true,
                   .pauses_for_digits = true};
  made.plan = plan::paid;
  made.freed_at = then;
  made.known_to = {"dubber", "callfork"};
  made.service_provider = "WSWYZ25455";
  made.external_group = "WSWYZ25455L31161";
  made.external_identifier = "a34@broadworks.example";
  return made;
}

provider full_provider() {
  return {.id = "other",
          .name = "Other",
          .description = "Somebody else",
          .regions = {"US"},
          .storage_regions = {"DE"},
          .terms_url = "https://other.example/terms",
          .terms_version = "7",
          .login_url = "https://other.example",
          .delivery = delivery::vault,
          .accounts = account_making::automatic,
          .creates_users = true,
          .has_free_plan = true,
          .no_free_plan_for = {"web"}};
}

account full_account() {
  account made;
  made.organisation = "acme";
  made.provider = "dubber";
  made.state = account_state::trial;
  made.accepted_by = "boss";
  made.accepted_at = then;
  made.terms_version = "3";
  made.shared = {"Acme", "UTC", "Grace", "Hopper", "boss@acme.example"};
  made.administrators = {"boss@acme.example"};
  return made;
}

job full_job() {
  job made;
  made.id = "job";
  made.organisation = "acme";
  made.provider = "dubber";
  made.location = "site";
  made.asked_by = "boss";
  made.tracking_id = "tracked";
  made.where = job::state::failed;
  made.created = then;
  made.started = then + 1s;
  made.ended = then + 2s;
  made.updated = then + 3s;
  made.total = 4'000'000'000;
  made.moved = 2;
  made.skipped = 3;
  made.faults = {{"ada", "licence-needed", "No."}};
  return made;
}

/// With an identifier alone.
template <class T>
T bare() {
  T made;
  made.id = "bare";
  return made;
}

entry entry_of(entity what) {
  auto key = key_of(what);
  return {std::move(key), 7, std::move(what), "node-1.x.2"};
}

/// What comes back of a text that was changed by hand.
template <class F>
expected<entry, entry_text_fault> changed(const entity& what, F&& how) {
  auto text = nlohmann::ordered_json::parse(write_entry(entry_of(what)));
  how(text);
  return read_entry(text.dump());
}

} // namespace

TEST_CASE("Every entity comes back from the log as it was written") {
  account bare_account;
  bare_account.organisation = "o";
  bare_account.provider = "v";
  const auto what
    = GENERATE_COPY(as<entity>{}, full_organisation(), full_location(),
                    full_person(), full_provider(), full_account(), full_job(),
                    bare<organisation>(), bare<location>(), bare<person>(),
                    bare<provider>(), bare_account, bare<job>());
  const auto written = entry_of(what);
  const auto text = write_entry(written);
  CHECK(text.find('\n') == text.npos);
  const auto read = read_entry(text);
  REQUIRE(read);
  CHECK(read->key == written.key);
  CHECK(read->version == 7);
  CHECK(read->writer == written.writer);
  REQUIRE(read->now);
  CHECK((*read->now == what));
}

TEST_CASE("A removal is told in words, never by something missing") {
  auto removal = entry_of(full_person());
  removal.now.reset();
  const auto read = read_entry(write_entry(removal));
  REQUIRE(read);
  CHECK_FALSE(read->now);
  CHECK_FALSE(changed(full_person(), [](auto& text) {
    text.erase("now");
  }));
}

TEST_CASE("The key on the log names entity, version and writer") {
  CHECK(log_key(entry_of(full_person())) == "person/ada/7/node-1.x.2");
  CHECK(log_key(entry_of(full_account()))
        == "account/acme/dubber/7/node-1.x.2");
}

TEST_CASE("What a newer node adds is ignored, what an older lacks is usual") {
  const auto newer = changed(full_person(), [](auto& text) {
    text["later"] = 1;
    text["now"]["later"] = {{"deep", true}};
    text["now"]["settings"]["later"] = "x";
  });
  REQUIRE(newer);
  CHECK((std::get<person>(*newer->now) == full_person()));
  const auto older = changed(full_person(), [](auto& text) {
    text["now"].erase("plan");
    text["now"]["settings"].erase("tone_every");
  });
  REQUIRE(older);
  CHECK(std::get<person>(*older->now).plan == plan::free);
  CHECK(std::get<person>(*older->now).settings.tone_every == 20s);
}

TEST_CASE("What is of the wrong kind or beyond its bounds is no entry") {
  using json = nlohmann::ordered_json;
  const auto [path, value] = GENERATE(table<std::string, json>(
    {{"/version", json(0)},
     {"/version", json(-1)},
     {"/version", json(1.5)},
     {"/version", json(18'446'744'073'709'551'615ULL)},
     {"/kind", json("nothing")},
     {"/id", json("bob")},
     {"/now", json("text")},
     {"/now/id", json(1)},
     {"/now/settings", json(true)},
     {"/now/settings/mode", json("sometimes")},
     {"/now/settings/tone_every", json(9)},
     {"/now/settings/tone_every", json(1801)},
     {"/now/settings/enabled", json("yes")},
     {"/now/addresses", json("+441")},
     {"/now/addresses", json(std::vector<std::string>(65, "1"))},
     {"/now/addresses/0", json(441)},
     {"/now/freed_at", json(-1)},
     {"/now/first_name", json(std::string(4097, 'a'))}}));
  CAPTURE(path, value);
  CHECK_FALSE(changed(full_person(), [&](json& text) {
    text[json::json_pointer(path)] = value;
  }));
}

TEST_CASE("Texts that are no JSON, or too long, are no entries") {
  for (const auto* text : {"", "{", "[]", "null", "1", "{}", "{\"now\":null}"})
    CHECK_FALSE(read_entry(text));
  const auto big = read_entry(std::string((1U << 20U) + 1, ' '));
  REQUIRE_FALSE(big);
  CHECK(big.error() == entry_text_fault::too_big);
}
