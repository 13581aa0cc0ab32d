#pragma once

#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::sdp {

/// One line as it came, `type=text`, unknown ones included.
struct line {
  char type = 'a';
  std::string text;

  /// For an attribute: what stands before the first colon.
  [[nodiscard]] std::string_view name() const noexcept;
  /// For an attribute: what stands behind the first colon.
  [[nodiscard]] std::string_view value() const noexcept;

  friend bool operator==(const line&, const line&) = default;
};

/// The direction of a stream from the view of who wrote the SDP (RFC 3264 5.1).
struct direction {
  bool sends = true;
  bool receives = true;
  friend bool operator==(const direction&, const direction&) = default;
};

[[nodiscard]] std::string_view to_string(direction what) noexcept;

/// One payload type of an RTP m-line with all that describes it.
struct codec {
  std::string type;     ///< Payload type as text, as in "101".
  std::string encoding; ///< As in "PCMU/8000" or "opus/48000/2"; may be empty.
  std::vector<std::string> fmtp;     ///< Parameters, without the payload type.
  std::vector<std::string> feedback; ///< Of `a=rtcp-fb`, likewise.

  /// As in "PCMU".
  [[nodiscard]] std::string_view name() const noexcept;
  /// True for what accompanies speech: telephone-event and CN.
  [[nodiscard]] bool is_supplement() const noexcept;

  friend bool operator==(const codec&, const codec&) = default;
};

/// What an m-line's transport is to us.
enum class transport : std::uint8_t {
  rtp,   ///< RTP/AVP and its kin, with RTCP, plain or SRTP.
  udp,   ///< Another protocol, relayed as it is: udptl, UDP/BFCP, unknown.
  other, ///< On TCP, not for us: left as it is.
};

[[nodiscard]] transport transport_of(std::string_view protocol) noexcept;

/// True for the RTP profiles that are protected by SRTP.
[[nodiscard]] bool is_secure(std::string_view protocol) noexcept;

/// What a party wishes of the recording of a stream (`a=recordpref`, RFC 7866
/// 7.3.2). Who has a wish understands `a=record`.
enum class record_wish : std::uint8_t { on, off, pause, none };

/// What a party is told of the recording of a stream (`a=record`, RFC 7866
/// 7.1.2).
enum class record_state : std::uint8_t { off, on, paused };

[[nodiscard]] std::string_view to_string(record_state what) noexcept;

/// An m-line and the lines below it.
struct section {
  std::string media; ///< As in "audio".
  std::uint16_t port = 0;
  std::string protocol; ///< As in "RTP/SAVP".
  std::vector<std::string> formats;
  std::vector<line> lines; ///< All lines below, in order.

  std::optional<endpoint> connection; ///< Its own `c=`, without a port.
  std::optional<sdp::direction> direction;
  std::optional<endpoint> rtcp; ///< `a=rtcp` with an address.
  std::optional<std::uint16_t> rtcp_port;
  bool rtcp_mux = false;
  std::optional<sdp::record_wish> record_wish;
  std::string mid;
  std::string ptime;
  std::vector<std::string> crypto; ///< Values of `a=crypto`.
  std::vector<sdp::codec> codecs;  ///< In the order of `formats`; RTP only.
};

/// A session description (RFC 4566).
struct description {
  std::vector<line> lines; ///< The session's lines, in order.
  std::optional<endpoint> connection;
  std::optional<sdp::direction> direction;
  std::optional<sdp::record_wish> record_wish;
  std::vector<section> sections;
};

/// What a description may not exceed.
struct description_limits {
  std::size_t bytes = 65536;
  std::size_t lines = 2048;
  std::size_t sections = 16;
  std::size_t formats = 64; ///< Of one m-line.
};

/// Reads a description. The error is the text for `error-reason`.
[[nodiscard]] expected<description, std::string>
read_description(std::string_view text, const description_limits& most);

/// The encoding of a static payload type (RFC 3551 6), as in "PCMU/8000";
/// empty for others.
[[nodiscard]] std::string_view static_encoding(std::string_view type) noexcept;

/// Where the sender of `from` expects the section's RTP; nothing when no
/// address is given.
[[nodiscard]] std::optional<endpoint> rtp_endpoint(const description& from,
                                                   const section& of);

} // namespace callfork::sdp
