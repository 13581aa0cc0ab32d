#pragma once

#include "actors/sink.hpp"
#include "control/siprec/body.hpp"
#include "control/siprec/metadata.hpp"

#include <optional>
#include <string>

namespace callfork::actors {

/// The metadata that one recording's client tells its provider, moment by
/// moment, in the provider's dialect. It remembers what was told: a change is
/// what differs from that. A part of a SIPREC sink.
class siprec_story {
public:
  siprec_story(recording_facts_ptr facts, siprec::dialect in);

  /// Other facts hold from now on.
  void learn(recording_facts_ptr facts);

  /// True when the provider should hear of something: who takes part, what they
  /// send, a pause, announcements, or whose call it is.
  [[nodiscard]] bool has_news(bool paused) const;

  /// All there is, with the description whose labels it names.
  [[nodiscard]] siprec::written_body whole(const std::string& sdp, bool paused,
                                           wall_time now);

  /// What differs from what was told before, and whether the recording is
  /// paused. Without a description it is for an UPDATE.
  [[nodiscard]] siprec::written_body change(const std::string& sdp, bool paused,
                                            wall_time now);

  /// The last change did not arrive: it is news again.
  void take_back();

  /// All there is, for a provider that asked. Without a description, so also
  /// without labels (RFC 7866 8.1).
  [[nodiscard]] siprec::written_body snapshot();

  /// The recording is over.
  [[nodiscard]] siprec::written_body end(wall_time now);

private:
  /// What a provider knows.
  struct knowledge {
    recording_facts_ptr facts;
    bool paused = false;
    wall_time since{}; ///< Of its state, paused or recording.
  };

  [[nodiscard]] bus::metadata::document difference(bool paused) const;
  void note_told(bool paused, wall_time now);
  [[nodiscard]] siprec::written_body write(const std::string& sdp,
                                           const bus::metadata::document& what,
                                           siprec::call_recording more) const;
  [[nodiscard]] siprec::call_recording words(std::string state,
                                             std::uint64_t heard) const;

  siprec::dialect dialect_;
  recording_facts_ptr facts_; ///< As of now.
  knowledge told_;
  std::optional<knowledge> before_; ///< The last change.
};

/// What an organisation's platform says of the call of a recording: the numbers
/// and whatever signalling named. Pure.
[[nodiscard]] siprec::platform_facts platform_of(const recording_facts& from);

} // namespace callfork::actors
