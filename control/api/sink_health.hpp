#pragma once

#include "media/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace callfork::api {

/// How the sinks that stream to one provider do.
struct sink_health {
  std::string provider;       ///< As the node's configuration names it.
  std::size_t open = 0;       ///< Streams that it takes now.
  std::uint64_t failures = 0; ///< Since the node started.
  duration lag{}; ///< From hearing audio to handing it over: of 99 in 100.
};

/// How everything does that takes recordings from one node.
struct sinks_health {
  std::string node;
  std::string region;
  std::vector<sink_health> sinks;
  std::map<std::string, bool> recorders; ///< By address: whether they answer.
};

} // namespace callfork::api
