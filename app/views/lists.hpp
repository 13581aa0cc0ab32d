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

/// `/recordings`: what lies in the vault, newest day first, at most `limit`
/// (query `limit`, 1 to 10000, else 100), as {"recordings": [...]}: the
/// vault's own JSON of each, and for those still open their id and file. Reads
/// the disk.
[[nodiscard]] http::response recordings(const std::filesystem::path& vault,
                                        const http::request& asked);

/// `/recordings/<id>`: one of them, or 404.
[[nodiscard]] http::response recording(const std::filesystem::path& vault,
                                       const std::string& id);

} // namespace callfork::views
