#include "control/catalogue/kept_state.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string_view>

namespace callfork::catalogue {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr const char* form = "vault.state.v1";
constexpr std::array<std::string_view, 3> words{"available", "deleted",
                                                "purged"};

void put(json& to, const char* name, const std::optional<wall_time>& when) {
  if (when)
    to[name]
      = std::chrono::floor<milliseconds>(when->time_since_epoch()).count();
}

std::optional<wall_time> time_in(const json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_number_integer())
    return std::nullopt;
  return wall_time{milliseconds{found->get<std::int64_t>()}};
}

std::optional<status> status_in(const json& from) {
  const auto found = from.find("status");
  for (std::size_t at = 0; at < words.size(); ++at)
    if (found != from.end() && *found == words[at])
      return static_cast<status>(at);
  return std::nullopt;
}

} // namespace

std::string to_text(const kept_state& what) {
  json made{{"schema", form},
            {"status", words[static_cast<std::size_t>(what.status)]},
            {"held", what.held}};
  if (what.owner)
    made["owner"] = *what.owner;
  put(made, "deletedAtMs", what.deleted_at);
  put(made, "purgedAtMs", what.purged_at);
  return made.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

std::optional<kept_state> read_state(const std::string& text) {
  const auto from = json::parse(text, nullptr, false);
  if (!from.is_object() || from.value("schema", json{}) != form)
    return std::nullopt;
  const auto where = status_in(from);
  const auto held = from.find("held");
  if (!where || held == from.end() || !held->is_boolean())
    return std::nullopt;
  kept_state made;
  made.status = *where;
  made.held = held->get<bool>();
  if (const auto owner = from.find("owner");
      owner != from.end() && owner->is_string())
    made.owner = owner->get<std::string>();
  made.deleted_at = time_in(from, "deletedAtMs");
  made.purged_at = time_in(from, "purgedAtMs");
  return made;
}

} // namespace callfork::catalogue
