#include "control/api/fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace callfork::api {

namespace {

constexpr std::size_t most_faults = 20;
constexpr std::size_t deepest = 32;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Parses without exceptions; nothing for what is no JSON or nests too deeply.
nlohmann::json parse(std::string_view text) {
  bool deep = false;
  auto watch = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    deep |= static_cast<std::size_t>(depth) > deepest;
    return !deep;
  };
  auto found = nlohmann::json::parse(text.begin(), text.end(), watch, false);
  return deep ? nlohmann::json{nlohmann::json::value_t::discarded} : found;
}

} // namespace

fields::fields(std::shared_ptr<const nlohmann::json> document,
               const nlohmann::json* at, std::string prefix,
               std::shared_ptr<faults> found)
  : document_{std::move(document)},
    at_{at},
    prefix_{std::move(prefix)},
    faults_{std::move(found)} {
}

expected<fields, refusal> fields::read(std::string_view text) {
  const auto blank = text.find_first_not_of(" \t\r\n")
                     == std::string_view::npos;
  auto parsed = std::make_shared<const nlohmann::json>(
    blank ? nlohmann::json::object() : parse(text));
  if (!parsed->is_object())
    return refuse(400, "The body is not a JSON object.");
  const auto* at = parsed.get();
  return fields{std::move(parsed), at, {}, std::make_shared<faults>()};
}

const nlohmann::json* fields::find(std::string_view name) const {
  const auto found = at_->find(name);
  return found == at_->end() || found->is_null() ? nullptr : &*found;
}

bool fields::has(std::string_view name) const {
  return find(name) != nullptr;
}

bool fields::is_null(std::string_view name) const {
  if (!at_->is_object())
    return false;
  const auto found = at_->find(name);
  return found != at_->end() && found->is_null();
}

std::optional<bool> fields::flag(std::string_view name) {
  const auto* found = find(name);
  if (found == nullptr)
    return {};
  if (found->is_boolean())
    return found->get<bool>();
  wrong(name, "is not a boolean");
  return {};
}

std::optional<std::string> fields::text(std::string_view name,
                                        std::size_t most) {
  const auto* found = find(name);
  if (found == nullptr)
    return {};
  const auto* value = found->get_ptr<const std::string*>();
  if (value == nullptr)
    wrong(name, "is not a string");
  else if (value->size() > most)
    wrong(name, "is longer than " + std::to_string(most) + " bytes");
  else if (std::any_of(value->begin(), value->end(), is_control))
    wrong(name, "has control characters");
  else
    return *value;
  return {};
}

std::optional<std::int64_t> fields::number(std::string_view name,
                                           std::int64_t lowest,
                                           std::int64_t highest) {
  const auto* found = find(name);
  if (found == nullptr)
    return {};
  if (found->is_number_integer()) {
    // Beyond the signed range is beyond every range that is asked for.
    const auto big = found->is_number_unsigned()
                     && found->get<std::uint64_t>() > INT64_MAX;
    const auto value = big ? INT64_MAX : found->get<std::int64_t>();
    if (!big && value >= lowest && value <= highest)
      return value;
  }
  wrong(name, "is not a whole number from " + std::to_string(lowest) + " to "
                + std::to_string(highest));
  return {};
}

std::optional<std::vector<std::string>> fields::texts(std::string_view name,
                                                      std::size_t most) {
  const auto* found = find(name);
  if (found == nullptr)
    return {};
  const auto is_text = [](const nlohmann::json& one) {
    return one.is_string() && one.get_ref<const std::string&>().size() <= 256;
  };
  if (found->is_array() && found->size() <= most
      && std::all_of(found->begin(), found->end(), is_text))
    return found->get<std::vector<std::string>>();
  wrong(name, "is not a list of at most " + std::to_string(most)
                + " strings of at most 256 bytes");
  return {};
}

std::optional<fields> fields::object(std::string_view name) {
  const auto* found = find(name);
  if (found == nullptr)
    return {};
  if (found->is_object())
    return fields{document_, found, prefix_ + std::string{name} + ".", faults_};
  wrong(name, "is not an object");
  return {};
}

void fields::need(std::string_view name, bool there) {
  if (!there && !has(name))
    wrong(name, "is missing");
}

bool fields::required_flag(std::string_view name) {
  const auto value = flag(name);
  need(name, value.has_value());
  return value.value_or(false);
}

std::string fields::required_text(std::string_view name, std::size_t most) {
  auto value = text(name, most);
  need(name, value.has_value());
  if (value && value->empty())
    wrong(name, "is empty");
  return std::move(value).value_or(std::string{});
}

void fields::wrong(std::string_view name, const std::string& what) {
  if (faults_->size() < most_faults)
    faults_->push_back(prefix_ + std::string{name} + " " + what + ".");
}

expected<void, refusal> fields::verdict() const {
  if (faults_->empty())
    return {};
  return make_unexpected(
    refusal{400, "Invalid request: " + faults_->front(), *faults_});
}

} // namespace callfork::api
