#include "app/config/option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace callfork::config {

namespace {

using done = expected<void, std::string>;

template <class... Kinds>
struct overload : Kinds... {
  using Kinds::operator()...;
};

struct unit_of_time {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first: printing takes the first that divides.
constexpr unit_of_time units_of_time[]
  = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};

std::int64_t milliseconds(duration value) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(value).count();
}

std::string to_text(std::int64_t milliseconds_) {
  for (const auto& unit : units_of_time)
    if (milliseconds_ >= unit.milliseconds
        && milliseconds_ % unit.milliseconds == 0)
      return fmt::format("{}{}", milliseconds_ / unit.milliseconds, unit.name);
  return "0s";
}

/// The whole of `text` as a number; nothing otherwise.
std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end)
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> read_milliseconds(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"),
                               text.size());
  const auto count = number(text.substr(0, digits));
  for (const auto& unit : units_of_time)
    if (count && unit.name == text.substr(digits) && *count <= 1'000'000'000)
      return *count * unit.milliseconds;
  return std::nullopt;
}

bool is_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = endpoint::parse(text.substr(0, slash), 0);
  if (!address || slash == std::string_view::npos)
    return address.has_value();
  const auto bits = number(text.substr(slash + 1));
  return bits && *bits >= 0
         && *bits <= (address->family() == family::ipv4 ? 32 : 128);
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 128
         && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
              == std::string_view::npos;
}

bool fits(shape looks, std::string_view text) {
  switch (looks) {
  case shape::any:
    return text.find('\0') == std::string_view::npos;
  case shape::label:
    return is_label(text);
  case shape::network:
    return is_network(text);
  }
  return false;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto part = text.substr(0, comma);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    part = part.substr(0, part.find_last_not_of(' ') + 1);
    parts.push_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

/// Reads "name=address" and "name=address/advertised".
std::optional<media_interface> read_interface(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return std::nullopt;
  const auto addresses = text.substr(equals + 1);
  const auto slash = std::min(addresses.find('/'), addresses.size());
  media_interface found{std::string{text.substr(0, equals)},
                        std::string{addresses.substr(0, slash)}, ""};
  if (slash < addresses.size())
    found.advertised = addresses.substr(slash + 1);
  return found;
}

template <class T, class Read>
bool read_list(std::string_view text, std::vector<T>& to, Read read) {
  std::vector<T> found;
  for (const auto part : split(text)) {
    auto value = read(part);
    if (!value)
      return false;
    found.push_back(std::move(*value));
  }
  to = std::move(found);
  return true;
}

bool read_settings(std::string_view text,
                   std::map<std::string, std::string>& to) {
  std::map<std::string, std::string> found;
  for (const auto part : split(text)) {
    const auto equals = part.find('=');
    if (equals == 0 || equals == std::string_view::npos)
      return false;
    found.emplace(part.substr(0, equals), part.substr(equals + 1));
  }
  to = std::move(found);
  return true;
}

bool read_bool(std::string_view text, bool& to) {
  to = text == "true";
  return to || text == "false";
}

bool read_choice(const option& what, std::string_view text, choice to) {
  const auto found = std::find(what.words.begin(), what.words.end(), text);
  if (found == what.words.end())
    return false;
  *to.index = static_cast<unsigned char>(found - what.words.begin());
  return true;
}

bool read_number(const option& what, std::optional<std::int64_t> value,
                 std::int64_t& to) {
  if (!value || *value < what.lowest || *value > what.highest)
    return false;
  to = *value;
  return true;
}

bool read_string(const option& what, std::string_view text, std::string& to) {
  to = text;
  return fits(what.looks, text);
}

bool read(const option& what, configuration& into, std::string_view text) {
  return std::visit(overload{
                      [&](std::string* to) {
                        return read_string(what, text, *to);
                      },
                      [&](std::int64_t* to) {
                        return read_number(what, number(text), *to);
                      },
                      [&](bool* to) {
                        return read_bool(text, *to);
                      },
                      [&](duration* to) {
                        std::int64_t count = 0;
                        const bool good
                          = read_number(what, read_milliseconds(text), count);
                        *to = std::chrono::milliseconds{count};
                        return good;
                      },
                      [&](choice to) {
                        return read_choice(what, text, to);
                      },
                      [&](endpoint* to) {
                        const auto value = parse_endpoint(text);
                        *to = value.value_or(endpoint{});
                        return value.has_value();
                      },
                      [&](std::vector<endpoint>* to) {
                        return read_list(text, *to, parse_endpoint);
                      },
                      [&](std::vector<std::string>* to) {
                        return read_list(text, *to, [&](std::string_view part) {
                          return fits(what.looks, part) && !part.empty()
                                   ? std::optional{std::string{part}}
                                   : std::nullopt;
                        });
                      },
                      [&](std::vector<media_interface>* to) {
                        return read_list(text, *to, read_interface);
                      },
                      [&](std::map<std::string, std::string>* to) {
                        return read_settings(text, *to);
                      },
                    },
                    what.where(into));
}

std::string joined(std::string prefix, const option& what, char between) {
  prefix += fmt::format("{}{}{}", what.section, between, what.name);
  return prefix;
}

std::string interface_text(const media_interface& value) {
  return fmt::format("{}={}{}{}", value.name, value.address,
                     value.advertised.empty() ? "" : "/", value.advertised);
}

} // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto port = number(text.substr(colon + 1));
  auto address = text.substr(0, colon);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed)
    address = address.substr(1, address.size() - 2);
  if (!port || *port < 0 || *port > 65'535
      || bracketed != (address.find(':') != std::string_view::npos))
    return std::nullopt;
  return endpoint::parse(address, static_cast<std::uint16_t>(*port));
}

std::string key(const option& what) {
  return joined("", what, '.');
}

std::string flag(const option& what) {
  auto text = joined("--", what, '-');
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string variable(const option& what) {
  auto text = joined("callfork_", what, '_');
  std::transform(text.begin(), text.end(), text.begin(), [](char each) {
    return each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A')
                                      : each;
  });
  return text;
}

std::string to_text(duration value) {
  return to_text(milliseconds(value));
}

std::string expectation(const option& what) {
  configuration defaults;
  return std::visit(
    overload{
      [&](std::string*) -> std::string {
        return what.looks == shape::label
                 ? "a word of letters, digits, '.', '_' and '-'"
                 : "text";
      },
      [&](std::int64_t*) {
        return fmt::format("a whole number from {} to {} ({})", what.lowest,
                           what.highest, what.unit);
      },
      [](bool*) -> std::string {
        return "true or false";
      },
      [&](duration*) {
        return fmt::format("a duration from {} to {}", to_text(what.lowest),
                           to_text(what.highest));
      },
      [&](choice) {
        return fmt::format("one of {}", fmt::join(what.words, ", "));
      },
      [](endpoint*) -> std::string {
        return "an address with a port";
      },
      [](std::vector<endpoint>*) -> std::string {
        return "a list of addresses with ports";
      },
      [&](std::vector<std::string>*) -> std::string {
        return what.looks == shape::network
                 ? "a list of addresses or networks, as in 192.0.2.0/24"
                 : "a list of words";
      },
      [](std::vector<media_interface>*) -> std::string {
        return "a list of interfaces, as in name=address/advertised";
      },
      [](std::map<std::string, std::string>*) -> std::string {
        return "settings, as in name=value";
      },
    },
    what.where(defaults));
}

done assign(const option& what, configuration& to, std::string_view text) {
  auto trial = to;
  if (!read(what, trial, text)) {
    // Settings may hold a password: they are never repeated.
    const bool secret
      = std::holds_alternative<std::map<std::string, std::string>*>(
        what.where(trial));
    return make_unexpected(
      fmt::format("expected {}{}", expectation(what),
                  secret ? "" : fmt::format(", not '{}'", text)));
  }
  to = std::move(trial);
  return {};
}

std::string text_of(const option& what, configuration& from) {
  const auto list = [](const auto& values, auto print) {
    std::vector<std::string> texts;
    for (const auto& value : values)
      texts.push_back(print(value));
    return fmt::format("{}", fmt::join(texts, ","));
  };
  const auto same = [](const auto& value) {
    return value;
  };
  return std::visit(overload{
                      [](const std::string* value) {
                        return *value;
                      },
                      [](const std::int64_t* value) {
                        return std::to_string(*value);
                      },
                      [](const bool* value) -> std::string {
                        return *value ? "true" : "false";
                      },
                      [](const duration* value) {
                        return to_text(*value);
                      },
                      [&](choice value) {
                        return std::string{what.words[*value.index]};
                      },
                      [](const endpoint* value) {
                        return to_string(*value);
                      },
                      [&](const std::vector<endpoint>* value) {
                        return list(*value, [](const endpoint& each) {
                          return to_string(each);
                        });
                      },
                      [&](const std::vector<std::string>* value) {
                        return list(*value, same);
                      },
                      [&](const std::vector<media_interface>* value) {
                        return list(*value, interface_text);
                      },
                      [&](const std::map<std::string, std::string>* value) {
                        return list(*value, [](const auto& each) {
                          return each.first + "=" + each.second;
                        });
                      },
                    },
                    what.where(from));
}

} // namespace callfork::config
