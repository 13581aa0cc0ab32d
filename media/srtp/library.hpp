#pragma once

namespace callfork::srtp {

/// Starts libsrtp once per process and puts our OpenSSL ciphers in the place of
/// its own, after its self tests passed with them. False when one failed: then
/// no session can be made. Any thread; later calls only read the outcome.
/// Sessions call it themselves; a program calls it first to fail early.
[[nodiscard]] bool start_library() noexcept;

} // namespace callfork::srtp
