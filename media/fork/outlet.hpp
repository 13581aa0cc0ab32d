#pragma once

#include "media/fork/batch.hpp"

#include <cstddef>
#include <memory>

namespace callfork::fork {

/// Where one sink takes a recording's batches from its shard. Made by whoever
/// runs the sink, called by the shard alone.
class outlet {
public:
  virtual ~outlet() = default;

  /// Takes the next batch, in order. False means full: the same batch is
  /// offered again later. Never blocks, never throws, never calls the tap.
  [[nodiscard]] virtual bool offer(const batch_ptr& next) noexcept = 0;

  /// How many of the batches that it took the sink has not dealt with yet; it
  /// deals with them in order. They are kept for the sink's successor, should
  /// it die. 0 for a sink that is done with a batch when `offer` returns.
  [[nodiscard]] virtual std::size_t in_flight() const noexcept {
    return 0;
  }
};

using outlet_ptr = std::shared_ptr<outlet>;

} // namespace callfork::fork
