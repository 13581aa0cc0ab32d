#include "app/audit/audit_forwarder.hpp"
#include "app/audit/file_audit.hpp"
#include "bus/segments.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

using namespace callfork;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const wall_time now{std::chrono::seconds{1'800'000'000}};

api::deed deed(const std::string& target) {
  api::deed made
    = api::deed_of({"anna", "", api::role::compliance_officer, "o1", ""},
                   "recording.play", target, now);
  made.tracking_id = "T_1";
  return made;
}

/// A log on this machine's disk, that somebody tampers with.
struct place {
  test::temporary_folder folder;

  place() {
    std::ofstream{key()} << "0123456789abcdef0123456789abcdef\n";
  }

  [[nodiscard]] fs::path key() const {
    return folder.path() / "audit.key";
  }
  [[nodiscard]] fs::path log() const {
    return folder.path() / "audit";
  }
  [[nodiscard]] fs::path head() const {
    return log() / "head";
  }
  [[nodiscard]] std::unique_ptr<file_audit> open() const {
    auto opened = file_audit::open({log(), key(), "n1", "t.audit.v1"}, now);
    INFO((opened ? "" : opened.error()));
    REQUIRE(opened);
    return std::move(*opened);
  }

  void write(int count) const {
    const auto audit = open();
    for (int number = 1; number <= count; ++number)
      REQUIRE(audit->note(deed("recording/" + std::to_string(number))));
  }

  /// What verification says, one line each.
  [[nodiscard]] std::vector<std::string> faults() const {
    const auto found = verify_audit(log(), key());
    REQUIRE(found);
    std::vector<std::string> told;
    for (const auto& each : found->faults)
      told.push_back(api::to_string(each));
    return told;
  }

  [[nodiscard]] std::vector<bus::record> records() const {
    std::vector<bus::record> made;
    bus::file_log_reader reader{log(), bus::read_from::beginning};
    while (true) {
      auto next = reader.next(0ms);
      if (!next || !*next)
        return made;
      made.push_back(std::move((*next)->record));
    }
  }

  /// Writes the log anew with frames and checksums as they should be.
  void rewrite(const std::vector<bus::record>& records) const {
    std::ofstream file{bus::segment_path(log(), 0),
                       std::ios::binary | std::ios::trunc};
    std::uint64_t offset = 0;
    for (const auto& each : records)
      file << bus::write_frame(each, offset++);
  }
};

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("an audit log holds who did what, and goes on after a restart") {
  const place at;
  at.write(2);
  at.write(1);
  const auto found = verify_audit(at.log(), at.key());
  REQUIRE(found);
  CHECK(found->sound == 3);
  CHECK(found->faults.empty());
  const auto value = at.records().back().value;
  for (const auto* part :
       {R"("sequence":3,"node":"n1","time":"2027-01-15T08:00:00.000000Z")",
        R"("who":"anna","role":"compliance-officer","organisation":"o1")",
        R"("what":"recording.play","target":"recording/1","outcome":"done")",
        R"("trackingId":"T_1")"})
    CHECK(value.find(part) != std::string::npos);
  CHECK(at.records().back().key == "n1");
  CHECK(at.records().back().topic == "t.audit.v1");
}

TEST_CASE("a record that is taken away, moved or doubled is found and named") {
  const place at;
  at.write(5);
  const auto whole = at.records();
  auto changed = whole;
  changed.erase(changed.begin() + 2);
  at.rewrite(changed);
  CHECK(at.faults() == lines{"record 3 is missing"});
  changed = whole;
  changed.erase(changed.begin(), changed.begin() + 2);
  at.rewrite(changed);
  CHECK(at.faults() == lines{"records 1 to 2 are missing"});
  changed = whole;
  std::swap(changed[1], changed[3]);
  at.rewrite(changed);
  CHECK(at.faults()
        == lines{"record 2 stands after later ones",
                 "record 3 stands after later ones"});
  changed = whole;
  changed.insert(changed.begin() + 3, whole[1]);
  at.rewrite(changed);
  CHECK(at.faults() == lines{"record 2 stands there twice"});
}

TEST_CASE("a record changed in any letter is found and named") {
  const place at;
  at.write(3);
  const auto whole = at.records();
  for (std::size_t letter = 0; letter < whole[1].value.size(); ++letter) {
    auto changed = whole;
    auto& byte = changed[1].value[letter];
    byte = byte == '7' ? '8' : '7';
    at.rewrite(changed);
    CHECK(at.faults() == lines{"record 2 was changed"});
  }
}

TEST_CASE("records sealed with another key are not ours") {
  const place at;
  at.write(1);
  const place other;
  std::ofstream{other.key()} << std::string(40, 'x') << "\n";
  other.write(1);
  auto mixed = at.records();
  mixed.push_back(other.records().front());
  at.rewrite(mixed);
  CHECK(at.faults() == lines{"record 2 was changed"});
}

TEST_CASE("a log cut off at its end is found by its head") {
  const place at;
  at.write(5);
  auto shorter = at.records();
  shorter.resize(3);
  at.rewrite(shorter);
  CHECK(at.faults() == lines{"records 4 to 5 are cut off at the end"});
  at.rewrite({});
  CHECK(at.faults() == lines{"records 1 to 5 are cut off at the end"});
}

TEST_CASE("a head that is missing or changed is found") {
  const place at;
  at.write(2);
  const lines wrong{"the head, which tells where the log ends, is missing or "
                    "was changed"};
  auto head = text_of(at.head());
  head.replace(head.find("\"head\":2"), 8, "\"head\":1");
  std::ofstream{at.head()} << head;
  CHECK(at.faults() == wrong);
  fs::remove(at.head());
  CHECK(at.faults() == wrong);
}

TEST_CASE("what is gone at a restart stays missing, and is noted") {
  const place at;
  at.write(5);
  auto shorter = at.records();
  shorter.resize(3);
  at.rewrite(shorter);
  const auto audit = at.open();
  CHECK(audit->trouble().find("audit verify") != std::string::npos);
  REQUIRE(audit->note(deed("recording/6")));
  CHECK(at.faults() == lines{"records 4 to 5 are missing"});
  CHECK(at.records()[3].value.find(R"("what":"audit.open")")
        != std::string::npos);
}

TEST_CASE("a log whose head is gone at a restart says so for ever") {
  const place at;
  at.write(2);
  fs::remove(at.head());
  CHECK_FALSE(at.open()->trouble().empty());
  CHECK(at.faults().empty());
  CHECK(at.records().back().value.find(R"("outcome":"failed")")
        != std::string::npos);
}

TEST_CASE("what was acknowledged is there after kill -9") {
  const place at;
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto audit = file_audit::open({at.log(), at.key(), "n1", "t"}, now);
    for (char number = 1; audit && (*audit)->note(deed("recording/x"));
         ++number)
      if (::write(told[1], &number, 1) != 1)
        break;
    ::_exit(1);
  }
  ::close(told[1]);
  char acknowledged = 0;
  while (acknowledged < 20 && ::read(told[0], &acknowledged, 1) == 1)
    continue;
  ::kill(child, SIGKILL);
  for (char more = 0; ::read(told[0], &more, 1) == 1;)
    acknowledged = more;
  ::waitpid(child, nullptr, 0);
  ::close(told[0]);
  CHECK(at.open()->trouble().empty());
  const auto found = verify_audit(at.log(), at.key());
  REQUIRE(found);
  CHECK(found->faults.empty());
  CHECK(found->sound >= static_cast<std::uint64_t>(acknowledged));
}

TEST_CASE("a log needs its key, and one process has it") {
  const place at;
  const auto audit = at.open();
  CHECK_FALSE(file_audit::open({at.log(), at.key(), "n1", "t"}, now));
  const auto keyless
    = file_audit::open({at.log(), at.folder.path() / "none", "n1", "t"}, now);
  REQUIRE_FALSE(keyless);
  std::ofstream{at.key()} << "hunter2\n";
  const auto weak = verify_audit(at.log(), at.key());
  REQUIRE_FALSE(weak);
  CHECK(weak.error().find("hunter2") == std::string::npos);
}

TEST_CASE("another log gets every record once, also over its own losses") {
  const place at;
  at.write(3);
  const auto there = at.folder.path() / "there";
  const auto forward = [&](std::uint64_t until) {
    bus::file_log_settings settings;
    settings.folder = there;
    auto started = audit_forwarder::start(
      at.log(), bus::make_file_log_writer(settings), nullptr);
    REQUIRE(started);
    CHECK(test::eventually([&] {
      return (*started)->arrived() >= until;
    }));
  };
  forward(3);
  at.write(2);
  forward(5);
  const auto written = at.records();
  bus::file_log_reader reader{there / "t.audit.v1", bus::read_from::beginning};
  for (const auto& each : written) {
    const auto next = reader.next(1s);
    REQUIRE(next);
    REQUIRE(*next);
    CHECK((*next)->record.value == each.value);
  }
  CHECK_FALSE(*reader.next(0ms));
}
