#pragma once

#include "actors/call_record.hpp"
#include "actors/node_status.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::actors {

/// Which calls live, from the first offer to the delete, for whoever wants to
/// know without asking an actor. Kept by the calls' stories. Any thread.
class call_directory {
public:
  void add(std::shared_ptr<const call_gauge> call);
  void remove(const std::string& call_id);

  /// Null for a call that does not live.
  [[nodiscard]] std::shared_ptr<const call_gauge>
  find(const std::string& call_id) const;

  [[nodiscard]] std::size_t size() const;

  /// At most `limit` calls, in no order.
  [[nodiscard]] std::vector<call_status> list(std::size_t limit) const;

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const call_gauge>> calls_;
};

} // namespace callfork::actors
