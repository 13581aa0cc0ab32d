#pragma once

#include "actors/node_settings.hpp"
#include "app/config/configuration.hpp"
#include "bus/kafka_log.hpp"
#include "media/base/expected.hpp"
#include "media/vault/key_ring.hpp"

#include <memory>
#include <string>

namespace callfork {

/// What the node needs of a checked configuration, its way to the event log
/// included. Nothing is opened yet.
[[nodiscard]] actors::node_settings
to_node_settings(const config::configuration& from);

/// Puts the password of events.kafka_password among Kafka's settings. The error
/// names the option, never what is in the file.
[[nodiscard]] expected<void, std::string>
read_kafka_password(config::event_options& events);

/// Whether Kafka's client takes its settings, as for TLS and SASL: it looks at
/// names, values and files, and waits for no broker. The error names the
/// option.
[[nodiscard]] expected<void, std::string>
check_event_log(const config::configuration& from);

/// How to reach Kafka, under this name.
[[nodiscard]] bus::kafka_settings kafka_of(const config::event_options& events,
                                           const std::string& client);

/// The keys of the vault: null without a file of them. Errors: those of
/// vault::key_ring::load, and the option's name.
[[nodiscard]] expected<std::shared_ptr<const vault::key_ring>, std::string>
vault_keys(const config::configuration& from);

/// As in "callfork.local.events.v1".
[[nodiscard]] std::string event_topic(const config::configuration& from);

} // namespace callfork
