#include "control/api/paging.hpp"

#include <charconv>
#include <string_view>

namespace callfork::api {

namespace {

constexpr std::size_t most_per_page = 1000;
constexpr std::size_t furthest = 1'000'000'000;

expected<std::size_t, refusal>
read_count(const request& asked, const std::string& name, std::size_t lowest,
           std::size_t highest) {
  const auto& text = asked.query.at(name);
  std::size_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end
      || value < lowest || value > highest)
    return refuse(
      400, "Invalid request: " + name + " is not a whole number from "
             + std::to_string(lowest) + " to " + std::to_string(highest) + ".");
  return value;
}

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-_.~";
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9');
    if (letter || plain.find(c) != std::string_view::npos)
      made += c;
    else
      made.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return made;
}

} // namespace

expected<page, refusal> read_page(const request& asked, std::size_t usual) {
  page made{0, usual};
  if (asked.query.contains("max")) {
    const auto max = read_count(asked, "max", 1, most_per_page);
    if (!max)
      return make_unexpected(max.error());
    made.max = *max;
  }
  if (asked.query.contains("start")) {
    const auto start = read_count(asked, "start", 0, furthest);
    if (!start)
      return make_unexpected(start.error());
    made.start = *start;
  }
  return made;
}

expected<bool, refusal> read_flag(const request& asked,
                                  const std::string& name) {
  const auto found = asked.query.find(name);
  if (found == asked.query.end())
    return false;
  if (found->second != "true" && found->second != "false")
    return refuse(400, "Invalid request: " + name + " is not a boolean.");
  return found->second == "true";
}

std::optional<std::string> query_of(const request& asked,
                                    const std::string& name) {
  const auto found = asked.query.find(name);
  if (found == asked.query.end() || found->second.empty())
    return {};
  return found->second;
}

void add_next(reply& to, const request& asked, const page& shown,
              const std::string& base) {
  auto link = "<" + base + asked.path;
  char separator = '?';
  auto add = [&](const std::string& name, const std::string& value) {
    link += separator + encoded(name) + "=" + encoded(value);
    separator = '&';
  };
  for (const auto& [name, value] : asked.query)
    if (name != "max" && name != "start")
      add(name, value);
  add("max", std::to_string(shown.max));
  add("start", std::to_string(shown.start + shown.max));
  to.headers.emplace_back("Link", link + ">; rel=\"next\"");
}

} // namespace callfork::api
