#include "actors/call_announcements.hpp"

#include "media/audio/tone.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;
using recording::announcement;

/// How long an announcement may wait for its turn. Nobody waits longer.
constexpr auto patience = 30s;

constexpr std::uint32_t tone_rate = 16'000;

bus::announcement_kind told(const kept_wish& what) {
  if (what.beeps)
    return bus::announcement_kind::beep;
  switch (what.what) {
  case announcement::start:
    return bus::announcement_kind::start;
  case announcement::stop:
    return bus::announcement_kind::stop;
  case announcement::pause:
    return bus::announcement_kind::pause;
  case announcement::resume:
    return bus::announcement_kind::resume;
  case announcement::compliance:
    return bus::announcement_kind::compliance;
  case announcement::failure:
    return bus::announcement_kind::failure;
  }
  return bus::announcement_kind::other;
}

std::string word_of(announcement what) {
  kept_wish asked;
  asked.what = what;
  return std::string{to_string(told(asked))};
}

/// One for a pause, two for going on.
const audio::prompt_ptr& beep() {
  static const auto made = audio::prompt::from_pcm(
    audio::make_tone({1000, -16, 150ms, 100ms}, tone_rate), tone_rate);
  static const audio::prompt_ptr none;
  return made ? *made : none;
}

bool is_same(const kept_wish& left, const kept_wish& right) {
  return left.what == right.what && left.beeps == right.beeps
         && left.to == right.to;
}

bool waits_for(const kept_wish& what, std::size_t half) {
  return std::ranges::find(what.waits, half, &kept_wait::half)
         != what.waits.end();
}

std::array<bool, 2> only(std::uint16_t party) {
  return {party == 0, party == 1};
}

void forget(kept_wish& what, const kept_wait& who) {
  std::erase(what.waits, who);
}

} // namespace

call_announcements::call_announcements(announcements_of around)
  : around_(std::move(around)) {
}

void call_announcements::want(std::size_t half, const recording::announce& what,
                              instant now) {
  const auto& whose = around_.record.halves[half];
  kept_wish made;
  made.what = what.what;
  made.beeps = what.beeps;
  if (what.to == recording::audience::user && whose.party)
    made.to = only(*whose.party);
  made.waits = {{half, what.number}};
  line_up(half, std::move(made), now);
}

void call_announcements::want(std::size_t half, const recording::inform& what,
                              instant now) {
  kept_wish made;
  made.what = announcement::start;
  made.to = only(what.party);
  made.waits = {{half, what.number}};
  line_up(half, std::move(made), now);
}

void call_announcements::line_up(std::size_t half, kept_wish made,
                                 instant now) {
  made.languages = around_.record.halves[half].law.rules.languages;
  made.until = now.steady + patience;
  if (join(half, made))
    return;
  made.number = around_.record.next_wish++;
  around_.record.wishes.push_back(std::move(made));
}

/// Both ends of a call want the same: it is heard once.
bool call_announcements::join(std::size_t half, const kept_wish& same) {
  const auto joins = [&](kept_wish& one) {
    if (!is_same(one, same) || waits_for(one, half))
      return false;
    one.waits.push_back(same.waits.front());
    return true;
  };
  auto& record = around_.record;
  for (auto& one : record.announcements)
    if (one.wish && joins(*one.wish))
      return true;
  return std::ranges::any_of(record.wishes, joins);
}

void call_announcements::withdraw(std::size_t half,
                                  recording::announcement_number number,
                                  instant now) {
  const kept_wait who{half, number};
  auto& record = around_.record;
  std::erase_if(record.wishes, [&who](kept_wish& one) {
    forget(one, who);
    return one.waits.empty();
  });
  for (auto& one : record.announcements) {
    if (!one.wish)
      continue;
    const auto before = one.wish->waits.size();
    forget(*one.wish, who);
    if (before != 0 && one.wish->waits.empty())
      return around_.prompts.withdraw(kept_wish{*one.wish}, now);
  }
}

bool call_announcements::agree(instant now) {
  return play_next(now);
}

bool call_announcements::play_next(instant now) {
  auto& record = around_.record;
  if (record.wishes.empty() || record.story.over)
    return false;
  const auto next = record.wishes.front();
  const auto legs = legs_of(record, next.to);
  const auto late = now.steady > next.until;
  if (!late && around_.prompts.is_busy(legs))
    return false;
  const auto is_read = next.beeps || read_ == next.number;
  if (!late && !is_read && !legs.empty()) {
    ask_for(next);
    return false;
  }
  record.wishes.erase(record.wishes.begin());
  prompt_order order{told(next), {}, legs, {}, next};
  if (next.beeps)
    order.name = word_of(next.what) + "-beep";
  else if (is_read)
    order.name = answer_.file;
  const auto prompt = next.beeps ? beep() : answer_.prompt;
  if (next.beeps && next.what == announcement::resume)
    order.how.repeat_times = 2;
  if (late || legs.empty() || !prompt) {
    const auto why = late           ? std::string{"its turn did not come"}
                     : legs.empty() ? std::string{"nobody is there to hear it"}
                                    : answer_.fault;
    spdlog::warn("announcement not played call={} kind={} reason=\"{}\"",
                 record.call_id, to_string(order.kind), why);
    around_.prompts.refuse(order, why, now);
    return true;
  }
  static_cast<void>(
    around_.prompts.play(order, prompt, record.dialog->plan(), now));
  return true;
}

void call_announcements::ask_for(const kept_wish& what) {
  if (asked_ == what.number)
    return;
  asked_ = what.number;
  prompt_wish wish;
  for (const auto& language : what.languages)
    wish.any_of.push_back(language + "/" + word_of(what.what) + ".wav");
  around_.read(what.number, std::move(wish));
}

void call_announcements::on_read(std::uint32_t number, prompt_answer what) {
  read_ = number;
  answer_ = std::move(what);
}

std::vector<engine::leg_id> legs_of(const call_record& in,
                                    const std::array<bool, 2>& parties) {
  std::vector<engine::leg_id> made;
  if (!in.dialog)
    return made;
  const auto legs = in.dialog->recorded();
  if (parties[0] && legs.caller)
    made.push_back(*legs.caller);
  if (parties[1] && legs.callee)
    made.push_back(*legs.callee);
  return made;
}

} // namespace callfork::actors
