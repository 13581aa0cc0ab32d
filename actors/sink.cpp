#include "actors/sink.hpp"

#include <caf/send.hpp>

#include <utility>

namespace callfork::actors {

void batches_in_flight::done(const fork::batch& which,
                             time_point now) noexcept {
  if (const auto first = which.first_arrival(); figures && first)
    figures->lag.add(now - *first);
  count.fetch_sub(1, std::memory_order_release);
}

mailbox_outlet::mailbox_outlet(sink_actor to, std::uint32_t credit,
                               std::shared_ptr<sink_figures> figures)
  : to_(std::move(to)),
    credit_(credit) {
  in_flight_->figures = std::move(figures);
  caf::anon_send(to_, attach_atom::value);
}

mailbox_outlet::~mailbox_outlet() {
  caf::anon_send(to_, detach_atom::value);
}

std::size_t mailbox_outlet::in_flight() const noexcept {
  return in_flight_->count.load(std::memory_order_acquire);
}

bool mailbox_outlet::offer(const fork::batch_ptr& next) noexcept {
  if (in_flight_->count.load(std::memory_order_acquire) >= credit_)
    return false;
  in_flight_->count.fetch_add(1, std::memory_order_relaxed);
  caf::anon_send(to_, batch_atom::value, next, in_flight_);
  return true;
}

} // namespace callfork::actors
