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
  cut_short(what.legs, "replaced", now);
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
  auto told = facts(reached, now);
  record_.announcements.push_back({told, reached.legs, now.steady});
  tell(bus::announcement_started{std::move(told)}, now);
  return {};
}

void call_prompts::refuse(const prompt_order& what, const std::string& why,
                          instant now) {
  tell(bus::announcement_failed{facts(what, now), bus::blame::caller, why},
       now);
}

std::optional<milliseconds>
call_prompts::stop(const std::vector<engine::leg_id>& legs, instant now) {
  std::optional<milliseconds> stood;
  for (const auto leg : legs)
    if (const auto at = media_.stop_playing(leg))
      stood = at;
  cut_short(legs, "stopped", now);
  return stood;
}

void call_prompts::on_ended(const std::vector<engine::leg_id>& legs,
                            instant now) {
  if (legs.empty())
    return;
  std::erase_if(record_.announcements, [&](kept_announcement& one) {
    std::erase_if(one.legs, [&legs](engine::leg_id leg) {
      return has(legs, leg);
    });
    if (!one.legs.empty())
      return false;
    note_heard(one.facts, now.steady - one.began);
    tell(bus::announcement_played{std::move(one.facts),
                                  duration_cast<milliseconds>(now.steady
                                                              - one.began)},
         now);
    return true;
  });
}

/// Who cut it short for one party has cut it short.
void call_prompts::cut_short(const std::vector<engine::leg_id>& legs,
                             const std::string& why, instant now) {
  std::erase_if(record_.announcements, [&](kept_announcement& one) {
    if (std::ranges::none_of(one.legs, [&legs](engine::leg_id leg) {
          return has(legs, leg);
        }))
      return false;
    note_heard(one.facts, now.steady - one.began);
    tell(bus::announcement_failed{std::move(one.facts), bus::blame::none, why},
         now);
    return true;
  });
}

void call_prompts::end_all(bus::blame fault, const std::string& why,
                           instant now) {
  for (auto& one : std::exchange(record_.announcements, {})) {
    for (const auto leg : one.legs)
      static_cast<void>(media_.stop_playing(leg));
    note_heard(one.facts, now.steady - one.began);
    tell(bus::announcement_failed{std::move(one.facts), fault, why}, now);
  }
}

bus::announcement_facts call_prompts::facts(const prompt_order& what,
                                            instant now) const {
  bus::announcement_facts made;
  made.kind = what.kind;
  made.prompt = what.name;
  for (const auto party : story_.parties_on(what.legs))
    made.played_to.push_back(party_id_of(record_.story, party));
  if (const auto* open = open_recording())
    made.offset = offset_of(*open, now.steady);
  return made;
}

/// For the sinks of the recording that is open, if one is: what was played, for
/// as long as it was.
void call_prompts::note_heard(const bus::announcement_facts& what,
                              duration lasted) {
  auto* open = open_recording();
  if (!open)
    return;
  announcement_heard heard{what.kind,
                           what.offset,
                           duration_cast<milliseconds>(lasted),
                           {},
                           what.prompt};
  for (const auto party : {std::uint16_t{0}, std::uint16_t{1}})
    heard.by.at(party) = std::ranges::find(what.played_to,
                                           party_id_of(record_.story, party))
                         != what.played_to.end();
  if (open->announcements.size() == most_announcements)
    open->announcements.erase(open->announcements.begin());
  open->announcements.push_back(heard);
  ++open->announced;
  ++record_.story.revision;
}

/// An announcement belongs to the recording that is open, else to the call.
void call_prompts::tell(bus::event_data what, instant now) {
  if (auto* open = open_recording())
    story_.tell(*open, std::move(what), now.wall);
  else
    story_.tell(std::move(what), now.wall);
}

kept_recording* call_prompts::open_recording() const {
  auto& all = record_.recordings;
  return all.empty() || all.back().ending ? nullptr : &all.back();
}

} // namespace callfork::actors
