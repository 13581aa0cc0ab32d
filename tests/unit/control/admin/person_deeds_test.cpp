#include "control/admin/decision.hpp"
#include "tests/unit/control/admin/scene.hpp"

using namespace callfork;
using namespace callfork::admin;
using namespace std::chrono_literals;

namespace {

using recording::mode;
using recording::notification;

/// Dubber's terms are accepted, and Ada is there.
struct ready_scene : test::admin_scene {
  ready_scene() {
    does(accepting("dubber"));
    add_person("ada");
  }

  void give(const std::string& id, licence what,
            person_kind kind = person_kind::people) {
    auto changed = person(id);
    changed.licence = what;
    changed.kind = kind;
    does([&](const book& by) {
      return put_person(by, changed);
    });
  }
};

} // namespace

TEST_CASE("The partner must have enabled recording, which is the default") {
  ready_scene it;
  CHECK(it.organisation().may_record);
  it.does([](const book& by) {
    return let_record(by, "acme", false);
  });
  CHECK(it.refusal(it.enabling("ada")) == "not-enabled-by-partner");
  it.does([](const book& by) {
    return let_record(by, "acme", true);
  });
  it.does(it.enabling("ada"));
  CHECK(it.person("ada").settings.enabled);
  it.does([](const book& by) {
    return let_record(by, "acme", false);
  });
  CHECK(it.person("ada").settings.mode == mode::always);
}

TEST_CASE("Users need a professional or basic licence") {
  ready_scene it;
  const auto [what, kind, allowed] = GENERATE(table<licence, person_kind, bool>(
    {{licence::none, person_kind::people, false},
     {licence::basic, person_kind::people, true},
     {licence::professional, person_kind::people, true},
     {licence::workspace, person_kind::place, false},
     {licence::professional_workspace, person_kind::place, true},
     {licence::professional, person_kind::place, false},
     {licence::virtual_profile, person_kind::virtual_line, true}}));
  it.give("ada", what, kind);
  CHECK(it.refusal(it.enabling("ada")) == (allowed ? "" : "licence-needed"));
}

TEST_CASE("The free plan is not for users who bought on the web") {
  test::admin_scene it;
  it.add_organisation("web", "US", "web");
  it.does(it.accepting("dubber", "web"));
  it.add_person("wendy", "", "web");
  CHECK(it.refusal(it.enabling("wendy")) == "free-plan-not-offered");
  it.does([&](const book& by) {
    return change_plan(by, "wendy", plan::paid, it.now);
  });
  CHECK(it.refusal(it.enabling("wendy")).empty());
  CHECK(it.refusal([&](const book& by) {
    return change_plan(by, "wendy", plan::free, it.now);
  }) == "free-plan-not-offered");
}

TEST_CASE("Nobody is enabled before the terms are accepted") {
  test::admin_scene it;
  it.add_person("ada");
  CHECK(it.refusal(it.enabling("ada")) == "terms-not-accepted");
  it.does(it.accepting("dubber"));
  it.does(it.enabling("ada"));
  SECTION("and the built-in vault has none to accept") {
    it.add_person("bob");
    it.does(it.choosing("callfork"));
    it.does(it.enabling("bob"));
    CHECK(it.account("callfork")->state == account_state::active);
    CHECK(it.account("callfork")->shared == shared_data{});
  }
}

TEST_CASE("Switching off clears the settings") {
  ready_scene it;
  settings_wish wish;
  wish.enabled = true;
  wish.mode = mode::on_demand;
  wish.records_voicemail = true;
  wish.announces_pstn = true;
  wish.tone_every = 90s;
  it.does(it.setting("ada", wish));
  CHECK(it.person("ada").settings.records_voicemail);
  it.does(it.switching_off("ada"));
  CHECK(it.person("ada").settings == person_settings{});
  it.does([&](const book& by) {
    settings_wish again;
    again.enabled = true;
    return change_settings(by, "ada", again, it.boss, it.now);
  });
  const auto fresh = it.person("ada").settings;
  CHECK(fresh.mode == mode::never);
  CHECK_FALSE(fresh.records_voicemail);
  CHECK(fresh.tone_repeats);
  CHECK(fresh.tone_every == 20s);
  // The provider was told of the user once, and is not told to forget.
  CHECK(it.person("ada").known_to == std::vector<identifier>{"dubber"});
}

TEST_CASE("Settings of somebody who is not enabled cannot be changed") {
  ready_scene it;
  settings_wish wish;
  wish.mode = mode::always;
  CHECK(it.refusal(it.setting("ada", wish)) == "not-enabled");
  wish.enabled = false;
  CHECK(it.does(it.setting("ada", wish)).empty());
}

TEST_CASE("The tone repeats every 10 to 1800 seconds") {
  ready_scene it;
  it.does(it.enabling("ada"));
  for (const auto& [every, code] : {std::pair{9s, "invalid-tone-interval"},
                                    {10s, ""},
                                    {90s, ""},
                                    {1800s, ""},
                                    {1801s, "invalid-tone-interval"},
                                    {-20s, "invalid-tone-interval"}}) {
    settings_wish wish;
    wish.tone_every = every;
    CAPTURE(every.count());
    CHECK(it.refusal(it.setting("ada", wish)) == code);
  }
}

TEST_CASE("A notification that is enabled without a kind is a beep") {
  ready_scene it;
  it.does(it.enabling("ada"));
  settings_wish wish;
  wish.notifies = true;
  it.does(it.setting("ada", wish));
  CHECK(it.person("ada").settings.notification == notification::beep);
  wish.notification = notification::announcement;
  it.does(it.setting("ada", wish));
  CHECK(it.person("ada").settings.notification == notification::announcement);
}

TEST_CASE("What is announced usually comes from the location") {
  ready_scene it;
  auto at = it.see([](const book& by) {
    return *by.find_location("site");
  });
  at.announces_by_default = true;
  it.does([&](const book& by) {
    return put_location(by, at);
  });
  settings_wish wish;
  wish.enabled = true;
  wish.announces_internal = false;
  it.does(it.setting("ada", wish));
  CHECK(it.person("ada").settings.announces_pstn);
  CHECK_FALSE(it.person("ada").settings.announces_internal);
}

TEST_CASE("Users are made at Dubber alone, once, by whoever enables them") {
  ready_scene it;
  it.add_person("bob");
  it.boss.email = "second@acme.example";
  it.does(it.enabling("ada"));
  CHECK(it.person("ada").known_to == std::vector<identifier>{"dubber"});
  CHECK(
    it.account("dubber")->administrators
    == std::vector<std::string>{"boss@acme.example", "second@acme.example"});
  CHECK(it.does(it.enabling("ada")).empty());
  CHECK(it.does(it.enabling("bob")).size() == 1);
  it.does(it.accepting("callcabinet"));
  it.does(it.choosing("callcabinet"));
  it.run_last_job();
  it.add_person("eve");
  it.does(it.enabling("eve"));
  CHECK(it.person("eve").known_to.empty());
}

TEST_CASE("Nobody administers accounts of several customers") {
  ready_scene it;
  it.add_organisation("zenith", "US");
  CHECK(it.refusal(it.accepting("dubber", "zenith"))
        == "administrator-elsewhere");
  CHECK(it.refusal(it.accepting("callcabinet", "zenith"))
        == "administrator-elsewhere");
  CHECK(it.refusal(it.accepting("callcabinet")).empty());
  auto partner = it.boss;
  it.boss.email = "zoe@zenith.example";
  it.does(it.accepting("dubber", "zenith"));
  it.add_person("zed", "", "zenith");
  it.boss = partner;
  CHECK(it.refusal(it.enabling("zed")) == "administrator-elsewhere");
  CHECK(it.refusal([](const book& by) {
    return add_account_administrator(by, "zenith", "dubber",
                                     "BOSS@acme.example");
  }) == "administrator-elsewhere");
}

TEST_CASE("An administrator of an account has an e-mail that is one") {
  test::admin_scene it;
  for (const auto* bad : {"", "boss", "@acme.example", "boss@", "a@b@c",
                          "big boss@acme.example", "boss@acme\n.example"}) {
    CAPTURE(bad);
    it.boss.email = bad;
    CHECK(it.refusal(it.accepting("dubber")) == "invalid-email");
  }
  it.boss.email = "boss@acme.example";
  it.does(it.accepting("dubber"));
  it.add_person("ada");
  it.boss.email = "boss";
  CHECK(it.refusal(it.enabling("ada")) == "invalid-email");
}

TEST_CASE("Everybody begins with the free plan, and nobody recorded") {
  ready_scene it;
  CHECK(it.person("ada").plan == plan::free);
  CHECK(it.person("ada").settings == person_settings{});
  CHECK_FALSE(it.person("ada").settings.enabled);
  it.does(it.enabling("ada"));
  CHECK(it.person("ada").plan == plan::free);
}

TEST_CASE("Paid to free starts the 30 days, free to paid stops them") {
  ready_scene it;
  const auto move = [&](plan to) {
    it.does([&](const book& by) {
      return change_plan(by, "ada", to, it.now);
    });
  };
  move(plan::paid);
  CHECK_FALSE(it.person("ada").freed_at);
  it.now += 1h;
  move(plan::free);
  CHECK(it.person("ada").freed_at == it.now);
  it.now += 1h;
  move(plan::free);
  CHECK(it.person("ada").freed_at == it.now - 1h);
  move(plan::paid);
  CHECK_FALSE(it.person("ada").freed_at);
}

TEST_CASE("E-mails are unique over all people, addresses in an organisation") {
  ready_scene it;
  it.add_organisation("zenith", "US");
  auto ada = it.person("ada");
  ada.addresses = {"+441", "1001"};
  it.does([&](const book& by) {
    return put_person(by, ada);
  });
  auto other = ada;
  other.id = "other";
  other.organisation = "zenith";
  other.location.clear();
  other.email = "ADA@acme.example";
  const auto putting = [&](const book& by) {
    return put_person(by, other);
  };
  CHECK(it.refusal(putting) == "email-taken");
  other.email = "other@zenith.example";
  CHECK(it.refusal(putting).empty());
  other.organisation = "acme";
  CHECK(it.refusal(putting) == "address-taken");
  other.addresses = {"tel:+44-1"};
  CHECK(it.refusal(putting) == "address-taken");
  other.location = "nowhere";
  CHECK(it.refusal(putting) == "unknown-location");
}

TEST_CASE("Changing who somebody is leaves how they are recorded") {
  ready_scene it;
  it.does(it.enabling("ada"));
  auto ada = it.add_person("ada", "annex");
  CHECK(it.person("ada").settings.mode == mode::always);
  CHECK(it.person("ada").location == "annex");
  ada.licence = licence::none;
  CHECK(it.refusal([&](const book& by) {
    return put_person(by, ada);
  }) == "licence-needed");
  CHECK(it.refusal([](const book& by) {
    return remove(by, {entity_key::kind::location, "annex"});
  }) == "in-use");
  it.does([](const book& by) {
    return remove(by, {entity_key::kind::person, "ada"});
  });
  it.does([](const book& by) {
    return remove(by, {entity_key::kind::location, "annex"});
  });
}
