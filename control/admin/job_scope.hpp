#pragma once

#include "control/admin/book.hpp"

#include <vector>

namespace callfork::admin {

/// The people whom a job still concerns, by identifier, where the organisation
/// and the location are as given: those who are enabled and whose provider is
/// the job's; of a job for "none", all who are enabled.
[[nodiscard]] std::vector<const person*>
job_scope(const book& by, const job& of, const organisation& in,
          const location* at);

} // namespace callfork::admin
