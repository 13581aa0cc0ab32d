#include "media/net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace callfork::net {

timer::~timer() {
  unlink();
}

void timer::unlink() noexcept {
  if (!armed())
    return;
  links_.previous->next = links_.next;
  links_.next->previous = links_.previous;
  links_.next = nullptr;
  links_.previous = nullptr;
}

timer_wheel::timer_wheel(time_point now) noexcept
  : start_{now} {
  for (auto& slot : slots_) {
    slot.next = &slot;
    slot.previous = &slot;
  }
}

timer_wheel::~timer_wheel() {
  for (auto& slot : slots_)
    while (slot.next != &slot)
      slot.next->owner->unlink();
}

std::int64_t timer_wheel::step_of(time_point when) const noexcept {
  return std::chrono::ceil<std::chrono::milliseconds>(when - start_) / step;
}

void timer_wheel::schedule(timer& which, time_point when) noexcept {
  which.unlink();
  which.deadline_ = when;
  // What is due already goes off with the step to come.
  const auto at = std::max(step_of(when), done_ + 1);
  const auto index = static_cast<std::size_t>(at) % slot_count;
  auto& slot = slots_[index];
  which.links_ = {&slot, slot.previous, &which};
  slot.previous->next = &which.links_;
  slot.previous = &which.links_;
  occupied_[index / 64] |= std::uint64_t{1} << index % 64;
}

void timer_wheel::cancel(timer& which) noexcept {
  which.unlink();
}

std::size_t timer_wheel::run(time_point now) {
  const auto until = std::chrono::floor<std::chrono::milliseconds>(now - start_)
                     / step;
  std::size_t count = 0;
  // After a long wait once around the wheel sees every timer.
  auto at = std::max(done_ + 1,
                     until - static_cast<std::int64_t>(slot_count) + 1);
  for (; at <= until; ++at) {
    done_ = at;
    const auto index = static_cast<std::size_t>(at) % slot_count;
    if ((occupied_[index / 64] >> index % 64 & 1U) != 0)
      run_slot(at, now, count);
  }
  done_ = std::max(done_, until);
  return count;
}

void timer_wheel::run_slot(std::int64_t at, time_point now,
                           std::size_t& count) {
  const auto index = static_cast<std::size_t>(at) % slot_count;
  auto& slot = slots_[index];
  occupied_[index / 64] &= ~(std::uint64_t{1} << index % 64);
  // Handlers may disarm any timer, so the slot is emptied into a list of its
  // own and taken from its front.
  timer::links waiting{&waiting, &waiting, nullptr};
  if (slot.next != &slot) {
    waiting.next = slot.next;
    waiting.previous = slot.previous;
    waiting.next->previous = &waiting;
    waiting.previous->next = &waiting;
    slot.next = &slot;
    slot.previous = &slot;
  }
  while (waiting.next != &waiting) {
    auto& next = *waiting.next->owner;
    const auto deadline = next.deadline_;
    if (deadline > now) {
      // A later turn of the wheel.
      schedule(next, deadline);
      continue;
    }
    next.unlink();
    ++count;
    next.handler_->on_timer(next, now);
  }
}

std::optional<time_point> timer_wheel::next() const noexcept {
  const auto first = static_cast<std::size_t>(done_ + 1) % slot_count;
  for (std::size_t walked = 0; walked < slot_count;) {
    const auto index = (first + walked) % slot_count;
    const auto rest = occupied_[index / 64] >> index % 64;
    if (rest == 0) {
      walked += 64 - index % 64;
      continue;
    }
    const auto skip = static_cast<std::size_t>(std::countr_zero(rest));
    const auto found = index + skip;
    walked += skip;
    if (walked >= slot_count)
      break;
    if (slots_[found].next != &slots_[found])
      return start_ + (done_ + 1 + static_cast<std::int64_t>(walked)) * step;
    occupied_[found / 64] &= ~(std::uint64_t{1} << found % 64);
  }
  return std::nullopt;
}

} // namespace callfork::net
