#include "media/base/time_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace callfork {

namespace {

/// Years of which a clock of nanoseconds in 64 bit can tell.
constexpr std::chrono::year oldest{1700};
constexpr std::chrono::year latest{2200};

/// Takes a number of exactly `digits` digits off the text.
std::optional<int> take_number(std::string_view& text,
                               std::size_t digits) noexcept {
  if (text.size() < digits)
    return std::nullopt;
  int made = 0;
  const auto* const end = text.data() + digits;
  const auto read = std::from_chars(text.data(), end, made);
  if (read.ec != std::errc{} || read.ptr != end || made < 0)
    return std::nullopt;
  text.remove_prefix(digits);
  return made;
}

bool take(std::string_view& text, std::string_view any) noexcept {
  if (text.empty() || any.find(text.front()) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

/// Year, month and day, or hour, minute and second.
std::optional<std::array<int, 3>>
take_three(std::string_view& text, std::size_t first,
           std::string_view between) noexcept {
  std::array<int, 3> made{};
  for (std::size_t at = 0; at < made.size(); ++at) {
    if (at > 0 && !take(text, between))
      return std::nullopt;
    const auto number = take_number(text, at == 0 ? first : 2);
    if (!number)
      return std::nullopt;
    made[at] = *number;
  }
  return made;
}

std::chrono::microseconds take_fraction(std::string_view& text) noexcept {
  std::chrono::microseconds made{0};
  if (!take(text, "."))
    return made;
  auto scale = std::chrono::microseconds{100'000};
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    made += scale * (text.front() - '0');
    scale /= 10;
    text.remove_prefix(1);
  }
  return made;
}

struct zone {
  std::chrono::minutes ahead{0};
  bool is_standard = true;
};

std::optional<zone> read_zone(std::string_view text) noexcept {
  if (text == "Z")
    return zone{};
  if (text.empty() || text == "z")
    return zone{std::chrono::minutes{0}, text == "z"};
  const auto behind = text.front() == '-';
  if (!take(text, "+-"))
    return std::nullopt;
  const auto hours = take_number(text, 2);
  const auto has_colon = take(text, ":");
  const auto minutes = take_number(text, 2);
  if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59)
    return std::nullopt;
  const auto all = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
  return zone{behind ? -all : all, has_colon};
}

} // namespace

// A clock of nanoseconds in 64 bit tells of years of four digits only.
std::string date_text(wall_time when) {
  using namespace std::chrono;
  const year_month_day date{floor<days>(when)};
  std::array<char, 32> text{};
  const auto size = std::snprintf(
    text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string time_text(wall_time when, time_detail detail) {
  using namespace std::chrono;
  const auto whole = floor<microseconds>(when);
  const hh_mm_ss time{whole - floor<days>(whole)};
  std::array<char, 32> text{};
  auto size = std::snprintf(text.data(), text.size(), "T%02d:%02d:%02d.%06d",
                            static_cast<int>(time.hours().count()),
                            static_cast<int>(time.minutes().count()),
                            static_cast<int>(time.seconds().count()),
                            static_cast<int>(time.subseconds().count()));
  if (detail == time_detail::milliseconds)
    size -= 3;
  if (detail == time_detail::seconds)
    size -= 7;
  return date_text(when).append(text.data(), static_cast<std::size_t>(size))
         + 'Z';
}

std::optional<read_wall_time> read_time(std::string_view text) noexcept {
  using namespace std::chrono;
  const auto date = take_three(text, 4, "-");
  if (!date || !take(text, "Tt "))
    return std::nullopt;
  const auto time = take_three(text, 2, ":");
  if (!time || (*time)[0] > 23 || (*time)[1] > 59 || (*time)[2] > 60)
    return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto in = read_zone(text);
  const year_month_day day{year{(*date)[0]},
                           month{static_cast<unsigned>((*date)[1])},
                           std::chrono::day{static_cast<unsigned>((*date)[2])}};
  if (!in || !day.ok() || day.year() < oldest || day.year() > latest)
    return std::nullopt;
  const auto when = sys_days{day} + hours{(*time)[0]} + minutes{(*time)[1]}
                    + seconds{(*time)[2]} + fraction - in->ahead;
  return read_wall_time{
    wall_time{duration_cast<wall_time::duration>(when.time_since_epoch())},
    in->is_standard};
}

} // namespace callfork
