#include "control/siprec/session_sdp.hpp"

#include "control/sdp/description.hpp"
#include "control/siprec/session_sdp_text.hpp"
#include "media/audio/codec.hpp"
#include "media/base/base64.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace callfork::siprec {

namespace {

using oddity_list = std::vector<std::string>;
using srtp::crypto_attribute;

constexpr std::size_t stream_count = 2;

unexpected<fault> not_acceptable(std::string why) {
  return unexpected<fault>{fault{488, std::move(why)}};
}

std::string name_of(std::size_t stream) {
  return "stream " + std::to_string(stream + 1);
}

bool is_voice(const payload_format& format) noexcept {
  return !audio::is_encoding(format, "telephone-event")
         && !audio::is_encoding(format, "CN");
}

crypto_attribute fresh_key(std::uint32_t tag, srtp::suite suite) {
  return {
    tag, suite, {{srtp::make_key(suite), std::nullopt, std::nullopt}}, {}};
}

/// The section of each of our streams: by label where the labels are ours,
/// otherwise where our own sections are.
std::array<std::size_t, stream_count>
places_of(const sdp::description& theirs,
          const std::array<std::string, stream_count>& labels,
          const std::array<std::size_t, stream_count>& ours,
          oddity_list& oddities) {
  const auto first = attribute_of(theirs.sections[0], "label");
  const auto second = attribute_of(theirs.sections[1], "label");
  auto found = ours;
  if (first == labels[0] && second == labels[1])
    found = {0, 1};
  else if (first == labels[1] && second == labels[0])
    found = {1, 0};
  else
    oddities.emplace_back("labels are not ours");
  if (found != ours)
    oddities.emplace_back("labels in another order");
  return found;
}

/// What the recorder takes, under its numbers. A dynamic type that it does not
/// describe is the one that we did.
std::vector<session_codec> codecs_of(const sdp::section& theirs,
                                     const std::vector<session_codec>& ours,
                                     oddity_list& oddities) {
  std::vector<session_codec> found;
  for (const auto& each : theirs.codecs) {
    const auto told = read_format(each);
    const auto at = std::ranges::find_if(ours, [&](const session_codec& own) {
      return told ? is_same_format(own.format, *told)
                  : std::to_string(own.format.type) == each.type;
    });
    if (at == ours.end()) {
      oddities.push_back("type " + each.type + " was not offered");
      continue;
    }
    auto taken = *at;
    taken.format.type = told ? told->type : taken.format.type;
    if (!told)
      oddities.push_back("type " + each.type + " is not described");
    found.push_back(std::move(taken));
  }
  return found;
}

std::vector<crypto_attribute> keys_of(const sdp::section& theirs) {
  std::vector<crypto_attribute> found;
  for (const auto& each : theirs.crypto)
    if (auto read = srtp::parse_crypto(each))
      found.push_back(std::move(*read));
  return found;
}

const crypto_attribute* find_suite(const std::vector<crypto_attribute>& in,
                                   srtp::suite which) {
  const auto at = std::ranges::find(in, which, &crypto_attribute::suite);
  return at == in.end() ? nullptr : &*at;
}

} // namespace

/// What a description of the recorder says of our streams.
struct client_sdp::reading {
  struct stream {
    bool refused = false;
    std::optional<crypto_attribute> own_key;
    std::vector<session_codec> codecs;
  };
  agreed_streams agreed;
  std::array<std::size_t, stream_count> places{0, 1};
  std::array<stream, stream_count> streams;
};

client_sdp::client_sdp(client_sdp_settings settings)
  : settings_{std::move(settings)} {
  for (auto& each : lines_) {
    std::uint32_t tag = 0;
    for (const auto suite : settings_.suites)
      each.keys.push_back(fresh_key(++tag, suite));
  }
}

/// Our section of a stream, with the codecs and keys given.
struct client_sdp::section_facts {
  std::size_t stream = 0;
  bool sends = false;
  bool refused = false;
  bool rtcp_mux = false;
  const std::vector<session_codec>* codecs = nullptr;
  const std::vector<crypto_attribute>* keys = nullptr;
};

written_section client_sdp::make(const section_facts& from) const {
  written_section made;
  made.protocol = is_secure() ? "RTP/SAVP" : "RTP/AVP";
  made.label = settings_.labels[from.stream];
  for (const auto& each : *from.codecs) {
    const auto type = std::to_string(each.format.type);
    made.formats.push_back(type);
    sdp::codec codec{type, write_encoding(each.format), {}, {}};
    if (!each.parameters.empty())
      codec.fmtp.push_back(each.parameters);
    made.codecs.push_back(std::move(codec));
  }
  // RFC 3264 6: an m-line needs a format even when it is refused.
  if (made.formats.empty())
    made.formats.emplace_back("0");
  if (from.refused)
    return made;
  const auto& local = settings_.local[from.stream];
  made.local = local;
  made.port = local.port();
  made.direction = {from.sends, false};
  made.rtcp_mux = from.rtcp_mux;
  made.ptime = std::to_string(settings_.packet_time.count());
  for (const auto& key : *from.keys)
    made.crypto.push_back(srtp::write_crypto(key, base64::padding::none));
  return made;
}

std::string client_sdp::write(const std::vector<written_section>& sections) {
  auto below = write_below_origin(sections);
  if (below != last_)
    ++version_;
  last_ = std::move(below);
  return write_session(settings_.session_id, version_, settings_.local[0],
                       last_);
}

void client_sdp::prefer(std::size_t stream, std::string encoding) {
  lines_.at(stream).preferred = std::move(encoding);
}

std::vector<session_codec> client_sdp::codecs_for(const line& own) const {
  auto made = settings_.codecs;
  std::stable_partition(made.begin(), made.end(),
                        [&own](const session_codec& each) {
                          return audio::is_encoding(each.format, own.preferred);
                        });
  return made;
}

std::string client_sdp::offer(std::array<bool, 2> sends) {
  std::vector<written_section> sections(stream_count);
  for (std::size_t index = 0; index < stream_count; ++index) {
    auto& own = lines_[index];
    own.sends = sends[index];
    const auto codecs = codecs_for(own);
    sections[places_[index]] = make(
      {index, own.sends, own.refused, settings_.rtcp_mux, &codecs, &own.keys});
  }
  return write(sections);
}

expected<void, fault> client_sdp::take_key(const sdp::section& theirs,
                                           std::size_t index, bool is_offer,
                                           reading& into) const {
  const auto keys = keys_of(theirs);
  const auto& ours = lines_[index].keys;
  for (const auto& each : keys) {
    const auto* own = find_suite(ours, each.suite);
    const bool is_allowed = std::ranges::find(settings_.suites, each.suite)
                            != settings_.suites.end();
    if (is_offer ? !is_allowed : own == nullptr || own->tag != each.tag)
      continue;
    // An answer has the tag of the line that it accepts (RFC 4568 5.1.2).
    auto key = own != nullptr ? *own : fresh_key(each.tag, each.suite);
    key.tag = each.tag;
    auto& plan = into.agreed.plans[index];
    plan.secure = true;
    plan.send_key = srtp::to_keying(key);
    plan.receive_key = srtp::to_keying(each);
    into.streams[index].own_key = std::move(key);
    return {};
  }
  return not_acceptable(name_of(index) + " has no key that we can use");
}

expected<void, fault> client_sdp::take(const sdp::description& theirs,
                                       std::size_t index, bool is_offer,
                                       reading& into) const {
  const auto& section = theirs.sections[into.places[index]];
  auto& stream = into.streams[index];
  auto& plan = into.agreed.plans[index];
  auto& oddities = into.agreed.oddities;
  stream.refused = section.port == 0 || (!is_offer && lines_[index].refused);
  if (stream.refused)
    return {};
  if (section.media != "audio"
      || sdp::transport_of(section.protocol) != sdp::transport::rtp
      || section.protocol.starts_with("UDP/TLS"))
    return not_acceptable(name_of(index) + " is no audio over RTP");
  if (sdp::is_secure(section.protocol) != is_secure())
    return not_acceptable(
      name_of(index)
      + (is_secure() ? " is not over SRTP" : " is over SRTP, unasked"));
  stream.codecs = codecs_of(section, settings_.codecs, oddities);
  if (std::ranges::none_of(stream.codecs, [](const session_codec& each) {
        return is_voice(each.format);
      }))
    return not_acceptable(name_of(index) + " has no codec that we offered");
  for (const auto& each : stream.codecs)
    plan.formats.push_back(each.format);
  const auto way = direction_of(theirs, section);
  if (way.sends)
    oddities.push_back(name_of(index) + " is "
                       + std::string{sdp::to_string(way)});
  plan.sends = way.receives;
  plan.remote_rtp = sdp::rtp_endpoint(theirs, section);
  if (!plan.remote_rtp || plan.remote_rtp->is_wildcard()) {
    oddities.push_back(name_of(index) + " has a null address");
    plan = {};
    return {};
  }
  plan.rtcp_mux = section.rtcp_mux && settings_.rtcp_mux;
  if (section.rtcp)
    plan.remote_rtcp = section.rtcp;
  else if (section.rtcp_port)
    plan.remote_rtcp = plan.remote_rtp->with_port(*section.rtcp_port);
  return is_secure() ? take_key(section, index, is_offer, into)
                     : expected<void, fault>{};
}

expected<client_sdp::reading, fault> client_sdp::read(std::string_view text,
                                                      bool is_offer) const {
  const auto theirs = sdp::read_description(text, {});
  if (!theirs)
    return not_acceptable(theirs.error());
  if (theirs->sections.size() != stream_count)
    return not_acceptable("there are " + std::to_string(theirs->sections.size())
                          + " m-lines instead of two");
  reading found;
  found.places = places_of(*theirs, settings_.labels, places_,
                           found.agreed.oddities);
  for (std::size_t index = 0; index < stream_count; ++index)
    if (auto taken = take(*theirs, index, is_offer, found); !taken)
      return unexpected<fault>{std::move(taken.error())};
  if (found.streams[0].refused && found.streams[1].refused)
    return not_acceptable("both streams are refused");
  return found;
}

void client_sdp::commit(const reading& from) {
  places_ = from.places;
  for (std::size_t index = 0; index < stream_count; ++index) {
    auto& own = lines_[index];
    own.refused = from.streams[index].refused;
    if (from.streams[index].own_key)
      own.keys = {*from.streams[index].own_key};
  }
}

expected<agreed_streams, fault> client_sdp::read_answer(std::string_view text) {
  auto found = read(text, false);
  if (!found)
    return unexpected<fault>{std::move(found.error())};
  for (std::size_t index = 0; index < stream_count; ++index) {
    auto& plan = found->agreed.plans[index];
    plan.sends = plan.sends && lines_[index].sends;
  }
  // The lines of an answer stand where those of the offer stood.
  found->places = places_;
  commit(*found);
  return std::move(found->agreed);
}

expected<client_reply, fault> client_sdp::answer(std::string_view text,
                                                 std::array<bool, 2> willing) {
  auto found = read(text, true);
  if (!found)
    return unexpected<fault>{std::move(found.error())};
  commit(*found);
  std::vector<written_section> sections(stream_count);
  for (std::size_t index = 0; index < stream_count; ++index) {
    auto& plan = found->agreed.plans[index];
    plan.sends = plan.sends && willing[index];
    lines_[index].sends = plan.sends;
    sections[places_[index]]
      = make({index, plan.sends, lines_[index].refused, plan.rtcp_mux,
              &found->streams[index].codecs, &lines_[index].keys});
  }
  return client_reply{write(sections), std::move(found->agreed)};
}

} // namespace callfork::siprec
