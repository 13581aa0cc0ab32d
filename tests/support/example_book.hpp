#pragma once

#include "control/admin/registry.hpp"
#include "control/catalogue/catalogue.hpp"

#include <vector>

namespace callfork::test {

/// Two organisations for tests. "acme" of the partner "reseller" has the
/// locations "berlin" and "paris", keeps recordings in the vault under accepted
/// terms, and has the people "alice" (recorded always, paid plan), "bob" (not
/// recorded, free plan) and "carol" (no licence). "globex" is nobody's customer
/// and has the location "oslo" and the person "mallory".
[[nodiscard]] inline std::vector<admin::entity> example_entities() {
  const auto person = [](const char* id, const char* organisation,
                         const char* location) {
    admin::person made;
    made.id = id;
    made.organisation = organisation;
    made.location = location;
    made.first_name = id;
    made.last_name = "Example";
    made.email = std::string{id} + "@" + organisation + ".example";
    made.addresses = {std::string{id} + "@sip.example"};
    return made;
  };
  const auto location = [](const char* id, const char* organisation) {
    admin::location made;
    made.id = id;
    made.organisation = organisation;
    made.name = id;
    return made;
  };
  admin::organisation reseller;
  reseller.id = "reseller";
  reseller.name = "Reseller";
  auto acme = reseller;
  acme.id = "acme";
  acme.name = "Acme";
  acme.partner = "reseller";
  acme.provider = "callfork";
  auto globex = reseller;
  globex.id = "globex";
  globex.name = "Globex";
  auto alice = person("alice", "acme", "berlin");
  alice.settings.enabled = true;
  alice.settings.mode = recording::mode::always;
  alice.plan = admin::plan::paid;
  alice.known_to = {"callfork"};
  auto carol = person("carol", "acme", "paris");
  carol.licence = admin::licence::none;
  admin::account account;
  account.organisation = "acme";
  account.provider = "callfork";
  account.state = admin::account_state::active;
  account.administrators = {"alice@acme.example"};
  return {reseller,
          acme,
          globex,
          location("berlin", "acme"),
          location("paris", "acme"),
          location("oslo", "globex"),
          alice,
          person("bob", "acme", "berlin"),
          carol,
          person("mallory", "globex", "oslo"),
          person("penny", "reseller", ""),
          account};
}

/// Writes them, each as its first version.
inline void fill(admin::registry& with) {
  std::vector<admin::change> changes;
  for (auto& one : example_entities())
    changes.push_back({admin::key_of(one), 0, one});
  (void)with.write(std::move(changes));
}

/// A recording of somebody in "acme".
[[nodiscard]] inline catalogue::recording
example_recording(const std::string& id, const std::string& owner,
                  wall_time created) {
  catalogue::recording made;
  made.id = id;
  made.call_id = "call-of-" + id;
  made.session_id = "session-of-" + id;
  made.organisation = "acme";
  made.location = "berlin";
  made.owner = owner;
  made.topic = "Call with +14155550100";
  made.created = created;
  made.began = created - std::chrono::minutes{1};
  made.lasted = std::chrono::minutes{1};
  made.bytes = 960044;
  made.storage_region = "US";
  made.plan = admin::plan::paid;
  made.metadata = R"({"id":")" + id + R"(","orgId":"acme"})";
  return made;
}

} // namespace callfork::test
