#pragma once

#include "control/admin/registry.hpp"
#include "control/catalogue/vault_catalogue.hpp"

#include <chrono>
#include <cstddef>
#include <functional>

namespace callfork::catalogue {

/// How long recordings are kept.
struct retention {
  /// Of owners with the free plan: after the later of the recording's end and
  /// the owner's change from paid to free.
  std::chrono::hours free{24 * 30};
  /// What was deleted softly, of all owners: after it was.
  std::chrono::hours deleted{24 * 30};
};

/// What a sweep did.
struct swept {
  std::size_t purged = 0;
  std::size_t held = 0;   ///< Due, but under legal hold.
  std::size_t failed = 0; ///< Due, but the disk refused; tried again next time.
};

/// Whether retention ends a recording: `terms` are its owner's, nothing if the
/// owner is not known. Recordings of such owners and of those with a paid plan
/// are kept until they are deleted.
[[nodiscard]] bool is_over(const recording& what,
                           const std::optional<owner_terms>& terms,
                           wall_time now, const retention& rules);

/// Purges what is over. Reads and writes the disk, for long: on a thread of its
/// own. Deletions, holds and plans count as they are when their turn comes.
/// Ends early when `go_on` says so; without it, never.
[[nodiscard]] swept sweep(vault_catalogue& in, wall_time now,
                          const retention& rules,
                          const std::function<bool()>& go_on = {});

/// The terms of people as the book has them. `book` outlives it.
[[nodiscard]] terms_of terms_in(const admin::registry& book);

} // namespace callfork::catalogue
