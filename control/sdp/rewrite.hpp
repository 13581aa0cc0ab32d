#pragma once

#include "control/sdp/description.hpp"

#include <string>
#include <vector>

namespace callfork::sdp {

/// What becomes of one section on its way to the other party.
struct section_change {
  enum what_t : std::uint8_t {
    leave,  ///< Not for us: every line as it is.
    refuse, ///< Port 0: the m-line stays, what we generate does not.
    relay,  ///< Our address, our port, our attributes.
  };
  what_t what = leave;
  endpoint local;       ///< Our address and port, or the null address on hold.
  std::string protocol; ///< Empty: as it was.
  bool is_rtp = true;   ///< RTP, as against any other datagrams.
  std::vector<codec> codecs; ///< What is offered or answered, in order.
  sdp::direction direction;
  bool keep_direction = false; ///< Leave the sender's direction lines alone.
  std::string mid;
  std::string label;                 ///< Written when not empty.
  std::optional<std::uint16_t> rtcp; ///< Written as `a=rtcp` when set.
  bool full_rtcp = false;            ///< `a=rtcp` with the address.
  bool rtcp_mux = false;
  std::vector<std::string> crypto; ///< Values of `a=crypto`.
  std::string ptime;
  std::optional<record_state> record; ///< Written as `a=record` when set.
};

/// What becomes of a whole description.
struct description_change {
  std::optional<endpoint> connection; ///< New address of the session's `c=`.
  std::optional<endpoint> origin;     ///< New address of `o=`, when set.
  std::string username;               ///< New user of `o=`, when not empty.
  std::string version;                ///< New version of `o=`, when not empty.
  std::string session_name;           ///< New text of `s=`, when not empty.
  std::string loop_mark;              ///< `a=rtpengine:` mark, when not empty.
  std::vector<section_change> sections; ///< As many as the description has.
};

/// Writes the description that the other party gets: unknown lines stay where
/// they are; what we generate stands in rtpengine's order at the end of its
/// section.
[[nodiscard]] std::string rewrite(const description& from,
                                  const description_change& change);

/// What a description's `o=` says of it, without user and address.
struct session_origin {
  std::string id;
  std::string version; ///< Higher with each change (RFC 3264 section 8).
};

/// A fresh description with a connection line in each section, as a
/// subscription to several parties gets.
[[nodiscard]] std::string compose(const session_origin& origin,
                                  std::string_view session_name,
                                  const std::vector<std::string>& media,
                                  const std::vector<section_change>& sections);

/// The value of the session's first line of this type; empty when none.
[[nodiscard]] std::string_view line_text(const description& from, char type);

/// One word of `o=`: 0 user, 1 id, 2 version, 5 address.
[[nodiscard]] std::string_view origin_word(const description& from,
                                           std::size_t index);

} // namespace callfork::sdp
