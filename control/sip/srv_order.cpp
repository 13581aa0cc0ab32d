#include "control/sip/srv_order.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace callfork::sip {

namespace {

using records = std::vector<service_record>;

/// RFC 2782: the first whose running sum of weights reaches a random number up
/// to the whole sum. Those without weight come first in the sum.
records::iterator
choose(records::iterator from, records::iterator to,
       const std::function<std::uint32_t(std::uint32_t)>& random) {
  std::uint32_t sum = 0;
  for (auto one = from; one != to; ++one)
    sum += one->weight;
  const auto wanted = random(sum);
  std::uint32_t running = 0;
  for (auto one = from; one != to; ++one) {
    running += one->weight;
    if (running >= wanted)
      return one;
  }
  return from;
}

} // namespace

std::vector<service_record>
in_service_order(std::vector<service_record> all,
                 const std::function<std::uint32_t(std::uint32_t)>& random) {
  std::ranges::stable_sort(all, {}, [](const auto& one) {
    return std::tuple{one.priority, one.weight != 0};
  });
  for (auto at = all.begin(); at != all.end(); ++at) {
    const auto end = std::find_if(at, all.end(), [&](const auto& one) {
      return one.priority != at->priority;
    });
    const auto chosen = choose(at, end, random);
    std::rotate(at, chosen, std::next(chosen));
  }
  return all;
}

} // namespace callfork::sip
