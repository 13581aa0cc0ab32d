#pragma once

#include <stdexcept>

namespace callfork {

/// A broken promise of our own code: ends the actor that finds it, and the
/// supervisor reports `blame::us`.
struct bug : std::logic_error {
  using std::logic_error::logic_error;
};

} // namespace callfork

/// States what must hold here. Throws `callfork::bug` where it does not.
#define CALLFORK_EXPECT(condition)                                             \
  do {                                                                         \
    if (!(condition))                                                          \
      throw ::callfork::bug("broken expectation: " #condition);                \
  } while (false)
