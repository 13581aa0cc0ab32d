#include "media/vault/recording_writer.hpp"

#include "media/base/time_text.hpp"
#include "media/base/uuid.hpp"
#include "media/vault/audio_file.hpp"
#include "media/vault/journal.hpp"
#include "media/vault/track.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace callfork::vault {

namespace {

constexpr std::uint32_t narrow = 8000;
constexpr std::uint32_t wide = 16000;
constexpr nanoseconds longest_step = 1'000'000'000;
/// Audio goes to the disk in whole pages of its cache, or sooner when a part of
/// it is this old.
constexpr nanoseconds oldest = 340'000'000;
/// What the streams went through is noted no more often.
constexpr nanoseconds note_every = 1'000'000'000;
/// Where all streams come late, or none comes, the file waits for them so long.
constexpr nanoseconds most_lag = 5'000'000'000;
/// So many samples of working room are kept.
constexpr std::size_t most_room = 65'536;

/// Where samples lie between the decoder and the disk; one for all recordings
/// that a thread writes.
struct workroom {
  std::array<std::vector<std::int16_t>, 2> pcm;
  std::vector<std::int16_t> interleaved;
};

workroom& workroom_here() noexcept {
  thread_local workroom room;
  return room;
}

void trim(std::vector<std::int16_t>& room) {
  if (room.capacity() > most_room)
    std::vector<std::int16_t>{}.swap(room);
}

/// Lends a thread's room to the tracks of a recording for one piece of work.
class lent_room {
public:
  explicit lent_room(std::array<track, 2>& to)
    : to_{&to} {
    for (std::size_t at = 0; at < to.size(); ++at)
      to[at].borrow(workroom_here().pcm[at]);
  }
  ~lent_room() {
    for (std::size_t at = 0; at < to_->size(); ++at) {
      (*to_)[at].give_back(workroom_here().pcm[at]);
      trim(workroom_here().pcm[at]);
    }
    trim(workroom_here().interleaved);
  }
  lent_room(const lent_room&) = delete;
  lent_room& operator=(const lent_room&) = delete;

private:
  std::array<track, 2>* to_;
};

nanoseconds count_of(time_point when) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
           when.time_since_epoch())
    .count();
}

/// Makes a folder that only we and our group may read. Existing ones stay.
expected<void, std::string> make_folder(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::is_directory(path, error))
    return {};
  if (!fs::create_directories(path, error) && error)
    return unexpected{"cannot create " + path.string() + ": "
                      + error.message()};
  fs::permissions(
    path, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec,
    error);
  return {};
}

std::string fault_of(const vault_settings& settings) {
  using std::chrono::milliseconds;
  if (settings.root.empty())
    return "the vault has no folder";
  if (settings.patience < milliseconds{20}
      || settings.patience > milliseconds{2000})
    return "the vault's patience is not within 20 and 2000 ms";
  if (settings.flush_every < milliseconds{100}
      || settings.flush_every > milliseconds{10'000})
    return "the vault's flush interval is not within 100 and 10000 ms";
  return {};
}

} // namespace

/// The state of one recording.
class recording_writer::body {
public:
  body(const vault_settings& settings, instant opened, recording_summary about,
       std::unique_ptr<audio_file> file, journal notes)
    : settings_{settings},
      patience_{std::chrono::nanoseconds{settings.patience}.count()},
      opened_{opened},
      summary_{std::move(about)},
      file_{std::move(file)},
      notes_{std::move(notes)},
      tracks_{track{0, patience_}, track{1, patience_}} {
  }

  void take(const fork::record& what);
  void see(nanoseconds now) noexcept {
    now_ = std::max(now_, now);
  }
  /// The same where nothing is known to have ended.
  void pass(nanoseconds now) noexcept {
    see(now - lag_at(now));
  }
  [[nodiscard]] expected<void, std::string> advance();
  [[nodiscard]] recording_summary finish(const keep_summary& keep);
  void note_about(const std::string& what) {
    if (notes_.note_about(what))
      summary_.about = what;
  }
  [[nodiscard]] const std::string& path() const noexcept {
    return summary_.file;
  }

private:
  void take_packet(const fork::record& what, nanoseconds arrival);
  [[nodiscard]] nanoseconds lag_at(nanoseconds now) const noexcept;
  void pause(nanoseconds at);
  void resume(nanoseconds at);
  [[nodiscard]] bool may_begin() const noexcept;
  void begin();
  void drain(std::int64_t until);
  void step(nanoseconds now);
  void flush(std::size_t count);
  [[nodiscard]] std::size_t ready() const noexcept;
  [[nodiscard]] std::size_t due() const noexcept;
  void state_size();
  void settle(const expected<void, std::string>& written);
  void summarize();
  [[nodiscard]] wall_time wall_at(nanoseconds when) const noexcept;

  vault_settings settings_;
  nanoseconds patience_;
  instant opened_;
  recording_summary summary_;
  std::unique_ptr<audio_file> file_;
  journal notes_;
  std::array<track, 2> tracks_;
  gap_list gaps_;
  timeline line_;
  std::optional<nanoseconds> first_;  ///< Arrival of the first packet.
  std::optional<nanoseconds> paused_; ///< Since when.
  std::string news_;                  ///< A failure not yet reported.
  nanoseconds now_ = 0;
  nanoseconds stepped_ = 0;
  nanoseconds stated_ = 0; ///< When the header was last made to fit.
  nanoseconds noted_ = 0;  ///< When the journal last got the streams.
  bool begun_ = false;     ///< Rate and origin are settled.
};

wall_time recording_writer::body::wall_at(nanoseconds when) const noexcept {
  return opened_.wall
         + std::chrono::duration_cast<wall_clock::duration>(
           std::chrono::nanoseconds{when - count_of(opened_.steady)});
}

void recording_writer::body::take(const fork::record& what) {
  if (what.stream >= tracks_.size())
    return;
  const auto arrival = count_of(what.arrival);
  auto& its = tracks_[what.stream];
  switch (what.kind) {
  case fork::record_kind::rtp:
    take_packet(what, arrival);
    return;
  case fork::record_kind::formats:
    its.set_formats(as_text(what.bytes));
    return;
  case fork::record_kind::paused:
    pause(arrival);
    return;
  case fork::record_kind::resumed:
    resume(arrival);
    return;
  case fork::record_kind::lost:
    for (auto& one : tracks_)
      one.note_loss(as_text(what.bytes));
  }
}

void recording_writer::body::take_packet(const fork::record& what,
                                         nanoseconds arrival) {
  if (paused_ || !summary_.failure.empty())
    return;
  if (!first_) {
    first_ = arrival;
    summary_.started = wall_at(arrival);
    notes_.note_start(summary_.started);
  }
  tracks_[what.stream].put(what.bytes, arrival, lag_at(arrival));
}

/// By how much the stream that is least late is late. A sender or a network
/// that stands still holds up both alike, and then nothing is missing: time
/// goes on with what they say, or without it when they say nothing for long.
nanoseconds recording_writer::body::lag_at(nanoseconds now) const noexcept {
  std::optional<nanoseconds> newest;
  for (const auto& one : tracks_)
    newest = std::max(newest, one.newest());
  return newest ? std::clamp(now - *newest, nanoseconds{0}, most_lag) : 0;
}

/// Once it is known when each party spoke first: what comes in haste at first
/// was spoken earlier than it seems, and must not lie before the beginning.
bool recording_writer::body::may_begin() const noexcept {
  if (!first_ || now_ - *first_ < patience_)
    return false;
  return now_ - *first_ >= 2 * patience_
         || std::ranges::all_of(tracks_, [this](const track& one) {
              return one.knows_clocks(now_);
            });
}

/// Settles what the first audio decides.
void recording_writer::body::begin() {
  const bool is_wide = tracks_[0].wants_wide() || tracks_[1].wants_wide();
  line_.rate = is_wide ? wide : narrow;
  file_->set_rate(line_.rate);
  line_.origin = *first_;
  for (const auto& one : tracks_)
    if (const auto its = one.earliest())
      line_.origin = std::min(line_.origin,
                              std::max(*its, *first_ - patience_ - most_lag));
  stepped_ = stated_ = line_.origin;
  begun_ = true;
}

void recording_writer::body::step(nanoseconds now) {
  const lent_room room{tracks_};
  for (auto& one : tracks_) {
    one.release(now, line_, gaps_);
    one.pad_to(line_.frame_at(one.settled_until(now)));
  }
  stepped_ = now;
  flush(due());
  if (now - stated_
      >= std::chrono::nanoseconds{settings_.flush_every}.count()) {
    stated_ = now;
    state_size();
  }
}

expected<void, std::string> recording_writer::body::advance() {
  if (!begun_ && may_begin())
    begin();
  while (begun_ && !paused_ && stepped_ < now_)
    step(std::min(now_, stepped_ + longest_step));
  if (news_.empty())
    return {};
  return unexpected{std::exchange(news_, {})};
}

/// Writes all there is; both channels end at the same frame, at or after
/// `until`.
void recording_writer::body::drain(std::int64_t until) {
  const lent_room room{tracks_};
  for (auto& one : tracks_) {
    one.drain(line_, gaps_);
    until = std::max(until, one.end());
  }
  for (auto& one : tracks_)
    one.pad_to(until);
  flush(ready());
  state_size();
}

void recording_writer::body::pause(nanoseconds at) {
  if (paused_)
    return;
  see(at);
  static_cast<void>(advance());
  if (!begun_ && first_)
    begin();
  if (begun_)
    drain(line_.frame_at(at));
  paused_ = at;
  summary_.pauses.push_back(
    {line_.position(tracks_[0].end()), {}, wall_at(at)});
}

void recording_writer::body::resume(nanoseconds at) {
  if (!paused_)
    return;
  see(at);
  summary_.pauses.back().length
    = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::nanoseconds{at - *paused_});
  paused_.reset();
  notes_.note(gaps_.gaps, summary_.pauses);
  if (!begun_)
    return;
  if (settings_.pauses == pause_rule::cut)
    line_.origin += at - line_.time_of(tracks_[0].end());
  stepped_ = at;
  for (auto& one : tracks_)
    one.excuse();
}

/// How many frames both parties have.
std::size_t recording_writer::body::ready() const noexcept {
  return std::min(tracks_[0].pcm().size(), tracks_[1].pcm().size());
}

/// How many of them are to be written now.
std::size_t recording_writer::body::due() const noexcept {
  const auto all = ready();
  const auto since = tracks_[0].end()
                     - static_cast<std::int64_t>(tracks_[0].pcm().size());
  if (stepped_ - line_.time_of(since) > oldest)
    return all;
  const auto first = file_->frames_to_page();
  const auto more = file_->frames_per_page();
  return all < first ? 0 : first + (all - first) / more * more;
}

void recording_writer::body::flush(std::size_t count) {
  if (count == 0)
    return;
  auto& both = workroom_here().interleaved;
  both.resize(count * 2);
  const auto left = tracks_[0].pcm();
  const auto right = tracks_[1].pcm();
  for (std::size_t at = 0; at < count; ++at) {
    both[at * 2] = left[at];
    both[at * 2 + 1] = right[at];
  }
  for (auto& one : tracks_)
    one.drop(count);
  if (summary_.failure.empty())
    settle(file_->append(both));
}

/// Makes the header and the journal fit what is on the disk.
void recording_writer::body::state_size() {
  if (!summary_.failure.empty())
    return;
  settle(file_->state_size());
  notes_.note(gaps_.gaps, summary_.pauses);
  if (stated_ - noted_ < note_every)
    return;
  noted_ = stated_;
  notes_.note({tracks_[0].statistics(), tracks_[1].statistics()});
}

void recording_writer::body::settle(
  const expected<void, std::string>& written) {
  if (!written)
    summary_.failure = news_ = written.error();
}

void recording_writer::body::summarize() {
  for (std::size_t at = 0; at < tracks_.size(); ++at)
    summary_.streams[at] = tracks_[at].statistics();
  summary_.gaps = gaps_.gaps;
  summary_.gaps_left_out = gaps_.left_out;
  summary_.ended = wall_at(std::max(now_, count_of(opened_.steady)));
  summary_.rate = file_->rate();
  summary_.bytes = file_->bytes();
  summary_.duration = std::chrono::milliseconds{file_->data_bytes() / frame_size
                                                * 1000 / file_->rate()};
}

recording_summary recording_writer::body::finish(const keep_summary& keep) {
  static_cast<void>(advance());
  if (!begun_ && first_)
    begin();
  if (begun_ && !paused_)
    drain(0);
  if (paused_)
    summary_.pauses.back().length
      = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::nanoseconds{now_ - *paused_});
  if (begun_)
    for (const auto& one : tracks_)
      one.close(line_, gaps_);
  auto sum = file_->seal();
  summarize();
  if (sum)
    summary_.sha256 = std::move(*sum);
  else if (summary_.failure.empty())
    summary_.failure = sum.error();
  notes_.note(gaps_.gaps, summary_.pauses);
  notes_.note(summary_.streams);
  if (keep(summary_))
    notes_.remove();
  return std::move(summary_);
}

recording_writer::recording_writer(std::unique_ptr<body> what) noexcept
  : body_{std::move(what)} {
}

recording_writer::recording_writer(recording_writer&&) noexcept = default;
recording_writer&
recording_writer::operator=(recording_writer&&) noexcept = default;
recording_writer::~recording_writer() = default;

expected<recording_writer, std::string>
recording_writer::open(const vault_settings& settings,
                       const recording_identity& who, instant now) {
  if (const auto fault = fault_of(settings); !fault.empty())
    return unexpected{fault};
  const auto id = parse_uuid(who.id);
  if (!id)
    return unexpected{std::string{"the recording's id is no UUID"}};
  const auto folder = std::filesystem::path{settings.root}
                      / date_text(now.wall);
  for (const auto& path : {folder.parent_path(), folder})
    if (const auto made = make_folder(path); !made)
      return unexpected{made.error()};
  recording_summary about;
  about.id = to_string(*id);
  about.call_id = who.call_id;
  about.started = now.wall;
  const auto stem = (folder / about.id).string();
  auto audio = create_audio(stem, *id, settings.keys.get());
  if (!audio)
    return unexpected{audio.error()};
  about.file = audio->path;
  auto notes = journal::create(stem + ".open", about);
  if (!notes) {
    std::error_code ignored;
    std::filesystem::remove(about.file, ignored);
    return unexpected{notes.error()};
  }
  return recording_writer{
    std::make_unique<body>(settings, now, std::move(about),
                           std::move(audio->file), std::move(*notes))};
}

void recording_writer::note_about(const std::string& what) {
  if (body_)
    body_->note_about(what);
}

void recording_writer::take(const fork::record& what) {
  if (body_)
    body_->take(what);
}

expected<void, std::string> recording_writer::advance(time_point now) {
  if (!body_)
    return {};
  body_->pass(count_of(now));
  return body_->advance();
}

recording_summary recording_writer::finish(time_point now,
                                           const keep_summary& keep) {
  if (!body_)
    return {};
  body_->see(count_of(now));
  auto summary = body_->finish(keep);
  body_.reset();
  return summary;
}

const std::string& recording_writer::path() const noexcept {
  static const std::string none;
  return body_ ? body_->path() : none;
}

} // namespace callfork::vault
