#pragma once

#include "control/siprec/fault.hpp"
#include "control/siprec/session_sdp_text.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/base/payload_format.hpp"
#include "media/provider/stream_plan.hpp"
#include "media/srtp/sdes.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The session descriptions of a recording session, seen from the client that
/// sends the audio (RFC 7866 7.1). session_sdp_server.hpp has the other side.
namespace callfork::siprec {

/// A codec as a provider's profile allows it.
struct session_codec {
  payload_format format;
  std::string parameters; ///< Of `a=fmtp`, as in "0-16"; may be empty.
};

/// What our descriptions of one recording session are made of.
struct client_sdp_settings {
  std::uint64_t session_id = 0; ///< Of `o=`; below 2^63.
  /// Where each stream's sockets are, as the recorder knows them.
  std::array<endpoint, 2> local;
  std::array<std::string, 2> labels{"1", "2"}; ///< RFC 4574 tokens.
  std::vector<session_codec> codecs;           ///< Best first; at least one.
  /// Suites to offer, best first; none means RTP/AVP without SRTP.
  std::vector<srtp::suite> suites;
  std::chrono::milliseconds packet_time{20};
  bool rtcp_mux = false; ///< Offered; the recorder decides.
};

/// What a description of the recorder means for our two streams.
struct agreed_streams {
  std::array<provider::stream_plan, 2> plans;
  /// What was not as the standard wants it, for the log; few and short.
  std::vector<std::string> oddities;
};

/// Our answer to an offer of the recorder.
struct client_reply {
  std::string sdp; ///< Holds keys: never log it.
  agreed_streams agreed;
};

/// The client's half of one recording session's offers and answers: always two
/// audio streams with labels, `sendonly` or `inactive`, each with keys of its
/// own (RFC 7866 7.1.1). A regular value; pure but for the random keys.
class client_sdp {
public:
  explicit client_sdp(client_sdp_settings settings);

  /// From the next offer on, that codec stands first for the stream if it is
  /// one of ours, so that the recorder may take the call's audio as it is.
  /// Empty: none does.
  void prefer(std::size_t stream, std::string encoding);

  /// The next offer; its version is one higher than the last description's
  /// when anything changed (RFC 3264 8). A stream that does not send is
  /// `inactive`; one that the recorder refused stays at port 0. The text holds
  /// keys: never log it.
  [[nodiscard]] std::string offer(std::array<bool, 2> sends);

  /// Reads the answer to the last offer. A stream at port 0 is refused: its
  /// plan has no remote. Faults (488): what is no description, has more or
  /// fewer m-lines, is without SRTP where we offered it or with it where we did
  /// not, has no key or no voice codec that we offered, or refuses both
  /// streams. Types that were not offered are left out and told as oddities.
  [[nodiscard]] expected<agreed_streams, fault>
  read_answer(std::string_view text);

  /// Answers an offer of the recorder, as when it becomes ready (`inactive` to
  /// `recvonly`). `willing` says which streams we would send now. Faults as
  /// above, to be answered with their status; what held before goes on then.
  [[nodiscard]] expected<client_reply, fault>
  answer(std::string_view text, std::array<bool, 2> willing);

  [[nodiscard]] std::uint64_t version() const noexcept {
    return version_;
  }

private:
  struct line {
    std::vector<srtp::crypto_attribute> keys; ///< Offered, or in force.
    bool sends = false;
    bool refused = false;
    std::string preferred; ///< An encoding; empty: none.
  };
  struct reading;
  struct section_facts;

  [[nodiscard]] bool is_secure() const noexcept {
    return !settings_.suites.empty();
  }
  [[nodiscard]] std::vector<session_codec> codecs_for(const line& own) const;
  [[nodiscard]] written_section make(const section_facts& from) const;
  [[nodiscard]] std::string write(const std::vector<written_section>& sections);
  [[nodiscard]] expected<reading, fault> read(std::string_view text,
                                              bool is_offer) const;
  [[nodiscard]] expected<void, fault> take(const sdp::description& theirs,
                                           std::size_t index, bool is_offer,
                                           reading& into) const;
  [[nodiscard]] expected<void, fault> take_key(const sdp::section& theirs,
                                               std::size_t index, bool is_offer,
                                               reading& into) const;
  void commit(const reading& from);

  client_sdp_settings settings_;
  std::array<line, 2> lines_;
  std::array<std::size_t, 2> places_{0, 1}; ///< The m-line of each stream.
  std::uint64_t version_ = 0;               ///< 0 before the first offer.
  std::string last_; ///< The last description below its origin.
};

} // namespace callfork::siprec
