#pragma once

#include "bus/log.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace callfork::bus {

/// How to reach Kafka.
struct kafka_settings {
  std::string brokers; ///< As in "kafka-0:9092,kafka-1:9092".
  std::string client_id = "callfork";
  /// Any further librdkafka setting, as for TLS and SASL. Its values may be
  /// secret and are never logged. They win over our own settings.
  std::map<std::string, std::string> options;
  std::size_t in_flight_bytes = 16U << 20U; ///< Bound of librdkafka's queue.
};

/// A producer: idempotent, `acks=all`, zstd, Java's partitioner, no timeout of
/// its own. When librdkafka declares a fatal error the producer is replaced
/// within a second, then after ever longer, up to 10 s, and the next poll says
/// `start_over`. A record that the broker will not take is rejected, and no
/// other with it. Connects later: settings that make no sense are an error
/// here, brokers that are away or refuse us are `trouble`. Errors: `settings`.
[[nodiscard]] expected<std::unique_ptr<log_writer>, log_error>
make_kafka_writer(const kafka_settings& settings);

/// Reads all partitions of a topic, without a consumer group. Errors:
/// `settings`. Brokers that are away and a topic that does not exist are errors
/// of `next`, which may be asked again.
[[nodiscard]] expected<std::unique_ptr<log_reader>, log_error>
make_kafka_reader(const kafka_settings& settings, const std::string& topic,
                  read_from where);

/// Makes a topic of one partition that keeps the last record of each key for
/// ever, as many times as the brokers copy topics usually. Where it exists
/// already, or brokers let nobody make topics, whoever made it must have made
/// it so. Waits for the brokers, up to `within`. Errors: `settings`, `io`.
[[nodiscard]] expected<void, log_error>
make_compacted_topic(const kafka_settings& settings, const std::string& topic,
                     std::chrono::milliseconds within);

} // namespace callfork::bus
