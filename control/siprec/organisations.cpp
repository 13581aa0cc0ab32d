#include "control/siprec/organisations.hpp"

#include <algorithm>
#include <cctype>

namespace callfork::siprec {

namespace {

std::string lower(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(), [](unsigned char one) {
    return static_cast<char>(std::tolower(one));
  });
  return made;
}

/// The name without its first label, with the dot: ".example.com".
std::string_view parent_of(std::string_view name) {
  const auto dot = name.find('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view{}
                                                   : name.substr(dot);
}

} // namespace

expected<organisations, std::string>
organisations::read(const std::vector<std::string>& lines) {
  organisations made;
  for (const auto& line : lines) {
    const auto equals = line.find('=');
    auto name = lower(std::string_view{line}.substr(0, equals));
    if (name.starts_with("*."))
      name.erase(0, 1);
    else if (name.starts_with('.'))
      name.clear();
    const auto odd = name.empty() || name == "." || equals == std::string::npos
                     || equals + 1 == line.size()
                     || name.find('*') != std::string::npos;
    if (odd)
      return make_unexpected("'" + line
                             + "' is not a name or *.domain, '=' and an "
                               "organisation");
    made.known_.push_back({std::move(name), line.substr(equals + 1)});
  }
  return made;
}

std::string
organisations::of(const std::vector<std::string>& certificate_names) const {
  for (const auto& name : certificate_names) {
    const auto exact = std::ranges::find(known_, lower(name), &entry::name);
    if (exact != known_.end() && !name.starts_with('.'))
      return exact->organisation;
  }
  for (const auto& name : certificate_names) {
    const auto whole = lower(name);
    const auto parent = parent_of(whole);
    const auto known = std::ranges::find(known_, parent, &entry::name);
    if (!parent.empty() && known != known_.end())
      return known->organisation;
  }
  return {};
}

} // namespace callfork::siprec
