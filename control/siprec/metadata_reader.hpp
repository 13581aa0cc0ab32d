#pragma once

#include "control/siprec/fault.hpp"
#include "control/siprec/metadata.hpp"
#include "media/base/expected.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::siprec {

/// What a document may not exceed.
struct metadata_limits {
  std::size_t bytes = std::size_t{64} * 1024;
  std::size_t depth = 32;
  std::size_t elements = 64; ///< Of one kind, as in participants.
};

/// What a peer said.
struct peer_metadata {
  dialect written = dialect::rfc7865;
  bus::metadata::document document;
  platform_facts platform; ///< All empty, but from BroadWorks or callfork.
  /// The peer wants a complete document; the rest is empty then.
  bool snapshot_requested = false;
  std::string snapshot_reason;
  /// What was not as the standard wants it, for the log; few and short.
  std::vector<std::string> oddities;
};

/// Reads a metadata document as leniently as recorders must: by local names,
/// in any order, of any of the dialects. Identifiers that are not UUIDs become
/// ones of their own within `space`, the same each time.
/// Faults: 400 for what is not well-formed, for document types and entities,
/// and for two things with one identifier; 413 beyond the limits. Pure.
[[nodiscard]] expected<peer_metadata, fault>
read_metadata(std::string_view text, const uuid& space,
              const metadata_limits& most);

} // namespace callfork::siprec
