#pragma once

#include "bus/publisher.hpp"
#include "media/base/recording_summary.hpp"

#include <string>
#include <vector>

namespace callfork::actors {

/// Ends the story of what a dead process left open: calls and recordings that
/// were never told to be over. `summaries` are the files that could be
/// completed; they are told as delivered. Pure.
[[nodiscard]] std::vector<bus::event>
end_of_orphans(const std::vector<bus::open_subject>& recordings,
               const std::vector<bus::open_subject>& calls,
               const std::vector<recording_summary>& summaries,
               const std::string& node, const std::string& region,
               wall_time now);

} // namespace callfork::actors
