#include "control/api/vendor_export.hpp"

#include "control/admin/decision.hpp"
#include "control/api/words.hpp"

#include <initializer_list>

namespace callfork::api {

namespace {

/// Whether a spreadsheet would work it out. A phone number is none.
bool is_formula(std::string_view text) {
  constexpr std::string_view begins = "=+-@\t\r";
  constexpr std::string_view digits = "0123456789";
  if (text.empty() || begins.find(text.front()) == std::string_view::npos)
    return false;
  return text.front() != '+' || text.size() == 1
         || text.find_first_not_of(digits, 1) != std::string_view::npos;
}

/// A cell of a table. What a spreadsheet would take for a formula is text.
std::string cell(std::string_view what) {
  constexpr std::string_view quoted = ",\"\r\n";
  std::string text{what};
  if (is_formula(text))
    text.insert(0, 1, '\'');
  if (text.find_first_of(quoted) == std::string::npos)
    return text;
  std::string made = "\"";
  for (const char c : text)
    made.append(c == '"' ? 2 : 1, c);
  return made + '"';
}

void add_row(std::string& to, std::initializer_list<std::string_view> cells) {
  const char* separator = "";
  for (const auto& one : cells) {
    to.append(separator).append(cell(one));
    separator = ",";
  }
  to += "\r\n";
}

} // namespace

std::string vendor_users_csv(const admin::book& book,
                             const admin::organisation& of,
                             const admin::identifier& provider) {
  std::string made;
  add_row(made, {"id", "firstName", "lastName", "email", "type", "licenseType",
                 "location", "plan", "serviceProvider", "externalGroup",
                 "externalIdentifier"});
  for (const auto* one : book.people_of(of.id)) {
    const auto* at = book.find_location(one->location);
    if (!one->settings.enabled || admin::provider_of(of, at) != provider)
      continue;
    add_row(made, {one->id, one->first_name, one->last_name, one->email,
                   word_for(words::kind, one->kind),
                   word_for(words::licence, one->licence),
                   at ? std::string_view{at->name} : std::string_view{},
                   word_for(words::plan, one->plan), one->service_provider,
                   one->external_group, one->external_identifier});
  }
  return made;
}

} // namespace callfork::api
