#pragma once

#include "media/audio/tone.hpp"
#include "media/vault/recording_writer.hpp"
#include "tests/support/listen.hpp"
#include "tests/support/talker.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>

namespace callfork::test {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A folder that goes away with the test.
class scratch {
public:
  scratch() {
    std::string pattern = "/tmp/callfork-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~scratch() {
    std::filesystem::remove_all(path_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  [[nodiscard]] const std::string& path() const {
    return path_;
  }

private:
  std::string path_;
};

inline const time_point start{std::chrono::hours{1000}};
inline const instant opening{start, wall_time{seconds{1'790'000'000}}};
inline const vault::recording_identity who{
  "c0ffee00-0000-4000-8000-000000000001", "a84b4c76e66710@pc33"};

/// As if what is told of a recording were written down.
inline bool keep(const recording_summary&) {
  return true;
}

/// A record on its way to the vault.
struct event {
  time_point arrival;
  fork::stream_index stream = 0;
  std::vector<std::byte> bytes;
  fork::record_kind kind = fork::record_kind::rtp;
};

/// Plays events to a writer in order of arrival.
class studio {
public:
  /// In a folder of its own, if the settings name none.
  explicit studio(vault::vault_settings settings = {}) {
    if (settings.root.empty())
      settings.root = folder_.emplace().path();
    root_ = settings.root;
    writer_.emplace(
      vault::recording_writer::open(settings, who, opening).value());
    path_ = writer_->path();
  }

  void add(milliseconds at, fork::stream_index stream,
           std::vector<std::byte> bytes) {
    events_.push_back({start + at, stream, std::move(bytes)});
  }
  void add(event what) {
    events_.push_back(std::move(what));
  }
  void say(milliseconds at, fork::record_kind kind,
           fork::stream_index stream = 0, std::string_view text = {}) {
    const auto view = as_bytes(text);
    events_.push_back({start + at, stream, {view.begin(), view.end()}, kind});
  }

  /// Both parties speak for a while: 440 Hz and 660 Hz.
  void both_speak(talker& caller, talker& callee, milliseconds from,
                  milliseconds to) {
    for (auto at = from; at < to; at += milliseconds{20}) {
      add(at, 0, caller.say(low(caller).take(caller.frame())));
      add(at, 1, callee.say(high(callee).take(callee.frame())));
    }
  }

  void play() {
    std::ranges::stable_sort(events_, {}, &event::arrival);
    for (const auto& one : events_) {
      writer_->take({one.kind, one.stream, one.arrival, one.bytes});
      last_ = one.arrival;
      if (last_ - advanced_ > milliseconds{60}) {
        advanced_ = last_;
        if (auto done = writer_->advance(last_); !done)
          failures_.push_back(done.error());
      }
    }
    events_.clear();
  }

  recording_summary finish() {
    play();
    return writer_->finish(last_, keep);
  }

  /// Ends it, and the process with it once it has been told.
  [[noreturn]] void finish_and_die(const keep_summary& told) {
    play();
    static_cast<void>(writer_->finish(last_, told));
    _exit(0);
  }

  vault::recording_writer& writer() {
    return *writer_;
  }
  /// Ends the writer as a crash would.
  void die() {
    play();
    writer_.reset();
  }
  [[nodiscard]] const std::string& path() const {
    return path_;
  }
  [[nodiscard]] const std::string& folder() const {
    return root_;
  }
  [[nodiscard]] const std::vector<std::string>& failures() const {
    return failures_;
  }
  audio::sine& low(const talker& who_speaks) {
    if (!low_)
      low_.emplace(440, -10, who_speaks.rate());
    return *low_;
  }
  audio::sine& high(const talker& who_speaks) {
    if (!high_)
      high_.emplace(660, -10, who_speaks.rate());
    return *high_;
  }

private:
  std::optional<scratch> folder_;
  std::string root_;
  std::optional<vault::recording_writer> writer_;
  std::string path_;
  std::vector<event> events_;
  std::vector<std::string> failures_;
  std::optional<audio::sine> low_;
  std::optional<audio::sine> high_;
  time_point last_ = start;
  time_point advanced_ = start;
};

} // namespace callfork::test
