#pragma once

#include "actors/sink.hpp"
#include "control/siprec/body.hpp"
#include "control/siprec/metadata.hpp"

#include <string>

namespace callfork::actors {

/// The metadata that one recording's client tells its provider, moment by
/// moment, in the provider's dialect. A part of a SIPREC sink.
class siprec_story {
public:
  siprec_story(recording_facts_ptr facts, siprec::dialect in);

  /// All there is, with the description whose labels it names.
  [[nodiscard]] siprec::written_body beginning(const std::string& sdp) const;

  /// The recording pauses or goes on.
  [[nodiscard]] siprec::written_body change(const std::string& sdp, bool paused,
                                            wall_time now) const;

  /// All there is, for a provider that asked. Without a description, so also
  /// without labels (RFC 7866 8.1).
  [[nodiscard]] siprec::written_body snapshot(bool paused) const;

  /// The recording is over.
  [[nodiscard]] siprec::written_body end(wall_time now) const;

private:
  [[nodiscard]] siprec::written_body
  write(const std::string& sdp, const bus::metadata::document& what,
        std::string state, std::optional<wall_time> since) const;

  recording_facts_ptr facts_;
  siprec::dialect dialect_;
};

} // namespace callfork::actors
