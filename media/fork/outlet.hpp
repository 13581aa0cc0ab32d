#pragma once

#include "media/fork/batch.hpp"

namespace callfork::fork {

/// Where one sink takes a recording's batches from its shard. Made by whoever
/// runs the sink, called by the shard alone.
class outlet {
public:
  virtual ~outlet() = default;

  /// Takes the next batch, in order. False means full: the same batch is
  /// offered again later. Never blocks, never throws, never calls the tap.
  [[nodiscard]] virtual bool offer(const batch_ptr& next) noexcept = 0;
};

using outlet_ptr = std::shared_ptr<outlet>;

} // namespace callfork::fork
