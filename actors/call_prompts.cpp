#include "actors/call_prompts.hpp"

#include "actors/recording_words.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

bool has(const std::vector<engine::leg_id>& legs, engine::leg_id one) {
  return std::ranges::find(legs, one) != legs.end();
}

/// The kind that a request names by the metadata key "announcement".
bus::announcement_kind kind_of(const ng::request& what) {
  std::string_view said = what.extra("announcement");
  for (const auto& [key, text] : what.metadata)
    if (key == "announcement")
      said = text;
  using kind = bus::announcement_kind;
  for (const auto one : {kind::start, kind::stop, kind::pause, kind::resume,
                         kind::compliance, kind::failure})
    if (said == to_string(one))
      return one;
  return kind::other;
}

/// The sinks of a recording that has just ended hear of the announcement that
/// says so.
bool concerns(const kept_recording& one, const prompt_order& what) {
  if (!what.wish)
    return !one.ending;
  const auto waits = std::ranges::find(what.wish->waits, one.half,
                                       &kept_wait::half);
  if (waits == what.wish->waits.end())
    return false;
  return what.wish->what == recording::announcement::stop
           ? one.lingers_until.has_value()
           : !one.ending;
}

bool is_told_before(recording::announcement what) {
  return what == recording::announcement::start
         || what == recording::announcement::compliance;
}

std::string file_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

/// The first of the formats that the prompt can be encoded in.
std::optional<audio::player>
player_for(const std::vector<payload_format>& formats,
           const audio::prompt_ptr& prompt, const audio::play_settings& how,
           time_point now) {
  for (const auto& format : formats)
    if (auto made = audio::player::make(prompt, format, how, now, 0))
      return std::move(*made);
  return std::nullopt;
}

} // namespace

prompt_order order_of(const ng::request& what,
                      std::vector<engine::leg_id> legs) {
  prompt_order made;
  made.kind = kind_of(what);
  made.name = file_name(what.play.file);
  made.legs = std::move(legs);
  made.how.repeat_times = static_cast<std::uint32_t>(
    std::clamp<std::int64_t>(what.play.repeat_times, 0, 1'000'000));
  made.how.repeat_duration = what.play.repeat_duration;
  made.how.start_position = what.play.start_pos;
  return made;
}

std::string call_prompts::play(const prompt_order& what,
                               const audio::prompt_ptr& prompt,
                               const engine::media_plan& plan, instant now) {
  auto reached = what;
  reached.legs.clear();
  cut_short(what.legs, now);
  for (const auto& leg : plan.legs) {
    if (!has(what.legs, leg.id))
      continue;
    auto player = player_for(leg.formats, prompt, what.how, now.steady);
    if (!player || !media_.play(leg.id, std::move(*player)))
      continue;
    reached.legs.push_back(leg.id);
  }
  if (reached.legs.empty()) {
    refuse(what, "No codec to play the prompt in", now);
    return "No codec to play the prompt in";
  }
  auto& begun = record_.announcements.emplace_back(kept_announcement{
    facts(reached), reached.legs, now.steady, what.wish, places(what, now)});
  tell(
    begun,
    [](bus::announcement_facts told) {
      return bus::announcement_started{std::move(told)};
    },
    now);
  return {};
}

void call_prompts::refuse(const prompt_order& what, const std::string& why,
                          instant now) {
  const auto fault = what.wish ? bus::blame::us : bus::blame::caller;
  tell(
    {facts(what), {}, now.steady, what.wish, places(what, now)},
    [&](bus::announcement_facts told) {
      return bus::announcement_failed{std::move(told), fault, why};
    },
    now);
  if (what.wish)
    record_.over.insert(record_.over.end(), what.wish->waits.begin(),
                        what.wish->waits.end());
}

std::optional<milliseconds>
call_prompts::stop(const std::vector<engine::leg_id>& legs, instant now) {
  std::optional<milliseconds> stood;
  std::erase_if(record_.announcements, [&](kept_announcement& one) {
    if (one.wish || std::ranges::none_of(one.legs, [&legs](auto leg) {
          return has(legs, leg);
        }))
      return false;
    for (const auto leg : legs)
      if (const auto at = has(one.legs, leg) ? media_.stop_playing(leg)
                                             : std::nullopt)
        stood = at;
    fail(one, bus::blame::none, "stopped", now);
    return true;
  });
  return stood;
}

void call_prompts::withdraw(const kept_wish& what, instant now) {
  std::erase_if(record_.announcements, [&](kept_announcement& one) {
    if (!one.wish || one.wish->number != what.number)
      return false;
    for (const auto leg : one.legs)
      static_cast<void>(media_.stop_playing(leg));
    fail(one, bus::blame::none, "withdrawn", now);
    return true;
  });
}

void call_prompts::on_ended(const std::vector<engine::leg_id>& legs,
                            instant now) {
  if (legs.empty())
    return;
  std::erase_if(record_.announcements, [&](kept_announcement& one) {
    const auto gone = std::erase_if(one.legs, [&legs](engine::leg_id leg) {
      return has(legs, leg);
    });
    if (gone == 0 || !one.legs.empty())
      return false;
    const auto lasted = now.steady - one.began;
    note_heard(one, lasted);
    tell(
      one,
      [lasted](bus::announcement_facts told) {
        return bus::announcement_played{std::move(told),
                                        duration_cast<milliseconds>(lasted)};
      },
      now);
    if (one.wish)
      record_.over.insert(record_.over.end(), one.wish->waits.begin(),
                          one.wish->waits.end());
    return true;
  });
}

void call_prompts::sweep(instant now) {
  std::vector<engine::leg_id> silent;
  for (const auto& one : record_.announcements)
    for (const auto leg : one.legs)
      if (!media_.is_playing(leg))
        silent.push_back(leg);
  on_ended(silent, now);
}

/// Who cut it short for one party has cut it short.
void call_prompts::cut_short(const std::vector<engine::leg_id>& legs,
                             instant now) {
  std::erase_if(record_.announcements, [&](kept_announcement& one) {
    if (std::ranges::none_of(one.legs, [&legs](engine::leg_id leg) {
          return has(legs, leg);
        }))
      return false;
    for (const auto leg : one.legs)
      static_cast<void>(media_.stop_playing(leg));
    fail(one, bus::blame::none, "replaced", now);
    if (one.wish)
      want_again(*one.wish);
    return true;
  });
}

void call_prompts::want_again(const kept_wish& what) {
  record_.wishes.insert(record_.wishes.begin(), what);
}

void call_prompts::fail(kept_announcement& what, bus::blame fault,
                        const std::string& why, instant now) {
  note_heard(what, now.steady - what.began);
  tell(
    what,
    [&](bus::announcement_facts told) {
      return bus::announcement_failed{std::move(told), fault, why};
    },
    now);
}

void call_prompts::end_all(bus::blame fault, const std::string& why,
                           instant now) {
  break_off_all(fault, why, now);
  record_.wishes.clear();
}

void call_prompts::break_off_all(bus::blame fault, const std::string& why,
                                 instant now) {
  for (auto& one : std::exchange(record_.announcements, {})) {
    for (const auto leg : one.legs)
      static_cast<void>(media_.stop_playing(leg));
    fail(one, fault, why, now);
    if (one.wish)
      want_again(*one.wish);
  }
}

bool call_prompts::is_busy(const std::vector<engine::leg_id>& legs) const {
  return std::ranges::any_of(record_.announcements, [&legs](const auto& one) {
    return std::ranges::any_of(one.legs, [&legs](engine::leg_id leg) {
      return has(legs, leg);
    });
  });
}

bus::announcement_facts call_prompts::facts(const prompt_order& what) const {
  bus::announcement_facts made;
  made.kind = what.kind;
  made.prompt = what.name;
  for (const auto party : story_.parties_on(what.legs))
    made.played_to.push_back(party_id_of(record_.story, party));
  return made;
}

std::vector<kept_place> call_prompts::places(const prompt_order& what,
                                             instant now) const {
  std::vector<kept_place> made;
  for (const auto& one : record_.recordings)
    if (concerns(one, what))
      made.push_back(
        {one.id, offset_of(one, one.ending ? one.ended_at : now.steady)});
  return made;
}

/// For the sinks of recordings: what was played, for as long as it was.
void call_prompts::note_heard(const kept_announcement& what, duration lasted) {
  announcement_heard heard{what.facts.kind,
                           {},
                           duration_cast<milliseconds>(lasted),
                           {},
                           what.facts.prompt};
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
    heard.by.at(party) = std::ranges::find(what.facts.played_to,
                                           party_id_of(record_.story, party))
                         != what.facts.played_to.end();
  for (const auto& place : what.places)
    if (auto* of = find_recording(record_, place.recording)) {
      heard.offset = place.offset;
      actors::note_heard(record_, *of, heard);
    }
  if (!what.places.empty() || !what.wish || !is_told_before(what.wish->what))
    return;
  heard.offset = {};
  for (const auto& each : what.wish->waits)
    record_.halves[each.half].heard.push_back(heard);
}

/// An announcement belongs to the recordings that are open, else to the call.
void call_prompts::tell(const kept_announcement& of, const maker& make,
                        instant now) {
  auto told = of.facts;
  auto done = false;
  for (const auto& place : of.places)
    if (auto* one = find_recording(record_, place.recording)) {
      told.offset = place.offset;
      story_.tell(*one, make(told), now.wall);
      done = true;
    }
  if (!done)
    story_.tell(make(std::move(told)), now.wall);
}

kept_recording* find_recording(call_record& in, const uuid& id) {
  const auto at = std::ranges::find(in.recordings, id, &kept_recording::id);
  return at == in.recordings.end() ? nullptr : &*at;
}

void note_heard(call_record& in, kept_recording& of,
                const announcement_heard& what) {
  if (of.announcements.size() == most_announcements)
    of.announcements.erase(of.announcements.begin());
  of.announcements.push_back(what);
  ++of.announced;
  ++in.story.revision;
}

} // namespace callfork::actors
