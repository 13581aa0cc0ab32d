#pragma once

#include <chrono>

namespace callfork {

/// Monotonic time: every timer, timeout and age. `now` is always a parameter.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// Wall-clock time: only for what people and other systems read.
using wall_clock = std::chrono::system_clock;
using wall_time = wall_clock::time_point;

/// One reading of both clocks, taken together.
struct instant {
  time_point steady;
  wall_time wall;
};

} // namespace callfork
