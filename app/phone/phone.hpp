#pragma once

#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/srtp/keys.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::phone {

enum class codec : std::uint8_t { pcmu, pcma };

/// How a phone speaks.
struct phone_settings {
  std::string name = "phone";       ///< For the SDP's o= and s=.
  enum codec codec = codec::pcmu;   ///< What it offers first.
  std::optional<srtp::suite> suite; ///< Nothing: plain RTP.
  std::vector<std::int16_t> speech; ///< 8 kHz; repeated to the end.
  std::chrono::milliseconds rtcp_interval{5'000}; ///< Between sender reports.
};

/// What a phone counted.
struct call_figures {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0; ///< Gaps in the sequence never filled.
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t refused = 0;          ///< Not RTP, or not authentic.
  std::uint64_t reports_received = 0; ///< RTCP packets.
  std::optional<std::chrono::microseconds> round_trip; ///< RFC 3550 6.4.1.
};

/// One party of a call on the loopback interface: an RTP and an RTCP socket,
/// SDP, SRTP by SDES, G.711. It runs by itself in a thread from `start` to
/// `stop`; everything else belongs to the thread that made it.
class phone {
public:
  /// Binds an even and odd port pair at 127.0.0.1. The error is a sentence.
  [[nodiscard]] static expected<std::unique_ptr<phone>, std::string>
  make(phone_settings settings);

  virtual ~phone() = default;

  /// The SDP of an offer.
  [[nodiscard]] virtual std::string offer() = 0;

  /// The SDP that answers another's offer, or why it cannot.
  [[nodiscard]] virtual expected<std::string, std::string>
  answer(std::string_view offer) = 0;

  /// Takes the answer to its own offer.
  [[nodiscard]] virtual expected<void, std::string>
  accept(std::string_view answer) = 0;

  /// Begins to speak and to listen; needs an `answer` or `accept` before.
  virtual void start() = 0;

  /// Falls silent and hangs up the sockets' thread. Idempotent.
  virtual void stop() = 0;

  /// What it heard since `start`, at 8 kHz, each packet at its RTP time and
  /// gaps as silence. After `stop` only.
  [[nodiscard]] virtual std::vector<std::int16_t> heard() const = 0;

  /// Any thread, any time.
  [[nodiscard]] virtual call_figures figures() const = 0;
};

} // namespace callfork::phone
