#pragma once

#include "actors/node_status.hpp"
#include "media/base/clock.hpp"

#include <string>

namespace callfork::views {

/// What the metrics tell besides the node's status.
struct process_figures {
  std::string version;
  std::string region;
  std::string node;
  double cpu_seconds = 0;
  std::size_t resident_bytes = 0;
  std::size_t open_descriptors = 0;
  wall_time started;
};

/// Reads what the kernel counts of this process into `figures`.
void read_kernel(process_figures& figures);

/// `/metrics` in Prometheus' text format. Labels are bounded: no call ids.
[[nodiscard]] std::string metrics(const actors::node_status& status,
                                  const process_figures& process);

} // namespace callfork::views
