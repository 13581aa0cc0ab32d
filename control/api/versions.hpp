#pragma once

#include "control/admin/book.hpp"
#include "control/api/exchange.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>

namespace callfork::api {

/// The version that `If-Match` asks for; nothing without it, and with "*".
/// 400 for what is no ETag of ours.
[[nodiscard]] expected<std::optional<std::uint64_t>, refusal>
read_if_match(const request& asked);

/// 412 when the entity has another version by now.
[[nodiscard]] expected<void, refusal>
check_version(const admin::book& book, const admin::entity_key& of,
              const std::optional<std::uint64_t>& wished);

/// A document with the version of what it shows as its ETag.
[[nodiscard]] reply versioned_document(unsigned status,
                                       const nlohmann::ordered_json& what,
                                       std::uint64_t version);

/// Whether the book holds it now; of accounts and jobs, whether it ever did.
[[nodiscard]] bool exists(const admin::book& book,
                          const admin::entity_key& what);

} // namespace callfork::api
