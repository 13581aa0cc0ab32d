#pragma once

#include "media/base/bytes.hpp"
#include "media/base/drop_reason.hpp"
#include "media/base/expected.hpp"
#include "media/srtp/keys.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct srtp_ctx_t_;

namespace callfork::srtp {

/// Why a session could not be made.
enum class setup_error : std::uint8_t {
  no_library, ///< libsrtp or our ciphers failed their self tests.
  bad_key,    ///< The key has not the suite's length, or the MKI none.
  no_memory,
};

[[nodiscard]] std::string_view to_string(setup_error error) noexcept;

enum class direction : std::uint8_t { inbound, outbound };

/// The packets a replay window looks back, for RTP and for what may be
/// protected out of order (RFC 3711 3.3.2 asks for 64).
inline constexpr unsigned replay_window = 1024;

/// The fixed sizes of a suite on the wire, in bytes.
struct wire_sizes {
  std::size_t rtp_tag;
  std::size_t rtcp_tag;
  bool aead; ///< The tag belongs to the ciphertext, before index and MKI.
};

[[nodiscard]] wire_sizes sizes_of(suite value) noexcept;

/// One libsrtp session of one direction and one master key, with the MKI put
/// on and taken off by ourselves. A building block of `protector` and
/// `unprotector`; lengths are checked here, before libsrtp sees a packet.
class context {
public:
  [[nodiscard]] static expected<context, setup_error>
  make(const keying& with, direction towards) noexcept;

  [[nodiscard]] expected<bytes_span, drop_reason>
  protect_rtp(bytes_span buffer, std::size_t size) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  protect_rtcp(bytes_span buffer, std::size_t size) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  unprotect_rtp(bytes_span packet) noexcept;
  [[nodiscard]] expected<bytes_span, drop_reason>
  unprotect_rtcp(bytes_span packet) noexcept;

  /// The rollover counter of an SSRC it has state for.
  [[nodiscard]] std::optional<std::uint32_t>
  roc(std::uint32_t ssrc) const noexcept;

  /// Makes state for an SSRC before its first packet. False when there is
  /// state already, or no memory.
  bool add(const keying& with, std::uint32_t ssrc) noexcept;

  /// Has the next packet of an SSRC tried with this rollover counter; 0 takes
  /// the guess back. Only what is more than 2^15 packets ahead of what came
  /// before is found this way; a guess that fails changes nothing else.
  void guess(std::uint32_t ssrc, std::uint32_t roc) noexcept;

  /// Forgets an SSRC.
  void remove(std::uint32_t ssrc) noexcept;

private:
  struct closer {
    void operator()(srtp_ctx_t_* session) const noexcept;
  };

  context(srtp_ctx_t_* session, const keying& with) noexcept;

  std::unique_ptr<srtp_ctx_t_, closer> session_;
  wire_sizes sizes_;
  srtp::mki mki_; ///< Size 0: none.
};

} // namespace callfork::srtp
