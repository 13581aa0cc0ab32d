#include "actors/event_publisher.hpp"

#include "actors/inheritance.hpp"
#include "actors/vault_sink.hpp"
#include "media/base/check.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace callfork::actors {

namespace {

/// How long to wait before an outbox that did not open is tried again.
constexpr auto try_again = std::chrono::seconds{1};

/// How long news waits for more before it is brought to the disk.
constexpr auto soon = std::chrono::milliseconds{20};

/// How long one line about the event log's trouble is enough.
constexpr auto patience = std::chrono::minutes{1};

/// What one round takes at most, so that delivery is not starved.
constexpr int most_at_once = 512;

} // namespace

instant event_publisher_state::right_now() const {
  return {self_->clock().now(), wall_clock::now()};
}

void event_publisher_state::begin(publisher_world& world) {
  world_ = &world;
  world_->line.listen([to = event_publisher_actor{self_}] {
    caf::anon_send(to, news_atom::value);
  });
  work_in(duration::zero());
}

bool event_publisher_state::open() {
  if (publisher_)
    return true;
  auto opened = world_->open();
  if (!opened) {
    spdlog::error("outbox not opened reason=\"{}\"", opened.error().text);
    return false;
  }
  publisher_.emplace(std::move(*opened));
  tell_heirs();
  return true;
}

/// Needs no outbox: files are completed even where nobody hears of it.
void event_publisher_state::recover_vault() {
  if (std::exchange(world_->recovery_began, true))
    return;
  auto& found = world_->recovered;
  if (!world_->vault.empty())
    found = vault::recover(world_->vault, write_summary,
                           world_->vault_keys.get());
  for (const auto& one : found.faults)
    spdlog::error("recording not completed reason=\"{}\"", one);
  if (!found.finished.empty())
    spdlog::info("recordings of an earlier run completed count={}",
                 found.finished.size());
  world_->vault_recovered = true;
}

void event_publisher_state::tell_heirs() {
  if (std::exchange(world_->heirs_told, true))
    return;
  const auto found = std::exchange(world_->recovered, {});
  const auto now = right_now();
  for (const auto& one :
       end_of_orphans(publisher_->open_recordings(), publisher_->open_calls(),
                      found.finished, world_->node, world_->region, now.wall))
    static_cast<void>(publisher_->accept(one, now));
}

void event_publisher_state::take() {
  if (!world_->open) {
    while (world_->line.front()) {
      world_->line.pop();
      ++world_->forgotten;
    }
    return;
  }
  if (!publisher_)
    return;
  for (int count = 0; count < most_at_once; ++count) {
    const auto* next = world_->line.front();
    if (!next)
      break;
    if (publisher_->accept(*next, right_now()) == bus::acceptance::refused)
      spdlog::error("event lost: the outbox has no room call={}",
                    next->header.call_key);
    world_->line.pop();
  }
}

void event_publisher_state::on_news() {
  take();
  if (next_work_ > self_->clock().now() + soon)
    work_in(soon);
}

void event_publisher_state::work(std::uint64_t appointment) {
  if (appointment != appointment_)
    return;
  recover_vault();
  const auto ready = !world_->open || open();
  take();
  auto wait = duration{try_again};
  if (publisher_)
    wait = publisher_->poll(right_now());
  note();
  work_in(ready && world_->line.front() ? duration::zero() : wait);
}

void event_publisher_state::work_in(duration delay) {
  next_work_ = self_->clock().now() + delay;
  self_->delayed_send(self_, delay, work_atom::value, ++appointment_);
}

void event_publisher_state::flush(duration within) {
  const auto deadline = self_->clock().now() + within;
  if (!world_->open || open())
    while (world_->line.front() && self_->clock().now() < deadline)
      take();
  const auto delivered = !publisher_ || publisher_->flush(deadline);
  note();
  if (publisher_ && delivered)
    spdlog::info("events delivered");
  else if (publisher_)
    spdlog::warn("events remain in the outbox for the next start events={} "
                 "reason=\"{}\"",
                 publisher_->gauges(right_now()).pending,
                 publisher_->trouble());
  world_->line.listen(nullptr);
  self_->quit(caf::exit_reason::user_shutdown);
}

void event_publisher_state::note() {
  if (!publisher_)
    return;
  for (const auto& [id, why] : publisher_->take_set_aside())
    spdlog::error("event set aside: the log will not take it id={} "
                  "reason=\"{}\"",
                  id, why);
  const auto now = right_now();
  const auto trouble = publisher_->trouble();
  tell_trouble(trouble, now.steady);
  const std::lock_guard guard{world_->mutex};
  world_->gauges = publisher_->gauges(now);
  world_->trouble = trouble;
}

/// Trouble that changes its words all the time gets a line a minute.
void event_publisher_state::tell_trouble(const std::string& trouble,
                                         time_point now) {
  if (trouble == told_
      || (!trouble.empty() && !told_.empty() && now - told_at_ < patience))
    return;
  told_ = trouble;
  told_at_ = now;
  if (trouble.empty())
    spdlog::info("event log takes events again");
  else
    spdlog::warn("event log in trouble, events wait reason=\"{}\"", trouble);
}

event_publisher_actor::behavior_type
event_publisher(event_publisher_state::self_pointer self,
                publisher_world* world) {
  auto& state = self->state;
  state.begin(*world);
  return {
    [&state](news_atom) {
      state.on_news();
    },
    [&state](work_atom, std::uint64_t appointment) {
      state.work(appointment);
    },
    [&state](flush_atom, caf::timespan within) {
      state.flush(within);
    },
    [](crash_atom) {
      throw bug("a fault on purpose");
    },
  };
}

} // namespace callfork::actors
