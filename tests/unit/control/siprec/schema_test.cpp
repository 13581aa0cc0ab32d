#include "control/siprec/metadata_reader.hpp"
#include "control/siprec/metadata_writer.hpp"
#include "tests/support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace callfork;
namespace md = bus::metadata;
namespace fs = std::filesystem;

namespace {

/// Documents in a folder of their own, for xmllint to read.
class documents {
public:
  documents() {
    std::string name = fs::temp_directory_path() / "callfork-schema-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~documents() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  documents(const documents&) = delete;
  documents& operator=(const documents&) = delete;

  void add(const std::string& name, const std::string& text) {
    std::ofstream{folder_ / name, std::ios::binary} << text;
  }

  /// What the schema of RFC 7865 has against them; empty when all are valid.
  [[nodiscard]] std::string faults() const {
    const auto command
      = "cd " + folder_.string()
        + " && xmllint --nonet --noout --schema " CALLFORK_SOURCE_DIR
          "/tests/schemas/rfc7865.xsd * 2>&1";
    auto* pipe = ::popen(command.c_str(), "r");
    std::string told;
    std::array<char, 4096> buffer{};
    while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe))
      told.append(buffer.data(), size);
    const auto status = ::pclose(pipe);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : told;
  }

private:
  fs::path folder_;
};

uuid id(const std::string& name) {
  return named_uuid(callfork_space(), name);
}

const wall_time moment{std::chrono::microseconds{1'772'442'000'123'456}};

/// All that a document can hold.
md::document whole() {
  const md::span_of_time time{moment, moment + std::chrono::seconds{3}};
  md::document made;
  made.groups = {{id("group"), time}};
  md::session talk{id("session"), id("group"), {"a;remote=b", "c"}, {}, {}, {}};
  talk.reasons = {{200, "SIP", "Call completed"}, {16, "Q.850", ""}};
  talk.start = moment;
  talk.stop = moment;
  made.sessions = {talk, {id("other"), {}, {}, {}, {}, {}}};
  made.participants = {
    {id("a"), {{"sip:a@example.com", "Zo\u00eb <&\"'> \x01"}, {"tel:+1", ""}}},
    {id("b"), {{"sip:b c@[::1]\xff%zz#%41", "\xc3("}, {"+1 202:5", ""}}},
    {id("c"), {}}};
  made.streams = {{id("s1"), id("session"), "1"}, {id("s2"), {}, ""}};
  made.session_recordings = {{id("session"), time}, {id("other"), {}}};
  made.participant_sessions = {{id("a"), id("session"), time},
                               {id("b"), id("session"), {}}};
  made.participant_streams = {{id("a"), {id("s1")}, {id("s2")}, time},
                              {id("b"), {}, {}, {}}};
  return made;
}

siprec::call_recording ours() {
  siprec::call_recording made;
  made.mode = bus::recording_mode::always;
  made.state = "paused";
  made.since = moment;
  made.by = "user";
  made.region = "local";
  made.platform.group = "group";
  made.announcements = {{}};
  return made;
}

std::string content_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_CASE("every document that we write is valid by RFC 7865's schema",
          "[siprec]") {
  documents all;
  auto partial = whole();
  partial.mode = md::completeness::partial;
  all.add("empty.xml", siprec::write_rfc7865({}, {}));
  all.add("whole.xml", siprec::write_rfc7865(whole(), {}));
  all.add("partial.xml", siprec::write_rfc7865(partial, ours()));
  all.add("request.xml", siprec::write_snapshot_request("we <have> restarted"));
  all.add("plain-request.xml", siprec::write_snapshot_request({}));
  CHECK(all.faults() == "");
}

TEST_CASE("what we read of any dialect, we write as the schema wants it",
          "[siprec]") {
  documents all;
  const fs::path seeds{CALLFORK_SOURCE_DIR "/tests/fuzz/corpus/metadata"};
  for (const auto& each : fs::directory_iterator{seeds}) {
    const auto read = siprec::read_metadata(content_of(each.path()),
                                            callfork_space(), {});
    REQUIRE(read);
    all.add(each.path().filename().string() + ".xml",
            siprec::write_rfc7865(read->document, ours()));
  }
  CHECK(all.faults() == "");
}

TEST_CASE("the schema finds what is wrong", "[siprec]") {
  documents all;
  all.add("wrong.xml", "<recording xmlns='urn:ietf:params:xml:ns:recording:1'>"
                       "<session/></recording>");
  CHECK(all.faults().find("session_id") != std::string::npos);
}
