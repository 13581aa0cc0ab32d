#include "media/provider/batch_queue.hpp"

#include <algorithm>
#include <utility>

namespace callfork::provider {

bool batch_queue::push(const fork::batch_ptr& next, std::size_t most) {
  if (size_ >= most)
    return false;
  if (!next || next->empty())
    return true;
  if (size_ == ring_.size())
    grow();
  ring_[(first_ + size_) & (ring_.size() - 1)] = next;
  if (++size_ == 1)
    load();
  return true;
}

void batch_queue::pop() noexcept {
  if (place_ < ring_[first_]->size()) {
    front_ = ring_[first_]->read(place_);
    return;
  }
  ring_[first_].reset();
  first_ = (first_ + 1) & (ring_.size() - 1);
  if (--size_ > 0)
    load();
}

void batch_queue::clear() noexcept {
  for (auto& each : ring_)
    each.reset();
  size_ = 0;
}

void batch_queue::load() noexcept {
  place_ = 0;
  front_ = ring_[first_]->read(place_);
}

void batch_queue::grow() {
  std::vector<fork::batch_ptr> larger(std::max<std::size_t>(8, 2 * size_));
  for (std::size_t index = 0; index < size_; ++index)
    larger[index] = std::move(ring_[(first_ + index) & (ring_.size() - 1)]);
  ring_ = std::move(larger);
  first_ = 0;
}

} // namespace callfork::provider
