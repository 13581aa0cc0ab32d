#include "app/phone/offer_text.hpp"

#include <algorithm>

namespace callfork::phone {

namespace {

std::string_view payload_type(codec which) noexcept {
  return which == codec::pcmu ? "0" : "8";
}

std::string_view encoding(codec which) noexcept {
  return which == codec::pcmu ? "PCMU/8000" : "PCMA/8000";
}

codec other(codec which) noexcept {
  return which == codec::pcmu ? codec::pcma : codec::pcmu;
}

std::optional<codec> first_codec(const sdp::section& audio) noexcept {
  for (const auto& format : audio.formats)
    for (const auto which : {codec::pcmu, codec::pcma})
      if (format == payload_type(which))
        return which;
  return std::nullopt;
}

} // namespace

std::string write_session(const session_text& what) {
  const auto address = what.local.address();
  std::string text
    = "v=0\r\no=" + what.name + " " + std::to_string(what.session)
      + " 1 IN IP4 " + address + "\r\ns=" + what.name + "\r\nc=IN IP4 "
      + address + "\r\nt=0 0\r\nm=audio " + std::to_string(what.local.port())
      + (what.crypto ? " RTP/SAVP " : " RTP/AVP ");
  text += payload_type(what.codec);
  if (what.both_codecs)
    text.append(" ").append(payload_type(other(what.codec)));
  for (const auto which : {what.codec, other(what.codec)})
    if (which == what.codec || what.both_codecs)
      text.append("\r\na=rtpmap:")
        .append(payload_type(which))
        .append(" ")
        .append(encoding(which));
  if (what.crypto)
    text.append("\r\na=crypto:")
      .append(srtp::write_crypto(*what.crypto, base64::padding::none));
  return text + "\r\na=ptime:20\r\na=sendrecv\r\n";
}

expected<session_read, std::string> read_session(std::string_view text) {
  const auto read = sdp::read_description(text, {});
  if (!read)
    return unexpected{"the SDP cannot be read: " + read.error()};
  const auto audio = std::ranges::find(read->sections, "audio",
                                       &sdp::section::media);
  if (audio == read->sections.end() || audio->port == 0)
    return unexpected{std::string{"the SDP has no audio, or refuses it"}};
  const auto rtp = sdp::rtp_endpoint(*read, *audio);
  const auto codec = first_codec(*audio);
  if (!rtp || rtp->is_wildcard())
    return unexpected{std::string{"the SDP has no address for audio"}};
  if (!codec)
    return unexpected{std::string{"the SDP has neither PCMU nor PCMA"}};
  const auto next = static_cast<std::uint16_t>(rtp->port() + 1);
  session_read made{*rtp,
                    rtp->with_port(audio->rtcp_port.value_or(next)),
                    *codec,
                    sdp::is_secure(audio->protocol),
                    {}};
  if (audio->rtcp)
    made.rtcp = *audio->rtcp;
  for (const auto& line : audio->crypto)
    if (auto crypto = srtp::parse_crypto(line))
      made.crypto.push_back(std::move(*crypto));
  return made;
}

} // namespace callfork::phone
