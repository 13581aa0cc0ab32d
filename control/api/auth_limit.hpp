#pragma once

#include "media/base/clock.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace callfork::api {

/// How often somebody may ask: a bucket of `burst` requests that fills up by so
/// many in a second.
struct rate {
  double per_second = 10;
  double burst = 50;
};

/// Keeps everybody to a rate. Remembers so many at most: whoever has not asked
/// for longest is forgotten first, and begins anew. Any thread.
class rate_limiter {
public:
  rate_limiter(rate each, std::size_t most_remembered);

  /// Takes `cost` requests from somebody's bucket: nothing if they were in it,
  /// otherwise after how many whole seconds they will be. What was not in it is
  /// not taken.
  [[nodiscard]] std::optional<std::chrono::seconds>
  take(const std::string& whom, double cost, time_point now);

  /// Takes them although they may not be in it, so that it may owe as many.
  void fine(const std::string& whom, double cost, time_point now);

  [[nodiscard]] std::size_t remembered() const;

private:
  struct bucket {
    std::string whom;
    double left = 0;
    time_point seen;
  };
  using order = std::list<bucket>; ///< Whoever asked last comes first.

  bucket& fill(const std::string& whom, time_point now);

  rate each_;
  std::size_t most_;
  mutable std::mutex mutex_; ///< Guards what follows.
  order buckets_;
  std::unordered_map<std::string, order::iterator> by_name_;
};

} // namespace callfork::api
