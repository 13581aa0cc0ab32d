#pragma once

#include "media/base/clock.hpp"
#include "media/fork/batch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace callfork::fork {

/// The sealed batches of a recording that somebody may still want, numbered
/// from 0 on, in a ring that grows and does not allocate once it fits. It
/// remembers what the forgotten ones said about formats and pauses, so that a
/// sink that joins behind them can be told. Belongs to the shard.
class backlog {
public:
  /// What held just before the oldest batch that is kept.
  struct standing {
    std::array<std::string, 2> formats; ///< By stream.
    bool paused = false;
  };

  struct entry {
    batch_ptr what;
    time_point sealed;
    std::uint32_t packets = 0;
    bool has_news = false; ///< Holds records other than RTP.
  };

  void push(entry next);

  /// Forgets the oldest one; there is one.
  void pop();

  /// The number of the oldest one kept, and of the one to come.
  [[nodiscard]] std::uint64_t first() const noexcept {
    return first_;
  }
  [[nodiscard]] std::uint64_t end() const noexcept {
    return first_ + size_;
  }
  [[nodiscard]] bool empty() const noexcept {
    return size_ == 0;
  }
  /// The batch of that number, from `first()` to before `end()`.
  [[nodiscard]] const entry& at(std::uint64_t number) const noexcept {
    return ring_[number & (ring_.size() - 1)];
  }
  [[nodiscard]] const standing& before_first() const noexcept {
    return standing_;
  }
  /// What holds just before the batch of that number, from `first()` to
  /// `end()`.
  [[nodiscard]] standing before(std::uint64_t number) const;
  /// The memory of the batches kept, in bytes, however full they are.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return size_ * sizeof(batch);
  }

private:
  void grow();

  std::vector<entry> ring_; ///< Its size is a power of two, or 0.
  std::uint64_t first_ = 0;
  std::size_t size_ = 0;
  standing standing_;
};

} // namespace callfork::fork
