#include "control/admin/registry.hpp"
#include "tests/component/actors/announced.hpp"
#include "tests/component/actors/scripted_recorder.hpp"

using namespace callfork;
using namespace callfork::test;
using namespace std::chrono_literals;

namespace {

/// The book of an organisation with one user, Ada, who is always recorded, at
/// the provider of the organisation's choice.
class firm {
public:
  explicit firm(const std::string& provider) {
    admin::provider known;
    known.id = known.name = "scripted";
    put(known);
    it.id = "acme";
    it.provider = provider;
    put(it);
    ada.id = "ada";
    ada.organisation = "acme";
    ada.addresses = {"+441"};
    ada.settings.enabled = true;
    ada.settings.mode = recording::mode::always;
    ada.settings.tone_repeats = false;
    ada.service_provider = "sp-1";
    ada.external_group = "group-2";
    ada.external_identifier = "ada@broadworks.example";
    put(ada);
  }

  template <class T>
  void put(const T& what) {
    const auto key = admin::key_of(what);
    const auto seen = book_.read([&key](const admin::book& book) {
      return book.version_of(key);
    });
    REQUIRE(book_.write({{key, seen, what}}));
  }

  /// Lets a node know of all that.
  void govern(virtual_node::options& wanted, const std::string& prompts = "") {
    wanted.change = [this, prompts](actors::node_settings& settings) {
      settings.admin = &book_;
      settings.prompts = prompts;
    };
  }

  admin::organisation it;
  admin::person ada;

private:
  admin::memory_registry book_;
};

void ring(test_call& call, const std::string& kind = "") {
  call.metadata = {{"caller", "sip:+1555@sbc.example"},
                   {"callee", "sip:+441@sbc.example"}};
  if (!kind.empty())
    call.metadata.emplace_back("call-type", kind);
  call.set_up("");
}

} // namespace

TEST_CASE("a provider hears how it knows the user, and so does who looks for "
          "a delivery that it refused",
          "[siprec]") {
  firm people{"scripted"};
  scripted_recorder recorder;
  recorder.provider.dialect = GENERATE(siprec::dialect::rfc7865,
                                       siprec::dialect::broadworks);
  virtual_node::options wanted{.recorders = {&recorder}};
  people.govern(wanted);
  virtual_node node{wanted};
  test_call call{node, "known"};
  ring(call);
  const auto& sent = recorder.last().read().platform;
  CHECK(sent.service_provider == "sp-1");
  CHECK(sent.group == "group-2");
  CHECK(sent.user == "ada@broadworks.example");
  CHECK(recorder.last().metadata.find("roadWorks") != std::string::npos);
  recorder.refuse(404, "No such account");
  call.talk(5);
  REQUIRE(node.records().count("provider.delivery.retrying") == 1);
  const auto told_of = told(node, "provider.delivery.retrying").front();
  CHECK(told_of["sipStatus"] == 404);
  CHECK(told_of["provider"] == "scripted");
  const auto labels = told_of["context"]["labels"];
  CHECK(labels["service-provider"] == "sp-1");
  CHECK(labels["external-group"] == "group-2");
  CHECK(labels["external-identifier"] == "ada@broadworks.example");
  call.hang_up();
  node.advance(1s);
}

TEST_CASE("voicemail is recorded where its own switch is on") {
  firm people{"scripted"};
  const auto sink = std::make_shared<faults>();
  sink->provider = "scripted";
  virtual_node::options wanted{.sinks = {sink}};
  people.govern(wanted);
  virtual_node node{wanted};
  test_call unwanted{node, "message"};
  ring(unwanted, "voicemail");
  unwanted.talk(5);
  node.advance(100ms);
  CHECK(sink->started == 0);
  CHECK(text(unwanted.command(ng::command::start_recording), "error-reason")
        == "Recording is switched off for this call");
  people.ada.settings.records_voicemail = true;
  people.put(people.ada);
  test_call call{node, "another"};
  ring(call, "voicemail");
  call.talk(5);
  node.advance(100ms);
  CHECK(sink->started == 1);
  CHECK(sink->packets == 10);
}

TEST_CASE("recordings of who has our own vault are there alone") {
  firm people{"callfork"};
  const auto other = std::make_shared<faults>();
  virtual_node::options wanted{.vault = true, .sinks = {other}};
  people.govern(wanted);
  virtual_node node{wanted};
  test_call call{node, "kept"};
  ring(call);
  call.talk(50);
  call.hang_up();
  node.advance(2s);
  REQUIRE(node.records().count("recording.stopped") == 1);
  CHECK(told(node, "recording.started").front()["sinks"].size() == 1);
  CHECK(other->started == 0);
  std::size_t files = 0;
  for (const auto& each :
       std::filesystem::recursive_directory_iterator{node.vault()})
    files += each.path().extension() == ".wav" ? 1U : 0U;
  CHECK(files == 1);
}

TEST_CASE("an organisation without a provider ends its recordings, as told") {
  const prompts files;
  firm people{"scripted"};
  people.ada.settings.announces_pstn = true;
  people.put(people.ada);
  const auto sink = std::make_shared<faults>();
  sink->provider = "scripted";
  virtual_node::options wanted{.sinks = {sink}};
  people.govern(wanted, files.path());
  virtual_node node{wanted};
  test_call call{node, "none"};
  ring(call);
  node.advance(1s);
  call.talk(5);
  REQUIRE(sink->started == 1);
  people.it.provider.clear();
  people.put(people.it);
  node.advance(4s);
  REQUIRE(node.records().count("recording.stopped") == 1);
  CHECK(told(node, "recording.stopped").front()["reason"] == "policy");
  CHECK(played(node) == words{"start", "stop"});
  CHECK(sink->finished == 1);
  CHECK(call.hears_both_ways());
}

TEST_CASE("what is heard before the answer is not recorded") {
  recording::rules by;
  by.mode = recording::mode::always;
  by.announces = true;
  announced_call made{by, "ringing"};
  auto& [files, sink, node, call] = made;
  CHECK(text(call.offer(""), "result") == "ok");
  auto early = call.request(ng::command::answer);
  early.to_tag = "callee";
  early.sdp = call.own_sdp();
  early.sdp.replace(early.sdp.find("m=audio ") + 8,
                    std::to_string(call.caller.port()).size(),
                    std::to_string(call.callee.port()));
  early.metadata = {{"early", "yes"}};
  call.for_caller = port_of(text(node.ask(early), "sdp"));
  CHECK(call.hears_both_ways());
  call.talk(20);
  node.advance(1s);
  CHECK(sink->started == 0);
  CHECK(node.records().count("announcement.started") == 0);
  CHECK(node.records().count("participant.joined") == 2);
  CHECK(text(call.answer(), "result") == "ok");
  node.advance(500ms);
  CHECK(played(node) == words{"start"});
  CHECK(sink->started == 1);
  call.talk(10);
  node.advance(100ms);
  CHECK(sink->packets == 20);
  CHECK(told(node, "recording.started").front().dump().find("early")
        == std::string::npos);
}

TEST_CASE("what a language lacks is said in the next one") {
  const prompts files;
  std::filesystem::create_directory(files.path() + "/de");
  write_tone(files.path() + "/de/start.wav");
  recording::rules by;
  by.announces = true;
  by.languages = {"de", "en"};
  virtual_node node{with(by, std::make_shared<faults>(), files.path())};
  test_call call{node, "tongues"};
  call.set_up("");
  CHECK(text(call.command(ng::command::start_recording), "result") == "ok");
  node.advance(1s);
  CHECK(text(call.command(ng::command::stop_recording), "result") == "ok");
  node.advance(1s);
  const auto all = told(node, "announcement.played");
  REQUIRE(all.size() == 2);
  CHECK(all[0]["prompt"] == "de/start.wav");
  CHECK(all[1]["prompt"] == "en/stop.wav");
}
