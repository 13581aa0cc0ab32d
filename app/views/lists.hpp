#pragma once

#include "actors/node_status.hpp"
#include "control/http/server.hpp"

#include <filesystem>
#include <vector>

namespace callfork::views {

/// `/calls`: the live calls as a JSON object {"calls": [...]}.
[[nodiscard]] http::response calls(const std::vector<actors::call_status>& of);

/// `/calls/<id>`: one of them, or 404.
[[nodiscard]] http::response call(const std::vector<actors::call_status>& of,
                                  const std::string& id);

/// Where the node's events go, for whoever wants to read them.
struct event_place {
  std::string log = "none"; ///< "files", "kafka" or "none".
  std::string folder;       ///< Absolute; of the log in files.
  std::string brokers;      ///< Of Kafka, with commas.
  std::string topic;
};

/// `/events`: where they are, as {"log": "files", "folder": ..., "topic": ...}.
[[nodiscard]] http::response events(const event_place& where);

/// `/recordings`: what lies in the vault, newest day first, at most `limit`
/// (query `limit`, 1 to 10000, else 100) and only those whose id begins like
/// query `id`, as {"recordings": [...]}: the vault's own JSON of each, and for
/// those still open their id and file. Reads the disk.
[[nodiscard]] http::response recordings(const std::filesystem::path& vault,
                                        const http::request& asked);

/// `/recordings/<id>`: one of them, or 404. Reads the disk.
[[nodiscard]] http::response recording(const std::filesystem::path& vault,
                                       const std::string& id);

} // namespace callfork::views
