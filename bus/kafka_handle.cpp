#include "bus/kafka_handle.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::bus {
namespace {

/// Trouble comes through the error callback; librdkafka's own lines would go
/// to the standard error output.
void ignore_log(const rd_kafka_t*, int, const char*, const char*) {
}

} // namespace

expected<kafka_ptr<rd_kafka_conf_t>, log_error>
make_kafka_conf(const kafka_settings& settings, const kafka_options& ours) {
  kafka_ptr<rd_kafka_conf_t> conf{rd_kafka_conf_new()};
  kafka_options all = settings.options;
  all.insert(ours.begin(), ours.end());
  all.emplace("client.id", settings.client_id);
  all.emplace("bootstrap.servers", settings.brokers);
  for (const auto& [name, value] : all) {
    std::array<char, 256> ignored{};
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(),
                          ignored.data(), ignored.size())
        != RD_KAFKA_CONF_OK)
      return make_unexpected(log_error{log_error_code::settings,
                                       "Kafka's setting " + name
                                         + " is unknown or has no such value"});
  }
  rd_kafka_conf_set_log_cb(conf.get(), &ignore_log);
  return conf;
}

expected<kafka_ptr<rd_kafka_t>, log_error>
make_kafka_client(rd_kafka_type_t type, kafka_ptr<rd_kafka_conf_t> conf) {
  std::array<char, 512> why{};
  kafka_ptr<rd_kafka_t> made{
    rd_kafka_new(type, conf.get(), why.data(), why.size())};
  if (!made)
    return make_unexpected(
      log_error{log_error_code::settings, plain_words(why.data())});
  static_cast<void>(conf.release());
  return made;
}

std::string plain_words(std::string why) {
  why.resize(std::min(why.size(), why.rfind(" (after ")));
  // A broker's own words may be in it.
  std::replace_if(
    why.begin(), why.end(),
    [](char letter) {
      return static_cast<unsigned char>(letter) < 0x20U || letter == 0x7f;
    },
    ' ');
  return why;
}

} // namespace callfork::bus
