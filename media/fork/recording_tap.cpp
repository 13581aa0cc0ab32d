#include "media/fork/recording_tap.hpp"

#include "media/rtp/packet.hpp"

#include <algorithm>
#include <utility>

namespace callfork::fork {

namespace {

/// The longest text of a record: two of them and a loss fit into a batch.
constexpr std::size_t longest_text = batch::capacity / 2 - 80;

static_assert(batch::capacity >= rtp::max_datagram + batch::record_overhead);

/// Losses that nobody asks for are told as one beyond this.
constexpr std::size_t most_losses = 64;

/// How often sinks hear that nothing came.
constexpr std::chrono::seconds tell_every{1};

/// A batch that is due as soon as this goes at once, not in a turn of its own.
constexpr std::chrono::milliseconds almost{5};

/// Room for batches that a sink has not dealt with, made beforehand.
constexpr std::size_t usual_in_flight = 16;

/// As many whole lines as a record may have.
std::string_view whole_lines(std::string_view lines) noexcept {
  if (lines.size() <= longest_text)
    return lines;
  const auto end = lines.rfind('\n', longest_text - 1);
  return lines.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

} // namespace

recording_tap::recording_tap(const tap_settings& settings, batch_pool& pool,
                             time_point now)
  : settings_{settings},
    pool_{&pool},
    told_{now},
    newcomers_until_{now + settings.keep} {
}

recording_tap::outlet_id recording_tap::attach(outlet_ptr to, time_point now) {
  auto& made = outlets_.emplace_back(attached{next_id_, std::move(to), 0, {}});
  made.sent.reserve(usual_in_flight);
  if (backlog_.first() > 0)
    made.lost_since = newcomers_until_ - settings_.keep;
  deliver_to(made, now);
  forget(now);
  arm(now);
  return next_id_++;
}

void recording_tap::suspend(outlet_id which, time_point now) noexcept {
  auto* const place = find(which);
  if (!place || !place->to)
    return;
  place->confirm();
  if (!place->sent.empty()) {
    const auto oldest = place->sent.front();
    place->next = oldest.number;
    if (oldest.number < backlog_.first() && !place->lost_since)
      place->lost_since = oldest.since;
  }
  place->sent.clear();
  place->notice = nullptr;
  place->to = nullptr;
  arm(now);
}

void recording_tap::replace(outlet_id which, outlet_ptr to, time_point now) {
  auto* const place = find(which);
  if (!place || place->to)
    return;
  place->to = std::move(to);
  if (place->next > 0 && place->next >= backlog_.first())
    place->notice = notice_at(place->next, false, now);
  deliver_to(*place, now);
  forget(now);
  arm(now);
}

bool recording_tap::is_suspended(outlet_id which) const noexcept {
  const auto at = std::ranges::find(outlets_, which, &attached::id);
  return at != outlets_.end() && !at->to;
}

bool recording_tap::has_had_all(outlet_id which) const noexcept {
  const auto at = std::ranges::find(outlets_, which, &attached::id);
  return closed_ && at != outlets_.end() && at->to && caught_up(*at);
}

void recording_tap::detach(outlet_id which) noexcept {
  std::erase_if(outlets_, [which](const attached& each) {
    return each.id == which;
  });
}

void recording_tap::no_more_outlets(time_point now) {
  expects_outlets_ = false;
  forget(now);
  arm(now);
}

void recording_tap::append(stream_index stream, bytes_view packet,
                           time_point arrival) {
  if (closed_ || stream >= stream_count)
    return;
  if (paused_ || arrival < open_since_) {
    ++counters_.gated_packets;
    return;
  }
  put({record_kind::rtp, stream, arrival, packet});
  ++counters_.packets;
  counters_.bytes += packet.size();
  ++current_packets_;
}

void recording_tap::set_formats(stream_index stream, std::string_view lines,
                                time_point now) {
  const auto text = whole_lines(lines);
  if (closed_ || stream >= stream_count || formats_[stream] == text)
    return;
  formats_[stream] = text;
  put({record_kind::formats, stream, now, as_bytes(formats_[stream])});
}

void recording_tap::pause(time_point now) {
  if (paused_ || closed_)
    return;
  const auto formats_wiped = current_ && current_has_news_;
  wipe();
  paused_ = true;
  ever_paused_ = true;
  for (stream_index stream = 0; stream < stream_count; ++stream)
    if (formats_wiped && !formats_[stream].empty())
      put({record_kind::formats, stream, now, as_bytes(formats_[stream])});
  put({record_kind::paused, 0, now, {}});
  seal(now);
  deliver(now);
}

void recording_tap::resume(time_point now) {
  if (!paused_ || closed_)
    return;
  paused_ = false;
  open_since_ = now;
  put({record_kind::resumed, 0, now, {}});
}

void recording_tap::tick(time_point now, time_point read_until) {
  lag_ = std::max(now - read_until, duration::zero());
  read_until_ = std::max(read_until_, read_until);
  if (read_until >= newcomers_until_)
    expects_outlets_ = false;
  if (is_due(read_until)) {
    if (!current_)
      begin(read_until);
    seal(read_until);
  }
  deliver(read_until);
}

bool recording_tap::is_due(time_point now) const noexcept {
  if (current_)
    return has_outlet()
           && now + almost >= current_since_ + settings_.flush_every;
  return tells_time() && now >= told_ + tell_every;
}

/// Not behind what is not dealt with: that would be taken for dealt with first.
bool recording_tap::tells_time() const noexcept {
  return has_outlet() && !paused_ && !closed_ && caught_up();
}

void recording_tap::close(time_point now) {
  if (closed_)
    return;
  closed_ = true;
  seal(now);
  deliver(now);
}

bool recording_tap::drained() const noexcept {
  return closed_ && !expects_outlets_ && caught_up();
}

std::size_t recording_tap::held_bytes() const noexcept {
  return backlog_.bytes() + (current_ ? sizeof(batch) : 0);
}

void recording_tap::put(const record& what) {
  if (!current_)
    begin(what.arrival);
  if (!current_->append(what)) {
    seal(what.arrival);
    deliver(what.arrival);
    begin(what.arrival);
    // A datagram or a text always fits into an empty batch.
    static_cast<void>(current_->append(what));
  }
  seen_[what.stream] = true;
  if (what.kind != record_kind::rtp)
    current_has_news_ = true;
}

void recording_tap::begin(time_point now) {
  current_ = pool_->make();
  current_since_ = now;
  current_packets_ = 0;
  current_has_news_ = false;
  arm(now);
}

void recording_tap::seal(time_point now) {
  if (!current_)
    return;
  current_->state_complete_until(read_until_);
  told_ = now;
  backlog_.push(
    {std::move(current_), now, current_packets_, current_has_news_});
  current_ = nullptr;
  current_packets_ = 0;
}

void recording_tap::wipe() {
  counters_.wiped_packets += current_packets_;
  current_packets_ = 0;
  current_ = nullptr;
  auto taken = backlog_.first();
  for (const auto& each : outlets_)
    taken = std::max(taken, each.next);
  for (auto number = taken; number != backlog_.end(); ++number)
    counters_.wiped_packets += backlog_.at(number).packets;
  while (!backlog_.empty())
    drop_oldest("wiped");
}

void recording_tap::deliver(time_point now) {
  for (auto& each : outlets_)
    deliver_to(each, now);
  forget(now);
  arm(now);
}

void recording_tap::deliver_to(attached& outlet, time_point now) {
  if (!outlet.to)
    return;
  outlet.confirm();
  if (outlet.next < backlog_.first()) {
    if (!outlet.notice)
      ++counters_.overruns;
    outlet.notice = notice_at(backlog_.first(), true, now);
    outlet.next = backlog_.first();
  }
  if (outlet.notice && !offer_notice(outlet, now))
    return;
  while (outlet.next != backlog_.end()) {
    if (!outlet.to->offer(backlog_.at(outlet.next).what))
      return;
    outlet.sent.push_back({outlet.next, came_at(outlet.next, now)});
    ++outlet.next;
  }
  outlet.confirm();
}

bool recording_tap::offer_notice(attached& outlet, time_point now) {
  if (!outlet.notice->empty()) {
    if (!outlet.to->offer(outlet.notice))
      return false;
    // The place of what it stands for: before the next batch, if any was lost.
    const auto before = outlet.lost_since && outlet.next > 0 ? 1U : 0U;
    outlet.sent.push_back({outlet.next - before, came_at(outlet.next, now)});
  }
  outlet.notice = nullptr;
  note_loss(outlet, now);
  return true;
}

void recording_tap::note_loss(attached& outlet, time_point now) {
  if (!outlet.lost_since)
    return;
  const auto to = came_at(outlet.next, now);
  if (to <= *outlet.lost_since) {
    outlet.lost_since.reset();
    return;
  }
  if (losses_.size() >= most_losses)
    losses_.back().to = to;
  else
    losses_.push_back({outlet.id, *outlet.lost_since, to});
  outlet.lost_since.reset();
}

void recording_tap::attached::confirm() {
  const auto open = to ? std::min(to->in_flight(), sent.size()) : sent.size();
  sent.erase(sent.begin(), sent.end() - static_cast<std::ptrdiff_t>(open));
}

recording_tap::attached* recording_tap::find(outlet_id which) noexcept {
  const auto at = std::ranges::find(outlets_, which, &attached::id);
  return at == outlets_.end() ? nullptr : &*at;
}

void recording_tap::drop_oldest(std::string_view why) {
  const auto number = backlog_.first();
  const auto since = backlog_.at(number).what->first_arrival();
  for (auto& each : outlets_)
    if (each.next <= number && !each.lost_since)
      each.lost_since = since;
  backlog_.pop();
  lost_by_ = why;
}

void recording_tap::forget(time_point now) {
  if (!expects_outlets_ && !outlets_.empty()) {
    auto wanted = backlog_.end();
    for (const auto& each : outlets_)
      wanted = std::min(wanted, each.place());
    while (backlog_.first() < wanted)
      drop_oldest("overrun");
  }
  while (!backlog_.empty()
         && (backlog_.bytes() > settings_.keep_bytes
             || now - backlog_.at(backlog_.first()).sealed > settings_.keep))
    drop_oldest("overrun");
}

void recording_tap::arm(time_point now) {
  due_.reset();
  const auto want = [this](time_point when) {
    due_ = due_ ? std::min(*due_, when) : when;
  };
  if (current_ && has_outlet())
    want(current_since_ + settings_.flush_every);
  else if (tells_time())
    want(told_ + tell_every);
  if (!caught_up())
    want(now + settings_.flush_every);
  if (expects_outlets_)
    want(newcomers_until_);
}

bool recording_tap::has_outlet() const noexcept {
  return std::ranges::any_of(outlets_, [](const attached& each) {
    return each.to != nullptr;
  });
}

bool recording_tap::caught_up() const noexcept {
  return std::ranges::all_of(outlets_, [this](const attached& each) {
    return caught_up(each);
  });
}

bool recording_tap::caught_up(const attached& outlet) const noexcept {
  return !outlet.notice && outlet.next == backlog_.end() && outlet.sent.empty();
}

/// When the batch of that number began: one that is kept, or the current one.
time_point recording_tap::came_at(std::uint64_t number,
                                  time_point otherwise) const noexcept {
  if (number < backlog_.end())
    return backlog_.at(number).what->first_arrival().value_or(otherwise);
  return current_ ? current_since_ : otherwise;
}

batch_ptr recording_tap::notice_at(std::uint64_t number, bool lost,
                                   time_point now) {
  const auto before = backlog_.before(number);
  const auto arrival = came_at(number, now);
  auto result = pool_->make();
  const auto say = [&](record_kind kind, stream_index stream, bytes_view text) {
    static_cast<void>(result->append({kind, stream, arrival, text}));
  };
  for (stream_index stream = 0; stream < stream_count; ++stream)
    if (lost && seen_[stream])
      say(record_kind::lost, stream, as_bytes(lost_by_));
  for (stream_index stream = 0; stream < stream_count; ++stream)
    if (const auto& lines = before.formats[stream]; !lines.empty())
      say(record_kind::formats, stream, as_bytes(lines));
  if (ever_paused_)
    say(before.paused ? record_kind::paused : record_kind::resumed, 0, {});
  return result;
}

} // namespace callfork::fork
