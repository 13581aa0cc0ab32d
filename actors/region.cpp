#include "actors/region.hpp"

#include "media/base/uuid.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto turn_every = 250ms;
constexpr unsigned turns_per_question = 2;
constexpr auto look_up_every = 5s;

/// Who has not answered for so long is out.
constexpr auto silent_at_most = 2s;

/// A node that did not turn for so long was stopped, or nearly so.
constexpr auto stopped_after = 1s;

/// More nodes than any region has.
constexpr std::size_t most_peers = 256;

std::uint64_t random_number() {
  const auto from = random_uuid();
  std::uint64_t made = 0;
  std::memcpy(&made, from.bytes.data(), sizeof made);
  return made;
}

} // namespace

void region_state::begin(region_world& world) {
  world_ = &world;
  own_ = world.self;
  own_.incarnation = random_number();
  own_.draining = world.draining;
  turned_ = self_->clock().now();
  self_->set_down_handler([this](const caf::down_msg& what) {
    on_down(what);
  });
  self_->send(world_->calls, watch_atom::value, call_watch_actor{self_});
  for (const auto& each :
       world_->links->open(region_actor{self_}, region_actor{self_}))
    self_->link_to(each);
  turn();
}

void region_state::turn() {
  const auto now = self_->clock().now();
  if (now - turned_ > stopped_after)
    distrusted_until_ = now + stopped_after;
  turned_ = now;
  for (auto& [number, each] : peers_) {
    if (each.member && now - each.heard >= silent_at_most)
      leave(each, "it does not answer");
    if (turns_ % turns_per_question == 0)
      ask(each);
  }
  ++turns_;
  owners_.expire(now);
  if (now >= look_up_at_) {
    look_up_at_ = now + look_up_every;
    world_->links->look_up();
  }
  const auto due = plan_.due(now, [this](const std::string& where) {
    return is_linked(where);
  });
  if (!due.empty())
    world_->links->dial(due);
  show_figures();
  self_->delayed_send(self_, turn_every, work_atom::value);
}

/// From now on calls go elsewhere, and the others know at once.
void region_state::drain() {
  own_.draining = true;
  world_->draining = true;
  for (auto& [number, each] : peers_) {
    each.asked = false;
    ask(each);
  }
}

/// The node that a handle leads to; null for a stranger beyond all bounds.
region_state::peer* region_state::meet(const caf::strong_actor_ptr& who) {
  if (!who || who == self_->ctrl())
    return nullptr;
  for (auto& [number, each] : peers_)
    if (each.handle.address() == who->address())
      return &each;
  if (peers_.size() >= most_peers)
    return nullptr;
  auto& made = peers_[++last_member_];
  made.number = last_member_;
  made.handle = caf::actor_cast<region_peer_actor>(who);
  made.heard = self_->clock().now();
  self_->monitor(made.handle);
  return &made;
}

/// Who sent the message that is being handled; null if it is no node we know.
region_state::peer* region_state::sender() {
  const auto& who = self_->current_sender();
  for (auto& [number, each] : peers_)
    if (who && each.handle.address() == who->address())
      return &each;
  return nullptr;
}

region_state::peer* region_state::find(cluster::member number) {
  const auto at = peers_.find(number);
  return at == peers_.end() ? nullptr : &at->second;
}

cluster::vitals region_state::own_vitals(const peer& to) const {
  auto made = own_;
  made.listen = plan_.own();
  made.calls = owners_.calls_of(cluster::own_node);
  made.wants_calls = to.member && !to.has_calls;
  made.refusal = to.refused;
  return made;
}

std::string region_state::judge(const peer& who,
                                const cluster::vitals& theirs) const {
  if (auto why = cluster::refusal(own_, theirs); !why.empty())
    return why;
  const auto taken = std::any_of(
    peers_.begin(), peers_.end(), [&who, &theirs](const auto& each) {
      const auto& other = each.second;
      return other.number != who.number && other.member
             && other.last.name == theirs.name
             && other.last.listen != theirs.listen;
    });
  return taken ? "a name that is taken: " + theirs.name : std::string{};
}

/// Tells a node how we are and hears how it is. One question at a time: what
/// waits for a node that hangs stays small.
void region_state::ask(peer& whom) {
  if (std::exchange(whom.asked, true))
    return;
  const auto number = whom.number;
  self_
    ->request(whom.handle, caf::duration{silent_at_most}, vitals_atom::value,
              own_vitals(whom))
    .then(
      [this, number](const cluster::vitals& theirs) {
        on_answer(number, theirs);
      },
      [this, number](const caf::error&) {
        if (auto* silent = find(number))
          silent->asked = false;
      });
}

caf::result<cluster::vitals>
region_state::on_vitals(const cluster::vitals& theirs) {
  auto* who = meet(self_->current_sender());
  if (who == nullptr)
    return caf::make_error(caf::sec::invalid_argument, "not now");
  const auto is_new = who->last.name.empty();
  note(*who, theirs);
  if (is_new)
    ask(*who);
  return own_vitals(*who);
}

void region_state::on_answer(cluster::member number,
                             const cluster::vitals& theirs) {
  auto* who = find(number);
  if (who == nullptr)
    return;
  who->asked = false;
  who->heard = self_->clock().now();
  note(*who, theirs);
  if (!who->member && who->logged.empty())
    join(*who);
}

/// What a node says of itself, asked or not. Who is refused by one of two is a
/// member to neither.
void region_state::note(peer& who, const cluster::vitals& theirs) {
  who.refused = judge(who, theirs);
  who.last = theirs;
  const auto why = !who.refused.empty() || theirs.refusal.empty()
                     ? who.refused
                     : "it refuses us: " + theirs.refusal;
  if (why != who.logged)
    show_refusal(who, why);
  if (!why.empty() && who.member)
    leave(who, why);
  if (why.empty() && theirs.wants_calls)
    list_calls(who);
}

void region_state::show_refusal(peer& who, const std::string& why) {
  who.logged = why;
  if (why.empty())
    return;
  const auto told = cluster::is_sane(who.last) ? who.last.listen : "unknown";
  spdlog::warn("cluster: a node is refused at={} reason=\"{}\"",
               who.dialled.empty() ? told : who.dialled, why);
}

void region_state::join(peer& who) {
  for (auto& [number, other] : peers_)
    if (number != who.number && other.member
        && other.last.name == who.last.name)
      leave(other, "its node started anew");
  who.member = true;
  who.has_calls = false;
  spdlog::info("cluster: member joined name={} at={} members={}", who.last.name,
               who.last.listen, members());
  ask(who);
  list_calls(who);
}

void region_state::leave(peer& who, const std::string& why) {
  who.member = false;
  who.has_calls = false;
  const auto calls = owners_.calls_of(who.number);
  owners_.forget(who.number);
  spdlog::warn("cluster: member is out name={} calls={} members={} "
               "reason=\"{}\"",
               who.last.name, calls, members(), why);
  give_up(who.number);
}

void region_state::on_down(const caf::down_msg& what) {
  for (auto at = peers_.begin(); at != peers_.end(); ++at) {
    auto& who = at->second;
    if (who.handle.address() != what.source)
      continue;
    if (who.member)
      leave(who, "its link is down");
    owners_.forget(who.number);
    peers_.erase(at);
    return show_figures();
  }
}

void region_state::on_whole(const call_ids& calls) {
  if (self_->current_sender() == world_->calls) {
    owners_.forget(cluster::own_node);
    for (const auto& id : calls)
      static_cast<void>(owners_.began(cluster::own_node, id));
    for (const auto& [number, each] : peers_)
      if (each.member)
        list_calls(each);
    return;
  }
  auto* who = sender();
  if (who == nullptr || !who->member)
    return;
  owners_.forget(who->number);
  who->has_calls = true;
  on_began(calls);
}

void region_state::on_began(const call_ids& calls) {
  if (calls.size() > calls_per_message
      && self_->current_sender() != world_->calls)
    return;
  auto who = cluster::own_node;
  if (self_->current_sender() == world_->calls)
    tell_others(began_atom::value, calls);
  else if (const auto* other = sender(); other != nullptr && other->member)
    who = other->number;
  else
    return;
  for (const auto& id : calls)
    static_cast<void>(owners_.began(who, id));
}

void region_state::on_ended(const call_ids& calls) {
  auto who = cluster::own_node;
  if (self_->current_sender() == world_->calls)
    tell_others(ended_atom::value, calls);
  else if (const auto* other = sender(); other != nullptr && other->member)
    who = other->number;
  else
    return;
  for (const auto& id : calls)
    owners_.ended(who, id);
}

template <class Atom>
void region_state::tell_others(Atom what, const call_ids& calls) {
  for (const auto& [number, each] : peers_)
    if (each.member)
      self_->send(each.handle, what, calls);
}

/// All our calls, in messages of a bounded size.
void region_state::list_calls(const peer& to) {
  const auto all = owners_.list(cluster::own_node);
  const auto size = static_cast<std::ptrdiff_t>(calls_per_message);
  auto from = all.begin();
  const auto next = [&] {
    const auto end = from + std::min(size, all.end() - from);
    call_ids part{from, end};
    from = end;
    return part;
  };
  self_->send(to.handle, whole_atom::value, next());
  while (from != all.end())
    self_->send(to.handle, began_atom::value, next());
}

void region_state::on_found(const std::string& own,
                            const std::vector<std::string>& others) {
  plan_.learn(own, others, self_->clock().now());
  std::erase_if(unreached_, [&others](const auto& each) {
    return std::find(others.begin(), others.end(), each.first) == others.end();
  });
}

void region_state::on_dialled(const std::string& where,
                              const caf::strong_actor_ptr& found,
                              const std::string& why_not) {
  plan_.dialled(where, self_->clock().now());
  if (auto* who = meet(found)) {
    unreached_.erase(where);
    who->dialled = where;
    return ask(*who);
  }
  if (std::exchange(unreached_[where], why_not) != why_not)
    spdlog::warn("cluster: no link at={} reason=\"{}\"", where, why_not);
}

bool region_state::is_linked(const std::string& where) const {
  return std::any_of(peers_.begin(), peers_.end(), [&](const auto& each) {
    return each.second.dialled == where || each.second.last.listen == where;
  });
}

std::size_t region_state::members() const {
  return static_cast<std::size_t>(
    std::count_if(peers_.begin(), peers_.end(), [](const auto& each) {
      return each.second.member;
    }));
}

void region_state::show_figures() {
  auto& figures = world_->figures;
  const auto strangers = std::count_if(peers_.begin(), peers_.end(),
                                       [](const auto& each) {
                                         return !each.second.logged.empty();
                                       });
  figures.members = members();
  figures.strangers = static_cast<std::size_t>(strangers);
  figures.unlinked = plan_.unlinked();
  *world_->foreign = owners_.foreign();
}

region_child open_region(caf::actor_system& system, region_world& world,
                         const call_supervisor_actor& calls) {
  world.calls = calls;
  return system.spawn(region, &world);
}

region_actor::behavior_type region(region_state::self_pointer self,
                                   region_world* world) {
  auto& state = self->state;
  state.begin(*world);
  return {
    [&state](whole_atom, const call_ids& calls) {
      state.on_whole(calls);
    },
    [&state](began_atom, const call_ids& calls) {
      state.on_began(calls);
    },
    [&state](ended_atom, const call_ids& calls) {
      state.on_ended(calls);
    },
    [&state](vitals_atom, const cluster::vitals& theirs) {
      return state.on_vitals(theirs);
    },
    [&state](forward_atom, const std::string& text) {
      return state.on_forward(text);
    },
    [&state](whose_atom, const std::string& call_id) {
      return state.owns(call_id);
    },
    [&state](const ng_request_ptr& what) {
      return state.handle(what);
    },
    [&state](drain_atom) {
      state.drain();
    },
    [&state](work_atom) {
      state.turn();
    },
    [&state](found_atom, const std::string& own,
             const std::vector<std::string>& others) {
      state.on_found(own, others);
    },
    [&state](dialled_atom, const std::string& where,
             const caf::strong_actor_ptr& found, const std::string& why_not) {
      state.on_dialled(where, found, why_not);
    },
  };
}

} // namespace callfork::actors
