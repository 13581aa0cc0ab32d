#include "media/net/datagram_reader.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>

namespace callfork::net {

namespace {

using namespace std::chrono_literals;

/// Between two turns the clocks part by less, unless the wall clock was set.
constexpr duration jump = 10ms;
/// A socket's buffer holds a phone's packets of this long at most.
constexpr duration longest_wait = 10s;
/// Two readings this close together count as one.
constexpr duration at_once = 20us;
constexpr int most_readings = 4;

duration wall_now() noexcept {
  return std::chrono::duration_cast<duration>(
    wall_clock::now().time_since_epoch());
}

} // namespace

/// A thread that is put aside between the readings tries again.
void datagram_reader::compare_clocks() noexcept {
  auto ahead = wall_ahead_;
  for (int count = 0; count < most_readings; ++count) {
    const auto before = clock::now();
    ahead = wall_now() - before.time_since_epoch();
    if (clock::now() - before < at_once)
      break;
  }
  clocks_agree_ = std::chrono::abs(ahead - wall_ahead_) < jump;
  wall_ahead_ = ahead;
}

/// The turn's own time where the kernel says nothing, or nothing that can be.
time_point datagram_reader::arrival_of(msghdr& message) noexcept {
  const auto* const told = CMSG_FIRSTHDR(&message);
  if (!clocks_agree_ || !told || told->cmsg_level != SOL_SOCKET
      || told->cmsg_type != SCM_TIMESTAMPNS)
    return turn_;
  timespec at{};
  std::memcpy(&at, CMSG_DATA(told), sizeof(at));
  const time_point arrival{std::chrono::seconds{at.tv_sec}
                           + std::chrono::nanoseconds{at.tv_nsec}
                           - wall_ahead_};
  return arrival > turn_ || turn_ - arrival > longest_wait ? turn_ : arrival;
}

std::optional<datagram> datagram_reader::receive(int socket,
                                                 time_point now) noexcept {
  sockaddr_storage from;
  // One byte more tells who receives it that the datagram is too long.
  constexpr auto most = rtp::max_datagram + 1;
  iovec room{bytes_.data(), most};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(timespec))> told;
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof(from);
  message.msg_iov = &room;
  message.msg_iovlen = 1;
  message.msg_control = told.data();
  message.msg_controllen = asks_kernel_ ? told.size() : 0;
  const auto size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_TRUNC);
  if (size < 0)
    return std::nullopt;
  if (now != turn_ && asks_kernel_)
    compare_clocks();
  turn_ = now;
  const auto arrival = arrival_of(message);
  oldest_ = std::min(oldest_, arrival);
  const auto whole = static_cast<std::size_t>(size);
  return datagram{bytes_span{bytes_}.first(std::min(whole, most)),
                  endpoint::from(from), arrival, whole > most};
}

} // namespace callfork::net
