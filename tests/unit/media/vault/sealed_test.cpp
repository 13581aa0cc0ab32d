#include "media/vault/read_back.hpp"
#include "media/vault/recover.hpp"
#include "media/vault/sealed_format.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"
#include "tests/unit/media/vault/tight_disk.hpp"

#include <fstream>
#include <memory>
#include <random>
#include <sstream>

using namespace callfork;
using namespace callfork::test;

namespace fs = std::filesystem;

namespace {

const std::string january(64, '1');
const std::string may(64, '5');

std::shared_ptr<const vault::key_ring> ring(const std::string& lines) {
  auto made = vault::key_ring::parse(lines);
  REQUIRE(made);
  return std::make_shared<const vault::key_ring>(std::move(*made));
}

vault::vault_settings sealed_under(const std::string& lines) {
  vault::vault_settings made;
  made.keys = ring(lines);
  return made;
}

void talk(studio& room) {
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  room.both_speak(caller, callee, milliseconds{0}, milliseconds{1500});
}

struct samples {
  std::uint32_t rate = 0;
  std::vector<std::int16_t> both;
  friend bool operator==(const samples&, const samples&) = default;
};

expected<samples, std::string> open(const vault::read_wish& what) {
  samples made;
  auto done = vault::read_back(what, [&](std::uint32_t rate, auto piece) {
    made.rate = rate;
    made.both.insert(made.both.end(), piece.begin(), piece.end());
    return true;
  });
  if (!done)
    return unexpected{done.error()};
  return made;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

std::string flipped(std::string bytes, std::size_t at, unsigned bit) {
  bytes[at]
    = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
  return bytes;
}

/// Where each record of a sealed file begins, the end's too.
std::vector<std::size_t> records_of(const std::string& bytes) {
  std::vector<std::size_t> found;
  const auto view = as_bytes(bytes);
  for (auto at = vault::sealed_header_size; at < bytes.size();) {
    found.push_back(at);
    at += vault::record_cost + read_u32(view, at);
  }
  return found;
}

/// A short recording under the key "jan", finished.
struct finished_one {
  studio room{sealed_under("jan " + january)};
  std::shared_ptr<const vault::key_ring> keys = ring("jan " + january);
  recording_summary summary;
  std::string bytes;

  finished_one() {
    talk(room);
    summary = room.finish();
    bytes = bytes_of(room.path());
  }
  [[nodiscard]] expected<samples, std::string>
  with(const std::string& changed) const {
    put_bytes(room.path(), changed);
    return open({room.path(), parse_uuid(who.id), keys.get()});
  }
};

} // namespace

TEST_CASE("keys are read from lines, and what is none is refused unseen",
          "[vault]") {
  const auto two
    = ring("# old and new\n\nmay " + may
           + "\njan ERERERERERERERERERERERERERERERERERERERERERE=\n");
  CHECK(two->newest().id == "may");
  REQUIRE(two->find("jan"));
  CHECK(std::equal(two->find("jan")->bytes.data(),
                   two->find("jan")->bytes.data() + 32,
                   ring(january)->newest().bytes.data()));
  CHECK(!two->find("june"));
  CHECK(ring(january)->newest().id.starts_with("key-"));
  CHECK(ring(january)->newest().id != ring(may)->newest().id);
  for (const auto* wrong :
       {"", "# none\n", "jan 1234", "jan", "a/b AAAA",
        "jan "
        "11111111111111111111111111111111111111111111111111111111111111zz"}) {
    const auto refused = vault::key_ring::parse(wrong);
    REQUIRE(!refused);
    CHECK(refused.error().find("1111") == std::string::npos);
  }
  CHECK(!vault::key_ring::parse("a " + january + "\na " + may));
}

TEST_CASE("a file of keys that others may read is refused", "[vault]") {
  const scratch folder;
  const auto path = folder.path() + "/keys";
  put_bytes(path, january + "\n");
  fs::permissions(path, fs::perms{0600});
  CHECK(vault::key_ring::load(path));
  fs::permissions(path, fs::perms{0644});
  const auto refused = vault::key_ring::load(path);
  REQUIRE(!refused);
  CHECK(refused.error().find("others may read") != std::string::npos);
  CHECK(!vault::key_ring::load(folder.path() + "/none"));
  CHECK(!vault::key_ring::load(folder.path()));
}

TEST_CASE("an encrypted recording is the plain one to the last sample",
          "[vault]") {
  studio plain;
  talk(plain);
  const auto told = plain.finish();
  const auto audio = open({plain.path()});
  REQUIRE(audio);
  const finished_one sealed;
  const auto opened = sealed.with(sealed.bytes);
  REQUIRE(opened);
  CHECK(*opened == *audio);
  CHECK(opened->both.size() == 24'000);
  CHECK(sealed.summary.duration == told.duration);
  CHECK(sealed.summary.bytes == sealed.bytes.size());
  CHECK(sealed.summary.file.ends_with(".sealed"));
  CHECK(sealed.summary.failure.empty());
  CHECK(fs::directory_iterator { fs::path{sealed.room.path()}.parent_path() }
        -> path()
          .extension()
        == ".sealed");
}

TEST_CASE("no plain audio touches the disk, at the end or at a death",
          "[vault]") {
  studio plain;
  talk(plain);
  static_cast<void>(plain.finish());
  const auto audio = bytes_of(plain.path());
  studio room{sealed_under("jan " + january)};
  talk(room);
  SECTION("at the end") {
    static_cast<void>(room.finish());
  }
  SECTION("at a death") {
    room.die();
  }
  std::size_t files = 0;
  for (const auto& each : fs::recursive_directory_iterator{room.folder()}) {
    if (!each.is_regular_file())
      continue;
    ++files;
    const auto bytes = bytes_of(each.path().string());
    for (std::size_t at = 80; at + 16 <= audio.size(); at += 16)
      REQUIRE(bytes.find(audio.substr(at, 16)) == std::string::npos);
  }
  CHECK(files >= 1);
}

TEST_CASE("a flipped bit anywhere in an encrypted recording is noticed",
          "[vault]") {
  const finished_one one;
  std::mt19937 dice{7};
  const auto near_border = [&](std::size_t at) {
    return at < 300 || at + 100 > one.bytes.size();
  };
  for (std::size_t at = 0; at < one.bytes.size();
       at += near_border(at) ? 1 : 61) {
    CAPTURE(at);
    REQUIRE(!one.with(flipped(one.bytes, at, dice() % 8)));
  }
  for (const auto record : records_of(one.bytes))
    for (std::size_t at = record; at < record + 8; ++at)
      for (unsigned bit = 0; bit < 8; ++bit) {
        CAPTURE(record, at, bit);
        REQUIRE(!one.with(flipped(one.bytes, at, bit)));
      }
  REQUIRE(one.with(one.bytes));
}

TEST_CASE("a shortened, lengthened or reordered recording is noticed",
          "[vault]") {
  const finished_one one;
  const auto records = records_of(one.bytes);
  REQUIRE(records.size() > 4);
  for (std::size_t size = 0; size < one.bytes.size(); size += 97)
    REQUIRE(!one.with(one.bytes.substr(0, size)));
  for (const auto record : records)
    REQUIRE(!one.with(one.bytes.substr(0, record)));
  CHECK(!one.with(one.bytes + '\0'));
  CHECK(!one.with(one.bytes + one.bytes.substr(records.back())));

  const auto size = records[2] - records[1];
  REQUIRE(records[3] - records[2] == size);
  auto swapped = one.bytes;
  std::swap_ranges(swapped.begin() + static_cast<std::ptrdiff_t>(records[1]),
                   swapped.begin() + static_cast<std::ptrdiff_t>(records[2]),
                   swapped.begin() + static_cast<std::ptrdiff_t>(records[2]));
  CHECK(!one.with(swapped));
  auto shorter = one.bytes;
  shorter.erase(records[1], size);
  CHECK(!one.with(shorter));
  auto twice = one.bytes;
  twice.insert(records[1], one.bytes.substr(records[1], size));
  CHECK(!one.with(twice));
  CHECK(one.with(one.bytes));
}

TEST_CASE("a recording is opened by its own key alone, and in its own place",
          "[vault]") {
  const finished_one one;
  const auto path = one.room.path();
  const auto reason = [&](const vault::read_wish& what) {
    const auto opened = open(what);
    return opened ? std::string{} : opened.error();
  };
  CHECK(reason({path}).find("no key file") != std::string::npos);
  const auto other = ring("may " + may);
  CHECK(reason({path, {}, other.get()}).find("not in the key file: jan")
        != std::string::npos);
  const auto liar = ring("jan " + may);
  CHECK(reason({path, {}, liar.get()}).find("does not open")
        != std::string::npos);
  const auto rotated = ring("may " + may + "\njan " + january);
  CHECK(reason({path, {}, rotated.get()}).empty());
  const auto foreign = parse_uuid("c0ffee00-0000-4000-8000-000000000002");
  CHECK(reason({path, foreign, one.keys.get()}) == "it is another recording");
  // Records of one under the header of another.
  const finished_one second;
  auto mixed = second.bytes.substr(0, vault::sealed_header_size)
               + one.bytes.substr(vault::sealed_header_size);
  CHECK(!one.with(mixed));
  // Plain audio in a sealed one's place.
  studio plain;
  talk(plain);
  static_cast<void>(plain.finish());
  CHECK(!one.with(bytes_of(plain.path())));
}

TEST_CASE("an encrypted recording of a dead process is completed, wherever it "
          "was cut",
          "[vault]") {
  std::mt19937 dice{3};
  for (int round = 0; round < 12; ++round) {
    studio room{sealed_under("jan " + january)};
    talk(room);
    room.writer().note_about(R"({"owner":"p1"})");
    room.die();
    const auto size = fs::file_size(room.path());
    const auto cut = round == 0
                       ? size
                       : vault::sealed_header_size
                           + dice() % (size - vault::sealed_header_size);
    fs::resize_file(room.path(), cut);
    CAPTURE(cut);
    const auto keys = ring("may " + may + "\njan " + january);
    const auto live = open({room.path(), {}, keys.get(), true});
    REQUIRE(live);
    CHECK(!open({room.path(), {}, keys.get()}));

    const auto blind = vault::recover(room.folder(), keep);
    CHECK(blind.finished.empty());
    CHECK(blind.faults.size() == 1);
    const auto found = vault::recover(room.folder(), keep, keys.get());
    CHECK(found.faults.empty());
    REQUIRE(found.finished.size() == 1);
    const auto& summary = found.finished[0];
    CHECK(summary.interrupted);
    CHECK(summary.about == R"({"owner":"p1"})");
    CHECK(summary.bytes == fs::file_size(room.path()));
    const auto audio = open({room.path(), parse_uuid(who.id), keys.get()});
    REQUIRE(audio);
    CHECK(*audio == *live);
    CHECK(summary.duration.count()
          == static_cast<std::int64_t>(audio->both.size() / 2 / 8));
    if (round == 0)
      CHECK(audio->both.size() > 2 * 8 * (1500 - 550));
    CHECK(vault::recover(room.folder(), keep, keys.get()).finished.empty());
  }
}

TEST_CASE("a full disk ends an encrypted file, complete and readable",
          "[vault]") {
  const auto bytes = GENERATE(rlim_t{20'001}, rlim_t{20'480}, rlim_t{20'530});
  std::optional<tight_disk> disk{bytes};
  studio room{sealed_under("jan " + january)};
  talk(room);
  const auto summary = room.finish();
  disk.reset();
  CHECK(summary.failure.find("File too large") != std::string::npos);
  const auto keys = ring("jan " + january);
  const auto audio = open({room.path(), parse_uuid(who.id), keys.get()});
  REQUIRE(audio);
  CHECK(audio->both.size() * 2 > 11'000);
  CHECK(summary.duration.count()
        == static_cast<std::int64_t>(audio->both.size() / 2 / 8));
  CHECK(summary.sha256.size() == 64);
}

TEST_CASE("a shredded recording cannot be opened by another name either",
          "[vault]") {
  const finished_one one;
  const auto hidden = one.room.folder() + "/hidden.sealed";
  fs::create_hard_link(one.room.path(), hidden);
  CHECK(open({hidden, {}, one.keys.get()}));
  REQUIRE(vault::shred(one.room.path()));
  CHECK(!fs::exists(one.room.path()));
  CHECK(!open({hidden, {}, one.keys.get()}));
  CHECK(bytes_of(hidden).substr(vault::sealed_header_size)
        == one.bytes.substr(vault::sealed_header_size));
  CHECK(vault::shred(one.room.path())); // It is gone already.
}
