#include "tests/component/actors/faulty_sink.hpp"

#include "media/base/bytes.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <stdexcept>
#include <utility>

namespace callfork::test {

namespace {

using actors::sink_actor;

/// Time has passed: deal with the batch that came first.
using deal_atom = caf::atom_constant<caf::atom("deal")>;

using faulty_actor = sink_actor::extend<caf::reacts_to<deal_atom>>;

struct faulty_sink_state {
  static inline const char* name = "faulty_sink";

  struct waiting_batch {
    fork::batch_ptr batch;
    actors::batches_in_flight_ptr in_flight;
  };

  std::shared_ptr<faults> what;
  actors::sink_owner_actor owner;
  std::uint32_t number = 0;
  int taps = 0;
  bool finishing = false;
  std::deque<waiting_batch> waiting;
};

using faulty_self = faulty_actor::stateful_pointer<faulty_sink_state>;

void finish_if_over(faulty_self self) {
  auto& state = self->state;
  if (!state.finishing || state.taps > 0 || !state.waiting.empty())
    return;
  ++state.what->finished;
  self->send(state.owner,
             actors::sink_report{state.number, actors::sink_done{1, "", {}}});
  self->quit(caf::exit_reason::user_shutdown);
}

void open(faulty_self self) {
  auto& state = self->state;
  ++state.what->started;
  if (state.what->refuse_starts-- > 0)
    return self->quit(caf::make_error(caf::sec::runtime_error, "refused"));
  if (!state.what->mute)
    self->send(state.owner,
               actors::sink_report{state.number, actors::sink_up{"far"}});
}

void note(faults& what, const fork::batch& batch) {
  ++what.batches;
  batch.for_each([&what](const fork::record& one) {
    what.lost += one.kind == fork::record_kind::lost ? 1 : 0;
    if (one.kind != fork::record_kind::rtp)
      return;
    ++what.packets;
    const std::lock_guard guard{what.mutex};
    what.sequences.at(one.stream).push_back(read_u16(one.bytes, 2));
  });
}

void note(faults& what, const actors::recording_facts& facts) {
  const std::lock_guard guard{what.mutex};
  what.kinds.clear();
  for (const auto& each : facts.announcements)
    what.kinds.emplace_back(to_string(each.kind));
}

void deal_soon(faulty_self self);

void deal(faulty_self self) {
  auto& state = self->state;
  const auto next = std::move(state.waiting.front());
  state.waiting.pop_front();
  note(*state.what, *next.batch);
  next.in_flight->done(*next.batch, self->clock().now());
  if (state.what->die_after >= 0 && state.what->die_after-- == 0)
    throw std::runtime_error("dies on purpose");
  if (!state.waiting.empty())
    return deal_soon(self);
  finish_if_over(self);
}

void deal_soon(faulty_self self) {
  const std::chrono::milliseconds delay{self->state.what->delay_ms};
  if (delay.count() > 0)
    self->delayed_send(self, delay, deal_atom::value);
  else
    deal(self);
}

faulty_actor::behavior_type faulty_sink(faulty_self self,
                                        const std::shared_ptr<faults>& what) {
  self->state.what = what;
  return {
    [self](actors::open_atom, actors::sink_owner_actor& owner,
           std::uint32_t number, const actors::recording_facts_ptr& facts) {
      note(*self->state.what, *facts);
      self->state.owner = owner;
      self->state.number = number;
      open(self);
    },
    [self](actors::batch_atom, const fork::batch_ptr& next,
           const actors::batches_in_flight_ptr& in_flight) {
      self->state.waiting.push_back({next, in_flight});
      if (self->state.waiting.size() == 1)
        deal_soon(self);
    },
    [self](actors::attach_atom) {
      ++self->state.taps;
    },
    [self](actors::detach_atom) {
      --self->state.taps;
      finish_if_over(self);
    },
    [self](actors::change_atom, const actors::recording_facts_ptr& facts) {
      note(*self->state.what, *facts);
    },
    [self](actors::finish_atom) {
      self->state.finishing = true;
      finish_if_over(self);
    },
    [](actors::crash_atom) {
      throw std::runtime_error("on purpose");
    },
    [self](deal_atom) {
      deal(self);
    },
  };
}

} // namespace

std::vector<std::string> faults::announced() const {
  const std::lock_guard guard{mutex};
  return kinds;
}

std::vector<std::uint16_t> faults::heard(std::uint8_t stream) const {
  const std::lock_guard guard{mutex};
  return sequences.at(stream);
}

actors::sink_kind faulty_sinks(std::shared_ptr<faults> what,
                               std::function<caf::actor_system&()> where) {
  return {what->provider, bus::transport::siprec,
          [what = std::move(what),
           where = std::move(where)](std::uint32_t) -> sink_actor {
            if (what->break_calls-- > 0)
              throw std::runtime_error("no sink, on purpose");
            return where().spawn(faulty_sink, what);
          }};
}

} // namespace callfork::test
