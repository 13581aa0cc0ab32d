#include "media/provider/format_map.hpp"

#include "media/audio/codec.hpp"
#include "media/provider/frame_converter.hpp"

namespace callfork::provider {

namespace {

constexpr std::uint8_t types = 128;

bool is_same(const payload_format& one, const payload_format& other) noexcept {
  return one.clock == other.clock && one.channels == other.channels
         && audio::is_encoding(one, other.encoding);
}

} // namespace

format_map::format_map() {
  renew();
}

void format_map::set_formats(std::string_view lines) {
  table_.set(lines);
  renew();
}

void format_map::set_accepted(const std::vector<payload_format>& formats) {
  if (formats == accepted_)
    return;
  accepted_ = formats;
  renew();
}

const voice_route* format_map::voice(std::uint8_t type) const noexcept {
  for (const auto& each : routes_)
    if (each.from.type == type)
      return &each;
  return nullptr;
}

std::optional<std::uint8_t>
format_map::supplement(std::uint8_t type, std::uint32_t from,
                       std::uint32_t to) const noexcept {
  const auto& came = table_.of(type).format;
  if (came.clock != from)
    return std::nullopt;
  for (const auto& each : accepted_)
    if (each.clock == to && audio::is_encoding(each, came.encoding))
      return each.type;
  return std::nullopt;
}

std::optional<voice_route> format_map::find(const payload_format& from) const {
  for (const auto& each : accepted_)
    if (is_same(from, each))
      return voice_route{from, each, false};
  for (const auto& each : accepted_)
    if (can_convert(from, each))
      return voice_route{from, each, true};
  return std::nullopt;
}

void format_map::renew() {
  routes_.clear();
  for (std::uint8_t type = 0; type < types; ++type) {
    const auto& known = table_.of(type);
    if (known.kind != vault::media_kind::voice)
      continue;
    if (auto found = find(known.format))
      routes_.push_back(std::move(*found));
  }
}

} // namespace callfork::provider
