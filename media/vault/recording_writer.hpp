#pragma once

#include "media/base/clock.hpp"
#include "media/base/expected.hpp"
#include "media/base/recording_summary.hpp"
#include "media/fork/batch.hpp"
#include "media/vault/key_ring.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace callfork::vault {

/// What a pause leaves in the file.
enum class pause_rule : std::uint8_t {
  cut,    ///< Nothing: the audio after it follows the audio before it.
  silence ///< Silence of its length.
};

/// How the vault writes. One value for all recordings of a node.
struct vault_settings {
  std::string root; ///< Folder; made when missing, with mode 0750.
  pause_rule pauses = pause_rule::cut;
  /// How long a packet waits for earlier ones: the jitter and reordering that
  /// is absorbed. 20 to 2000 ms.
  std::chrono::milliseconds patience{400};
  /// How often the header follows the audio on the disk, which itself goes
  /// there with each batch. 100 to 10000 ms.
  std::chrono::milliseconds flush_every{500};
  /// Null: recordings are not encrypted.
  std::shared_ptr<const key_ring> keys{};
};

/// Who is recorded.
struct recording_identity {
  std::string id;      ///< A UUID: the only text that paths are built from.
  std::string call_id; ///< Kept in the summary, never in a path.
};

/// Writes one recording: <root>/<date>/<id>.wav, 16-bit stereo, the caller left
/// and the callee right, 16 kHz when the first audio of a party is G.722 or
/// Opus and 8 kHz otherwise. The first sample is the first packet's. With keys
/// it is <id>.sealed, encrypted with AES-256-GCM under a data key of its own,
/// and no audio touches the disk in plain.
///
/// Beside it lies <id>.open until the end; from it `recover` completes what a
/// dead process left: all but the last 0.35 s (batch, and the wait for a silent
/// party), or 0.5 s where a packet is missing and was still waited for (0.65 s
/// of Opus). The WAV's header fits what is on the disk after each flush, so it
/// can be played at any time; above 4 GiB it becomes RF64. What is encrypted
/// can be opened with the key at any time. Nothing is synced
/// before the end: what a dead machine costs is up to its kernel (30 s).
///
/// Reads and writes files, so never on a shard; any thread, one at a time. Time
/// is the arrival time of the records, or `now`. A failing disk (full, EIO) is
/// reported once by the call that finds it; the file then ends there, playable,
/// and what follows is discarded. Nothing throws.
class recording_writer {
public:
  /// Opens the file. Errors: an id that is no UUID, settings out of range, a
  /// folder or file that cannot be made, a recording of this id existing.
  [[nodiscard]] static expected<recording_writer, std::string>
  open(const vault_settings& settings, const recording_identity& who,
       instant now);

  recording_writer(const recording_writer&) = delete;
  recording_writer& operator=(const recording_writer&) = delete;
  recording_writer(recording_writer&&) noexcept;
  recording_writer& operator=(recording_writer&&) noexcept;
  /// Without `finish`, leaves the files as a dead process would.
  ~recording_writer();

  /// Takes the records of a batch, in order.
  [[nodiscard]] expected<void, std::string> write(const fork::batch& batch) {
    batch.for_each([this](const fork::record& what) {
      take(what);
    });
    return advance(batch.complete_until());
  }

  /// Takes one record; errors come from the next `advance` or `write`.
  void take(const fork::record& what);

  /// Writes what is due by `now`, silence too: all that came before then is
  /// taken. The time at which a packet came never says that another one is
  /// missing, since that one may only be read later.
  [[nodiscard]] expected<void, std::string> advance(time_point now);

  /// Writes the rest up to `now` (not later than the last audio), makes both
  /// channels equally long and hashes the file (which reads it once: 0.1 s per
  /// 100 MB). Removes <id>.open once the summary is kept: until then `recover`
  /// knows of the recording. A failure stands in the summary. Afterwards the
  /// writer takes nothing more.
  [[nodiscard]] recording_summary finish(time_point now,
                                         const keep_summary& keep);

  /// Replaces what is kept beside the audio (recording_summary::about), a
  /// death included: a JSON object of at most 64 KiB in one line; longer ones
  /// are not kept.
  void note_about(const std::string& what);

  /// Path of the audio.
  [[nodiscard]] const std::string& path() const noexcept;

private:
  class body;
  explicit recording_writer(std::unique_ptr<body> what) noexcept;
  std::unique_ptr<body> body_;
};

} // namespace callfork::vault
