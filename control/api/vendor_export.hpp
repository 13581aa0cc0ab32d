#pragma once

#include "control/admin/book.hpp"

#include <string>

namespace callfork::api {

/// The users of an organisation's account at a provider, as a table (RFC 4180)
/// for whoever makes them there by hand: with what identifies each of them.
[[nodiscard]] std::string vendor_users_csv(const admin::book& book,
                                           const admin::organisation& of,
                                           const admin::identifier& provider);

} // namespace callfork::api
