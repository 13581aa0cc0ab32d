#include "actors/call_tones.hpp"

#include "actors/call_announcements.hpp"
#include "actors/recording_words.hpp"
#include "media/audio/tone_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

/// Two tones in so short a time are one.
constexpr auto together = 2s;

constexpr std::uint32_t rate = 16'000;

/// Made once for each country of which there are calls; a few dozen at most.
audio::prompt_ptr sound_of(const audio::tone& what) {
  static std::mutex mutex;
  static std::map<std::pair<double, std::int64_t>, audio::prompt_ptr> made;
  const std::lock_guard guard{mutex};
  auto& known = made[{what.frequency, what.on.count()}];
  if (!known)
    if (auto next = audio::prompt::from_pcm(audio::make_tone(what, rate), rate))
      known = std::move(*next);
  return known;
}

kept_recording* open_of(call_record& in, std::size_t half) {
  const auto at = std::ranges::find_if(in.recordings, [half](const auto& one) {
    return one.half == half && !one.ending;
  });
  return at == in.recordings.end() ? nullptr : &*at;
}

/// As in "1400 Hz, 500 ms, each 20 s".
std::string words_of(const audio::tone& what, std::chrono::seconds every) {
  return std::to_string(std::lround(what.frequency)) + " Hz, "
         + std::to_string(what.on.count()) + " ms, each "
         + std::to_string(every.count()) + " s";
}

} // namespace

void call_tones::sound(std::size_t half, instant now) {
  const auto tone
    = audio::recorder_tone(record_.halves[half].law.rules.country);
  const auto is_new = !record_.last_tone
                      || now.steady - *record_.last_tone >= together;
  if (is_new) {
    auto heard = false;
    for (const auto leg : legs_of(record_, {true, true}))
      if (!prompts_.is_busy({leg})
          && media_.sound(leg, sound_of(tone), now.steady))
        heard = true;
    if (!heard)
      return;
    record_.last_tone = now.steady;
  }
  auto* const of = open_of(record_, half);
  if (!of)
    return;
  of->toned += tone.on;
  if (of->tones++ > 0)
    return;
  of->first_tone = offset_of(*of, now.steady);
  const auto begun = facts(*of);
  story_.tell(*of, bus::announcement_started{begun}, now.wall);
  note_heard(record_, *of,
             {begun.kind, begun.offset, tone.on, {true, true}, begun.prompt});
}

void call_tones::sum_up(const kept_recording& of, instant now) {
  if (of.tones == 0)
    return;
  auto* const told = find_recording(record_, of.id);
  story_.tell(*told, bus::announcement_played{facts(of), of.toned}, now.wall);
}

bus::announcement_facts call_tones::facts(const kept_recording& of) const {
  const auto& rules = record_.halves[of.half].law.rules;
  bus::announcement_facts made;
  made.kind = bus::announcement_kind::tone;
  made.prompt = words_of(audio::recorder_tone(rules.country),
                         rules.tone_every.value_or(0s));
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
    made.played_to.push_back(party_id_of(record_.story, party));
  made.offset = of.first_tone;
  return made;
}

} // namespace callfork::actors
