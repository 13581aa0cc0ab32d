#include "control/siprec/session_sdp_text.hpp"

#include "media/audio/codec.hpp"

#include <algorithm>
#include <charconv>

namespace callfork::siprec {

namespace {

constexpr std::uint32_t highest_clock = 192'000;

void put(std::string& out, std::string_view text) {
  out += text;
  out += "\r\n";
}

void put_attribute(std::string& out, std::string_view name,
                   std::string_view value) {
  if (!value.empty())
    put(out, "a=" + std::string{name} + ":" + std::string{value});
}

std::string address_text(const endpoint& address) {
  return (address.family() == family::ipv6 ? "IN IP6 " : "IN IP4 ")
         + address.address();
}

endpoint address_of(const std::vector<written_section>& sections) {
  for (const auto& each : sections)
    if (each.local)
      return *each.local;
  return {};
}

void put_codec(std::string& out, const sdp::codec& codec) {
  if (!codec.encoding.empty())
    put(out, "a=rtpmap:" + codec.type + " " + codec.encoding);
  for (const auto& parameters : codec.fmtp)
    put(out, "a=fmtp:" + codec.type + " " + parameters);
}

void put_section(std::string& out, const written_section& section,
                 const endpoint& usual) {
  auto line = "m=" + section.media + " " + std::to_string(section.port) + " "
              + section.protocol;
  for (const auto& format : section.formats)
    line += " " + format;
  put(out, line);
  if (section.local && !section.local->same_address(usual))
    put(out, "c=" + address_text(*section.local));
  put_attribute(out, "label", section.label);
  put_attribute(out, "mid", section.mid);
  if (section.port != 0)
    for (const auto& codec : section.codecs)
      put_codec(out, codec);
  if (section.port != 0)
    put_attribute(out, "ptime", section.ptime);
  put(out, "a=" + std::string{sdp::to_string(section.direction)});
  if (section.port == 0)
    return;
  if (section.rtcp_mux)
    put(out, "a=rtcp-mux");
  for (const auto& crypto : section.crypto)
    put_attribute(out, "crypto", crypto);
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

std::string_view next_part(std::string_view& text) {
  const auto end = std::min(text.find('/'), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

} // namespace

std::string write_below_origin(const std::vector<written_section>& sections) {
  const auto usual = address_of(sections);
  std::string out;
  put(out, "s=callfork");
  put(out, "c=" + address_text(usual));
  put(out, "t=0 0");
  for (const auto& each : sections)
    put_section(out, each, usual);
  return out;
}

std::string write_session(std::uint64_t id, std::uint64_t version,
                          const endpoint& origin, std::string_view below) {
  std::string out;
  put(out, "v=0");
  put(out, "o=callfork " + std::to_string(id) + " " + std::to_string(version)
             + " " + address_text(origin));
  out += below;
  return out;
}

std::string_view attribute_of(const sdp::section& in, std::string_view name) {
  for (const auto& each : in.lines) {
    if (each.type != 'a' || each.name() != name)
      continue;
    auto value = each.value();
    while (value.starts_with(' '))
      value.remove_prefix(1);
    while (value.ends_with(' '))
      value.remove_suffix(1);
    return value;
  }
  return {};
}

sdp::direction direction_of(const sdp::description& from,
                            const sdp::section& of) noexcept {
  return of.direction.value_or(from.direction.value_or(sdp::direction{}));
}

std::optional<payload_format> read_format(const sdp::codec& from) {
  std::string_view text = from.encoding;
  const auto type = number(from.type);
  const auto name = next_part(text);
  const auto clock = number(next_part(text));
  const auto channels = text.empty() ? 1 : number(text).value_or(0);
  if (!type || *type > 127 || name.empty() || !clock || *clock == 0
      || *clock > highest_clock || channels == 0 || channels > 8)
    return std::nullopt;
  return payload_format{static_cast<std::uint8_t>(*type), std::string{name},
                        *clock, static_cast<std::uint8_t>(channels)};
}

std::string write_encoding(const payload_format& format) {
  auto text = format.encoding + "/" + std::to_string(format.clock);
  if (format.channels > 1)
    text += "/" + std::to_string(format.channels);
  return text;
}

bool is_same_format(const payload_format& one,
                    const payload_format& other) noexcept {
  return one.clock == other.clock && one.channels == other.channels
         && audio::is_encoding(one, other.encoding);
}

} // namespace callfork::siprec
