#include "media/provider/polled_session.hpp"

#include <utility>

namespace callfork::provider {

namespace {

std::array<net::media_sockets_ptr, stream_count>
sockets_of(const std::array<stream_means, stream_count>& means) {
  return {means[0].sockets, means[1].sockets};
}

} // namespace

polled_session::polled_session(const session_settings& settings,
                               std::array<stream_means, stream_count> means,
                               const instant& opened, const world& on,
                               std::function<void(time_point)> after)
  : on_{on},
    sockets_{sockets_of(means)},
    session_{settings, std::move(means), opened, *on.out},
    after_{std::move(after)},
    timer_{*this} {
  for (const auto& each : sockets_) {
    watches_ = on_.poller->add(each->rtp_socket(), *this) && watches_;
    watches_ = on_.poller->add(each->rtcp_socket(), *this) && watches_;
  }
}

polled_session::~polled_session() {
  on_.poller->cancel(timer_);
  for (const auto& each : sockets_) {
    on_.poller->remove(each->rtp_socket());
    on_.poller->remove(each->rtcp_socket());
  }
}

bool polled_session::apply(fork::stream_index stream, const stream_plan& plan,
                           time_point now) {
  const bool works = session_.apply(stream, plan, now);
  arm();
  return works;
}

bool polled_session::push(const fork::batch_ptr& next, time_point now) {
  const bool taken = session_.push(next, now);
  arm();
  return taken;
}

void polled_session::finish(time_point now) {
  session_.finish(now);
  arm();
}

void polled_session::close(time_point now) {
  session_.close(now);
  arm();
}

void polled_session::on_readable(int descriptor, time_point now) {
  for (fork::stream_index stream = 0; stream < stream_count; ++stream) {
    const auto& sockets = *sockets_[stream];
    if (descriptor != sockets.rtp_socket()
        && descriptor != sockets.rtcp_socket())
      continue;
    const auto by = descriptor == sockets.rtp_socket()
                      ? engine::component::rtp
                      : engine::component::rtcp;
    on_.reader->read(descriptor, now, [&](net::datagram& each) {
      session_.on_datagram(stream, by, each.bytes, each.from, each.arrival);
    });
  }
  arm();
  after_(now);
}

void polled_session::on_timer(net::timer&, time_point now) {
  session_.advance(now);
  arm();
  after_(now);
}

void polled_session::arm() {
  if (const auto due = session_.due())
    on_.poller->schedule(timer_, *due);
  else
    on_.poller->cancel(timer_);
}

} // namespace callfork::provider
