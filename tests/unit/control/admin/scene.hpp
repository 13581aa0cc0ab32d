#pragma once

#include "control/admin/deeds.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace callfork::test {

/// An organisation in the US with two locations, and an administrator; Dubber
/// is preselected, and its terms are not accepted.
struct admin_scene {
  admin::memory_registry log;
  admin::administrator boss{"boss", "Grace", "Hopper", "Boss@acme.example",
                            "America/New_York"};
  wall_time now{std::chrono::seconds{1'800'000'000}};

  admin_scene() {
    add_organisation("acme", "US");
    for (const auto* id : {"site", "annex"}) {
      admin::location at;
      at.id = id;
      at.organisation = "acme";
      at.name = id;
      at.time_zone = "Europe/Oslo";
      does([&](const auto& by) {
        return admin::put_location(by, at);
      });
    }
  }

  void add_organisation(const std::string& id, const std::string& region,
                        const std::string& channel = "") {
    admin::organisation made;
    made.id = id;
    made.name = id + " Inc.";
    made.region = region;
    made.purchase_channel = channel;
    does([&](const auto& by) {
      return admin::put_organisation(by, made);
    });
  }

  /// Somebody without recording.
  admin::person add_person(const std::string& id,
                           const std::string& location = "site",
                           const std::string& organisation = "acme") {
    admin::person made;
    made.id = id;
    made.organisation = organisation;
    made.location = location;
    made.last_name = id;
    made.email = id + "@" + organisation + ".example";
    does([&](const auto& by) {
      return admin::put_person(by, made);
    });
    return made;
  }

  /// Looks at the book.
  template <class F>
  auto see(F&& look) const {
    return log.read(std::forward<F>(look));
  }

  [[nodiscard]] admin::person person(const std::string& id) const {
    return see([&](const auto& by) {
      return *by.find_person(id);
    });
  }
  [[nodiscard]] admin::organisation
  organisation(const std::string& id = "acme") const {
    return see([&](const auto& by) {
      return *by.find_organisation(id);
    });
  }
  [[nodiscard]] std::optional<admin::account>
  account(const std::string& provider) const {
    return see([&](const auto& by) -> std::optional<admin::account> {
      const auto* found = by.find_account("acme", provider);
      return found ? std::optional{*found} : std::nullopt;
    });
  }

  /// Decides and writes; the deed must be allowed.
  template <class F>
  std::vector<admin::change> does(F&& decide) {
    const auto made = see(decide);
    if (!made)
      FAIL(made.error().code);
    REQUIRE(log.write(*made));
    return *made;
  }

  /// The code of a refusal; empty if it is allowed. Writes nothing.
  template <class F>
  std::string refusal(F&& decide) const {
    const auto made = see(decide);
    return made ? std::string{} : made.error().code;
  }

  auto accepting(const std::string& provider,
                 const std::string& organisation = "acme") const {
    return [=, this](const admin::book& by) {
      return admin::accept_terms(by, organisation, provider, boss, now);
    };
  }
  auto setting(const std::string& person,
               const admin::settings_wish& wish) const {
    return [=, this](const admin::book& by) {
      return admin::change_settings(by, person, wish, boss, now);
    };
  }
  auto enabling(const std::string& person) const {
    admin::settings_wish wish;
    wish.enabled = true;
    wish.mode = recording::mode::always;
    return setting(person, wish);
  }
  auto switching_off(const std::string& person) const {
    admin::settings_wish wish;
    wish.enabled = false;
    return setting(person, wish);
  }
  auto choosing(const admin::provider_wish& wish) {
    return [=, job = next_job(), this](const admin::book& by) {
      return admin::choose_provider(by, "acme", wish, job)
        .map([](const auto& made) {
          return made.changes;
        });
    };
  }
  auto choosing(const std::string& provider, bool confirmed = false) {
    admin::provider_wish wish;
    wish.provider = provider;
    wish.confirmed = confirmed;
    return choosing(wish);
  }
  auto choosing_at(const std::string& location,
                   const admin::provider_choice& choice) {
    admin::location_wish wish;
    wish.provider = choice;
    return [=, job = next_job(), this](const admin::book& by) {
      return admin::choose_location_provider(by, location, wish, job)
        .map([](const auto& made) {
          return made.changes;
        });
    };
  }

  admin::job_ticket next_job() {
    return {"job" + std::to_string(++jobs_), "tracked", "boss", now};
  }
  /// Of those that were made, not only asked for.
  [[nodiscard]] admin::job last_job() const {
    return see([&](const admin::book& by) {
      int last = jobs_;
      while (by.find_job("job" + std::to_string(last)) == nullptr)
        REQUIRE(--last > 0);
      return *by.find_job("job" + std::to_string(last));
    });
  }
  /// Runs the last job to its end, a few people at a time.
  admin::job run_last_job() {
    for (int step = 0; step < 50 && !last_job().has_ended(); ++step)
      does([&](const auto& by) {
        return admin::continue_job(by, last_job().id, 2, now);
      });
    REQUIRE(last_job().has_ended());
    return last_job();
  }

private:
  int jobs_ = 0;
};

} // namespace callfork::test
