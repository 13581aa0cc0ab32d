#include "actors/siprec_body.hpp"

#include "control/siprec/metadata_reader.hpp"

#include <algorithm>

namespace callfork::actors {

std::string sdp_in(const siprec::written_body& body) {
  const auto parts = siprec::read_body(body.content_type, body.content, {});
  if (!parts)
    return {};
  const auto at = std::ranges::find(*parts, "application/sdp",
                                    &siprec::body_part::type);
  return at == parts->end() ? std::string{} : at->content;
}

bool wants_snapshot(const siprec::written_body& body) {
  const auto parts = siprec::read_body(body.content_type, body.content, {});
  return parts && std::ranges::any_of(*parts, [](const auto& part) {
           const auto read = siprec::read_metadata(part.content, {}, {});
           return read && read->snapshot_requested;
         });
}

} // namespace callfork::actors
