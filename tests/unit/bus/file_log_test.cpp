#include "bus/file_log.hpp"
#include "bus/frame.hpp"
#include "bus/segments.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>
#include <string>

using namespace callfork;
using namespace callfork::bus;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

record numbered(std::uint64_t number) {
  record made;
  made.topic = "events";
  made.key = "call-" + std::to_string(number % 3);
  made.headers = {{"ce_sequence", std::to_string(number)}, {"empty", ""}};
  made.value = "value " + std::to_string(number);
  return made;
}

file_log must_open(const fs::path& folder, std::uint64_t segment_bytes) {
  file_log_settings settings;
  settings.folder = folder;
  settings.segment_bytes = segment_bytes;
  auto made = file_log::open(settings);
  REQUIRE(made.has_value());
  return std::move(*made);
}

void append(file_log& log, std::uint64_t from, std::uint64_t to) {
  for (auto number = from; number < to; ++number)
    REQUIRE(log.append(numbered(number)) == number);
}

std::vector<std::string> read_all(file_log_reader& reader) {
  std::vector<std::string> made;
  for (auto next = reader.next(0ms); next && *next; next = reader.next(0ms))
    made.push_back((*next)->record.value);
  return made;
}

std::vector<std::string> read_all(const fs::path& folder) {
  file_log_reader reader{folder, read_from::beginning};
  return read_all(reader);
}

fs::path last_segment(const fs::path& folder) {
  return list_segments(folder).back().path;
}

void flip_byte(const fs::path& path, std::streamoff at) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(at);
  const auto byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(at);
  file.put(byte);
}

} // namespace

TEST_CASE("the checksum is CRC-32C", "[bus][log]") {
  CHECK(crc32c("123456789") == 0xE3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU); // RFC 3720 B.4.
}

TEST_CASE("a frame reads back, and no cut or flipped one does", "[bus][log]") {
  auto what = numbered(7);
  what.time = wall_time{123456us};
  const auto bytes = write_frame(what, 41);
  const auto read = read_frame(bytes + "more");
  REQUIRE(read.state == frame_state::whole);
  CHECK(read.bytes == bytes.size());
  CHECK(read.offset == 41);
  CHECK(read.record.key == what.key);
  CHECK(read.record.headers == what.headers);
  CHECK(read.record.value == what.value);
  CHECK(read.record.time == what.time);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    REQUIRE(read_frame(bytes.substr(0, cut)).state == frame_state::incomplete);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    REQUIRE(read_frame(flipped).state != frame_state::whole);
  }
}

TEST_CASE("records come back in order over many segments", "[bus][log]") {
  const test::temporary_folder folder;
  auto log = must_open(folder.path(), 512);
  append(log, 0, 100);
  CHECK(list_segments(folder.path()).size() > 5);
  const auto values = read_all(folder.path());
  REQUIRE(values.size() == 100);
  for (std::size_t at = 0; at < values.size(); ++at)
    CHECK(values[at] == "value " + std::to_string(at));
  file_log_reader later{folder.path(), std::uint64_t{93}};
  CHECK(read_all(later).size() == 7);
}

TEST_CASE("a torn tail is cut at open and set aside", "[bus][log]") {
  const test::temporary_folder folder;
  {
    auto log = must_open(folder.path(), 1U << 20U);
    append(log, 0, 10);
  }
  const auto path = last_segment(folder.path());
  const auto cut = GENERATE(1, 5, 20, 60);
  fs::resize_file(path, fs::file_size(path) - static_cast<std::uintmax_t>(cut));
  auto log = must_open(folder.path(), 1U << 20U);
  CHECK(log.next_offset() == 9);
  CHECK(log.cut_at_open() > 0);
  CHECK(fs::file_size(path.string() + ".damaged") == log.cut_at_open());
  append(log, 9, 12);
  CHECK(read_all(folder.path()).size() == 12);
}

TEST_CASE("a damaged record costs that record alone", "[bus][log]") {
  const test::temporary_folder folder;
  {
    auto log = must_open(folder.path(), 1U << 20U);
    append(log, 0, 10);
  }
  const auto frame_bytes = write_frame(numbered(0), 0).size();
  flip_byte(last_segment(folder.path()),
            static_cast<std::streamoff>(3 * frame_bytes + 30));
  auto log = must_open(folder.path(), 1U << 20U);
  CHECK(log.cut_at_open() == 0);
  append(log, 10, 11);
  file_log_reader reader{folder.path(), read_from::beginning};
  const auto values = read_all(reader);
  CHECK(values.size() == 10);
  CHECK(values[3] == "value 4");
  CHECK(reader.skipped() == 1);
}

TEST_CASE("a damaged length in an old segment costs its rest", "[bus][log]") {
  const test::temporary_folder folder;
  {
    auto log = must_open(folder.path(), 512);
    append(log, 0, 50);
  }
  const auto segments = list_segments(folder.path());
  flip_byte(segments[1].path, 0);
  const auto values = read_all(folder.path());
  CHECK(values.size() == 50 - (segments[2].first - segments[1].first));
  CHECK(values.back() == "value 49");
}

TEST_CASE("a reader follows the writer", "[bus][log]") {
  const test::temporary_folder folder;
  file_log_reader early{folder.path(), read_from::beginning};
  CHECK(read_all(early).empty());
  auto log = must_open(folder.path(), 300);
  append(log, 0, 3);
  file_log_reader tail{folder.path(), read_from::end};
  CHECK(read_all(early).size() == 3);
  CHECK(read_all(tail).empty());
  append(log, 3, 20);
  CHECK(read_all(early).size() == 17);
  CHECK(read_all(tail).size() == 17);
}

TEST_CASE("a half-written record is waited for", "[bus][log]") {
  const test::temporary_folder folder;
  const auto path = segment_path(folder.path(), 0);
  const auto bytes = write_frame(numbered(0), 0);
  std::ofstream file{path, std::ios::binary};
  file << bytes.substr(0, 20) << std::flush;
  file_log_reader reader{folder.path(), read_from::beginning};
  CHECK(read_all(reader).empty());
  file << bytes.substr(20) << std::flush;
  CHECK(read_all(reader) == std::vector<std::string>{"value 0"});
}

TEST_CASE("old and surplus segments are removed", "[bus][log]") {
  const test::temporary_folder folder;
  file_log_settings settings;
  settings.folder = folder.path();
  settings.segment_bytes = 512;
  settings.keep_for = 1h;
  settings.keep_bytes = 2048;
  auto log = file_log::open(settings);
  REQUIRE(log.has_value());
  append(*log, 0, 100);
  SECTION("by size") {
    log->retain(wall_clock::now());
    CHECK(log->bytes() <= 2048);
    CHECK(log->first_offset() > 50);
  }
  SECTION("by age") {
    log->retain(wall_clock::now() + 2h);
    CHECK(list_segments(folder.path()).size() == 1);
  }
  const auto values = read_all(folder.path());
  CHECK(values.back() == "value 99");
  CHECK(values.size() == 100 - log->first_offset());
}

TEST_CASE("a folder has one writer", "[bus][log]") {
  const test::temporary_folder folder;
  const auto first = must_open(folder.path(), 512);
  file_log_settings settings;
  settings.folder = folder.path();
  const auto second = file_log::open(settings);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == log_error_code::in_use);
}

TEST_CASE("a record too large for a frame is refused", "[bus][log]") {
  const test::temporary_folder folder;
  auto log = must_open(folder.path(), 512);
  auto what = numbered(0);
  what.value.assign(max_frame_bytes, 'x');
  const auto refused = log.append(what);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == log_error_code::too_large);
  append(log, 0, 3);
  CHECK(read_all(folder.path()).size() == 3);
}
