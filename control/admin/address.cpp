#include "control/admin/address.hpp"

#include <algorithm>
#include <optional>

namespace callfork::admin {

namespace {

constexpr std::size_t longest_address = 512;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32)
                                        : letter;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_separator(char letter) {
  return letter == '-' || letter == '.' || letter == '(' || letter == ')'
         || letter == ' ';
}

bool is_number(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_digit)
         && std::all_of(text.begin(), text.end(), [](char letter) {
              return is_digit(letter) || is_separator(letter) || letter == '+';
            });
}

std::optional<unsigned> hex_value(char letter) {
  if (is_digit(letter))
    return static_cast<unsigned>(letter - '0');
  const auto small = lower(letter);
  if (small >= 'a' && small <= 'f')
    return static_cast<unsigned>(small - 'a') + 10U;
  return std::nullopt;
}

/// RFC 3261 19.1.2: what is escaped means the same as what is not.
std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      const auto high = hex_value(text[at + 1]);
      const auto low = hex_value(text[at + 2]);
      if (high && low) {
        result += static_cast<char>(*high * 16U + *low);
        at += 2;
        continue;
      }
    }
    result += text[at];
  }
  return result;
}

std::string_view without_scheme(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return text;
  const auto scheme = lower_case(text.substr(0, colon));
  if (scheme == "sip" || scheme == "sips" || scheme == "tel")
    return text.substr(colon + 1);
  return text;
}

/// A user part without password and parameters; a number without separators.
std::string user_of(std::string_view text) {
  auto user = lower_case(unescape(text.substr(0, text.find_first_of(";:?"))));
  if (is_number(user))
    user.erase(std::remove_if(user.begin(), user.end(), is_separator),
               user.end());
  return user;
}

std::string host_of(std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']')
                                             : std::string_view::npos;
  if (bracket != std::string_view::npos)
    return lower_case(text.substr(0, bracket + 1));
  return lower_case(text.substr(0, text.find_first_of(":;?>")));
}

} // namespace

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

address_key key_of_address(std::string_view text) {
  if (text.size() > longest_address)
    return {};
  const auto rest = without_scheme(text);
  const auto at = rest.find('@');
  if (at == std::string_view::npos)
    return {{}, user_of(rest)};
  auto user = user_of(rest.substr(0, at));
  const auto host = host_of(rest.substr(at + 1));
  if (user.empty() || host.empty())
    return {};
  return {user + '@' + host, std::move(user)};
}

} // namespace callfork::admin
