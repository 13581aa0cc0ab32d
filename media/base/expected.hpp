#pragma once

#include <tl/expected.hpp>

namespace callfork {

/// A value or the reason why there is none. Never thrown, always returned.
template <class T, class E>
using expected = tl::expected<T, E>;

/// Makes the error side of an `expected`.
using tl::make_unexpected;
using tl::unexpected;

} // namespace callfork
