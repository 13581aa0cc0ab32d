#pragma once

#include "control/siprec/metadata_reader.hpp"
#include "control/siprec/session_sdp_server.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace callfork::siprec {

/// One who takes part now, as a recording client tells it.
struct speaker {
  uuid id;
  std::string aor; ///< May be empty.
  std::string name;
  /// The m-line that brings what the party says; nothing if it says nothing,
  /// or if the client does not tell.
  std::optional<std::size_t> line;
};

/// What a recording client has told of its session so far: a complete document
/// replaces what was known, a partial one adds to it and changes it (RFC 7866
/// 8.1, RFC 7865 4). A regular value, without threads.
class client_picture {
public:
  /// Takes over a document, in the order in which documents came. False when
  /// it builds on what was never told, so that a snapshot is worth asking for.
  /// What goes beyond 64 of a kind is left out.
  [[nodiscard]] bool take(peer_metadata next);

  /// Learns which m-line each stream of the last document is, by labels and,
  /// where those do not match, by order. For a message that holds both: labels
  /// mean nothing beyond their message (RFC 7866 8.3).
  void place(const client_offer& offer);

  /// False until the client has told anything.
  [[nodiscard]] bool is_known() const noexcept {
    return known_;
  }

  /// Everybody who takes part now, in the order in which they were told.
  [[nodiscard]] std::vector<speaker> speakers() const;

  /// True when all who take part were said to send nothing, after having sent
  /// something: so does a pause read.
  [[nodiscard]] bool is_silenced() const;

  /// The group of sessions that the client says it belongs to.
  [[nodiscard]] std::optional<uuid> group() const;

  [[nodiscard]] const bus::metadata::document& document() const noexcept {
    return document_;
  }
  [[nodiscard]] const platform_facts& platform() const noexcept {
    return platform_;
  }

private:
  [[nodiscard]] bool merge(bus::metadata::document next);
  [[nodiscard]] bool is_here(const uuid& participant) const;
  [[nodiscard]] std::optional<std::size_t>
  line_of(const uuid& participant) const;

  bool known_ = false;
  bool ever_sent_ = false; ///< Somebody was said to send.
  bus::metadata::document document_;
  platform_facts platform_;
  std::vector<uuid> told_last_;       ///< Streams of the last document.
  std::map<uuid, std::size_t> lines_; ///< By stream.
};

} // namespace callfork::siprec
