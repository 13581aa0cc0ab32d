#pragma once

#include "media/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace callfork {

/// What one stream of a recording went through. 0 is the caller (left), 1 the
/// callee (right).
struct recorded_stream {
  std::uint64_t packets = 0;    ///< RTP packets taken, without duplicates.
  std::uint64_t lost = 0;       ///< Sequence numbers that never came.
  std::uint64_t late = 0;       ///< Came after their place had been written.
  std::uint64_t duplicates = 0; ///< Came twice; the second is ignored.
  std::uint64_t unusable = 0;   ///< Malformed, or of no known payload type.
  std::chrono::milliseconds concealed{0}; ///< Reconstructed by the codec.
  std::string codec; ///< Encoding of the last audio, as in "PCMU"; may be "".
};

/// A span of one stream that is silent because audio is missing there.
/// Silence that the sender meant (comfort noise, DTX, digits) is no gap.
struct recorded_gap {
  std::uint8_t stream = 0;
  std::chrono::milliseconds from{0}; ///< Position in the recording.
  std::chrono::milliseconds to{0};
  /// "lost", "late", "no media", "new source", "clock jump", "codec", or the
  /// reason of the fork, as in "overrun".
  std::string cause;
};

/// A pause. The recording does not contain it, unless silence was asked for.
struct recorded_pause {
  std::chrono::milliseconds at{0};     ///< Position in the recording.
  std::chrono::milliseconds length{0}; ///< How long it lasted.
  wall_time began{};                   ///< When it was paused.
};

/// All there is to tell about a finished recording file.
struct recording_summary {
  std::string id;      ///< Recording id, a UUID.
  std::string call_id; ///< As signalling named the call: untrusted text.
  std::string file;    ///< Absolute or root-relative path of its audio: a WAV,
                       ///< or an encrypted file.
  wall_time started;   ///< When the first packet arrived (or, without any,
                       ///< when the recording was opened).
  wall_time ended;     ///< When it was over; of a dead process, its last write.
  std::chrono::milliseconds duration{0}; ///< Length of the audio.
  std::uint32_t rate = 0;                ///< Samples per second and channel.
  std::uint64_t bytes = 0;               ///< Size of the file.
  std::string sha256;                    ///< Of the file, 64 hex digits.
  std::array<recorded_stream, 2> streams;
  std::vector<recorded_gap> gaps; ///< At most 10 000 are kept.
  std::uint64_t gaps_left_out = 0;
  std::vector<recorded_pause> pauses;
  bool interrupted = false; ///< The process died; the file was completed later.
  /// What the caller of the vault wants to be kept beside the audio: a JSON
  /// object, or "".
  std::string about;
  std::string failure; ///< Why audio after the file's end is missing, or "".
};

/// Writes down what is told of a recording, so that it outlives a machine that
/// dies. False: it could not.
using keep_summary = std::function<bool(const recording_summary&)>;

} // namespace callfork
