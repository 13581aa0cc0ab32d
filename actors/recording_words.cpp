#include "actors/recording_words.hpp"

#include "actors/call_story.hpp"

#include <algorithm>

namespace callfork::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

void add(bus::stream_result& to, const recording_summary& part,
         std::uint16_t party) {
  const auto& stream = part.streams[party];
  to.received += stream.packets + stream.late;
  to.delivered += stream.packets;
  to.lost += stream.lost;
  to.gaps += static_cast<std::uint32_t>(std::count_if(
    part.gaps.begin(), part.gaps.end(), [party](const recorded_gap& gap) {
      return gap.stream == party;
    }));
}

} // namespace

milliseconds offset_of(const kept_recording& what, time_point when) {
  const auto end = std::min(when, what.paused_since.value_or(when));
  const auto at = end - what.facts->opened.steady - what.paused;
  return duration_cast<milliseconds>(std::max(at, duration::zero()));
}

bus::recording_stopped stopped(const kept_recording& what) {
  bus::recording_stopped made;
  made.by = told(what.ending->by);
  made.reason = to_string(what.ending->reason);
  made.lasted = offset_of(what, what.ended_at);
  made.paused = duration_cast<milliseconds>(what.paused);
  if (what.parts.empty())
    return made;
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
    made.streams.push_back(
      {stream_id(what.session.id, party), party == 0 ? "1" : "2", 0, 0, 0, 0});
  std::size_t count = 0;
  for (const auto& part : what.parts) {
    if (part.kind != what.parts.front().kind)
      continue;
    ++count;
    made.bytes += part.summary.bytes;
    for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
      add(made.streams[party], part.summary, party);
  }
  if (count > 1)
    return made;
  made.lasted = what.parts.front().summary.duration;
  made.sha256 = what.parts.front().summary.sha256;
  return made;
}

} // namespace callfork::actors
