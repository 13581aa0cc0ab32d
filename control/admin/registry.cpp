#include "control/admin/registry.hpp"

namespace callfork::admin {

expected<void, write_fault> memory_registry::write(std::vector<change> what) {
  for (auto& one : what) {
    const auto taken
      = take({std::move(one.key), one.seen + 1, std::move(one.now), "memory"});
    if (!taken)
      return make_unexpected(write_fault::outdated);
  }
  return {};
}

} // namespace callfork::admin
