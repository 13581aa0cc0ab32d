#include "bus/recording_about.hpp"

#include "bus/event_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace callfork::bus {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_entries = 64;
/// Signalling's texts are bounded, and so is what is kept of each.
constexpr std::size_t longest_text = 256;

std::string clipped(const std::string& text) {
  return text.substr(0, longest_text);
}

std::string_view role_at(std::size_t place) {
  constexpr std::array<std::string_view, 2> roles{"caller", "callee"};
  return place < roles.size() ? roles[place] : "other";
}

void put_time(json& to, const char* name,
              const std::optional<wall_time>& when) {
  if (when)
    to[name] = to_rfc3339(*when);
}

/// The documents of a recording name the caller and the callee first.
json parties_of(const metadata::document& from) {
  auto list = json::array();
  for (const auto& who : from.participants) {
    if (list.size() == most_entries)
      break;
    json one{{"role", role_at(list.size())}};
    if (!who.names.empty()) {
      one["address"] = clipped(who.names.front().aor);
      one["name"] = clipped(who.names.front().name);
    }
    const auto time
      = std::ranges::find(from.participant_sessions, who.id,
                          &metadata::participant_session::participant);
    if (time != from.participant_sessions.end()) {
      put_time(one, "joined", time->time.associated);
      put_time(one, "left", time->time.disassociated);
    }
    list.push_back(std::move(one));
  }
  return list;
}

json announcements_of(const std::vector<played_announcement>& from) {
  auto list = json::array();
  for (const auto& one : from) {
    auto heard = json::array();
    for (std::size_t party = 0; party < one.heard_by.size(); ++party)
      if (one.heard_by[party])
        heard.push_back(role_at(party));
    list.push_back({{"kind", to_string(one.kind)},
                    {"file", clipped(one.prompt)},
                    {"time", to_rfc3339(one.began)},
                    {"offsetMs", one.offset.count()},
                    {"durationMs", one.lasted.count()},
                    {"heardBy", std::move(heard)}});
  }
  return list;
}

void put_context(json& to, const event_context& from) {
  to["organisation"] = clipped(from.organisation);
  to["location"] = clipped(from.location);
  to["owner"] = clipped(from.user);
  auto labels = json::object();
  for (const auto& [name, value] : from.labels)
    if (labels.size() < most_entries)
      labels[clipped(name)] = clipped(value);
  to["labels"] = std::move(labels);
}

} // namespace

std::string about_json(const recording_about& what) {
  json made{{"mode", to_string(what.mode)}, {"region", what.region}};
  if (what.party)
    made["party"] = role_at(*what.party);
  if (what.context)
    put_context(made, *what.context);
  if (what.document) {
    if (!what.document->sessions.empty()) {
      const auto& session = what.document->sessions.front();
      made["session"] = to_string(session.id);
      if (session.group)
        made["group"] = to_string(*session.group);
    }
    made["parties"] = parties_of(*what.document);
  }
  made["announcements"] = announcements_of(what.announcements);
  return made.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace callfork::bus
