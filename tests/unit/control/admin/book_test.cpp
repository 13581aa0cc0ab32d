#include "control/admin/registry.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <random>
#include <set>

using namespace callfork;
using namespace callfork::admin;

namespace {

entry entry_of(entity what, std::uint64_t version,
               const std::string& writer = "a") {
  auto key = key_of(what);
  return {std::move(key), version, std::move(what), writer};
}

void apply(book& to, entity what) {
  const auto version = to.version_of(key_of(what)) + 1;
  REQUIRE(to.apply(entry_of(std::move(what), version)));
}

person someone(const std::string& id, const std::string& organisation,
               const std::string& email, std::vector<std::string> addresses) {
  person made;
  made.id = id;
  made.organisation = organisation;
  made.email = email;
  made.addresses = std::move(addresses);
  return made;
}

template <class T>
std::vector<std::string> ids_of(const std::vector<const T*>& of) {
  std::vector<std::string> result;
  for (const auto* one : of)
    result.push_back(one->id);
  return result;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("Of two entries of one version the first on the log counts") {
  book it;
  auto winner = someone("p1", "acme", "winner@acme.example", {});
  auto loser = someone("p1", "acme", "loser@acme.example", {});
  REQUIRE(it.apply(entry_of(winner, 1, "a")));
  const auto refused = it.apply(entry_of(loser, 1, "b"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == entry_fault::outdated);
  CHECK(it.find_person("p1")->email == "winner@acme.example");
  CHECK(it.person_by_email("loser@acme.example") == nullptr);
}

TEST_CASE("A removal keeps its version, and what is behind it stays away") {
  book it;
  const auto who = someone("p1", "acme", "p1@acme.example", {"+441"});
  apply(it, who);
  REQUIRE(it.apply({key_of(who), 2, std::nullopt, "a"}));
  CHECK(it.find_person("p1") == nullptr);
  CHECK(it.person_by_email("p1@acme.example") == nullptr);
  CHECK(it.person_by_address("acme", "tel:+441") == nullptr);
  CHECK(it.people_of("acme").empty());
  CHECK(it.version_of(key_of(who)) == 2);
  CHECK_FALSE(it.apply(entry_of(who, 2)));
  REQUIRE(it.apply(entry_of(who, 3)));
  CHECK(it.people_of("acme").size() == 1);
}

TEST_CASE("An entry whose key does not fit what it holds is malformed") {
  book it;
  auto wrong = entry_of(someone("p1", "acme", "", {}), 1);
  SECTION("another identifier") {
    wrong.key.id = "p2";
  }
  SECTION("another kind") {
    wrong.key.what = entity_key::kind::location;
  }
  SECTION("no version") {
    wrong.version = 0;
  }
  SECTION("a character that no identifier has") {
    wrong = entry_of(someone("p/1", "acme", "", {}), 1);
  }
  const auto refused = it.apply(wrong);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == entry_fault::malformed);
}

TEST_CASE("A person is found by every form of an address") {
  book it;
  apply(it, someone("p1", "acme", "P1@Acme.example",
                    {"+14155550100", "Alice@pbx.acme.example"}));
  apply(it, someone("p2", "acme", "", {"1002"}));
  const auto* p1 = it.find_person("p1");
  for (const auto* uri :
       {"sip:+14155550100@sbc.example;user=phone", "tel:+1-415-555-0100",
        "sips:%2B14155550100@[2001:db8::1]:5061", "+1 (415) 555.0100",
        "sip:+14155550100;ext=7@sbc.example", "SIP:alice@PBX.acme.example:5070",
        "alice@pbx.acme.example"}) {
    CAPTURE(uri);
    CHECK(it.person_by_address("acme", uri) == p1);
  }
  CHECK(it.person_by_address("acme", "tel:1002;phone-context=acme.example")
        == it.find_person("p2"));
  CHECK(it.person_by_email("p1@ACME.example") == p1);
  for (const auto* uri : {"", "sip:alice@elsewhere.example", "sip:sbc.example",
                          "tel:", "sip:@", "sip:4155550100@sbc.example"}) {
    CAPTURE(uri);
    CHECK(it.person_by_address("acme", uri) == nullptr);
  }
  CHECK(it.person_by_address("other", "tel:+14155550100") == nullptr);
}

TEST_CASE("Without an organisation an address that two use means nobody") {
  book it;
  apply(it, someone("p1", "acme", "", {"1001", "+441"}));
  apply(it, someone("p2", "zenith", "", {"1001"}));
  CHECK(it.person_by_address("", "tel:+441") == it.find_person("p1"));
  CHECK(it.person_by_address("", "sip:1001@sbc.example") == nullptr);
  CHECK(it.person_by_address("zenith", "sip:1001@sbc.example")
        == it.find_person("p2"));
}

TEST_CASE("Lists are by identifier and of one organisation alone") {
  book it;
  for (const auto* id : {"c", "a", "b"})
    apply(it, someone(id, id == std::string{"b"} ? "zenith" : "acme", "", {}));
  CHECK(ids_of(it.people_of("acme")) == names{"a", "c"});
  CHECK(ids_of(it.people_of("zenith")) == names{"b"});
  CHECK(it.people_of("nobody").empty());
  account first;
  first.organisation = "acme";
  first.provider = "dubber";
  first.administrators = {"Boss@acme.example"};
  apply(it, first);
  CHECK(it.account_of_admin("boss@acme.example")
        == it.find_account("acme", "dubber"));
  CHECK(it.accounts_of("acme").size() == 1);
  CHECK(it.find_account("acme", "imagicle") == nullptr);
}

TEST_CASE("The built-in providers are there until the log overrides one") {
  book it;
  CHECK(ids_of(it.providers())
        == names{"callcabinet", "callfork", "dubber", "imagicle"});
  CHECK(it.find_provider("dubber")->accounts == account_making::automatic);
  CHECK(it.find_provider("imagicle")->regions == names{"US", "EU"});
  CHECK(it.find_provider("callcabinet")->regions == names{"US"});
  CHECK(it.find_provider("callfork")->delivery == delivery::vault);
  auto other = *it.find_provider("imagicle");
  other.regions = {"US", "EU", "JP"};
  CHECK_FALSE(it.apply(entry_of(other, 1)));
  REQUIRE(it.apply(entry_of(other, 2)));
  CHECK(it.find_provider("imagicle")->regions.size() == 3);
}

TEST_CASE("Indexes say after any changes what the people say themselves") {
  book it;
  std::mt19937 chance{7};
  const auto pick = [&chance](unsigned below) {
    return std::to_string(chance() % below);
  };
  for (int step = 0; step < 3000; ++step) {
    const entity_key key{entity_key::kind::person, pick(12)};
    entry next{key, it.version_of(key) + 1, std::nullopt, "a"};
    if (chance() % 4 != 0)
      next.now = someone(key.id, "o" + pick(2), pick(5) + "@x",
                         {"1" + pick(9), "1" + pick(9)});
    REQUIRE(it.apply(next));
    for (const std::string organisation : {"o0", "o1"}) {
      std::vector<const person*> people;
      for (int id = 0; id < 12; ++id)
        if (const auto* who = it.find_person(std::to_string(id));
            who != nullptr && who->organisation == organisation)
          people.push_back(who);
      std::sort(people.begin(), people.end(), [](auto* l, auto* r) {
        return l->id < r->id;
      });
      REQUIRE(it.people_of(organisation) == people);
      const auto address = "1" + pick(9);
      const auto first
        = std::find_if(people.begin(), people.end(), [&](auto* who) {
            return std::count(who->addresses.begin(), who->addresses.end(),
                              address)
                   != 0;
          });
      REQUIRE(it.person_by_address(organisation, address)
              == (first == people.end() ? nullptr : *first));
    }
  }
}

TEST_CASE("A registry in memory refuses what was made from an old version") {
  memory_registry it;
  const auto who = someone("p1", "acme", "p1@acme.example", {});
  REQUIRE(it.write({{key_of(who), 0, who}}));
  auto later = who;
  later.first_name = "Ada";
  const auto refused
    = it.write({{key_of(who), 1, later}, {key_of(who), 1, who}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == write_fault::outdated);
  it.read([](const book& seen) {
    CHECK(seen.find_person("p1")->first_name == "Ada");
    CHECK(seen.version_of({entity_key::kind::person, "p1"}) == 2);
  });
}
