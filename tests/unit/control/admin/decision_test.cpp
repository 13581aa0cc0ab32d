#include "control/admin/decision.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::admin;
using namespace std::chrono_literals;

namespace {

using recording::mode;
using recording::notification;

call_facts between(std::string caller, std::string callee) {
  call_facts made;
  made.caller = std::move(caller);
  made.callee = std::move(callee);
  return made;
}

/// An organisation with a location and two people; everything may record.
struct scene {
  organisation acme;
  location site;
  person ada;
  person bob;

  scene() {
    acme.id = "acme";
    site.id = "site";
    site.organisation = "acme";
    ada = somebody("ada", "+441");
    bob = somebody("bob", "+442");
  }

  static person somebody(const std::string& id, const std::string& number) {
    person made;
    made.id = id;
    made.organisation = "acme";
    made.location = "site";
    made.email = id + "@acme.example";
    made.addresses = {number};
    made.settings.enabled = true;
    made.settings.mode = mode::always;
    return made;
  }

  [[nodiscard]] std::vector<decision> decide(const call_facts& of) const {
    book it;
    for (const entity& what : std::vector<entity>{acme, site, ada, bob})
      REQUIRE(it.apply({key_of(what), 1, what, "a"}));
    return admin::decide(it, of);
  }

  /// Of a call from outside to Ada.
  [[nodiscard]] std::vector<decision> inbound() const {
    return decide(between("tel:+15550", "sip:+441@sbc"));
  }
  /// Of a call from Ada to the outside.
  [[nodiscard]] std::vector<decision> outbound() const {
    return decide(between("sip:+441@sbc", "tel:+15550"));
  }
};

} // namespace

TEST_CASE("Nobody is recorded unless every level allows it") {
  scene it;
  REQUIRE(it.inbound().size() == 1);
  SECTION("the partner") {
    it.acme.may_record = false;
  }
  SECTION("the organisation's provider is none") {
    it.acme.provider.clear();
  }
  SECTION("an override does not stand above an organisation without one") {
    it.acme.provider.clear();
    it.site.provider = identifier{"imagicle"};
  }
  SECTION("the location's provider is none") {
    it.site.provider = no_provider{};
  }
  SECTION("the user's switch") {
    it.ada.settings.enabled = false;
  }
  SECTION("the mode never") {
    it.ada.settings.mode = mode::never;
  }
  SECTION("the organisation is unknown") {
    it.ada.organisation = "unknown";
  }
  CHECK(it.inbound().empty());
}

TEST_CASE("A location follows its organisation until it chooses itself") {
  scene it;
  it.acme.provider = "imagicle";
  it.acme.region = "EU";
  it.acme.language = "fr";
  it.acme.country = "FR";
  it.acme.on_failure = recording::failure_behaviour::end_with_announcement;
  const auto follows = it.inbound().at(0);
  CHECK(follows.provider == "imagicle");
  CHECK(follows.storage_region == "EU");
  CHECK(follows.rules.languages == std::vector<std::string>{"fr", "en"});
  CHECK(follows.rules.country == "FR");
  CHECK(follows.rules.on_failure == it.acme.on_failure);
  it.site.provider = identifier{"callfork"};
  it.site.storage_region = "DE";
  it.site.language = "de";
  it.site.country = "DE";
  it.site.on_failure = recording::failure_behaviour::proceed_with_announcement;
  const auto chosen = it.inbound().at(0);
  CHECK(chosen.provider == "callfork");
  CHECK(chosen.storage_region == "DE");
  CHECK(chosen.rules.languages == std::vector<std::string>{"de", "fr", "en"});
  CHECK(chosen.rules.country == "DE");
  CHECK(chosen.rules.on_failure == *it.site.on_failure);
}

TEST_CASE("Both halves of a call have the rules of their own people") {
  scene it;
  it.bob.settings.mode = mode::on_demand;
  it.bob.external_identifier = "b@broadworks";
  auto facts = between("tel:+441", "tel:+442");
  const auto both = it.decide(facts);
  REQUIRE(both.size() == 2);
  CHECK(both[0].person == "ada");
  CHECK(both[0].party == 0);
  CHECK(both[0].rules.mode == mode::always);
  CHECK(both[1].person == "bob");
  CHECK(both[1].party == 1);
  CHECK(both[1].rules.mode == mode::on_demand);
  CHECK(both[1].external_identifier == "b@broadworks");
  facts.user = "BOB@acme.example";
  const auto named = it.decide(facts);
  REQUIRE(named.size() == 2);
  CHECK(named[0].person == "bob");
  CHECK(named[0].party == 1);
}

TEST_CASE("Who calls and who is called are recorded alike, in every mode") {
  scene it;
  for (const auto how :
       {mode::always, mode::always_pausable, mode::on_demand}) {
    it.ada.settings.mode = how;
    it.ada.settings.announces_pstn = true;
    const auto called = it.inbound();
    const auto calling = it.outbound();
    REQUIRE(called.size() == 1);
    REQUIRE(calling.size() == 1);
    CHECK(called[0].party == 1);
    CHECK(calling[0].party == 0);
    CHECK(called[0].rules.mode == how);
    CHECK(called[0].rules == calling[0].rules);
    CHECK(called[0].provider == calling[0].provider);
  }
}

TEST_CASE("A named user without an address has the end that is nobody's") {
  scene it;
  auto facts = between("tel:+15550", "tel:+441");
  facts.user = "bob";
  const auto made = it.decide(facts);
  REQUIRE(made.size() == 2);
  CHECK(made[0].person == "bob");
  CHECK(made[0].party == 0);
  CHECK(made[1].person == "ada");
  facts = between("tel:+441", "tel:+15550");
  facts.user = "bob";
  CHECK(it.decide(facts).at(0).party == 1);
  facts.organisation = "other";
  CHECK(it.decide(facts).empty());
}

TEST_CASE("Start and stop are announced by internal and PSTN switches") {
  scene it;
  it.ada.settings.announces_pstn = true;
  CHECK(it.inbound().at(0).rules.announces);
  auto facts = between("tel:+442", "tel:+441");
  facts.user = "ada";
  CHECK_FALSE(it.decide(facts).at(0).rules.announces);
  it.ada.settings.announces_internal = true;
  it.ada.settings.announces_pstn = false;
  CHECK(it.decide(facts).at(0).rules.announces);
  facts.kind = call_kind::pstn;
  CHECK_FALSE(it.decide(facts).at(0).rules.announces);
  CHECK_FALSE(it.inbound().at(0).rules.announces);
}

TEST_CASE("Compliance is announced on PSTN calls, delayed only outbound") {
  scene it;
  CHECK_FALSE(it.inbound().at(0).rules.compliance);
  it.acme.compliance = {.inbound_pstn = true,
                        .outbound_pstn = true,
                        .outbound_delayed = true,
                        .delay = 10s};
  CHECK(it.inbound().at(0).rules.compliance == recording::compliance_rule{0s});
  CHECK(it.outbound().at(0).rules.compliance
        == recording::compliance_rule{10s});
  CHECK_FALSE(
    it.decide(between("tel:+441", "tel:+442")).at(0).rules.compliance);
  it.acme.compliance.outbound_delayed = false;
  CHECK(it.outbound().at(0).rules.compliance == recording::compliance_rule{0s});
  it.site.compliance = compliance_settings{.outbound_pstn = true};
  CHECK_FALSE(it.inbound().at(0).rules.compliance);
  CHECK(it.outbound().at(0).rules.compliance);
}

TEST_CASE("Voicemail is recorded by its own switch, sent and received") {
  scene it;
  it.acme.compliance.inbound_pstn = true;
  auto facts = between("tel:+15550", "tel:+441");
  facts.kind = call_kind::voicemail;
  CHECK(it.decide(facts).empty());
  it.ada.settings.records_voicemail = true;
  REQUIRE(it.decide(facts).size() == 1);
  CHECK_FALSE(it.decide(facts)[0].rules.compliance);
  facts = between("tel:+441", "tel:+441");
  facts.kind = call_kind::voicemail;
  CHECK(it.decide(facts).size() == 1);
  facts.callee = "tel:+442";
  const auto sent = it.decide(facts);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].person == "ada");
}

TEST_CASE("A notification without a kind beeps, where there is a pause") {
  scene it;
  it.ada.settings.notifies = true;
  it.ada.settings.mode = mode::always_pausable;
  CHECK(it.inbound().at(0).rules.notifies == notification::beep);
  it.ada.settings.notification = notification::announcement;
  it.ada.settings.notified = recording::audience::user;
  CHECK(it.inbound().at(0).rules.notifies == notification::announcement);
  CHECK(it.inbound().at(0).rules.notified == recording::audience::user);
  it.ada.settings.mode = mode::always;
  CHECK(it.inbound().at(0).rules.notifies == notification::none);
  it.ada.settings.mode = mode::on_demand;
  it.ada.settings.notifies = false;
  CHECK(it.inbound().at(0).rules.notifies == notification::none);
}

TEST_CASE("The tone repeats every 20 s unless it is switched off") {
  scene it;
  CHECK(it.inbound().at(0).rules.tone_every == 20s);
  it.ada.settings.tone_every = 90s;
  CHECK(it.inbound().at(0).rules.tone_every == 90s);
  it.ada.settings.tone_repeats = false;
  CHECK_FALSE(it.inbound().at(0).rules.tone_every);
}
