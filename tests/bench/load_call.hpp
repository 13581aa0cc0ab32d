#pragma once

#include "control/ng/bencode.hpp"
#include "control/ng/framing.hpp"
#include "control/sdp/description.hpp"
#include "media/base/endpoint.hpp"
#include "media/srtp/sdes.hpp"
#include "media/srtp/session.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace callfork::bench {

/// Ends the program: a benchmark that goes on after an error measures nothing.
[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "load_bench: %s\n", why.c_str());
  std::exit(1);
}

/// One side of one call: a socket, where its media goes, and its SRTP.
struct load_party {
  int socket = -1;
  endpoint local;
  endpoint node;
  std::optional<srtp::protector> protect;
  std::optional<srtp::unprotector> unprotect;
  srtp::key_salt key;
  std::uint16_t sequence = 1;
  std::uint32_t ssrc = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

struct load_call {
  std::string id;
  load_party caller;
  load_party callee;
};

/// A non-blocking UDP socket on loopback whose datagrams carry the kernel's
/// time of arrival.
inline void open_socket(load_party& party) {
  party.socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const auto any = endpoint::parse("127.0.0.1", 0);
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  const int on = 1;
  if (party.socket < 0
      || bind(party.socket, any->native(), any->native_size()) != 0
      || setsockopt(party.socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on))
           != 0
      || getsockname(party.socket, reinterpret_cast<sockaddr*>(&bound), &size)
           != 0)
    fail("no more sockets; raise `ulimit -n`");
  party.local = endpoint::from(bound);
}

/// An SDP with one audio stream; with a crypto line when the party has a key.
inline std::string sdp_of(const load_party& party) {
  const auto port = std::to_string(party.local.port());
  const bool secure = party.key.size > 0;
  std::string text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                     "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio "
                     + port + (secure ? " RTP/SAVP" : " RTP/AVP")
                     + " 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n";
  if (!secure)
    return text;
  srtp::crypto_attribute crypto;
  crypto.suite = srtp::suite::aes_cm_128_hmac_sha1_80;
  crypto.keys.push_back({party.key, {}, {}});
  return text + "a=crypto:" + srtp::write_crypto(crypto, base64::padding::none)
         + "\r\n";
}

/// Learns from the node's SDP where a party's media goes, and the node's key.
inline void learn(load_party& party, const std::string& sdp) {
  const auto read = sdp::read_description(sdp, {});
  if (!read || read->sections.empty())
    fail("cannot read the node's SDP: " + sdp);
  const auto& section = read->sections.front();
  const auto where = sdp::rtp_endpoint(*read, section);
  if (!where || where->port() == 0)
    fail("the node's SDP names no port: " + sdp);
  party.node = *where;
  if (party.key.size == 0)
    return;
  for (const auto& line : section.crypto) {
    const auto crypto = srtp::parse_crypto(line);
    if (!crypto || crypto->suite != srtp::suite::aes_cm_128_hmac_sha1_80)
      continue;
    srtp::keying mine;
    mine.key = party.key;
    party.protect.emplace(*srtp::protector::make(mine));
    party.unprotect.emplace(*srtp::unprotector::make(srtp::to_keying(*crypto)));
    return;
  }
  fail("the node's SDP has no fitting key: " + sdp);
}

/// A request about a call, to be sent under a cookie.
inline std::string request(const load_call& call, const std::string& cookie,
                           std::string_view command, const std::string& sdp,
                           bool with_to_tag) {
  ng::dictionary body;
  body.set("command", command);
  body.set("call-id", call.id);
  body.set("from-tag", "caller");
  if (with_to_tag)
    body.set("to-tag", "callee");
  if (!sdp.empty()) {
    body.set("sdp", sdp);
    const bool secure = call.caller.key.size > 0;
    const bool towards_caller = command == "answer";
    body.set("transport-protocol",
             secure && towards_caller ? "RTP/SAVP" : "RTP/AVP");
    body.set("ICE", "remove");
    body.set("DTLS", "off");
    body.set("replace", ng::list{"origin"});
  }
  return ng::write_message(cookie, ng::encoding::bencode, body);
}

} // namespace callfork::bench
