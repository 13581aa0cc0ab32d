#pragma once

#include "bus/kafka_log.hpp"

#include <librdkafka/rdkafka.h>

#include <memory>

namespace callfork::bus {

struct kafka_deleter {
  void operator()(rd_kafka_t* handle) const noexcept {
    rd_kafka_destroy(handle);
  }
  void operator()(rd_kafka_conf_t* conf) const noexcept {
    rd_kafka_conf_destroy(conf);
  }
  void operator()(rd_kafka_headers_t* headers) const noexcept {
    rd_kafka_headers_destroy(headers);
  }
  void operator()(rd_kafka_error_t* error) const noexcept {
    rd_kafka_error_destroy(error);
  }
  void operator()(rd_kafka_message_t* message) const noexcept {
    rd_kafka_message_destroy(message);
  }
  void operator()(rd_kafka_topic_partition_list_t* list) const noexcept {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(const rd_kafka_metadata_t* metadata) const noexcept {
    rd_kafka_metadata_destroy(metadata);
  }
};

/// Owns one of librdkafka's objects.
template <class Object>
using kafka_ptr = std::unique_ptr<Object, kafka_deleter>;

using kafka_options = std::map<std::string, std::string>;

/// A configuration of our settings, with the user's own on top. The error
/// names the setting, never its value.
[[nodiscard]] expected<kafka_ptr<rd_kafka_conf_t>, log_error>
make_kafka_conf(const kafka_settings& settings, const kafka_options& ours);

/// Makes a client; the configuration is used up either way.
[[nodiscard]] expected<kafka_ptr<rd_kafka_t>, log_error>
make_kafka_client(rd_kafka_type_t type, kafka_ptr<rd_kafka_conf_t> conf);

/// librdkafka's words without what changes from one repetition to the next,
/// as in "(after 3ms in state CONNECT)", and fit for one line of a log.
[[nodiscard]] std::string plain_words(std::string why);

} // namespace callfork::bus
