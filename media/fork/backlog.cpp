#include "media/fork/backlog.hpp"

#include <algorithm>
#include <utility>

namespace callfork::fork {

void backlog::push(entry next) {
  if (size_ == ring_.size())
    grow();
  ring_[end() & (ring_.size() - 1)] = std::move(next);
  ++size_;
}

void backlog::pop() {
  auto& oldest = ring_[first_ & (ring_.size() - 1)];
  if (oldest.has_news)
    oldest.what->for_each([this](const record& each) {
      if (each.kind == record_kind::formats && each.stream < 2)
        standing_.formats[each.stream] = as_text(each.bytes);
      if (each.kind == record_kind::paused)
        standing_.paused = true;
      if (each.kind == record_kind::resumed)
        standing_.paused = false;
    });
  oldest.what.reset();
  ++first_;
  --size_;
}

void backlog::grow() {
  std::vector<entry> larger(std::max<std::size_t>(4, ring_.size() * 2));
  for (auto number = first(); number != end(); ++number)
    larger[number & (larger.size() - 1)]
      = std::move(ring_[number & (ring_.size() - 1)]);
  ring_ = std::move(larger);
}

} // namespace callfork::fork
