#include "control/sdp/description.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace callfork::sdp {

namespace {

constexpr std::array<std::string_view, 7> rtp_profiles{
  "RTP/AVP",          "RTP/SAVP",          "RTP/AVPF",          "RTP/SAVPF",
  "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "RTP/AVP/RTCP-never"};

struct static_type {
  std::string_view type;
  std::string_view encoding;
};

constexpr std::array<static_type, 24> static_types{{
  {"0", "PCMU/8000"},   {"3", "GSM/8000"},    {"4", "G723/8000"},
  {"5", "DVI4/8000"},   {"6", "DVI4/16000"},  {"7", "LPC/8000"},
  {"8", "PCMA/8000"},   {"9", "G722/8000"},   {"10", "L16/44100/2"},
  {"11", "L16/44100"},  {"12", "QCELP/8000"}, {"13", "CN/8000"},
  {"14", "MPA/90000"},  {"15", "G728/8000"},  {"16", "DVI4/11025"},
  {"17", "DVI4/22050"}, {"18", "G729/8000"},  {"25", "CelB/90000"},
  {"26", "JPEG/90000"}, {"28", "nv/90000"},   {"31", "H261/90000"},
  {"32", "MPV/90000"},  {"33", "MP2T/90000"}, {"34", "H263/90000"},
}};

/// Takes the text up to the next space off the front.
std::string_view next_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* last = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), last, port);
  if (fault != std::errc{} || (stop != last && *stop != '/'))
    return std::nullopt;
  return port;
}

/// Reads "IN IP4 192.0.2.1", a multicast suffix after `/` left out.
std::optional<endpoint> read_address(std::string_view text) {
  const auto net = next_word(text);
  const auto kind = next_word(text);
  if (net != "IN" || (kind != "IP4" && kind != "IP6"))
    return std::nullopt;
  auto address = next_word(text);
  address = address.substr(0, address.find('/'));
  const auto found = endpoint::parse(address, 0);
  if (!found || (found->family() == family::ipv6) != (kind == "IP6"))
    return std::nullopt;
  return found;
}

std::optional<direction> read_direction(std::string_view name) {
  if (name == "sendrecv")
    return direction{true, true};
  if (name == "sendonly")
    return direction{true, false};
  if (name == "recvonly")
    return direction{false, true};
  if (name == "inactive")
    return direction{false, false};
  return std::nullopt;
}

using fault = tl::unexpected<std::string>;

fault unparsable() {
  return fault{"Failed to parse SDP"};
}

expected<section, std::string> read_section(std::string_view text,
                                            const description_limits& most) {
  section out;
  out.media = next_word(text);
  const auto port = read_port(next_word(text));
  out.protocol = next_word(text);
  if (!port || out.protocol.empty())
    return unparsable();
  out.port = *port;
  while (!text.empty() && out.formats.size() <= most.formats)
    if (const auto word = next_word(text); !word.empty())
      out.formats.emplace_back(word);
  if (out.formats.size() > most.formats)
    return unparsable();
  if (transport_of(out.protocol) != transport::rtp)
    return out;
  for (const auto& type : out.formats) {
    if (const auto number = read_port(type); !number || *number > 127)
      return fault{"Incomplete SDP specification"};
    out.codecs.push_back({type, std::string{static_encoding(type)}, {}, {}});
  }
  return out;
}

codec* codec_of(section& in, std::string_view type) {
  const auto at = std::find_if(in.codecs.begin(), in.codecs.end(),
                               [type](const codec& c) {
                                 return c.type == type;
                               });
  return at == in.codecs.end() ? nullptr : &*at;
}

void describe_codec(section& in, const line& attribute) {
  auto text = attribute.value();
  const auto type = next_word(text);
  auto* known = codec_of(in, type);
  if (known == nullptr)
    return;
  if (attribute.name() == "rtpmap")
    known->encoding = text;
  else if (attribute.name() == "fmtp")
    known->fmtp.emplace_back(text);
  else
    known->feedback.emplace_back(text);
}

void read_rtcp(section& in, std::string_view text) {
  const auto port = read_port(next_word(text));
  if (!port)
    return;
  in.rtcp_port = *port;
  if (const auto address = read_address(text))
    in.rtcp = address->with_port(*port);
}

std::optional<record_wish> read_wish(std::string_view text) {
  if (text == "on")
    return record_wish::on;
  if (text == "off")
    return record_wish::off;
  if (text == "pause")
    return record_wish::pause;
  if (text == "nopreference")
    return record_wish::none;
  return std::nullopt;
}

void read_attribute(section& in, const line& attribute) {
  const auto name = attribute.name();
  if (name == "rtpmap" || name == "fmtp" || name == "rtcp-fb")
    describe_codec(in, attribute);
  else if (name == "rtcp-mux")
    in.rtcp_mux = true;
  else if (name == "rtcp")
    read_rtcp(in, attribute.value());
  else if (name == "mid")
    in.mid = attribute.value();
  else if (name == "ptime")
    in.ptime = attribute.value();
  else if (name == "crypto")
    in.crypto.emplace_back(attribute.value());
  else if (name == "recordpref")
    in.record_wish = read_wish(attribute.value());
  else if (const auto way = read_direction(attribute.text))
    in.direction = way;
}

/// Adds one line to what was read so far.
std::optional<fault> add_line(description& out, line next,
                              const description_limits& most) {
  if (next.type == 'm') {
    if (out.sections.size() == most.sections)
      return unparsable();
    auto opened = read_section(next.text, most);
    if (!opened)
      return fault{std::move(opened.error())};
    out.sections.push_back(std::move(*opened));
    return std::nullopt;
  }
  auto* const open = out.sections.empty() ? nullptr : &out.sections.back();
  if (next.type == 'c') {
    const auto address = read_address(next.text);
    if (!address)
      return unparsable();
    (open != nullptr ? open->connection : out.connection) = address;
  } else if (next.type == 'a' && open != nullptr) {
    read_attribute(*open, next);
  } else if (next.type == 'a') {
    if (const auto way = read_direction(next.text))
      out.direction = way;
    if (next.name() == "recordpref")
      out.record_wish = read_wish(next.value());
  }
  (open != nullptr ? open->lines : out.lines).push_back(std::move(next));
  return std::nullopt;
}

/// `o=` has six words, the last three of which are an address.
bool is_origin(std::string_view text) {
  for (auto word = 0; word < 3; ++word)
    if (next_word(text).empty())
      return false;
  const auto net = next_word(text);
  const auto kind = next_word(text);
  return net == "IN" && (kind == "IP4" || kind == "IP6") && !text.empty();
}

std::optional<line> read_line(std::string_view text) {
  if (text.size() < 2 || text[1] != '=')
    return std::nullopt;
  return line{text[0], std::string{text.substr(2)}};
}

std::optional<fault> check_whole(const description& read) {
  if (read.lines.empty() || read.lines[0].type != 'v')
    return unparsable();
  const auto origin = std::find_if(read.lines.begin(), read.lines.end(),
                                   [](const line& l) {
                                     return l.type == 'o';
                                   });
  if (origin == read.lines.end())
    return fault{"Error rewriting SDP"};
  if (!is_origin(origin->text))
    return unparsable();
  for (const auto& each : read.sections)
    if (each.port != 0 && !each.connection && !read.connection)
      return fault{"Incomplete SDP specification"};
  return std::nullopt;
}

} // namespace

std::string_view line::name() const noexcept {
  return std::string_view{text}.substr(0, text.find(':'));
}

std::string_view line::value() const noexcept {
  const auto colon = text.find(':');
  return colon == std::string::npos ? std::string_view{}
                                    : std::string_view{text}.substr(colon + 1);
}

std::string_view to_string(direction what) noexcept {
  if (what.sends)
    return what.receives ? "sendrecv" : "sendonly";
  return what.receives ? "recvonly" : "inactive";
}

std::string_view to_string(record_state what) noexcept {
  switch (what) {
  case record_state::off:
    return "off";
  case record_state::on:
    return "on";
  case record_state::paused:
    break;
  }
  return "paused";
}

std::string_view codec::name() const noexcept {
  return std::string_view{encoding}.substr(0, encoding.find('/'));
}

bool codec::is_supplement() const noexcept {
  return name() == "telephone-event" || name() == "CN";
}

transport transport_of(std::string_view protocol) noexcept {
  if (std::find(rtp_profiles.begin(), rtp_profiles.end(), protocol)
      != rtp_profiles.end())
    return transport::rtp;
  return protocol.starts_with("TCP") ? transport::other : transport::udp;
}

bool is_secure(std::string_view protocol) noexcept {
  return protocol.find("SAVP") != std::string_view::npos;
}

expected<description, std::string>
read_description(std::string_view text, const description_limits& most) {
  if (text.size() > most.bytes)
    return unparsable();
  description out;
  for (std::size_t count = 0; !text.empty(); ++count) {
    const auto end = std::min(text.find('\n'), text.size());
    auto raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (raw.ends_with('\r'))
      raw.remove_suffix(1);
    if (raw.empty())
      continue;
    auto next = read_line(raw);
    if (!next || count == most.lines)
      return unparsable();
    if (auto failed = add_line(out, std::move(*next), most))
      return std::move(*failed);
  }
  if (auto failed = check_whole(out))
    return std::move(*failed);
  return out;
}

std::string_view static_encoding(std::string_view type) noexcept {
  const auto at = std::find_if(static_types.begin(), static_types.end(),
                               [type](const static_type& s) {
                                 return s.type == type;
                               });
  return at == static_types.end() ? std::string_view{} : at->encoding;
}

std::optional<endpoint> rtp_endpoint(const description& from,
                                     const section& of) {
  const auto& address = of.connection ? of.connection : from.connection;
  if (!address)
    return std::nullopt;
  return address->with_port(of.port);
}

} // namespace callfork::sdp
