#pragma once

#include "control/siprec/body.hpp"
#include "control/siprec/metadata_reader.hpp"

#include <optional>
#include <string>

namespace callfork::siprec {

/// What a recording client's message says, taken apart.
struct client_words {
  std::string sdp; ///< Empty: none. May hold keys: never log it.
  std::optional<peer_metadata> metadata;
};

/// Reads the body of a recording client's message: a description, metadata,
/// both in any order, or nothing. Of several descriptions the first counts, of
/// several documents the last. Identifiers that are not UUIDs become ones of
/// their own within `space`. Faults: those of `read_body` and `read_metadata`,
/// and 415 for a part that nobody here knows but that must be known (see
/// `body_part::must_be_known`), or that is all there is. Pure.
[[nodiscard]] expected<client_words, fault>
read_client_words(const written_body& body, const uuid& space);

} // namespace callfork::siprec
