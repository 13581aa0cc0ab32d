#include "media/vault/track.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace callfork::vault {

namespace {

constexpr nanoseconds second = 1'000'000'000;
constexpr std::size_t most_gaps = 10'000;
constexpr std::size_t most_senders = 4;
/// How much a clock may be corrected per packet: 0.6 % of 20 ms.
constexpr nanoseconds follow = 125'000;
/// Longer holes than this are not reconstructed.
constexpr std::int64_t most_concealed_per_second = 8; // 1/8 s.
/// Shorter silences than this are no gap: what jitter leaves at a start.
constexpr std::chrono::milliseconds shortest_gap{10};
constexpr std::chrono::milliseconds shortest_start{60};
constexpr std::chrono::milliseconds shortest_tail{200};
/// A packet may be stretched by 0.6 ms to meet the one before.
constexpr std::int64_t most_stretches_per_second = 1600;
/// How long after its turn a missing packet is still waited for, so that a
/// codec may reconstruct it when the next one is there.
constexpr nanoseconds hole_patience = second * 120 / 1000;
/// How late the first packet after a silence may come.
constexpr nanoseconds wake_patience = second / 5;
constexpr nanoseconds always = std::numeric_limits<nanoseconds>::max();
/// Room for so many samples not yet taken is kept from step to step.
constexpr std::size_t most_rest = 1024;
/// The silence before the next audio is meant so.
constexpr std::string_view excused = "excused";

/// By how many samples a packet may be stretched.
std::int64_t most_stretch(const timeline& line) noexcept {
  return line.rate / most_stretches_per_second;
}

/// The same sound in a few samples more or less.
void stretch(std::span<const std::int16_t> from, std::size_t count,
             std::vector<std::int16_t>& to) {
  if (count == from.size() || from.empty()) {
    to.insert(to.end(), from.begin(), from.end());
    return;
  }
  for (std::size_t at = 0; at < count; ++at) {
    const auto place = static_cast<double>(at)
                       * static_cast<double>(from.size())
                       / static_cast<double>(count);
    const auto left = static_cast<std::size_t>(place);
    const auto right = std::min(left + 1, from.size() - 1);
    const auto share = place - static_cast<double>(left);
    to.push_back(static_cast<std::int16_t>(from[left] * (1 - share)
                                           + from[right] * share));
  }
}

} // namespace

void gap_list::add(recorded_gap gap) {
  if (!gaps.empty()) {
    auto& last = gaps.back();
    if (last.stream == gap.stream && last.cause == gap.cause
        && last.to >= gap.from) {
      last.to = std::max(last.to, gap.to);
      return;
    }
  }
  if (gaps.size() >= most_gaps)
    ++left_out;
  else
    gaps.push_back(std::move(gap));
}

std::int64_t timeline::frame_at(nanoseconds when) const noexcept {
  const auto since = when - origin;
  const std::int64_t hertz = rate;
  const auto part = since % second * hertz;
  return since / second * hertz
         + (part + (part < 0 ? -second / 2 : second / 2)) / second;
}

nanoseconds timeline::time_of(std::int64_t frame) const noexcept {
  const std::int64_t hertz = rate;
  return origin + frame / hertz * second + frame % hertz * second / hertz;
}

std::chrono::milliseconds
timeline::position(std::int64_t frame) const noexcept {
  return std::chrono::milliseconds{frame * 1000
                                   / static_cast<std::int64_t>(rate)};
}

track::track(std::uint8_t index, nanoseconds patience) noexcept
  : index_{index},
    patience_{patience} {
}

void track::put(bytes_view bytes, nanoseconds arrival, nanoseconds lag) {
  const auto packet = rtp::packet::parse(bytes);
  if (!packet) {
    ++statistics_.unusable;
    return;
  }
  const auto& format = formats_.of(packet->payload_type());
  const bool keeps_time = format.kind == media_kind::voice;
  const allowance late{patience_, lag};
  auto what
    = sender_of(*packet, format).source.put(*packet, late, arrival, keeps_time);
  if (what == verdict::restart) {
    for (std::size_t at = 0; at < senders_.size(); ++at)
      if (senders_[at].source.ssrc() == packet->ssrc())
        retire(at);
    auto& fresh = sender_of(*packet, format);
    fresh.cause = "clock jump";
    what = fresh.source.put(*packet, late, arrival, keeps_time);
  }
  count(what);
}

void track::count(verdict what) noexcept {
  switch (what) {
  case verdict::held:
    ++statistics_.packets;
    return;
  case verdict::late:
    ++statistics_.packets;
    ++statistics_.late;
    if (statistics_.lost > 0)
      --statistics_.lost;
    return;
  case verdict::duplicate:
    ++statistics_.duplicates;
    return;
  case verdict::restart:
  case verdict::refused:
    ++statistics_.unusable;
  }
}

track::sender& track::sender_of(const rtp::packet& packet,
                                const known_format& known) {
  const auto& format = known.format;
  for (std::size_t at = 0; at < senders_.size(); ++at) {
    const auto& source = senders_[at].source;
    if (source.ssrc() != packet.ssrc())
      continue;
    if (known.kind != media_kind::voice || source.clock() == format.clock)
      return senders_[at];
    retire(at);
    break;
  }
  if (senders_.size() >= most_senders) {
    const auto oldest
      = std::ranges::min_element(senders_, {}, [](const sender& one) {
          return one.source.last_arrival();
        });
    retire(static_cast<std::size_t>(oldest - senders_.begin()));
  }
  const auto* cause = known_ ? "new source" : "no media";
  known_ = true;
  return senders_.emplace_back(sender{rtp_source{packet.ssrc(), format.clock},
                                      cause,
                                      {},
                                      {},
                                      {},
                                      0,
                                      false,
                                      false});
}

void track::retire(std::size_t index) {
  retired_.push_back(std::move(senders_[index]));
  senders_.erase(senders_.begin() + static_cast<std::ptrdiff_t>(index));
}

void track::note_loss(std::string_view reason) {
  loss_ = reason.empty() ? "lost" : std::string{reason.substr(0, 32)};
}

bool track::wants_wide() const {
  bool wide = false;
  for (const auto& one : senders_)
    one.source.for_each_type([&](std::uint8_t type) {
      wide = wide || formats_.of(type).wide;
    });
  return wide;
}

bool track::knows_clocks(nanoseconds now) const noexcept {
  return std::ranges::all_of(senders_, [&](const sender& one) {
    return one.source.may_tie(now, patience_);
  });
}

std::optional<nanoseconds> track::newest() const noexcept {
  std::optional<nanoseconds> last;
  for (const auto& one : senders_)
    if (const auto its = one.source.newest(); its && (!last || *its > *last))
      last = its;
  return last;
}

std::optional<nanoseconds> track::earliest() const noexcept {
  std::optional<nanoseconds> first;
  for (const auto& one : senders_)
    if (const auto its = one.source.earliest();
        its && (!first || *its < *first))
      first = its;
  return first;
}

/// Its senders said that they are silent, or have been for a second.
bool track::is_quiet(nanoseconds now) const noexcept {
  return std::ranges::all_of(senders_, [now](const sender& one) {
    return one.source.idle()
           && (one.sleeps || now - one.source.last_arrival() > second);
  });
}

nanoseconds track::settled_until(nanoseconds now) const noexcept {
  if (is_quiet(now))
    return now - std::min(patience_, wake_patience);
  const bool reconstructs = std::ranges::any_of(senders_, [](const auto& one) {
    return one.decoder && one.decoder->conceals();
  });
  auto until = now - patience_ - (reconstructs ? hole_patience : 0);
  for (const auto& one : senders_)
    if (const auto first = one.source.earliest(); first && !one.source.tied())
      until = std::min(until, *first);
  return until;
}

void track::drain_retired(const timeline& line, gap_list& gaps) {
  for (auto& old : retired_) {
    old.source.tie();
    while (const auto next = old.source.release(always, always, 0))
      play(old, *next, line, gaps);
  }
  retired_.clear();
}

void track::release(nanoseconds now, const timeline& line, gap_list& gaps) {
  drain_retired(line, gaps);
  const auto horizon = now - patience_;
  const auto speaking = std::ranges::count_if(senders_, [now](const auto& one) {
    return now - one.source.last_arrival() <= second;
  });
  // While two take turns, either may still have a say before the other.
  const auto row_until = speaking == 1 ? always : horizon;
  for (auto& one : senders_) {
    one.source.tie(now, patience_);
    while (auto next = one.source.release(horizon, row_until, follow)) {
      play(one, *next, line, gaps);
      one.source.recycle(std::move(next->packet.payload));
    }
  }
}

void track::drain(const timeline& line, gap_list& gaps) {
  while (!senders_.empty())
    retire(0);
  drain_retired(line, gaps);
}

bool track::prepare(sender& from, std::uint8_t type, const timeline& line) {
  const auto& format = formats_.of(type).format;
  if (from.decoder && from.format == format)
    return true;
  auto made = audio::make_decoder(format);
  if (!made)
    return false;
  from.decoder = std::move(*made);
  from.format = format;
  from.resampling.reset();
  statistics_.codec = format.encoding;
  if (from.decoder->rate() == line.rate)
    return true;
  auto resampling = audio::resampler::make(from.decoder->rate(), line.rate);
  if (!resampling)
    return false;
  from.resampling.emplace(std::move(*resampling));
  return true;
}

void track::play(sender& from, const released_packet& what,
                 const timeline& line, gap_list& gaps) {
  statistics_.lost += what.lost_before;
  const auto kind = formats_.of(what.packet.type).kind;
  from.sleeps = kind == media_kind::comfort;
  if (kind == media_kind::comfort || kind == media_kind::event) {
    if (from.heard)
      cause_ = what.lost_before > 0 ? std::string_view{"lost"} : excused;
    return;
  }
  if (!prepare(from, what.packet.type, line)) {
    ++statistics_.unusable;
    cause_ = "codec";
    return;
  }
  auto at = line.frame_at(what.position);
  if (from.resampling)
    at -= static_cast<std::int64_t>(from.resampling->latency());
  if (what.lost_before > 0 && from.heard)
    conceal(from, what, at, line);
  std::array<std::int16_t, audio::longest_payload> room;
  const auto count = from.decoder->decode(what.packet.payload, room);
  const std::span<const std::int16_t> decoded{room.data(), count};
  if (count == 0) {
    ++statistics_.unusable;
    return;
  }
  const bool contiguous = from.heard && what.lost_before == 0
                          && what.packet.ticks == from.next_ticks;
  if (at > end() + (contiguous ? most_stretch(line) : 0) || audio_end_ < end())
    end_silence(at, why_silent(from, what, contiguous), line, gaps);
  place(from, decoded, at, contiguous ? most_stretch(line) : 0);
  from.heard = true;
  from.next_ticks = what.packet.ticks
                    + static_cast<std::int64_t>(count) * from.source.clock()
                        / from.decoder->rate();
}

void track::conceal(sender& from, const released_packet& what, std::int64_t at,
                    const timeline& line) {
  const auto missing = at - end();
  if (audio_end_ < end() || missing <= 0
      || missing > line.rate / most_concealed_per_second)
    return;
  std::array<std::int16_t, audio::longest_payload * 2> room;
  const auto wanted = std::min<std::size_t>(
    static_cast<std::size_t>(missing) * from.decoder->rate() / line.rate,
    room.size());
  const auto made = from.decoder->conceal(what.packet.payload,
                                          std::span{room}.first(wanted));
  if (made == 0)
    return;
  place(from, std::span{room}.first(made), end(), most_stretch(line));
  statistics_.concealed
    += std::chrono::milliseconds{made * 1000 / from.decoder->rate()};
}

void track::place(sender& from, std::span<const std::int16_t> decoded,
                  std::int64_t at, std::int64_t most) {
  auto samples = decoded;
  if (from.resampling) {
    resampled_.clear();
    from.resampling->process(decoded, resampled_);
    samples = resampled_;
  }
  const auto count = static_cast<std::int64_t>(samples.size());
  const auto apart = at - end();
  if (std::abs(apart) <= most && count > most) {
    stretch(samples, static_cast<std::size_t>(count + apart), pcm_);
  } else if (apart + count > 0) {
    pad_to(at);
    const auto covered
      = static_cast<std::size_t>(std::max(-apart, std::int64_t{0}));
    stretch(samples.subspan(covered), samples.size() - covered, pcm_);
  } else {
    ++statistics_.late;
    return;
  }
  audio_end_ = end();
}

std::string track::why_silent(const sender& from, const released_packet& what,
                              bool contiguous) {
  if (!cause_.empty())
    return std::exchange(cause_, {});
  if (!from.heard)
    return from.cause;
  if (what.lost_before > 0)
    return loss_.empty() ? "lost" : std::exchange(loss_, {});
  return contiguous ? "late" : "";
}

void track::end_silence(std::int64_t at, const std::string& why,
                        const timeline& line, gap_list& gaps) const {
  const auto to = std::max(at, end());
  const auto length = line.position(to - audio_end_);
  const auto shortest = audio_end_ == 0 ? shortest_start : shortest_gap;
  if (why.empty() || why == excused || length < shortest)
    return;
  gaps.add({index_, line.position(audio_end_), line.position(to), why});
}

void track::pad_to(std::int64_t frame) {
  if (frame > end())
    pcm_.resize(static_cast<std::size_t>(frame - start_));
}

void track::excuse() noexcept {
  cause_ = excused;
}

void track::close(const timeline& line, gap_list& gaps) const {
  if (line.position(end() - audio_end_) < shortest_tail || cause_ == excused)
    return;
  gaps.add({index_, line.position(audio_end_), line.position(end()),
            cause_.empty() ? "no media" : cause_});
}

void track::borrow(std::vector<std::int16_t>& room) {
  room.assign(pcm_.begin(), pcm_.end());
  pcm_.swap(room);
}

void track::give_back(std::vector<std::int16_t>& room) {
  pcm_.swap(room);
  if (pcm_.capacity() > most_rest)
    std::vector<std::int16_t>{}.swap(pcm_);
  pcm_.assign(room.begin(), room.end());
}

void track::drop(std::size_t count) {
  pcm_.erase(pcm_.begin(), pcm_.begin() + static_cast<std::ptrdiff_t>(count));
  start_ += static_cast<std::int64_t>(count);
}

} // namespace callfork::vault
