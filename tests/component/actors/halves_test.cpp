#include "control/admin/registry.hpp"
#include "tests/component/actors/announced.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

constexpr auto alice = "+15550100";
constexpr auto bob = "+15550101";

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

void dial(test_call& call, const std::string& from, const std::string& to) {
  call.metadata = {{"organisation", "acme"}, {"caller", from}, {"callee", to}};
  call.set_up("");
}

ng::dictionary control(test_node& node, const test_call& call, ng::command what,
                       const std::string& user) {
  auto wanted = call.request(what);
  if (!user.empty())
    wanted.metadata = {{"user", user}};
  return node.ask(wanted);
}

} // namespace

TEST_CASE(
  "each end that is recorded has a recording and a provider of its own") {
  branch at;
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.mode = recording::mode::always;
      settings.announces_internal = true;
    });
  virtual_node node{at.options()};
  test_call call{node, "halves"};
  dial(call, std::string{"sip:"} + alice + "@example.com",
       std::string{"sip:"} + bob + "@example.com");
  node.advance(1s);
  // Both announce the same at once: it is heard once.
  CHECK(node.records().count("announcement.started") == 1);
  CHECK(at.one->started == 1);
  CHECK(at.two->started == 1);
  CHECK(at.other->started == 0);
  call.talk(10);
  node.advance(100ms);
  CHECK(at.one->packets == 20);
  CHECK(at.two->packets == 20);
  const auto begun = told(node, "recording.started");
  REQUIRE(begun.size() == 2);
  CHECK(begun[0]["sinks"].size() == 1);
  CHECK(begun[0]["context"]["user"] != begun[1]["context"]["user"]);
  CHECK(begun[0]["context"]["organisation"] == "acme");
  CHECK(begun[0]["recording"]["group"] == begun[1]["recording"]["group"]);
  call.hang_up();
  node.advance(1s);
  CHECK(node.records().count("recording.stopped") == 2);
  CHECK(node.records().without_gaps());
}

TEST_CASE("a control is for the user that it names, or else for all who may") {
  branch at;
  at.change("bob", [](admin::person_settings& settings) {
    settings.mode = recording::mode::always;
  });
  virtual_node node{at.options()};
  test_call call{node, "named"};
  dial(call, alice, bob);
  node.advance(100ms);
  CHECK(at.one->started == 0);
  CHECK(at.two->started == 1);
  using ng::command;
  CHECK(
    text(control(node, call, command::start_recording, "carol"), "error-reason")
    == "Nobody of that name is recorded here");
  CHECK(text(control(node, call, command::pause_recording, "bob@example.com"),
             "error-reason")
        == "The recording policy does not allow pausing");
  CHECK(text(control(node, call, command::start_recording, "alice"), "result")
        == "ok");
  node.advance(100ms);
  CHECK(at.one->started == 1);
  CHECK(told(node, "recording.started").back()["trigger"] == "user");
  CHECK(text(control(node, call, command::pause_recording, ""), "result")
        == "ok");
  CHECK(text(control(node, call, command::stop_recording, ""), "result")
        == "ok");
  node.advance(100ms);
  CHECK(at.one->finished == 1);
  CHECK(at.two->finished == 0);
}

TEST_CASE("only the user hears what is for the user alone") {
  branch at;
  at.change("alice", [](admin::person_settings& settings) {
    settings.mode = recording::mode::always_pausable;
    settings.notifies = true;
    settings.notification = recording::notification::announcement;
    settings.notified = recording::audience::user;
  });
  at.change("bob", [](admin::person_settings& settings) {
    settings.enabled = false;
  });
  virtual_node node{at.options()};
  test_call call{node, "alone"};
  dial(call, alice, bob);
  node.advance(100ms);
  CHECK(text(control(node, call, ng::command::pause_recording, ""), "result")
        == "ok");
  node.advance(1s);
  CHECK(call.caller.drain() > 15);
  CHECK(call.callee.drain() == 0);
  CHECK(told(node, "announcement.played").front()["playedTo"].size() == 1);
}

TEST_CASE("who is not to be recorded is not, whatever a request says") {
  branch at;
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.enabled = false;
    });
  virtual_node node{at.options()};
  test_call call{node, "off"};
  call.metadata = {{"mode", "always"}};
  call.metadata.insert(call.metadata.end(),
                       {{"caller", alice}, {"callee", bob}});
  call.set_up("");
  node.advance(100ms);
  CHECK(text(call.command(ng::command::start_recording), "error-reason")
        == "Recording is switched off for this call");
  CHECK(at.one->started + at.two->started + at.other->started == 0);
}

TEST_CASE("nobody whom administrators know: all is as it was") {
  branch at;
  virtual_node node{at.options()};
  test_call call{node, "strangers"};
  dial(call, "sip:x@example.com", "sip:y@example.com");
  node.advance(100ms);
  CHECK(at.one->started == 1);
  CHECK(at.other->started == 1);
  CHECK(node.records().count("recording.started") == 1);
}

TEST_CASE("recordings end when administrators switch their user off") {
  branch at;
  for (const auto* who : {"alice", "bob"})
    at.change(who, [](admin::person_settings& settings) {
      settings.mode = recording::mode::always;
    });
  virtual_node node{at.options()};
  test_call call{node, "switched"};
  dial(call, alice, bob);
  call.talk(5);
  at.change("bob", [](admin::person_settings& settings) {
    settings.enabled = false;
  });
  node.advance(4s);
  CHECK(at.one->finished == 0);
  CHECK(at.two->finished == 1);
  REQUIRE(node.records().count("recording.stopped") == 1);
  CHECK(told(node, "recording.stopped").front()["reason"] == "policy");
  node.crash_call("switched");
  call.talk(5);
  CHECK(call.hears_both_ways());
  call.hang_up();
  node.advance(1s);
  CHECK(at.one->finished == 1);
  CHECK(at.one->packets >= 20);
  CHECK(node.records().without_gaps());
}
