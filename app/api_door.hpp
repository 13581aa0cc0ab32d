#pragma once

#include "app/audit/audit_forwarder.hpp"
#include "app/audit/file_audit.hpp"
#include "app/config/configuration.hpp"
#include "control/api/auth_gate.hpp"
#include "control/api/download_links.hpp"
#include "control/http/server.hpp"

#include <memory>
#include <string>

namespace callfork {

/// What stands between an API's operations and the world: who comes in, and
/// what is written down of them.
struct api_door {
  std::unique_ptr<api::authenticator> authenticator;
  std::shared_ptr<api::guard> guard; ///< `api::gate_of` it is a route's gate.
  std::shared_ptr<file_audit> audit; ///< Null if nobody is let in.
  std::shared_ptr<const api::download_links> links;
  std::unique_ptr<audit_forwarder> forwarder; ///< Null without Kafka.
};

/// Opens it as configured. Without keys it lets nobody in. The error is one
/// line for people.
[[nodiscard]] expected<api_door, std::string>
open_api_door(const config::configuration& from);

/// As in "callfork.local.audit.v1".
[[nodiscard]] std::string audit_topic(const config::configuration& from);

/// How the node serves HTTP: where, with TLS or without. Notices are logged.
[[nodiscard]] http::server_settings
to_http_settings(const config::configuration& from);

} // namespace callfork
