#include "control/siprec/client_picture.hpp"

#include <algorithm>
#include <utility>

namespace callfork::siprec {

namespace {

namespace md = bus::metadata;

constexpr std::size_t most_of_a_kind = 64;

template <class T>
T* find_id(std::vector<T>& in, const uuid& id) {
  const auto at = std::ranges::find(in, id, &T::id);
  return at == in.end() ? nullptr : &*at;
}

template <class T>
bool knows(const std::vector<T>& all, const uuid& id) {
  return std::ranges::find(all, id, &T::id) != all.end();
}

template <class T>
void keep(std::vector<T>& to, T what) {
  if (to.size() < most_of_a_kind)
    to.push_back(std::move(what));
}

/// A later word of coming takes back an earlier one of going, and the other way
/// round.
void merge(md::span_of_time& into, const md::span_of_time& next) {
  if (next.associated) {
    into.associated = next.associated;
    into.disassociated.reset();
  }
  if (next.disassociated)
    into.disassociated = next.disassociated;
}

void merge(std::vector<md::group>& into, const std::vector<md::group>& next) {
  for (const auto& each : next) {
    if (auto* known = find_id(into, each.id))
      merge(known->time, each.time);
    else
      keep(into, each);
  }
}

void merge(md::session& into, md::session next) {
  if (next.group)
    into.group = next.group;
  if (!next.sip_session_ids.empty())
    into.sip_session_ids = std::move(next.sip_session_ids);
  if (!next.reasons.empty())
    into.reasons = std::move(next.reasons);
  if (next.start)
    into.start = next.start;
  if (next.stop)
    into.stop = next.stop;
}

void merge(std::vector<md::session>& into, std::vector<md::session> next) {
  for (auto& each : next) {
    if (auto* known = find_id(into, each.id))
      merge(*known, std::move(each));
    else
      keep(into, std::move(each));
  }
}

void merge(std::vector<md::participant>& into,
           std::vector<md::participant> next) {
  for (auto& each : next) {
    auto* known = find_id(into, each.id);
    if (known == nullptr)
      keep(into, std::move(each));
    else if (!each.names.empty())
      known->names = std::move(each.names);
  }
}

void merge(std::vector<md::stream>& into, std::vector<md::stream> next) {
  for (auto& each : next) {
    auto* known = find_id(into, each.id);
    if (known == nullptr) {
      keep(into, std::move(each));
      continue;
    }
    if (each.session)
      known->session = each.session;
    if (!each.label.empty())
      known->label = std::move(each.label);
  }
}

void merge(std::vector<md::participant_session>& into,
           const std::vector<md::participant_session>& next) {
  for (const auto& each : next) {
    const auto known = std::ranges::find_if(into, [&each](const auto& one) {
      return one.participant == each.participant && one.session == each.session;
    });
    if (known != into.end())
      merge(known->time, each.time);
    else
      keep(into, each);
  }
}

/// What a party sends and hears is told anew each time, not added to.
void merge(std::vector<md::participant_stream>& into,
           std::vector<md::participant_stream> next) {
  for (auto& each : next) {
    const auto known = std::ranges::find(into, each.participant,
                                         &md::participant_stream::participant);
    if (known != into.end())
      *known = std::move(each);
    else
      keep(into, std::move(each));
  }
}

void merge(std::vector<md::session_recording>& into,
           const std::vector<md::session_recording>& next) {
  for (const auto& each : next) {
    const auto known = std::ranges::find(into, each.session,
                                         &md::session_recording::session);
    if (known != into.end())
      merge(known->time, each.time);
    else
      keep(into, each);
  }
}

/// True when all that is referred to is known.
bool is_closed(const md::document& all) {
  const auto sends_known = [&all](const md::participant_stream& each) {
    const auto is_known = [&all](const uuid& stream) {
      return knows(all.streams, stream);
    };
    return knows(all.participants, each.participant)
           && std::ranges::all_of(each.sends, is_known);
  };
  const auto both_known = [&all](const md::participant_session& each) {
    return knows(all.participants, each.participant)
           && knows(all.sessions, each.session);
  };
  return std::ranges::all_of(all.participant_streams, sends_known)
         && std::ranges::all_of(all.participant_sessions, both_known);
}

void merge(std::string& into, std::string next) {
  if (!next.empty())
    into = std::move(next);
}

void merge(platform_facts& into, platform_facts next) {
  merge(into.tracking_id, std::move(next.tracking_id));
  merge(into.service_provider, std::move(next.service_provider));
  merge(into.group, std::move(next.group));
  merge(into.user, std::move(next.user));
  merge(into.call_id, std::move(next.call_id));
  merge(into.calling, std::move(next.calling));
  merge(into.called, std::move(next.called));
  merge(into.dialled, std::move(next.dialled));
  into.terminates = into.terminates || next.terminates;
}

/// Departed parties make room for those who come.
void forget_departed(md::document& in) {
  if (in.participants.size() < most_of_a_kind)
    return;
  std::erase_if(in.participant_sessions, [&in](const auto& each) {
    if (!each.time.disassociated)
      return false;
    std::erase_if(in.participants, [&each](const auto& one) {
      return one.id == each.participant;
    });
    std::erase_if(in.participant_streams, [&each](const auto& one) {
      return one.participant == each.participant;
    });
    return true;
  });
}

} // namespace

bool client_picture::take(peer_metadata next) {
  siprec::merge(platform_, std::move(next.platform));
  auto& said = next.document;
  told_last_.clear();
  for (const auto& each : said.streams)
    told_last_.push_back(each.id);
  const auto partial = said.mode == md::completeness::partial;
  const auto builds_on_nothing = partial && !known_;
  known_ = true;
  auto closed = true;
  if (partial)
    closed = merge(std::move(said));
  else
    document_ = std::move(said);
  ever_sent_ = ever_sent_
               || std::ranges::any_of(document_.participant_streams,
                                      [](const auto& each) {
                                        return !each.sends.empty();
                                      });
  std::erase_if(lines_, [this](const auto& each) {
    return !knows(document_.streams, each.first);
  });
  return closed && !builds_on_nothing;
}

bool client_picture::merge(md::document next) {
  forget_departed(document_);
  siprec::merge(document_.groups, next.groups);
  siprec::merge(document_.sessions, std::move(next.sessions));
  siprec::merge(document_.participants, std::move(next.participants));
  siprec::merge(document_.streams, std::move(next.streams));
  siprec::merge(document_.session_recordings, next.session_recordings);
  siprec::merge(document_.participant_sessions, next.participant_sessions);
  siprec::merge(document_.participant_streams,
                std::move(next.participant_streams));
  return is_closed(document_);
}

void client_picture::place(const client_offer& offer) {
  std::vector<std::string> labels;
  for (const auto& id : told_last_)
    labels.push_back(find_id(document_.streams, id)
                       ? find_id(document_.streams, id)->label
                       : std::string{});
  const auto found = match_labels(labels, offer);
  for (std::size_t at = 0; at < told_last_.size(); ++at) {
    if (!found[at])
      continue;
    const auto exact = offer.streams[*found[at]].label == labels[at];
    if (exact || !lines_.contains(told_last_[at]))
      lines_[told_last_[at]] = *found[at];
  }
}

bool client_picture::is_here(const uuid& participant) const {
  auto told = false;
  for (const auto& each : document_.participant_sessions) {
    if (each.participant != participant)
      continue;
    told = true;
    const auto session = std::ranges::find(document_.sessions, each.session,
                                           &md::session::id);
    const auto over = session != document_.sessions.end()
                      && session->stop.has_value();
    if (!each.time.disassociated && !over)
      return true;
  }
  if (told)
    return false;
  const auto streams = std::ranges::find(document_.participant_streams,
                                         participant,
                                         &md::participant_stream::participant);
  return streams == document_.participant_streams.end()
         || !streams->time.disassociated;
}

std::optional<std::size_t>
client_picture::line_of(const uuid& participant) const {
  for (const auto& each : document_.participant_streams) {
    if (each.participant != participant)
      continue;
    for (const auto& stream : each.sends)
      if (const auto at = lines_.find(stream); at != lines_.end())
        return at->second;
  }
  return std::nullopt;
}

std::vector<speaker> client_picture::speakers() const {
  std::vector<speaker> made;
  for (const auto& each : document_.participants) {
    if (!is_here(each.id))
      continue;
    speaker next;
    next.id = each.id;
    if (!each.names.empty()) {
      next.aor = each.names.front().aor;
      next.name = each.names.front().name;
    }
    next.line = line_of(each.id);
    made.push_back(std::move(next));
  }
  return made;
}

bool client_picture::is_silenced() const {
  if (!ever_sent_)
    return false;
  auto any = false;
  for (const auto& each : document_.participants) {
    if (!is_here(each.id))
      continue;
    const auto streams
      = std::ranges::find(document_.participant_streams, each.id,
                          &md::participant_stream::participant);
    if (streams == document_.participant_streams.end()
        || !streams->sends.empty())
      return false;
    any = true;
  }
  return any;
}

std::optional<uuid> client_picture::group() const {
  for (const auto& each : document_.sessions)
    if (each.group)
      return each.group;
  if (document_.groups.empty())
    return std::nullopt;
  return document_.groups.front().id;
}

} // namespace callfork::siprec
