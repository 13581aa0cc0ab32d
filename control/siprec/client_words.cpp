#include "control/siprec/client_words.hpp"

#include <utility>

namespace callfork::siprec {

namespace {

bool is_metadata(const body_part& part) {
  return part.type.starts_with("application/rs-metadata")
         || part.disposition == "recording-session";
}

} // namespace

expected<client_words, fault> read_client_words(const written_body& body,
                                                const uuid& space) {
  const auto parts = read_body(body.content_type, body.content, {});
  if (!parts)
    return make_unexpected(parts.error());
  client_words made;
  for (const auto& part : *parts) {
    if (is_metadata(part)) {
      auto read = read_metadata(part.content, space, {});
      if (!read)
        return make_unexpected(read.error());
      made.metadata = std::move(*read);
    } else if (part.type == "application/sdp") {
      if (made.sdp.empty())
        made.sdp = part.content;
    } else if (part.must_be_known() || parts->size() == 1) {
      return make_unexpected(
        fault{415, "a body part of type " + part.type + " is not known"});
    }
  }
  return made;
}

} // namespace callfork::siprec
