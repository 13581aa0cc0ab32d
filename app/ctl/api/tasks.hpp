#pragma once

#include "app/ctl/api/api_client.hpp"
#include "app/ctl/commands.hpp"

#include <string>
#include <vector>

namespace callfork::ctl {

/// Which audio to get, and to where.
struct download_wish {
  std::vector<std::string> recordings; ///< Identifiers.
  std::string format = "wav";          ///< "wav", "mp3" or "opus".
  /// A file for one, or a folder; empty: here, by their identifiers. "-":
  /// standard output.
  std::string output;
};

/// Gets recordings' audio. A file is there when it is whole. Goes on behind one
/// that is refused. Returns the exit status.
[[nodiscard]] int download(const download_wish& wish, const api_choice& which);

/// Waits until a job has ended, and shows it. `failed` where it failed, or
/// anything in it.
[[nodiscard]] int wait_for_job(const std::string& job, const api_client& with,
                               const manner& how);

} // namespace callfork::ctl
