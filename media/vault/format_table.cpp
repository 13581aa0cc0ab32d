#include "media/vault/format_table.hpp"

#include "media/audio/codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace callfork::vault {

namespace {

constexpr std::size_t types = 128;
constexpr std::size_t longest_encoding = 64;
constexpr std::uint32_t highest_clock = 192'000;

/// The next word of a line; advances behind it.
std::string_view word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto found = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return found;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

media_kind kind_of(const payload_format& format) noexcept {
  if (format.encoding.empty())
    return media_kind::unknown;
  if (audio::is_encoding(format, "telephone-event"))
    return media_kind::event;
  if (audio::is_encoding(format, "CN"))
    return media_kind::comfort;
  return media_kind::voice;
}

known_format known(payload_format format) {
  const auto kind = kind_of(format);
  const bool wide = audio::is_encoding(format, "G722")
                    || audio::is_encoding(format, "opus");
  return {std::move(format), kind, wide};
}

std::array<known_format, types> make_static_formats() {
  std::array<known_format, types> made;
  for (std::uint8_t type = 0; type < types; ++type)
    made[type] = known(audio::static_format(type));
  return made;
}

} // namespace

void format_table::set(std::string_view lines) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    set_line(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

void format_table::set_line(std::string_view line) {
  const auto type = number(word(line));
  const auto encoding = word(line);
  const auto clock = number(word(line));
  const auto channels = number(word(line));
  if (!type || *type >= types || encoding.empty()
      || encoding.size() > longest_encoding || !clock || *clock == 0
      || *clock > highest_clock)
    return;
  auto made = known({static_cast<std::uint8_t>(*type), std::string{encoding},
                     *clock, static_cast<std::uint8_t>(channels.value_or(1))});
  for (auto& one : stated_)
    if (one.format.type == made.format.type) {
      one = std::move(made);
      return;
    }
  stated_.push_back(std::move(made));
}

const known_format& format_table::of(std::uint8_t type) const noexcept {
  static const auto static_formats = make_static_formats();
  for (const auto& one : stated_)
    if (one.format.type == type)
      return one;
  return static_formats[type % types];
}

} // namespace callfork::vault
