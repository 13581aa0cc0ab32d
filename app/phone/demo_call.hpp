#pragma once

#include "app/phone/phone.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"
#include "media/srtp/keys.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace callfork::phone {

/// What the demo call says, to whom and for how long.
struct demo_settings {
  endpoint node;       ///< Where the node listens for NG over UDP.
  std::string call_id; ///< Made up when empty.
  std::string caller_number = "+3225550101";
  std::string callee_number = "+3225550102";
  std::chrono::milliseconds length{10'000}; ///< Of speech, 100 ms to 1 h.
  std::optional<srtp::suite> suite
    = srtp::suite::aes_cm_128_hmac_sha1_80; ///< Nothing: plain RTP.
  bool record = true;   ///< Asks for "record-call" in the offer.
  std::string metadata; ///< The NG key "metadata", left out when empty.
  std::filesystem::path caller_speech; ///< 8 kHz mono WAV; found when empty.
  std::filesystem::path callee_speech;
  /// Called once each second with the seconds played, from the caller's own
  /// thread; may be empty.
  std::function<void(std::chrono::seconds)> progress;
};

/// How one party fared.
struct party_report {
  call_figures figures;
  double heard_level_dbfs = -96; ///< Of what it heard, over the whole call.
  double likeness = 0; ///< 0 to 1: correlation of what it heard with what the
                       ///< other said, at the best delay.
};

struct demo_report {
  std::string call_id;
  party_report caller;
  party_report callee;
  /// Both heard what the other said, and nothing was refused.
  [[nodiscard]] bool good() const noexcept;
};

/// Plays a call of two phones through a node: offer, answer, speech both ways,
/// delete. Blocks for its length; the error is a sentence for the user. Any
/// thread.
[[nodiscard]] expected<demo_report, std::string>
play_demo_call(const demo_settings& settings);

} // namespace callfork::phone
