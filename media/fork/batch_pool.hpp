#pragma once

#include "media/fork/batch.hpp"

#include <cstddef>
#include <memory>

namespace callfork::fork {

/// Makes batches and takes them back, so that forking does not allocate once
/// a shard is warm. `make` belongs to one thread (the shard); batches may end
/// on any thread, also after the pool itself has gone. A batch is wiped when
/// its last owner lets go.
class batch_pool {
public:
  /// Keeps up to `spare` unused batches (2 KiB each) for later.
  explicit batch_pool(std::size_t spare = 1024);

  /// An empty batch that only its maker may write.
  [[nodiscard]] std::shared_ptr<batch> make();

  /// How many unused batches it keeps at the moment.
  [[nodiscard]] std::size_t spare() const noexcept;

private:
  class store;
  template <class T>
  struct allocator;

  std::shared_ptr<store> store_;
};

} // namespace callfork::fork
