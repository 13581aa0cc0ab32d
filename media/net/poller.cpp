#include "media/net/poller.hpp"

#include "media/base/check.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <span>

namespace callfork::net {

namespace {

constexpr std::size_t most_events = 512;

constexpr std::uint64_t key_of(int descriptor,
                               std::uint32_t generation) noexcept {
  return std::uint64_t{generation} << 32U
         | static_cast<std::uint32_t>(descriptor);
}

timespec to_timespec(duration wait) noexcept {
  using namespace std::chrono;
  const auto whole = floor<seconds>(wait);
  return {static_cast<time_t>(whole.count()),
          static_cast<long>(nanoseconds{wait - whole}.count())};
}

} // namespace

poller::poller()
  : poller{clock::now()} {
}

poller::poller(time_point now)
  : epoll_{::epoll_create1(EPOLL_CLOEXEC)},
    event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
    timers_{now} {
  CALLFORK_EXPECT(epoll_.number() >= 0 && event_.number() >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key_of(event_.number(), 0);
  CALLFORK_EXPECT(
    ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, event_.number(), &event) == 0);
}

bool poller::add(int descriptor, readable_handler& handler) {
  if (descriptor < 0)
    return false;
  const auto index = static_cast<std::size_t>(descriptor);
  if (index >= watched_.size())
    watched_.resize(index + 1);
  auto& entry = watched_[index];
  ++entry.generation;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key_of(descriptor, entry.generation);
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    return false;
  entry.handler = &handler;
  return true;
}

void poller::remove(int descriptor) noexcept {
  const auto index = static_cast<std::size_t>(descriptor);
  if (descriptor < 0 || index >= watched_.size() || !watched_[index].handler)
    return;
  watched_[index].handler = nullptr;
  ++watched_[index].generation;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void poller::wake() noexcept {
  if (woken_.exchange(true))
    return;
  const std::uint64_t one = 1;
  // Only a counter at its limit could refuse, and then it is readable.
  static_cast<void>(!::write(event_.number(), &one, sizeof(one)));
}

void poller::gather(duration window) noexcept {
  gather_ = window;
  // Nanoseconds that the kernel may add to a sleep; its default is 50 us.
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
}

void poller::let_gather(duration at_most) const noexcept {
  const auto rest = std::min(last_find_ + gather_ - clock::now(), at_most);
  if (rest <= duration::zero())
    return;
  const auto sleep = to_timespec(rest);
  ::nanosleep(&sleep, nullptr);
}

std::size_t poller::run_once(duration max_wait) {
  const auto count = read_once(max_wait);
  run_timers(clock::now());
  return count;
}

std::size_t poller::run_at(time_point now) {
  const auto count = read_at(now);
  return count + run_timers(now);
}

std::size_t poller::read_once(duration max_wait) {
  std::array<epoll_event, most_events> room;
  const auto wait = wait_of(max_wait);
  const auto found = fetch(wait, room, clock::now());
  if (found.empty())
    return 0;
  last_find_ = clock::now();
  return deliver(found, last_find_);
}

std::size_t poller::read_at(time_point now) {
  std::array<epoll_event, most_events> room;
  return deliver(fetch(duration::zero(), room, now), now);
}

duration poller::wait_of(duration max_wait) const noexcept {
  auto until = max_wait;
  if (const auto next = timers_.next())
    until = std::min(until, *next - clock::now());
  if (gather_ > duration::zero())
    let_gather(until);
  return std::max(until, duration::zero());
}

std::span<const epoll_event> poller::fetch(duration wait,
                                           std::span<epoll_event> room,
                                           time_point now) noexcept {
  const auto limit = to_timespec(wait);
  const auto count = ::epoll_pwait2(epoll_.number(), room.data(),
                                    static_cast<int>(room.size()), &limit,
                                    nullptr);
  looked_.reset();
  if (count >= 0 && count < static_cast<int>(room.size()))
    looked_ = now;
  return room.first(static_cast<std::size_t>(std::max(count, 0)));
}

std::size_t poller::deliver(std::span<const epoll_event> found,
                            time_point now) {
  std::size_t delivered = 0;
  for (const auto& each : found) {
    const auto descriptor
      = static_cast<int>(static_cast<std::uint32_t>(each.data.u64));
    if (descriptor == event_.number()) {
      std::uint64_t seen = 0;
      static_cast<void>(!::read(descriptor, &seen, sizeof(seen)));
      woken_.store(false);
      continue;
    }
    const auto entry = watched_[static_cast<std::size_t>(descriptor)];
    if (!entry.handler || entry.generation != each.data.u64 >> 32U)
      continue;
    entry.handler->on_readable(descriptor, now);
    ++delivered;
  }
  return delivered;
}

} // namespace callfork::net
