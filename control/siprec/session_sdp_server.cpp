#include "control/siprec/session_sdp_server.hpp"

#include "control/siprec/session_sdp_text.hpp"
#include "media/audio/codec.hpp"
#include "media/base/base64.hpp"

#include <algorithm>
#include <utility>

namespace callfork::siprec {

namespace {

using srtp::crypto_attribute;

constexpr std::size_t most_oddities = 8;

void note(client_offer& in, std::string what) {
  if (in.oddities.size() < most_oddities)
    in.oddities.push_back(std::move(what));
}

bool is_known_voice(const payload_format& format) noexcept {
  return std::ranges::any_of(std::array{"PCMU", "PCMA", "G722", "opus"},
                             [&](const char* known) {
                               return audio::is_encoding(format, known);
                             });
}

/// Why the section is nothing for us; empty when it is.
std::string refusal_of(const sdp::section& section,
                       const client_stream& stream) {
  if (section.media != "audio")
    return "not audio";
  if (sdp::transport_of(section.protocol) != sdp::transport::rtp)
    return "not over RTP";
  if (section.protocol.starts_with("UDP/TLS"))
    return "keys by DTLS";
  if (std::ranges::none_of(stream.formats, is_known_voice))
    return "no codec that we know";
  if (stream.secure && stream.crypto.empty())
    return "no key that we can use";
  return {};
}

std::optional<endpoint> rtcp_of(const sdp::section& section,
                                const endpoint& rtp) {
  if (section.rtcp)
    return section.rtcp;
  const auto next = static_cast<std::uint16_t>(rtp.port() + 1);
  return rtp.with_port(section.rtcp_port.value_or(next));
}

void read_addresses(client_stream& into, const sdp::description& from,
                    const sdp::section& section) {
  const auto rtp = sdp::rtp_endpoint(from, section);
  // RFC 3264 8.4: the null address is an old way to say hold.
  if (!rtp || rtp->is_wildcard()) {
    into.sends = false;
    return;
  }
  into.rtp = rtp;
  into.rtcp = into.rtcp_mux ? rtp : rtcp_of(section, *rtp);
}

client_stream read_stream(const sdp::description& from,
                          const sdp::section& section) {
  client_stream read;
  read.label = attribute_of(section, "label");
  read.removed = section.port == 0;
  read.sends = direction_of(from, section).sends && !read.removed;
  read.secure = sdp::is_secure(section.protocol);
  read.rtcp_mux = section.rtcp_mux;
  if (!read.removed)
    read_addresses(read, from, section);
  for (const auto& each : section.codecs)
    if (auto format = read_format(each))
      read.formats.push_back(std::move(*format));
  if (read.secure)
    for (const auto& each : section.crypto)
      if (auto key = srtp::parse_crypto(each))
        read.crypto.push_back(std::move(*key));
  read.refusal = refusal_of(section, read);
  return read;
}

void note_oddities(client_offer& in, std::size_t index) {
  const auto& section = in.description.sections[index];
  const auto& stream = in.streams[index];
  const auto name = "m-line " + std::to_string(index + 1);
  if (stream.removed)
    return;
  if (!stream.refusal.empty())
    note(in, name + ": " + stream.refusal);
  if (stream.label.empty())
    note(in, name + " has no label");
  if (direction_of(in.description, section).receives)
    note(in, name + " wants to receive");
  if (!stream.secure && !section.crypto.empty())
    note(in, name + " has keys without SRTP");
  for (std::size_t other = 0; other < index; ++other)
    if (!stream.label.empty() && in.streams[other].label == stream.label)
      note(in, name + " repeats a label");
}

written_section refused(const sdp::section& offered) {
  written_section made;
  made.media = offered.media;
  made.protocol = offered.protocol;
  made.formats = offered.formats;
  made.label = attribute_of(offered, "label");
  made.mid = offered.mid;
  return made;
}

} // namespace

expected<client_offer, fault> read_client_offer(std::string_view text) {
  auto description = sdp::read_description(text, {});
  if (!description)
    return unexpected<fault>{fault{400, std::move(description.error())}};
  client_offer read;
  read.description = std::move(*description);
  for (const auto& each : read.description.sections)
    read.streams.push_back(read_stream(read.description, each));
  for (std::size_t index = 0; index < read.streams.size(); ++index)
    note_oddities(read, index);
  const auto is_there = [](const client_stream& each) {
    return !each.removed;
  };
  const bool any_there = std::ranges::any_of(read.streams, is_there);
  if (std::ranges::any_of(read.streams, &client_stream::is_usable)
      || (!read.streams.empty() && !any_there))
    return read;
  const auto first = std::ranges::find_if(read.streams, is_there);
  return unexpected<fault>{
    fault{488, first == read.streams.end() ? "no m-line" : first->refusal}};
}

std::vector<std::optional<std::size_t>>
match_labels(std::span<const std::string> labels, const client_offer& offer) {
  std::vector<std::optional<std::size_t>> found(labels.size());
  std::vector<bool> taken(offer.streams.size());
  const auto take = [&](std::size_t label, auto&& fits) {
    for (std::size_t index = 0; index < taken.size() && !found[label]; ++index)
      if (!taken[index] && fits(offer.streams[index])) {
        taken[index] = true;
        found[label] = index;
      }
  };
  for (std::size_t label = 0; label < labels.size(); ++label)
    take(label, [&](const client_stream& each) {
      return !labels[label].empty() && each.label == labels[label];
    });
  for (std::size_t label = 0; label < labels.size(); ++label)
    take(label, [](const client_stream& each) {
      return each.is_usable();
    });
  return found;
}

/// Our key of an m-line stays the same while our address and the suite do
/// (RFC 4568 7.1.4).
answered_keys server_sdp::choose_keys(const client_stream& stream,
                                      std::optional<told_key>& told,
                                      const endpoint& local) const {
  if (!stream.secure)
    return {};
  const auto goes_on = [&](const crypto_attribute& each) {
    return told && told->local == local && told->attribute.suite == each.suite;
  };
  auto chosen = std::ranges::find_if(stream.crypto, goes_on);
  if (chosen == stream.crypto.end()) {
    chosen = stream.crypto.begin();
    told
      = told_key{{chosen->tag,
                  chosen->suite,
                  {{srtp::make_key(chosen->suite), std::nullopt, std::nullopt}},
                  {}},
                 local};
  }
  // An answer has the tag of the line that it accepts (RFC 4568 5.1.2).
  told->attribute.tag = chosen->tag;
  return {srtp::to_keying(*chosen), srtp::to_keying(told->attribute)};
}

server_reply
server_sdp::answer(const client_offer& offer,
                   std::span<const std::optional<endpoint>> local) {
  server_reply reply;
  reply.keys.resize(offer.streams.size());
  told_.resize(std::max(told_.size(), offer.streams.size()));
  std::vector<written_section> sections;
  std::optional<endpoint> origin;
  for (std::size_t index = 0; index < offer.streams.size(); ++index) {
    const auto& offered = offer.description.sections[index];
    const auto& stream = offer.streams[index];
    auto made = refused(offered);
    if (stream.is_usable() && index < local.size() && local[index]) {
      made.local = local[index];
      made.port = local[index]->port();
      made.codecs = offered.codecs;
      made.ptime = offered.ptime;
      made.direction = {false, stream.sends};
      made.rtcp_mux = stream.rtcp_mux;
      reply.keys[index] = choose_keys(stream, told_[index], *local[index]);
      if (stream.secure)
        made.crypto.push_back(
          srtp::write_crypto(told_[index]->attribute, base64::padding::none));
      origin = origin.value_or(*local[index]);
    }
    sections.push_back(std::move(made));
  }
  auto below = write_below_origin(sections);
  if (below != last_)
    ++version_;
  last_ = std::move(below);
  reply.sdp = write_session(session_id_, version_, origin.value_or(endpoint{}),
                            last_);
  return reply;
}

} // namespace callfork::siprec
