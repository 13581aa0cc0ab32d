#include "control/api/access.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <set>
#include <vector>

using namespace callfork;
using api::action;
using api::role;
using api::verdict;

namespace {

constexpr auto full = role::full_administrator;
constexpr auto reader = role::read_only_administrator;
constexpr auto officer = role::compliance_officer;
constexpr auto user = role::user;
constexpr auto partner = role::partner_administrator;

using roles = std::set<role>;

/// Whom an action is allowed to: for things of others, and for one's own.
struct rule {
  roles for_all;
  roles for_own;
};

/// Written down a second time, action by action, as people would say it.
const std::map<action, rule>& rules() {
  static const roles people{full, reader, officer, user};
  static const roles managers{full, partner};
  static const roles keepers{full, officer};
  static const roles viewers{full, reader, officer, partner};
  static const std::map<action, rule> made{
    {action::see_organisation, {viewers, {}}},
    {action::serve_organisation, {{partner}, {}}},
    {action::see_settings, {{full, reader, partner}, {}}},
    {action::change_settings, {managers, {}}},
    {action::accept_terms, {managers, {}}},
    {action::see_person, {viewers, {user}}},
    {action::change_person, {managers, {}}},
    {action::see_calls, {{full, reader}, {officer, user}}},
    {action::steer_calls, {{}, people}},
    {action::see_recording, {{full, reader, officer}, {user}}},
    {action::play_recording, {keepers, {reader, user}}},
    {action::delete_recording, {keepers, {reader, user}}},
    {action::restore_recording, {keepers, {reader, user}}},
    {action::purge_recording, {keepers, {reader, user}}},
    {action::reassign_recording, {keepers, {}}},
    {action::hold_recording, {keepers, {}}},
    {action::see_audit, {viewers, {}}},
  };
  return made;
}

api::caller caller_as(role what) {
  if (what == partner)
    return {"me", "me@example.com", what, "", "p1"};
  return {"me", "me@example.com", what, "o1", ""};
}

admin::organisation organisation(const std::string& id,
                                 const std::string& served_by) {
  admin::organisation made;
  made.id = id;
  if (!served_by.empty())
    made.partner = served_by;
  return made;
}

const std::vector<role> all_roles{full, reader, officer, user, partner};

} // namespace

TEST_CASE("every role may do what is written down for it, and no more") {
  REQUIRE(rules().size() == api::action_count);
  const auto home = organisation("o1", "p1");
  for (const auto& [what, rule] : rules())
    for (const auto who : all_roles) {
      INFO(static_cast<int>(what) << " as " << api::to_string(who));
      const auto asks = caller_as(who);
      const auto others = rule.for_all.contains(who) ? verdict::allowed
                                                     : verdict::forbidden;
      const auto own = rule.for_own.contains(who) ? verdict::allowed : others;
      CHECK(api::may(asks, what, home, "somebody") == others);
      CHECK(api::may(asks, what, home, "") == others);
      CHECK(api::may(asks, what, home, "me") == own);
    }
}

TEST_CASE("another organisation's things do not exist, whatever is asked") {
  const std::vector<admin::organisation> strange{
    organisation("o2", ""), organisation("o2", "p2"), organisation("", ""),
    organisation("o10", "p10")};
  for (const auto& [what, rule] : rules())
    for (const auto who : all_roles)
      for (const auto& there : strange)
        for (const auto* owner : {"", "me", "somebody"})
          CHECK(api::may(caller_as(who), what, there, owner)
                == verdict::hidden);
}

TEST_CASE("a caller without an organisation belongs to none") {
  const auto nameless = organisation("", "");
  auto served_by_nobody = nameless;
  served_by_nobody.partner = "";
  for (const auto& [what, rule] : rules())
    for (const auto who : all_roles) {
      const api::caller nobody{"me", "", who, "", ""};
      CHECK(api::may(nobody, what, nameless, "me") == verdict::hidden);
      CHECK(api::may(nobody, what, served_by_nobody, "me") == verdict::hidden);
    }
}

TEST_CASE("a partner's administrator is no member of the organisation") {
  auto who = caller_as(partner);
  who.organisation = "o1";
  CHECK(api::may(who, action::see_settings, organisation("o1", "p2"), "")
        == verdict::hidden);
  auto member = caller_as(full);
  member.partner = "p1";
  CHECK(api::may(member, action::see_settings, organisation("o2", "p1"), "")
        == verdict::hidden);
}

TEST_CASE("recordings of the free plan are their owner's alone") {
  const auto home = organisation("o1", "p1");
  for (const auto who : all_roles) {
    const auto asks = caller_as(who);
    const auto free = [&](action what, const char* owner) {
      return api::may(asks, what, home, owner, admin::plan::free);
    };
    CHECK(free(action::play_recording, "somebody") == verdict::forbidden);
    CHECK(free(action::see_recording, "somebody") == verdict::forbidden);
    CHECK(free(action::play_recording, "me")
          == (who == partner ? verdict::forbidden : verdict::allowed));
    CHECK(api::may(asks, action::play_recording, home, "somebody",
                   admin::plan::paid)
          == api::may(asks, action::play_recording, home, "somebody"));
    CHECK(api::may(asks, action::play_recording, organisation("o2", "p2"), "me",
                   admin::plan::free)
          == verdict::hidden);
  }
}

TEST_CASE("each role has its name") {
  for (const auto who : all_roles)
    CHECK(api::read_role(api::to_string(who)) == who);
  CHECK_FALSE(api::read_role("root"));
  CHECK_FALSE(api::read_role(""));
}
