#pragma once

#include "control/ng/command.hpp"
#include "control/ng/value.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callfork::ng {

/// Words without order, as in the lists `flags` and `replace`. Spaces within a
/// word are hyphens.
class word_set {
public:
  void add(std::string_view word);
  [[nodiscard]] bool has(std::string_view word) const noexcept;
  [[nodiscard]] bool empty() const noexcept {
    return words_.empty();
  }
  [[nodiscard]] const std::vector<std::string>& words() const noexcept {
    return words_;
  }

private:
  std::vector<std::string> words_;
};

/// What `ICE` asks for.
enum class ice_wish : std::uint8_t { unsaid, remove, force, as_offered };

/// What `DTLS` asks for.
enum class dtls_wish : std::uint8_t { unsaid, off, passive, active };

/// Codec manipulation, in the order in which the names were given.
struct codec_wish {
  std::vector<std::string> strip;
  std::vector<std::string>
    offer; ///< What to keep, in this order of preference.
  std::vector<std::string> mask;
  std::vector<std::string> except;
  std::vector<std::string> transcode; ///< Not done; see docs/ng.md.
};

/// What `play media` asks for.
struct play_wish {
  std::string file;
  std::string blob;
  std::int64_t db_id = 0;
  std::int64_t repeat_times = 1;
  std::chrono::milliseconds repeat_duration{0};
  std::chrono::milliseconds start_pos{0};
};

/// Somebody who takes part in a recording client's session.
struct participant {
  std::string id; ///< The client's, unique in the session.
  std::string aor;
  std::string name;
  std::optional<std::size_t> line; ///< The m-line that brings what is said.
};

/// One NG request, typed. An absent string is empty, as it is for rtpengine.
struct request {
  ng::command command = ng::command::ping;

  std::string call_id;
  std::string from_tag;
  std::string to_tag;
  std::string via_branch;
  std::string sdp;

  std::string label;      ///< Selects a party, or names the offerer.
  std::string from_label; ///< Like `label`.
  std::string to_label;   ///< Selects the other party.
  std::string set_label;  ///< Names the party that the request speaks for.
  std::string address;    ///< Selects a party by its media address.
  std::vector<std::string> from_tags; ///< Of a subscription.

  word_set flags;
  word_set replace;
  word_set sdes;     ///< "off", "pad", "no-<suite>", "only-<suite>" ...
  word_set rtcp_mux; ///< offer, require, demux, accept, reject.
  word_set supports; ///< What the sender understands: load-limit.
  std::vector<std::string> direction;     ///< At most two interface names.
  std::vector<std::string> received_from; ///< Family and address.
  std::string transport_protocol;         ///< As in "RTP/SAVP".
  ice_wish ice = ice_wish::unsaid;
  dtls_wish dtls = dtls_wish::unsaid;
  codec_wish codec;
  std::optional<family> address_family;
  std::string media_address;

  /// Of a recording client's session, never in a message: everybody who takes
  /// part now; nothing while the client has not said.
  std::optional<std::vector<participant>> participants;
  bool silenced = false; ///< Likewise: they were all said to send nothing.

  std::optional<bool> record_call;
  bool pause = false; ///< "stop recording" with `pause`: not the end of it.
  /// `metadata` in the form `key:value|key:value`, in order.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<std::chrono::seconds> delete_delay;
  play_wish play;
  std::int64_t limit = 32; ///< Of "list".

  /// Keys that mean nothing to the protocol, with their text: our extension
  /// channel, as in `recording-policy`.
  std::vector<std::pair<std::string, std::string>> extras;

  /// The dictionary as it came, in bencode; only where requests are passed on
  /// to other nodes.
  std::string text;

  /// The text below an extension key; empty when absent.
  [[nodiscard]] std::string_view extra(std::string_view key) const noexcept;

  /// `flags` holds `all`, or `all` stands as a key.
  [[nodiscard]] bool concerns_all() const noexcept {
    return flags.has("all");
  }
};

/// Reads a request from a dictionary. Keys and flags may be written with
/// spaces or hyphens. What is unknown goes to `extras` or is ignored. The error
/// is the text for `error-reason`.
[[nodiscard]] expected<request, std::string>
read_request(const dictionary& body);

} // namespace callfork::ng
