#pragma once

#include "control/admin/book.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace callfork::admin {

/// One wish to change the book: what the writer saw, and what is to be.
struct change {
  entity_key key;
  std::uint64_t seen = 0;    ///< The version that it was made from; 0: new.
  std::optional<entity> now; ///< Nothing: it is to be removed.
};

enum class write_fault : std::uint8_t {
  outdated,    ///< Somebody was faster: look again, and decide again.
  unavailable, ///< The log cannot be reached, or did not answer in time.
};

/// The book of a node for many threads, and the one way to change it: through
/// the `config` log, from which it comes back to every node alike.
class registry {
public:
  registry() = default;
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;
  virtual ~registry() = default;

  /// Lets `look` see the book: `look` must neither block nor keep pointers. Any
  /// thread; waits for microseconds at most.
  template <class F>
  [[nodiscard]] decltype(auto) read(F&& look) const {
    const std::shared_lock lock{mutex_};
    return std::forward<F>(look)(std::as_const(book_));
  }

  /// Appends the changes in this order, and returns once all of them were read
  /// back from the log and taken; the first that is outdated ends it, and those
  /// before it stand. Waits for seconds at most: never on a shard. Any thread.
  [[nodiscard]] virtual expected<void, write_fault>
  write(std::vector<change> what) = 0;

protected:
  /// For whoever reads the log.
  [[nodiscard]] expected<void, entry_fault> take(const entry& next) {
    const std::unique_lock lock{mutex_};
    return book_.apply(next);
  }

private:
  mutable std::shared_mutex mutex_;
  book book_;
};

/// A registry in memory alone: for tests, and for nodes without a log.
class memory_registry final : public registry {
public:
  [[nodiscard]] expected<void, write_fault>
  write(std::vector<change> what) override;
};

} // namespace callfork::admin
