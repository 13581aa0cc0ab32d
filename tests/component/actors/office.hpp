#pragma once

#include "control/admin/registry.hpp"
#include "tests/component/actors/announced.hpp"

#include <functional>
#include <memory>
#include <string>

namespace callfork::test {

inline constexpr auto alice = "+15550100";
inline constexpr auto bob = "+15550101";

/// An organisation whose people are Alice, at one provider, and Bob, at
/// another.
class office {
public:
  office() {
    admin::organisation firm;
    firm.id = "acme";
    firm.provider = "one";
    put(firm);
    for (const auto* name : {"one", "two"}) {
      admin::provider made;
      made.id = made.name = name;
      put(made);
    }
    for (const auto* name : {"head", "branch"}) {
      admin::location made;
      made.id = made.name = name;
      made.organisation = "acme";
      if (std::string{name} == "branch")
        made.provider = admin::identifier{"two"};
      put(made);
    }
    put(person("alice", "head", alice));
    put(person("bob", "branch", bob));
  }

  template <class T>
  void put(const T& what) {
    const auto key = admin::key_of(what);
    const auto seen = book_.read([&key](const admin::book& book) {
      return book.version_of(key);
    });
    REQUIRE(book_.write({{key, seen, what}}).has_value());
  }

  [[nodiscard]] admin::person find(const std::string& id) const {
    return book_.read([&id](const admin::book& book) {
      return *book.find_person(id);
    });
  }

  [[nodiscard]] const admin::registry& registry() const {
    return book_;
  }

private:
  static admin::person person(const std::string& id, const std::string& at,
                              const std::string& number) {
    admin::person made;
    made.id = id;
    made.organisation = "acme";
    made.location = at;
    made.first_name = id;
    made.email = id + "@example.com";
    made.addresses = {number};
    made.settings.enabled = true;
    made.settings.mode = recording::mode::on_demand;
    made.settings.tone_repeats = false;
    made.service_provider = "sp";
    made.external_group = "group-" + at;
    made.external_identifier = "ext-" + id;
    return made;
  }

  admin::memory_registry book_;
};

/// A node of that office, with a sink for each provider and one for nobody.
struct branch {
  office people;
  prompts files;
  std::shared_ptr<faults> one = std::make_shared<faults>();
  std::shared_ptr<faults> two = std::make_shared<faults>();
  std::shared_ptr<faults> other = std::make_shared<faults>();

  [[nodiscard]] virtual_node::options options() {
    one->provider = "one";
    two->provider = "two";
    other->provider = "other";
    virtual_node::options made;
    made.sinks = {one, two, other};
    made.change = [this](actors::node_settings& settings) {
      settings.prompts = files.path();
      settings.admin = &people.registry();
      settings.recording.mode = recording::mode::always;
    };
    return made;
  }

  void change(const std::string& id,
              const std::function<void(admin::person_settings&)>& how) {
    auto person = people.find(id);
    how(person.settings);
    people.put(person);
  }
};

inline void dial(test_call& call, const std::string& from,
                 const std::string& to) {
  call.metadata = {{"organisation", "acme"}, {"caller", from}, {"callee", to}};
  call.set_up("");
}

inline ng::dictionary control(test_node& node, const test_call& call,
                              ng::command what, const std::string& user) {
  auto wanted = call.request(what);
  if (!user.empty())
    wanted.metadata = {{"user", user}};
  return node.ask(wanted);
}

} // namespace callfork::test
