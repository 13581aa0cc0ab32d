#include "tests/unit/control/catalogue/shelf.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <thread>

using namespace callfork;
using namespace callfork::test;
using catalogue::audio_format;
using catalogue::fault;
using catalogue::status;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

const wall_time march{1'772'700'000s}; // 2026-03-05.

std::vector<std::string> ids(const std::vector<catalogue::recording>& of) {
  std::vector<std::string> made;
  for (const auto& one : of)
    made.push_back(one.id);
  return made;
}

using list = std::vector<std::string>;

template <class T>
std::optional<fault> why(const expected<T, fault>& done) {
  return done ? std::nullopt : std::optional{done.error()};
}

} // namespace

TEST_CASE("a recording is listed with what signalling said of it") {
  shelf vault;
  const auto id = vault.record("p1", march);
  vault.people["p1"] = {admin::plan::paid, {}};
  const auto book = vault.open();
  const auto found = book->get(id);
  REQUIRE(found);
  CHECK(found->call_id == "call-1");
  CHECK(found->session_id == to_string(callfork_space()));
  CHECK(found->organisation == "acme");
  CHECK(found->location == "oslo");
  CHECK(found->owner == "p1");
  CHECK(found->topic == "Call with +14155550100");
  CHECK(found->began == march);
  CHECK(found->created == march + 1000ms);
  CHECK(found->lasted == 1000ms);
  CHECK(found->bytes == fs::file_size(vault.audio(id)));
  CHECK(found->storage_region == "EU");
  CHECK(found->plan == admin::plan::paid);
  CHECK(found->status == status::available);

  const auto told = json::parse(found->metadata);
  CHECK(told["orgId"] == "acme");
  const auto& service = told["serviceData"];
  CHECK(service["callRecordingId"] == id);
  CHECK(service["callingParty"]["number"] == "sip:+4712@a.example");
  CHECK(service["calledParty"]["number"] == "sip:+14155550100@b.example");
  CHECK(service["session"]["startTime"] == "2026-03-05T08:40:00Z");
  CHECK(service["session"]["stopTime"] == "2026-03-05T08:40:01Z");
  CHECK(service["recordingType"] == "alwaysON");
  CHECK(
    service["recordingActions"]
    == json::array({{{"action", "START"}, {"time", "2026-03-05T08:40:00Z"}},
                    {{"action", "STOP"}, {"time", "2026-03-05T08:40:01Z"}}}));
  CHECK(service["callActivity"][0]["participants"].size() == 2);
  const auto& announced = service["callActivity"][1]["announcementData"];
  CHECK(announced["announcementFilename"] == "start.wav");
  CHECK(announced["announcementType"] == "start");
  CHECK(announced["announcementParticipants"][1]
        == "sip:+14155550100@b.example");
}

TEST_CASE("a recording is of its owner's end, if that is known") {
  shelf vault;
  const auto old = vault.record("p1", march);
  vault.party = 1;
  const auto id = vault.record("p1", march);
  const auto book = vault.open();
  CHECK(book->get(old)->topic == "Call with +14155550100");
  CHECK(!json::parse(book->get(old)->metadata)["serviceData"].contains(
    "personality"));
  CHECK(book->get(id)->topic == "Call with Kari \xc3\x85s");
  REQUIRE(book->reassign(id, "p2"));
  const auto told = json::parse(book->get(id)->metadata);
  CHECK(told["ownerId"] == "p2");
  const auto& service = told["serviceData"];
  CHECK(service["personality"] == "terminator");
  CHECK(service["callingParty"]["actor"]["type"] == "UNKNOWN");
  // It is another's now, but that was no other call.
  CHECK(service["calledParty"]["actor"]["id"] == "p1");
}

TEST_CASE("recordings are found by owner, place, topic, time and status, the "
          "newest first") {
  shelf vault;
  const auto one = vault.record("p1", march, "sip:+4711@b.example");
  const auto two = vault.record("p2", march + day, "sip:+4722@b.example",
                                "bergen");
  const auto three = vault.record("p1", march + 2 * day,
                                  "sip:\xc3\x85se@b.example");
  const auto book = vault.open();
  CHECK(ids(book->find({})) == list{three, two, one});
  CHECK(ids(book->find({.organisation = "acme"})).size() == 3);
  CHECK(book->find({.organisation = "other"}).empty());
  CHECK(book->find({.organisation = "other", .owner = "p1"}).empty());
  CHECK(ids(book->find({.owner = "p1"})) == list{three, one});
  CHECK(ids(book->find({.location = "bergen"})) == list{two});
  CHECK(ids(book->find({.topic = "WITH +47"})) == list{two, one});
  CHECK(ids(book->find({.topic = "\xc3\xa5se"})) == list{three});
  CHECK(book->find({.topic = "%"}).empty());
  CHECK(ids(book->find({.from = march + day})) == list{three, two});
  CHECK(ids(book->find({.to = march + day})) == list{one});
  CHECK(ids(book->find({.skip = 1, .limit = 1})) == list{two});
  REQUIRE(book->soft_delete(two, march));
  CHECK(ids(book->find({.status = status::available})) == list{three, one});
  CHECK(ids(book->find({.status = status::deleted})) == list{two});
  // A quote is a letter like others.
  CHECK(book->find({.owner = "' OR 1=1 --"}).empty());

  const auto four = vault.record("p4", march);
  CHECK(book->get(four)); // It came while the catalogue was open.
  fs::remove_all(vault.audio(three).parent_path());
  CHECK(ids(book->find({})) == list{two, four, one});
}

TEST_CASE("recordings are deleted, restored, reassigned, held and purged") {
  shelf vault;
  const auto id = vault.record("p1", march);
  const auto book = vault.open();
  const auto now = march + day;
  CHECK(why(book->restore(id)) == fault::wrong_status);
  REQUIRE(book->soft_delete(id, now));
  CHECK(why(book->soft_delete(id, now)) == fault::wrong_status);
  CHECK(book->get(id)->deleted_at == now);
  CHECK(book->audio(id, audio_format::wav)); // Until it is purged.
  REQUIRE(book->restore(id));
  CHECK(!book->get(id)->deleted_at);

  REQUIRE(book->reassign(id, "p2"));
  CHECK(book->get(id)->owner == "p2");
  CHECK(book->find({.owner = "p1"}).empty());
  CHECK(json::parse(book->get(id)->metadata)["ownerId"] == "p2");

  REQUIRE(book->hold(id, true));
  CHECK(book->get(id)->held);
  CHECK(why(book->soft_delete(id, now)) == fault::held);
  CHECK(why(book->purge(id, now)) == fault::held);
  CHECK(fs::exists(vault.audio(id)));
  REQUIRE(book->hold(id, false));

  REQUIRE(book->purge(id, now));
  CHECK(!fs::exists(vault.audio(id)));
  CHECK(book->get(id)->status == status::purged);
  CHECK(why(book->audio(id, audio_format::wav)) == fault::wrong_status);
  CHECK(why(book->purge(id, now)) == fault::wrong_status);
  CHECK(why(book->restore(id)) == fault::wrong_status);
  CHECK(why(book->hold(id, true)) == fault::wrong_status);
  CHECK(why(book->reassign(id, "p3")) == fault::wrong_status);
  CHECK(ids(book->find({.status = status::purged})) == list{id});
}

TEST_CASE("what became of recordings outlives the index") {
  shelf vault;
  const auto held = vault.record("p1", march);
  const auto gone = vault.record("p1", march);
  const auto given = vault.record("p1", march);
  const auto path = vault.root() + catalogue::index_name;
  {
    const auto book = vault.open();
    CHECK(book->find({}).size() == 3);
  }
  const auto before = text_of(path);
  {
    const auto book = vault.open();
    REQUIRE(book->hold(held, true));
    REQUIRE(book->soft_delete(gone, march));
    REQUIRE(book->reassign(given, "p2"));
  }
  SECTION("that is lost") {
    fs::remove(path);
  }
  SECTION("that is nonsense") {
    put_text(path, std::string(10'000, 'x'));
  }
  SECTION("that is damaged within") {
    auto text = text_of(path);
    std::fill(text.begin() + 4096, text.end(), 'x');
    put_text(path, text);
  }
  SECTION("that a death left as it was before") {
    put_text(path, before);
  }
  SECTION("that nothing happened to") {
  }
  const auto book = vault.open();
  CHECK(book->find({}).size() == 3);
  CHECK(book->get(held)->held);
  CHECK(book->get(gone)->status == status::deleted);
  CHECK(book->get(gone)->deleted_at == march);
  CHECK(book->get(given)->owner == "p2");
}

TEST_CASE("a purge that a death cut short is done at the next start") {
  shelf vault;
  const auto id = vault.record("p1", march);
  put_text(vault.beside(id, ".state"),
           catalogue::to_text({status::purged, {}, false, {}, march}));
  const auto book = vault.open();
  CHECK(!fs::exists(vault.audio(id)));
  CHECK(book->get(id)->status == status::purged);
}

TEST_CASE("a recording whose state cannot be read is not touched") {
  shelf vault;
  const auto id = vault.record("p1", march);
  put_text(vault.beside(id, ".state"), "{\"schema\": \"vault.state.v1\"}");
  const auto book = vault.open();
  CHECK(!book->get(id));
  CHECK(why(book->purge(id, march)) == fault::unknown);
  CHECK(fs::exists(vault.audio(id)));
}

TEST_CASE("an identifier never leaves the vault") {
  shelf vault;
  const auto id = vault.record("p1", march);
  const auto secret = fs::path{vault.root()} / "secret.wav";
  put_text(secret, "x");
  const auto book = vault.open();
  for (const std::string& trick :
       {std::string{"../secret"}, "../../etc/passwd" + std::string{},
        id + "/../../secret", std::string{}, std::string{"/etc/passwd"},
        id + '\0', std::string(36, '.')}) {
    CHECK(!book->get(trick));
    CHECK(why(book->purge(trick, march)) == fault::unknown);
    CHECK(why(book->soft_delete(trick, march)) == fault::unknown);
    CHECK(why(book->audio(trick, audio_format::wav)) == fault::unknown);
  }
  CHECK(fs::exists(secret));
  CHECK(book->get("C0FFEE00" + id.substr(8))); // A UUID has no case.

  // What lies in the folder cannot lead out of it either.
  const auto liar = vault.record("p1", march);
  auto text = json::parse(text_of(vault.beside(liar, ".json")));
  text["file"] = "../secret.wav";
  put_text(vault.beside(liar, ".json"), text.dump());
  const auto linked = vault.record("p1", march);
  fs::rename(vault.beside(linked, ".json"), fs::path{vault.root()} / "real");
  fs::create_symlink(fs::path{vault.root()} / "real",
                     vault.beside(linked, ".json"));
  const auto again = vault.open();
  CHECK(!again->get(liar));
  CHECK(!again->get(linked));
}

TEST_CASE("audio comes as it was recorded, in three formats, or not at all") {
  shelf vault;
  const auto id = vault.record("p1", march);
  const auto book = vault.open();
  const auto path = fs::path{vault.root()} / "out";
  for (const auto format :
       {audio_format::wav, audio_format::mp3, audio_format::opus}) {
    const auto made = book->audio(id, format);
    REQUIRE(made);
    put_text(path, *made);
    const auto heard = listen(path.string());
    CHECK(heard.left.size() == heard.rate * 1U);
    const auto left = heard.part(heard.left, 0.2, 0.8);
    const auto right = heard.part(heard.right, 0.2, 0.8);
    CHECK(tone_in(left, heard.rate, 440) > 0.2);
    CHECK(tone_in(left, heard.rate, 660) < 0.02);
    CHECK(tone_in(right, heard.rate, 660) > 0.2);
    CHECK(tone_in(right, heard.rate, 440) < 0.02);
  }
  auto bytes = text_of(vault.audio(id));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  put_text(vault.audio(id), bytes);
  for (const auto format :
       {audio_format::wav, audio_format::mp3, audio_format::opus})
    CHECK(why(book->audio(id, format)) == fault::unreadable);

  const auto second = vault.record("p1", march);
  vault.keys = nullptr;
  CHECK(why(vault.open()->audio(second, audio_format::wav))
        == fault::unreadable);
  const auto plain = vault.record("p1", march);
  CHECK(vault.audio(plain).extension() == ".wav");
  const auto as_is = vault.open()->audio(plain, audio_format::wav);
  REQUIRE(as_is);
  CHECK(*as_is == text_of(vault.audio(plain)));
  fs::resize_file(vault.audio(plain), 5000);
  CHECK(why(vault.open()->audio(plain, audio_format::wav))
        == fault::unreadable);
}

TEST_CASE("who reads while it is purged gets all of it or nothing") {
  shelf vault;
  const auto book = vault.open();
  for (int round = 0; round < 10; ++round) {
    const auto id = vault.record("p1", march);
    const auto whole = book->audio(id, audio_format::wav);
    REQUIRE(whole);
    std::atomic<int> strange{0};
    std::atomic<bool> reading{false};
    std::thread reader{[&] {
      for (;;) {
        const auto got = book->audio(id, audio_format::wav);
        reading = true;
        if (got && *got != *whole)
          ++strange;
        if (!got && got.error() == fault::wrong_status)
          return;
      }
    }};
    while (!reading)
      std::this_thread::yield();
    REQUIRE(book->purge(id, march));
    reader.join();
    CHECK(strange == 0);
  }
}
