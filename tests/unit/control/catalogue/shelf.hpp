#pragma once

#include "bus/recording_about.hpp"
#include "bus/vault_json.hpp"
#include "control/catalogue/vault_catalogue.hpp"
#include "media/vault/disk.hpp"
#include "media/vault/recording_writer.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace callfork::test {

using namespace std::chrono_literals;

inline constexpr std::chrono::hours day{24};

/// A vault with real recordings in it, and its catalogue.
class shelf {
public:
  std::shared_ptr<const vault::key_ring> keys
    = std::make_shared<const vault::key_ring>(
      vault::key_ring::parse("jan " + std::string(64, '1')).value());
  std::map<std::string, catalogue::owner_terms> people;
  std::optional<std::uint16_t> party; ///< Whose end the next ones are.

  [[nodiscard]] std::string root() const {
    return folder_.path();
  }

  /// A recording of a second in which both parties speak; returns its id.
  std::string record(const std::string& owner, wall_time begin,
                     const std::string& callee = "sip:+14155550100@b.example",
                     const std::string& location = "oslo") {
    std::array<char, 40> id{};
    std::snprintf(id.data(), id.size(), "c0ffee00-0000-4000-8000-%012d",
                  ++count_);
    vault::vault_settings settings{root()};
    settings.keys = keys;
    auto writer = vault::recording_writer::open(settings, {id.data(), "call-1"},
                                                {start, begin})
                    .value();
    writer.note_about(about(owner, callee, location, begin));
    talker caller{pcmu, 1};
    talker other{pcmu, 2};
    audio::sine low{440, -10, 8000};
    audio::sine high{660, -10, 8000};
    for (auto at = 0ms; at < 1000ms; at += 20ms) {
      writer.take({fork::record_kind::rtp, 0, start + at,
                   caller.say(low.take(caller.frame()))});
      writer.take({fork::record_kind::rtp, 1, start + at,
                   other.say(high.take(other.frame()))});
    }
    const auto summary = writer.finish(start + 1000ms, keep);
    audio_[id.data()] = summary.file;
    REQUIRE(vault::replace_file(
      std::filesystem::path{summary.file}.replace_extension(".json").string(),
      bus::vault_json(summary)));
    return id.data();
  }

  [[nodiscard]] std::unique_ptr<catalogue::vault_catalogue> open() const {
    auto made = catalogue::vault_catalogue::open(
      {root(), keys,
       [this](const std::string& owner) {
         const auto found = people.find(owner);
         return found == people.end() ? std::nullopt
                                      : std::optional{found->second};
       },
       0ms});
    REQUIRE(made);
    return std::move(*made);
  }

  /// Where a recording's audio is, or was.
  [[nodiscard]] std::filesystem::path audio(const std::string& id) const {
    return audio_.at(id);
  }
  [[nodiscard]] std::filesystem::path beside(const std::string& id,
                                             const char* ending) const {
    return audio(id).replace_extension(ending);
  }

private:
  [[nodiscard]] std::string
  about(const std::string& owner, const std::string& callee,
        const std::string& location, wall_time begin) const {
    bus::event_context context;
    context.organisation = "acme";
    context.location = location;
    context.user = owner;
    bus::metadata::document document;
    document.sessions.push_back({callfork_space(), {}, {}, {}, {}, {}});
    document.participants = {
      {named_uuid(callfork_space(), "a"), {{"sip:+4712@a.example", "Kari Ås"}}},
      {named_uuid(callfork_space(), "b"), {{callee, ""}}}};
    bus::recording_about made;
    made.region = "EU";
    made.party = party;
    made.context = &context;
    made.document = &document;
    made.announcements = {{bus::announcement_kind::start,
                           "start.wav",
                           begin,
                           0ms,
                           900ms,
                           {true, true}}};
    return bus::about_json(made);
  }

  scratch folder_;
  std::map<std::string, std::string> audio_;
  int count_ = 0;
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void put_text(const std::filesystem::path& path,
                     const std::string& text) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << text;
}

} // namespace callfork::test
