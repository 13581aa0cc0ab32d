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

namespace {

/// Takes over what a batch says beside the audio.
void learn(backlog::standing& from, const backlog::entry& said) {
  if (!said.has_news)
    return;
  said.what->for_each([&from](const record& each) {
    if (each.kind == record_kind::formats && each.stream < 2)
      from.formats[each.stream] = as_text(each.bytes);
    if (each.kind == record_kind::paused)
      from.paused = true;
    if (each.kind == record_kind::resumed)
      from.paused = false;
  });
}

} // namespace

backlog::standing backlog::before(std::uint64_t number) const {
  auto made = standing_;
  for (auto each = first(); each != number; ++each)
    learn(made, at(each));
  return made;
}

void backlog::pop() {
  auto& oldest = ring_[first_ & (ring_.size() - 1)];
  learn(standing_, oldest);
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
