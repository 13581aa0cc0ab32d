#include "media/provider/recording_session.hpp"

#include "media/provider/batch_queue.hpp"
#include "media/provider/pace.hpp"
#include "media/provider/stream_line.hpp"
#include "media/provider/stream_reports.hpp"
#include "media/provider/stream_sender.hpp"
#include "media/rtp/packet.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace callfork::provider {

namespace {

using namespace std::chrono_literals;

/// Who comes later than that sends what is overdue at the rate, not at once. A
/// thread that comes a little late again and again keeps the rate so.
constexpr duration most_overdue = 100ms;
/// So long after its first packet a stream reports first: by then its fastest
/// packets tell when its samples were captured.
constexpr duration first_report_after = 250ms;
/// A report, a description with the longest name, a BYE, and protection.
constexpr std::size_t report_room = 512;

std::uint32_t seed_of(const session_settings& settings, std::uint32_t index) {
  return settings.seed != 0 ? settings.seed + index : std::random_device{}();
}

/// One party's stream with all that belongs to it. Never moved.
struct party {
  party(fork::stream_index stream, stream_means means, std::uint32_t seed,
        engine::wire& out)
    : line{stream, std::move(means.sockets), out},
      sender{means.identity, line},
      reports{means.identity, seed} {
  }
  party(const party&) = delete;
  party& operator=(const party&) = delete;
  ~party() = default;

  stream_line line;
  stream_sender sender;
  stream_reports reports;
  bool awaited = false; ///< Another plan is to come: see `await`.
  std::optional<missed_audio> missed;
};

} // namespace

class recording_session::state {
public:
  state(const session_settings& settings,
        std::array<stream_means, stream_count> means, const instant& opened,
        engine::wire& out)
    : pace_{settings.rate, settings.delay},
      delay_{settings.delay},
      opened_{opened},
      parties_{party{0, std::move(means[0]), seed_of(settings, 0), out},
               party{1, std::move(means[1]), seed_of(settings, 1), out}} {
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() = default;

  bool apply(fork::stream_index stream, const stream_plan& plan,
             time_point now) {
    auto& one = parties_.at(stream);
    if (one.line.plan().is_accepted() && !plan.is_accepted())
      say_bye(one, now);
    one.awaited = false;
    const bool works = one.line.apply(plan, now);
    one.sender.set_accepted(plan.formats);
    if (plan.is_accepted() && !ended_)
      one.reports.start(now);
    return works;
  }

  void await(fork::stream_index stream) noexcept {
    parties_.at(stream).awaited = true;
  }

  [[nodiscard]] bool sent_past(time_point arrival) const noexcept {
    const auto* next = queue_.front();
    return (next == nullptr ? newest_ : next->arrival) >= arrival;
  }

  [[nodiscard]] std::optional<missed_audio>
  take_missed(fork::stream_index stream) noexcept {
    return std::exchange(parties_.at(stream).missed, std::nullopt);
  }

  bool push(const fork::batch_ptr& next) {
    return finishing_ || queue_.push(next, most_batches);
  }

  void finish(time_point now) {
    finishing_ = true;
    if (queue_.empty())
      end(now);
  }

  void close(time_point now) {
    finishing_ = true;
    queue_.clear();
    end(now);
  }

  [[nodiscard]] std::optional<time_point> due() const noexcept {
    auto first = next_record();
    for (const auto& each : parties_)
      if (const auto report = each.reports.due())
        first = std::min(first.value_or(*report), *report);
    return first;
  }

  void advance(time_point now) {
    play(now);
    if (finishing_ && queue_.empty())
      end(now);
    for (auto& each : parties_)
      if (const auto due = each.reports.due(); due && *due <= now)
        report(each, now);
  }

  void on_datagram(fork::stream_index stream, engine::component by,
                   bytes_span bytes, const endpoint& from, time_point now) {
    auto& one = parties_.at(stream);
    const auto compound = one.line.open(by, bytes, from, now);
    if (!compound) {
      ++one.sender.counters.datagrams_ignored;
      return;
    }
    ++one.sender.counters.reports_read;
    one.reports.read(*compound, at(now), one.sender.clock());
  }

  [[nodiscard]] duration behind(time_point now) const noexcept {
    const auto* next = queue_.front();
    return next == nullptr ? duration{}
                           : std::max(now - next->arrival - delay_, duration{});
  }

  [[nodiscard]] std::size_t in_flight() const noexcept {
    return queue_.size();
  }
  [[nodiscard]] bool drained() const noexcept {
    return ended_;
  }
  [[nodiscard]] bool paused() const noexcept {
    return paused_;
  }
  [[nodiscard]] const party& of(fork::stream_index stream) const {
    return parties_.at(stream);
  }

private:
  [[nodiscard]] instant at(time_point now) const noexcept {
    return {now, opened_.wall
                   + std::chrono::duration_cast<wall_clock::duration>(
                     now - opened_.steady)};
  }

  [[nodiscard]] bool plays() const noexcept {
    return std::ranges::any_of(parties_, [](const party& each) {
      return each.line.sends();
    });
  }

  /// Audio waits for the first plan that lets any go, and for a plan to come.
  [[nodiscard]] bool waits(const fork::record& next) const noexcept {
    if (next.kind != fork::record_kind::rtp)
      return false;
    if (next.stream >= stream_count)
      return !plays();
    const auto& one = parties_.at(next.stream);
    return !plays() || (one.awaited && !one.line.sends());
  }

  [[nodiscard]] std::optional<time_point> next_record() const noexcept {
    const auto* next = queue_.front();
    if (next == nullptr || waits(*next))
      return std::nullopt;
    if (next->kind != fork::record_kind::rtp)
      return next->arrival;
    return pace_.when(next->arrival);
  }

  void play(time_point now) {
    while (const auto* next = queue_.front()) {
      if (next->kind == fork::record_kind::rtp) {
        if (waits(*next) || pace_.when(next->arrival) > now)
          return;
        if (now - pace_.when(next->arrival) > most_overdue)
          pace_.hurry(next->arrival, now);
      }
      take(*next, now);
      newest_ = next->arrival;
      queue_.pop();
    }
  }

  void take(const fork::record& next, time_point now) {
    if (next.stream >= stream_count)
      return;
    auto& one = parties_.at(next.stream);
    switch (next.kind) {
    case fork::record_kind::rtp:
      send(one, next, now);
      return;
    case fork::record_kind::formats:
      one.sender.set_formats(as_text(next.bytes));
      return;
    case fork::record_kind::paused:
    case fork::record_kind::resumed:
      paused_ = next.kind == fork::record_kind::paused;
      for (auto& each : parties_)
        each.sender.interrupt();
      return;
    case fork::record_kind::lost:
      ++one.sender.counters.overruns;
      return;
    }
  }

  void send(party& one, const fork::record& next, time_point now) {
    const auto before = one.sender.counters.packets;
    if (!one.line.sends())
      one.missed = {one.missed.value_or(missed_audio{next.arrival, {}}).from,
                    next.arrival};
    one.sender.send(next.bytes, next.arrival);
    if (before == 0 && one.sender.counters.packets > 0)
      one.reports.expect(now + first_report_after);
  }

  [[nodiscard]] report_facts facts(const party& one, time_point now) const {
    return {at(now), one.sender.timestamp_at(now), one.sender.counters.packets,
            one.sender.counters.octets};
  }

  void report(party& one, time_point now) {
    std::array<std::byte, report_room> room{};
    const auto to = bytes_span{room}.first(report_room - rtp::protect_room);
    put(one, room, one.reports.write(to, facts(one, now)));
  }

  void say_bye(party& one, time_point now) {
    // RFC 3550 6.6: who never sent anything leaves without a word.
    const auto& counters = one.sender.counters;
    const bool was_heard = counters.packets > 0 || counters.reports > 0;
    one.reports.stop();
    if (!was_heard || !one.line.plan().is_accepted())
      return;
    std::array<std::byte, report_room> room{};
    const auto to = bytes_span{room}.first(report_room - rtp::protect_room);
    put(one, room, one.reports.write_last(to, facts(one, now)));
  }

  static void put(party& one, bytes_span buffer, std::size_t size) {
    if (size > 0 && !one.line.send(engine::component::rtcp, buffer, size))
      ++one.sender.counters.reports;
  }

  void end(time_point now) {
    if (std::exchange(ended_, true))
      return;
    for (auto& each : parties_)
      say_bye(each, now);
  }

  batch_queue queue_;
  pace pace_;
  duration delay_;
  instant opened_;
  std::array<party, stream_count> parties_;
  time_point newest_{}; ///< When the last one of those sent arrived.
  bool paused_ = false;
  bool finishing_ = false;
  bool ended_ = false;
};

recording_session::recording_session(
  const session_settings& settings,
  std::array<stream_means, stream_count> means, const instant& opened,
  engine::wire& out)
  : state_{std::make_unique<state>(settings, std::move(means), opened, out)} {
}

recording_session::~recording_session() = default;

bool recording_session::apply(fork::stream_index stream,
                              const stream_plan& plan, time_point now) {
  return state_->apply(stream, plan, now);
}

bool recording_session::push(const fork::batch_ptr& next, time_point) {
  return state_->push(next);
}

void recording_session::await(fork::stream_index stream) noexcept {
  state_->await(stream);
}

bool recording_session::sent_past(time_point arrival) const noexcept {
  return state_->sent_past(arrival);
}

std::optional<missed_audio>
recording_session::take_missed(fork::stream_index stream) noexcept {
  return state_->take_missed(stream);
}

void recording_session::finish(time_point now) {
  state_->finish(now);
}

void recording_session::close(time_point now) {
  state_->close(now);
}

std::optional<time_point> recording_session::due() const noexcept {
  return state_->due();
}

void recording_session::advance(time_point now) {
  state_->advance(now);
}

void recording_session::on_datagram(fork::stream_index stream,
                                    engine::component by, bytes_span bytes,
                                    const endpoint& from, time_point now) {
  state_->on_datagram(stream, by, bytes, from, now);
}

std::size_t recording_session::in_flight() const noexcept {
  return state_->in_flight();
}

bool recording_session::drained() const noexcept {
  return state_->drained();
}

bool recording_session::paused() const noexcept {
  return state_->paused();
}

duration recording_session::behind(time_point now) const noexcept {
  return state_->behind(now);
}

const stream_counters&
recording_session::counters(fork::stream_index stream) const noexcept {
  return state_->of(stream).sender.counters;
}

const std::optional<delivery_health>&
recording_session::health(fork::stream_index stream) const noexcept {
  return state_->of(stream).reports.health();
}

bool recording_session::left(fork::stream_index stream) const noexcept {
  return state_->of(stream).reports.left();
}

} // namespace callfork::provider
