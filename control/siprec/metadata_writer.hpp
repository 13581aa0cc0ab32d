#pragma once

#include "control/siprec/metadata.hpp"

#include <string>
#include <vector>

namespace callfork::siprec {

/// The media type of a metadata part (RFC 9806).
inline constexpr std::string_view metadata_type = "application/rs-metadata+xml";

/// Writes a document as RFC 7865 has it: it validates against the schema of its
/// section 9. With `more`, our own element goes into the first session. Pure.
[[nodiscard]] std::string
write_rfc7865(const bus::metadata::document& from,
              const std::optional<call_recording>& more);

/// Writes a document as BroadWorks does, with its metadata of version 3.0.
/// What that form cannot say is left out. Pure.
[[nodiscard]] std::string write_broadworks(const bus::metadata::document& from,
                                           const uuid& recording,
                                           const platform_facts& platform);

/// The same, with announcements: each is an element of our own name space,
/// which a reader that looks for names passes over.
[[nodiscard]] std::string
write_broadworks(const bus::metadata::document& from, const uuid& recording,
                 const platform_facts& platform,
                 const std::vector<told_announcement>& announcements);

/// A request for a complete document, to be sent in an UPDATE (RFC 7866 8.4).
[[nodiscard]] std::string write_snapshot_request(std::string_view reason);

} // namespace callfork::siprec
