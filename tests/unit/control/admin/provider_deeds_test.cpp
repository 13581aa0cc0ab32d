#include "control/admin/decision.hpp"
#include "tests/unit/control/admin/scene.hpp"

using namespace callfork;
using namespace callfork::admin;
using namespace std::chrono_literals;

namespace {

/// Terms of Dubber accepted; five people enabled, two of them in the annex.
struct staffed_scene : test::admin_scene {
  staffed_scene() {
    does(accepting("dubber"));
    for (const auto* id : {"a", "b", "c"})
      add_person(id, "site");
    for (const auto* id : {"d", "e"})
      add_person(id, "annex");
    for (const auto* id : {"a", "b", "c", "d", "e"})
      does(enabling(id));
  }

  [[nodiscard]] int enabled() const {
    return see([](const book& by) {
      int count = 0;
      for (const auto* who : by.people_of("acme"))
        count += who->settings.enabled ? 1 : 0;
      return count;
    });
  }
};

} // namespace

TEST_CASE("Dubber is preselected and its account is made with its terms") {
  test::admin_scene it;
  CHECK(it.organisation().provider == "dubber");
  CHECK_FALSE(it.account("dubber"));
  it.does(it.accepting("dubber"));
  const auto made = it.account("dubber");
  CHECK(made->state == account_state::active);
  CHECK(made->accepted_by == "boss");
  CHECK(made->accepted_at == it.now);
  CHECK(made->terms_version == "1");
  CHECK(made->administrators == std::vector<std::string>{"boss@acme.example"});
}

TEST_CASE("Accepting shares five things with the provider and no more") {
  test::admin_scene it;
  it.does(it.accepting("dubber"));
  CHECK(it.account("dubber")->shared
        == shared_data{.customer_name = "acme Inc.",
                       .time_zone = "America/New_York",
                       .first_name = "Grace",
                       .last_name = "Hopper",
                       .email = "Boss@acme.example"});
}

TEST_CASE("Terms are accepted once, and never asked for again") {
  test::admin_scene it;
  it.does(it.accepting("dubber"));
  const auto first = it.account("dubber");
  it.now += 24h;
  it.boss = {"other", "Alan", "Turing", "other@acme.example", ""};
  CHECK(it.does(it.accepting("dubber")).empty());
  CHECK(it.account("dubber") == first);
}

TEST_CASE("Accounts of Imagicle and CallCabinet wait for somebody's hand") {
  test::admin_scene it;
  it.does(it.accepting("imagicle"));
  CHECK(it.account("imagicle")->state == account_state::pending);
  const auto set = [](account_state to) {
    return [to](const book& by) {
      return set_account_state(by, "acme", "imagicle", to);
    };
  };
  it.does(set(account_state::trial));
  it.does(set(account_state::active));
  CHECK(it.account("imagicle")->state == account_state::active);
  CHECK(it.refusal(set(account_state::pending)) == "account-exists");
}

TEST_CASE("Imagicle serves the US and the EU, CallCabinet the US") {
  const auto [region, imagicle, callcabinet]
    = GENERATE(table<std::string, std::string, std::string>(
      {{"US", "", ""},
       {"EU", "", "region-not-served"},
       {"JP", "region-not-served", "region-not-served"}}));
  test::admin_scene it;
  it.add_organisation("other", region);
  CHECK(it.refusal(it.accepting("imagicle", "other")) == imagicle);
  CHECK(it.refusal(it.accepting("callcabinet", "other")) == callcabinet);
  CHECK(it.refusal(it.accepting("dubber", "other")).empty());
}

TEST_CASE("A provider whose terms were not accepted is not chosen") {
  staffed_scene it;
  CHECK(it.refusal(it.choosing("imagicle")) == "terms-not-accepted");
  CHECK(it.refusal(it.choosing_at("site", identifier{"imagicle"}))
        == "terms-not-accepted");
  CHECK(it.refusal(it.choosing("nobody")) == "unknown-provider");
  it.does(it.accepting("imagicle"));
  it.does(it.choosing_at("site", identifier{"imagicle"}));
  it.run_last_job();
  it.does(it.choosing("imagicle"));
  CHECK(it.organisation().provider == "imagicle");
}

TEST_CASE("None needs a confirmation, and removes recording from everybody") {
  staffed_scene it;
  CHECK(it.refusal(it.choosing("")) == "confirmation-needed");
  CHECK(it.enabled() == 5);
  it.does(it.choosing("", true));
  CHECK(it.organisation().provider.empty());
  const auto done = it.run_last_job();
  CHECK(done.where == job::state::completed);
  CHECK(done.total == 5);
  CHECK(done.moved == 5);
  CHECK(it.enabled() == 0);
  CHECK(it.person("e").settings == person_settings{});
  CHECK(it.refusal(it.enabling("a")) == "no-provider");
  CHECK(it.refusal(it.choosing_at("site", identifier{"dubber"}))
        == "no-provider");
  it.does(it.choosing("dubber"));
  CHECK(it.enabled() == 0);
}

TEST_CASE("A job brings users to a provider that takes them by itself") {
  staffed_scene it;
  it.does(it.choosing_at("annex", no_provider{}));
  it.does(it.choosing("callfork"));
  auto seen = it.last_job();
  CHECK(seen.where == job::state::starting);
  CHECK(seen.total == 3);
  CHECK(it.refusal(it.choosing("dubber")) == "job-running");
  it.now += 1s;
  it.does([&](const book& by) {
    return continue_job(by, seen.id, 2, it.now);
  });
  seen = it.last_job();
  CHECK(seen.where == job::state::started);
  CHECK(seen.started == it.now);
  CHECK(seen.moved == 2);
  seen = it.run_last_job();
  CHECK(seen.where == job::state::completed);
  CHECK(seen.moved == 3);
  CHECK(seen.ended == it.now);
  CHECK(it.person("a").known_to
        == std::vector<identifier>{"dubber", "callfork"});
  CHECK(it.person("d").known_to == std::vector<identifier>{"dubber"});
  CHECK(it.does([&](const book& by) {
            return continue_job(by, seen.id, 2, it.now);
          })
          .empty());
}

TEST_CASE("Users of other providers are moved by hand: a job skips them") {
  staffed_scene it;
  it.does(it.accepting("callcabinet"));
  it.does(it.choosing("callcabinet"));
  const auto done = it.run_last_job();
  CHECK(done.skipped == 5);
  CHECK(done.moved == 0);
  CHECK(it.enabled() == 5);
}

TEST_CASE("A job names whom the provider's free plan is not offered") {
  staffed_scene it;
  it.does(it.choosing("callfork"));
  it.run_last_job();
  it.add_organisation("acme", "US", "web");
  it.add_person("f", "site");
  it.does(it.enabling("f"));
  it.does(it.choosing("dubber"));
  const auto done = it.run_last_job();
  CHECK(done.moved == 5);
  REQUIRE(done.faults.size() == 1);
  CHECK(done.faults[0].item == "f");
  CHECK(done.faults[0].code == "free-plan-not-offered");
}

TEST_CASE("A job whose choice never came true fails after a minute") {
  staffed_scene it;
  auto made = it.see(it.choosing("callfork"));
  REQUIRE(made->size() == 2);
  REQUIRE(it.log.write(std::vector{made->front()}));
  const auto step = [&](const book& by) {
    return continue_job(by, it.last_job().id, 2, it.now);
  };
  CHECK(it.does(step).empty());
  it.now += 1min;
  it.does(step);
  CHECK(it.last_job().where == job::state::failed);
  CHECK(it.refusal(it.choosing("callfork")).empty());
}

TEST_CASE("A new location inherits, and follows until it is overridden") {
  staffed_scene it;
  const auto provider_at = [&](const std::string& id) {
    return it.see([&](const book& by) {
      return provider_of(*by.find_organisation("acme"), by.find_location(id));
    });
  };
  it.does(it.accepting("imagicle"));
  it.does(it.choosing_at("annex", identifier{"imagicle"}));
  it.run_last_job();
  it.does(it.choosing("callfork"));
  it.run_last_job();
  CHECK(provider_at("site") == "callfork");
  CHECK(provider_at("annex") == "imagicle");
  it.does(it.choosing_at("annex", as_organisation{}));
  CHECK(it.last_job().location == "annex");
  CHECK(it.last_job().total == 2);
  CHECK(provider_at("annex") == "callfork");
}

TEST_CASE("A location's people lose nothing when it has no provider") {
  staffed_scene it;
  it.does(it.choosing_at("annex", no_provider{}));
  CHECK(it.enabled() == 5);
  it.add_person("f", "annex");
  CHECK(it.refusal(it.enabling("f")) == "no-provider");
}

TEST_CASE("Recordings are kept where the provider has storage") {
  staffed_scene it;
  provider_wish wish;
  wish.storage_region = "EU";
  CHECK(it.refusal(it.choosing(wish)) == "storage-region-not-offered");
  wish.storage_region = "DE";
  wish.on_failure = recording::failure_behaviour::end_with_announcement;
  it.does(it.choosing(wish));
  it.run_last_job();
  CHECK(it.organisation().storage_region == "DE");
  CHECK(it.organisation().on_failure == wish.on_failure);
  it.does(it.accepting("callcabinet"));
  it.does(it.choosing("callcabinet"));
  CHECK(it.organisation().storage_region.empty());
}

TEST_CASE("The delay of compliance announcements is 0 to 60 seconds") {
  test::admin_scene it;
  const auto setting = [](std::chrono::seconds delay) {
    return [delay](const book& by) {
      return set_compliance(by, "acme", {true, true, true, delay});
    };
  };
  CHECK(it.refusal(setting(61s)) == "invalid-delay");
  CHECK(it.refusal(setting(-1s)) == "invalid-delay");
  it.does(setting(60s));
  CHECK(it.organisation().compliance.delay == 60s);
  it.does([](const book& by) {
    return set_location_compliance(by, "site", compliance_settings{});
  });
  CHECK(it.see([](const book& by) {
    return by.find_location("site")->compliance;
  }) == compliance_settings{});
}

TEST_CASE("What others need is not removed") {
  staffed_scene it;
  using kind = entity_key::kind;
  const auto removing = [](kind what, const std::string& id) {
    return [=](const book& by) {
      return remove(by, {what, id});
    };
  };
  CHECK(it.refusal(removing(kind::organisation, "acme")) == "in-use");
  CHECK(it.refusal(removing(kind::provider, "dubber")) == "in-use");
  CHECK(it.refusal(removing(kind::account, "acme/dubber")) == "in-use");
  CHECK(it.refusal(removing(kind::account, "acme")) == "unknown");
  CHECK(it.refusal(removing(kind::provider, "imagicle")).empty());
  for (const auto* id : {"a", "b", "c", "d", "e"})
    it.does(removing(kind::person, id));
  for (const auto* id : {"site", "annex"})
    it.does(removing(kind::location, id));
  it.does(removing(kind::organisation, "acme"));
  CHECK_FALSE(it.account("dubber"));
}
