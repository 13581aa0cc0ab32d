#pragma once

#include "media/base/clock.hpp"

#include <chrono>
#include <functional>
#include <thread>

namespace callfork::test {

/// Waits, ten seconds at most, for another thread or process to make something
/// true. For what has no other sign of its end; never to let time pass.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition) {
  const auto until = clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (clock::now() > until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

} // namespace callfork::test
