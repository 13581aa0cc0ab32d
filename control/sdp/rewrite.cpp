#include "control/sdp/rewrite.hpp"

#include <algorithm>
#include <array>

namespace callfork::sdp {

namespace {

void put(std::string& out, char type, std::string_view text) {
  out += type;
  out += '=';
  out += text;
  out += "\r\n";
}

void attribute(std::string& out, std::string_view name,
               std::string_view value) {
  out += "a=";
  out += name;
  if (!value.empty()) {
    out += ':';
    out += value;
  }
  out += "\r\n";
}

std::string address_text(const endpoint& address) {
  return (address.family() == family::ipv6 ? "IN IP6 " : "IN IP4 ")
         + address.address();
}

bool is_any_of(std::string_view name,
               std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_direction(const line& attribute_line) {
  return is_any_of(attribute_line.text,
                   {"sendrecv", "sendonly", "recvonly", "inactive"});
}

bool is_ice(std::string_view name) {
  return is_any_of(name,
                   {"candidate", "ice-ufrag", "ice-pwd", "ice-options",
                    "ice-lite", "end-of-candidates", "remote-candidates"});
}

/// Session attributes that we answer for ourselves.
bool dropped_from_session(const line& l) {
  const auto name = l.name();
  return is_direction(l) || is_ice(name) || name == "fingerprint"
         || name == "setup" || name == "record"
         || l.text.starts_with("group:BUNDLE");
}

/// Section attributes that we write ourselves, or never pass on.
bool dropped_from_section(const line& l, const section_change& change) {
  if (l.type != 'a')
    return false;
  const auto name = l.name();
  if (is_direction(l))
    return !change.keep_direction;
  if (is_ice(name)
      || is_any_of(name, {"rtcp", "rtcp-mux", "crypto", "setup", "fingerprint",
                          "tls-id", "mid", "ptime", "record"}))
    return true;
  if (name == "label")
    return !change.label.empty();
  if (!change.is_rtp)
    return false;
  if (name == "rtcp-fb")
    return !l.value().starts_with('*');
  return is_any_of(name, {"rtpmap", "fmtp"});
}

void write_codecs(std::string& out, const section_change& change) {
  for (const auto& each : change.codecs) {
    if (!each.encoding.empty())
      attribute(out, "rtpmap", each.type + " " + each.encoding);
    for (const auto& parameters : each.fmtp)
      attribute(out, "fmtp", each.type + " " + parameters);
    for (const auto& feedback : each.feedback)
      attribute(out, "rtcp-fb", each.type + " " + feedback);
  }
}

/// What rtpengine writes at a section's end, in its order.
void write_generated(std::string& out, const section_change& change) {
  if (!change.label.empty())
    attribute(out, "label", change.label);
  if (!change.mid.empty())
    attribute(out, "mid", change.mid);
  write_codecs(out, change);
  if (!change.keep_direction)
    attribute(out, to_string(change.direction), {});
  if (change.rtcp) {
    auto text = std::to_string(*change.rtcp);
    if (change.full_rtcp)
      text += " " + address_text(change.local);
    attribute(out, "rtcp", text);
  }
  if (change.rtcp_mux)
    attribute(out, "rtcp-mux", {});
  for (const auto& each : change.crypto)
    attribute(out, "crypto", each);
  if (change.is_rtp && !change.ptime.empty())
    attribute(out, "ptime", change.ptime);
  if (change.record)
    attribute(out, "record", to_string(*change.record));
}

void write_media_line(std::string& out, std::string_view media,
                      std::uint16_t port, std::string_view protocol,
                      const std::vector<std::string>& formats) {
  std::string text{media};
  text += ' ';
  text += std::to_string(port);
  text += ' ';
  text += protocol;
  for (const auto& each : formats)
    text += ' ' + each;
  put(out, 'm', text);
}

std::vector<std::string> formats_of(const section_change& change) {
  std::vector<std::string> out;
  for (const auto& each : change.codecs)
    out.push_back(each.type);
  return out;
}

void write_left(std::string& out, const section& from,
                const description& whole) {
  write_media_line(out, from.media, from.port, from.protocol, from.formats);
  if (!from.connection && whole.connection)
    put(out, 'c', address_text(*whole.connection));
  for (const auto& each : from.lines)
    put(out, each.type, each.text);
}

void write_refused(std::string& out, const section& from,
                   const section_change& change) {
  const auto& protocol = change.protocol.empty() ? from.protocol
                                                 : change.protocol;
  write_media_line(out, from.media, 0, protocol, from.formats);
  for (const auto& each : from.lines)
    if (!dropped_from_section(each, change))
      put(out, each.type, each.text);
  if (!change.mid.empty())
    attribute(out, "mid", change.mid);
}

void write_relayed(std::string& out, const section& from,
                   const section_change& change) {
  const auto& protocol = change.protocol.empty() ? from.protocol
                                                 : change.protocol;
  const auto formats = change.is_rtp ? formats_of(change) : from.formats;
  write_media_line(out, from.media, change.local.port(), protocol, formats);
  for (const auto& each : from.lines) {
    if (each.type == 'c')
      put(out, 'c', address_text(change.local));
    else if (!dropped_from_section(each, change))
      put(out, each.type, each.text);
  }
  write_generated(out, change);
}

std::string changed_origin(const description& from,
                           const description_change& change) {
  auto text = std::string{change.username.empty() ? origin_word(from, 0)
                                                  : change.username};
  text += ' ';
  text += origin_word(from, 1);
  text += ' ';
  text += change.version.empty() ? origin_word(from, 2) : change.version;
  text += ' ';
  if (change.origin)
    return text + address_text(*change.origin);
  text += origin_word(from, 3);
  text += ' ';
  text += origin_word(from, 4);
  text += ' ';
  text += origin_word(from, 5);
  return text;
}

void write_session(std::string& out, const description& from,
                   const description_change& change) {
  for (const auto& each : from.lines) {
    if (each.type == 'o')
      put(out, 'o', changed_origin(from, change));
    else if (each.type == 's' && !change.session_name.empty())
      put(out, 's', change.session_name);
    else if (each.type == 'c' && change.connection)
      put(out, 'c', address_text(*change.connection));
    else if (each.type != 'a' || !dropped_from_session(each))
      put(out, each.type, each.text);
  }
  if (!change.loop_mark.empty())
    attribute(out, "rtpengine", change.loop_mark);
}

} // namespace

std::string rewrite(const description& from, const description_change& change) {
  std::string out;
  write_session(out, from, change);
  for (std::size_t i = 0; i < from.sections.size(); ++i) {
    switch (change.sections[i].what) {
    case section_change::leave:
      write_left(out, from.sections[i], from);
      break;
    case section_change::refuse:
      write_refused(out, from.sections[i], change.sections[i]);
      break;
    case section_change::relay:
      write_relayed(out, from.sections[i], change.sections[i]);
      break;
    }
  }
  return out;
}

std::string compose(const session_origin& origin, std::string_view session_name,
                    const std::vector<std::string>& media,
                    const std::vector<section_change>& sections) {
  std::string out;
  put(out, 'v', "0");
  const auto first = sections.empty() ? endpoint{} : sections[0].local;
  put(out, 'o',
      "- " + origin.id + " " + origin.version + " " + address_text(first));
  put(out, 's', session_name);
  put(out, 't', "0 0");
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto& each = sections[i];
    write_media_line(out, media[i], each.local.port(), each.protocol,
                     formats_of(each));
    put(out, 'c', address_text(each.local));
    write_generated(out, each);
  }
  return out;
}

std::string_view line_text(const description& from, char type) {
  const auto at = std::find_if(from.lines.begin(), from.lines.end(),
                               [type](const line& l) {
                                 return l.type == type;
                               });
  return at == from.lines.end() ? std::string_view{} : at->text;
}

std::string_view origin_word(const description& from, std::size_t index) {
  auto rest = line_text(from, 'o');
  for (; index != 0 && !rest.empty(); --index)
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  return rest.substr(0, rest.find(' '));
}

} // namespace callfork::sdp
