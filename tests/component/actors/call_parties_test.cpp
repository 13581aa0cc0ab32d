#include "actors/call_parties.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <set>

using namespace callfork;
using namespace callfork::actors;

namespace {

using people = std::vector<ng::participant>;

ng::participant on(std::optional<std::size_t> line, const std::string& name) {
  return {name, "sip:" + name + "@a", "", line};
}

/// Who has the roles 0, 1 and so on.
std::vector<std::string> cast(const kept_story& of) {
  std::vector<std::string> made;
  for (std::uint16_t role = 0; role < 4; ++role)
    if (const auto* who = party_with(of, role))
      made.push_back(std::to_string(role) + who->told_as);
  return made;
}

using names = std::vector<std::string>;

const dialog::recorded_lines both{0, 1};
const dialog::recorded_lines mixed{0, std::nullopt};

} // namespace

TEST_CASE("who speaks on a recorded line is its party, and keeps being so") {
  kept_story story;
  auto changes = update_parties(story, {on(1, "bob"), on(0, "alice")}, both,
                                {});
  CHECK(cast(story) == names{"0alice", "1bob"});
  CHECK(changes.joined.size() == 2);
  CHECK(story.caller == "sip:alice@a");
  changes = update_parties(
    story, {on(1, "carol"), on(1, "bob"), on(0, "alice")}, both, {});
  CHECK(cast(story) == names{"0alice", "1bob", "2carol"});
  CHECK(changes.joined.size() == 1);
  CHECK(party_with(story, 2)->stream == 1);
  changes = update_parties(story, {on(1, "carol"), on(0, "alice")}, both, {});
  CHECK(cast(story) == names{"0alice", "1carol"});
  CHECK(story.callee == "sip:carol@a");
  // On hold nobody sends, and everybody stays.
  changes = update_parties(story, {on({}, "carol"), on({}, "alice")}, both, {});
  CHECK(cast(story) == names{"0alice", "1carol"});
  CHECK(changes.joined.empty());
  CHECK(changes.left.empty());
}

TEST_CASE("on a line of all parties nobody moves when another leaves") {
  kept_story story;
  static_cast<void>(update_parties(
    story, {on(0, "alice"), on(0, "bob"), on(0, "carol")}, mixed, {}));
  CHECK(cast(story) == names{"0alice", "1bob", "2carol"});
  CHECK(party_with(story, 1)->stream == 0);
  const auto changes = update_parties(story, {on(0, "bob"), on(0, "carol")},
                                      mixed, {});
  CHECK(cast(story) == names{"0carol", "1bob"});
  CHECK(changes.left.size() == 2); // Carol's new role is told as news.
  CHECK(changes.joined.size() == 1);
}

TEST_CASE("parties without names get them when a client tells") {
  kept_story story;
  const auto nameless = name_parties(story, {});
  REQUIRE(nameless.joined.size() == 2);
  CHECK(name_parties(story, {}).joined.empty());
  const auto named = update_parties(
    story, {on(0, "alice"), on(1, "bob"), on(1, "eve")}, both, {});
  REQUIRE(named.joined.size() == 3);
  CHECK(named.left.empty());
  CHECK(named.joined[0].id == nameless.joined[0].id);
  CHECK(named.joined[1].id == nameless.joined[1].id);
}

TEST_CASE("whoever comes and goes, roles and identifiers stay distinct") {
  kept_story story;
  std::minstd_rand random{7};
  for (int round = 0; round < 2000; ++round) {
    people here;
    for (int each = 0; each < 90; ++each)
      if (random() % 9 == 0)
        here.push_back(on(random() % 4 == 0
                            ? std::nullopt
                            : std::optional<std::size_t>{random() % 3},
                          "p" + std::to_string(each)));
    const auto& lines = random() % 5 == 0 ? mixed : both;
    static_cast<void>(update_parties(story, here, lines, {}));
    std::set<std::uint16_t> roles;
    std::set<uuid> ids;
    std::size_t present = 0;
    std::size_t named = 0;
    for (const auto& each : story.parties) {
      ids.insert(each.id);
      if (each.left)
        continue;
      ++present;
      named += each.told_as.empty() ? 0U : 1U;
      roles.insert(each.role);
    }
    REQUIRE(ids.size() == story.parties.size());
    REQUIRE(roles.size() == present);
    REQUIRE(named == here.size());
    REQUIRE(story.parties.size() <= 64 + 92);
  }
}
