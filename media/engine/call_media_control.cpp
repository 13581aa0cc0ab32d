#include "media/engine/call_media.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::engine {

struct call_media::open_fork {
  std::string name;
  std::shared_ptr<fork::recording_tap> tap;
  std::vector<stream_source> streams;
  std::optional<time_point> ended;
};

namespace {

/// The text of a `formats` record.
std::string lines_of(const std::vector<payload_format>& formats) {
  std::string result;
  for (const auto& each : formats)
    result += std::to_string(each.type) + ' ' + each.encoding + ' '
              + std::to_string(each.clock) + ' ' + std::to_string(each.channels)
              + '\n';
  return result;
}

} // namespace

call_media::call_media(const media_settings& settings, wire& out,
                       fork::batch_pool& pool)
  : call_media{settings, out, pool, {}} {
}

call_media::call_media(const media_settings& settings, wire& out,
                       fork::batch_pool& pool, media_snapshot before)
  : settings_{settings},
    wire_{&out},
    pool_{&pool},
    before_{std::move(before)} {
}

call_media::~call_media() = default;

expected<void, std::vector<leg_id>> call_media::apply(const media_plan& plan,
                                                      time_point now) {
  std::vector<std::unique_ptr<leg>> next;
  std::vector<leg_id> failed;
  next.reserve(plan.legs.size());
  for (const auto& wanted : plan.legs) {
    auto& joined = join(wanted.id, next);
    if (!joined.apply(wanted, now))
      failed.push_back(wanted.id);
    resume(joined);
  }
  legs_ = std::move(next);
  connect_listeners();
  connect_forks(now);
  if (!failed.empty())
    return make_unexpected(std::move(failed));
  return {};
}

leg& call_media::join(leg_id id, std::vector<std::unique_ptr<leg>>& into) {
  const auto at = std::ranges::find_if(legs_, [id](const auto& each) {
    return each && each->plan().id == id;
  });
  into.push_back(at == legs_.end() ? std::make_unique<leg>(id)
                                   : std::move(*at));
  return *into.back();
}

void call_media::resume(leg& joined) {
  const auto at = std::ranges::find(before_.legs, joined.plan().id,
                                    &leg_snapshot::id);
  if (at == before_.legs.end())
    return;
  joined.resume(at->sources);
  joined.source.resume(at->learned_rtp, at->learned_rtcp);
  before_.legs.erase(at);
}

void call_media::connect_listeners() {
  for (const auto& each : legs_) {
    each->listeners.clear();
    for (const auto id : each->plan().listeners)
      if (auto* const listener = find(id))
        each->listeners.push_back(listener);
  }
}

void call_media::connect_forks(time_point now) {
  for (const auto& each : legs_)
    each->forks.clear();
  for (const auto& each : forks_) {
    if (each->ended)
      continue;
    for (const auto& from : each->streams) {
      auto* const source = find(from.leg);
      if (!source || !source->plan().audio)
        continue;
      source->forks.push_back({each->tap.get(), from.stream, from.digits});
      each->tap->set_formats(from.stream, lines_of(source->plan().formats),
                             now);
    }
  }
}

std::vector<leg_id> call_media::on_tick(time_point now, time_point read_until) {
  std::vector<leg_id> finished;
  for (const auto& each : legs_)
    if (each->playout && !play_due(*each, now))
      finished.push_back(each->plan().id);
  for (const auto& each : forks_)
    each->tap->tick(now, read_until);
  forget_ended_forks(now);
  return finished;
}

bool call_media::play_due(leg& to, time_point now) {
  std::array<std::byte, 512> buffer;
  for (;;) {
    const auto packet = to.playout->next(buffer, now);
    if (packet.empty())
      break;
    const auto sent = to.send(*wire_, component::rtp, packet,
                              settings_.ssrc_mask);
    if (!sent)
      to.counters.count(sent.error());
  }
  if (to.playout->due())
    return true;
  to.playout = nullptr;
  return false;
}

void call_media::forget_ended_forks(time_point now) {
  std::erase_if(forks_, [&](const auto& each) {
    return each->ended
           && (each->tap->drained()
               || now - *each->ended >= settings_.tap.keep);
  });
}

std::optional<time_point> call_media::due() const noexcept {
  std::optional<time_point> result;
  const auto want = [&result](std::optional<time_point> when) {
    if (when && (!result || *when < *result))
      result = when;
  };
  for (const auto& each : legs_)
    if (each->playout)
      want(each->playout->due());
  for (const auto& each : forks_) {
    want(each->tap->due());
    if (each->ended)
      want(*each->ended + settings_.tap.keep);
  }
  return result;
}

bool call_media::play(leg_id to, audio::player what) {
  auto* const listener = find(to);
  if (!listener)
    return false;
  listener->playout = std::make_unique<prompt_playout>(std::move(what));
  return true;
}

std::optional<std::chrono::milliseconds> call_media::stop_playing(leg_id to) {
  auto* const listener = find(to);
  if (!listener || !listener->playout)
    return std::nullopt;
  const auto where = listener->playout->player().position();
  listener->playout = nullptr;
  return where;
}

bool call_media::is_playing(leg_id to) const noexcept {
  const auto* const listener = find(to);
  return listener && listener->playout;
}

fork::recording_tap&
call_media::open_recording(const std::string& name,
                           std::span<const stream_source> streams,
                           time_point now) {
  auto* open = find_fork(name);
  if (!open) {
    adopt_recording(
      name, std::make_shared<fork::recording_tap>(settings_.tap, *pool_, now));
    open = forks_.back().get();
  }
  open->streams.assign(streams.begin(), streams.end());
  connect_forks(now);
  return *open->tap;
}

void call_media::adopt_recording(const std::string& name,
                                 std::shared_ptr<fork::recording_tap> tap) {
  forks_.push_back(std::make_unique<open_fork>(
    open_fork{name, std::move(tap), {}, std::nullopt}));
}

std::shared_ptr<fork::recording_tap>
call_media::share_recording(const std::string& name) const noexcept {
  auto* const open = find_fork(name);
  return open ? open->tap : nullptr;
}

fork::recording_tap*
call_media::recording(const std::string& name) const noexcept {
  auto* const open = find_fork(name);
  return open ? open->tap.get() : nullptr;
}

void call_media::end_recording(const std::string& name, time_point now) {
  auto* const open = find_fork(name);
  if (!open)
    return;
  open->tap->close(now);
  open->ended = now;
  connect_forks(now);
  forget_ended_forks(now);
}

bool call_media::recordings_drained() const noexcept {
  return std::ranges::none_of(forks_, [](const auto& each) {
    return each->ended.has_value();
  });
}

std::optional<leg_counters> call_media::counters(leg_id of) const {
  const auto* const found = find(of);
  if (!found)
    return std::nullopt;
  auto result = found->counters;
  result.highest_sequence = found->statistics.extended_highest_sequence();
  result.lost = found->statistics.lost();
  result.jitter = found->statistics.jitter();
  return result;
}

std::optional<endpoint> call_media::learned(leg_id of) const {
  const auto* const found = find(of);
  return found ? found->source.learned(component::rtp) : std::nullopt;
}

media_snapshot call_media::snapshot() const {
  media_snapshot result;
  for (const auto& each : legs_)
    result.legs.push_back({each->plan().id, each->sources(),
                           each->source.learned(component::rtp),
                           each->source.learned(component::rtcp)});
  return result;
}

leg* call_media::find(leg_id id) const noexcept {
  for (const auto& each : legs_)
    if (each->plan().id == id)
      return each.get();
  return nullptr;
}

call_media::open_fork*
call_media::find_fork(const std::string& name) const noexcept {
  for (const auto& each : forks_)
    if (!each->ended && each->name == name)
      return each.get();
  return nullptr;
}

} // namespace callfork::engine
