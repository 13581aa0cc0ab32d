#pragma once

#include "media/fork/batch.hpp"

#include <cstddef>
#include <vector>

namespace callfork::provider {

/// Batches that wait, and the place in the first one: read record by record,
/// without a copy. Allocates only while it grows. One thread.
class batch_queue {
public:
  /// Takes the next batch; false when `most` wait.
  [[nodiscard]] bool push(const fork::batch_ptr& next, std::size_t most);

  /// The next record; null when there is none. Valid until `pop`.
  [[nodiscard]] const fork::record* front() const noexcept {
    return empty() ? nullptr : &front_;
  }
  /// Goes on to the record behind it; there is one. Lets go of a batch with
  /// its last record.
  void pop() noexcept;

  /// How many batches are not wholly read.
  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }
  [[nodiscard]] bool empty() const noexcept {
    return size_ == 0;
  }
  void clear() noexcept;

private:
  void grow();
  void load() noexcept;

  std::vector<fork::batch_ptr> ring_; ///< Its size is a power of two, or 0.
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t place_ = 0; ///< Behind `front_` in the first batch.
  fork::record front_;
};

} // namespace callfork::provider
