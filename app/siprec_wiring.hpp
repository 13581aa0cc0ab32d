#pragma once

#include "actors/siprec_settings.hpp"
#include "app/config/configuration.hpp"
#include "media/base/expected.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callfork {

/// Reads a provider as the configuration writes it: its name, its SIP URIs in
/// the order in which they are tried, and words that choose what is not the
/// default, all between blanks. As in "vault2 sips:rec@192.0.2.7 srtp
/// codecs=PCMA+PCMU dialect=broadworks rate=2.5 user=rec password-file=/x".
/// The error is one line for people; a password never stands in it.
[[nodiscard]] expected<actors::siprec_provider, std::string>
read_provider(std::string_view text);

/// What a node needs to speak SIPREC; nothing when nothing is configured. The
/// error is one line for people.
[[nodiscard]] expected<std::optional<actors::siprec_settings>, std::string>
to_siprec_settings(const config::configuration& from);

} // namespace callfork
