#pragma once

#include "control/sdp/description.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/payload_format.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How the descriptions of recording sessions are written, on both sides.
namespace callfork::siprec {

/// One m-line as we write it.
struct written_section {
  std::string media = "audio";
  std::uint16_t port = 0; ///< 0: refused, or taken away.
  std::string protocol;
  std::vector<std::string> formats;
  std::vector<sdp::codec> codecs; ///< Those of `formats` with a description.
  std::optional<endpoint> local;  ///< Its address; nothing with port 0.
  std::string label;              ///< Written when not empty, likewise below.
  std::string mid;
  std::string ptime;
  sdp::direction direction{false, false};
  bool rtcp_mux = false;
  std::vector<std::string> crypto;
};

/// All below the origin line: what tells one version from another.
[[nodiscard]] std::string
write_below_origin(const std::vector<written_section>& sections);

/// The whole description; `below` is what `write_below_origin` made.
[[nodiscard]] std::string write_session(std::uint64_t id, std::uint64_t version,
                                        const endpoint& origin,
                                        std::string_view below);

/// The text of a section's first attribute of that name; empty when none.
[[nodiscard]] std::string_view attribute_of(const sdp::section& in,
                                            std::string_view name);

/// The section's direction: its own, the session's, or both ways.
[[nodiscard]] sdp::direction direction_of(const sdp::description& from,
                                          const sdp::section& of) noexcept;

/// What a payload type is; nothing where that is not said, or out of bounds.
[[nodiscard]] std::optional<payload_format> read_format(const sdp::codec& from);

/// As in "opus/48000/2".
[[nodiscard]] std::string write_encoding(const payload_format& format);

/// Whether two payload types, whatever their numbers, carry the same.
[[nodiscard]] bool is_same_format(const payload_format& one,
                                  const payload_format& other) noexcept;

} // namespace callfork::siprec
