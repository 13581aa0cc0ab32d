#include "media/srtp/sources.hpp"

#include <algorithm>
#include <span>

namespace callfork::srtp {

namespace {

constexpr std::uint64_t round_size = 0x1'0000;
constexpr std::uint64_t half_round = 0x8000;

source_state state_of(std::uint32_t ssrc, std::uint64_t index) noexcept {
  return {ssrc, static_cast<std::uint32_t>(index >> 16U),
          static_cast<std::uint16_t>(index & 0xffffU)};
}

} // namespace

std::uint64_t estimate(std::uint64_t highest, std::uint16_t sequence) noexcept {
  if (highest <= half_round)
    return sequence;
  const auto same = (highest & ~(round_size - 1)) | sequence;
  if (same + half_round < highest)
    return same + round_size;
  if (same > highest + half_round && same >= round_size)
    return same - round_size;
  return same;
}

source_table::source* source_table::live(std::uint32_t ssrc) noexcept {
  const auto known = std::span{live_}.first(live_count_);
  const auto found = std::ranges::find(known, ssrc, [](const source& each) {
    return each.state.ssrc;
  });
  return found == known.end() ? nullptr : &*found;
}

source_table::source source_table::find(std::uint32_t ssrc) const noexcept {
  for (const auto& each : std::span{live_}.first(live_count_))
    if (each.state.ssrc == ssrc)
      return each;
  for (const auto& each : std::span{told_}.first(told_count_))
    if (each.ssrc == ssrc)
      return {.state = each, .counts = true};
  return {.state = {.ssrc = ssrc}};
}

bool source_table::has_room(time_point now) const noexcept {
  return live_count_ < max_sources
         || std::ranges::any_of(live_, [now](const source& each) {
              return now - each.heard >= source_idle;
            });
}

std::optional<std::uint32_t> source_table::heard_rtp(std::uint32_t ssrc,
                                                     std::uint64_t index,
                                                     time_point now) noexcept {
  std::optional<std::uint32_t> evicted;
  auto* known = live(ssrc);
  auto& heard = known ? *known : admit(ssrc, evicted);
  heard.heard = now;
  heard.heard_rtp = now;
  if (!heard.counts || index > index_of(heard.state))
    heard.state = state_of(ssrc, index);
  heard.counts = true;
  heard.moves = true;
  return evicted;
}

std::optional<std::uint32_t> source_table::heard_rtcp(std::uint32_t ssrc,
                                                      time_point now) noexcept {
  std::optional<std::uint32_t> evicted;
  auto* known = live(ssrc);
  auto& heard = known ? *known : admit(ssrc, evicted);
  heard.heard = now;
  return evicted;
}

/// Takes a free slot, or that of the source silent for longest.
source_table::source&
source_table::admit(std::uint32_t ssrc,
                    std::optional<std::uint32_t>& evicted) noexcept {
  const auto before = find(ssrc);
  auto* slot = live_count_ < max_sources
                 ? &live_[live_count_++]
                 : &*std::ranges::min_element(live_, {}, &source::heard);
  if (slot->live) {
    evicted = slot->state.ssrc;
    if (slot->counts)
      tell(slot->state);
  }
  *slot = before;
  slot->live = true;
  return *slot;
}

void source_table::tell(const source_state& state) noexcept {
  const auto known = std::span{told_}.first(told_count_);
  const auto same = std::ranges::find(known, state.ssrc, &source_state::ssrc);
  if (same != known.end()) {
    if (index_of(state) > index_of(*same))
      *same = state;
    return;
  }
  told_[told_next_] = state;
  told_next_ = static_cast<std::uint8_t>((told_next_ + 1) % max_sources);
  if (told_count_ < max_sources)
    ++told_count_;
}

std::vector<source_state> source_table::all() const {
  std::vector<source_state> states;
  for (const auto& each : std::span{live_}.first(live_count_))
    if (each.counts)
      states.push_back(each.state);
  for (const auto& each : std::span{told_}.first(told_count_))
    if (!find(each.ssrc).live)
      states.push_back(each);
  return states;
}

} // namespace callfork::srtp
