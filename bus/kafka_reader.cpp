#include "bus/kafka_handle.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace callfork::bus {
namespace {

using std::chrono::milliseconds;

constexpr int metadata_timeout_ms = 5000;
constexpr milliseconds longest_wait{3'600'000};

kafka_options consumer_options() {
  return {
    // No group is joined, but librdkafka wants a name to assign partitions.
    {"group.id", "callfork-reader-" + std::to_string(::getpid())},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "earliest"},
  };
}

log_error kafka_error(rd_kafka_resp_err_t error) {
  return {log_error_code::io, rd_kafka_err2str(error)};
}

record to_record(const rd_kafka_message_t& from, const std::string& topic) {
  record made;
  made.topic = topic;
  if (from.key != nullptr)
    made.key.assign(static_cast<const char*>(from.key), from.key_len);
  if (from.payload != nullptr)
    made.value.assign(static_cast<const char*>(from.payload), from.len);
  made.time = wall_time{milliseconds{
    std::max<std::int64_t>(rd_kafka_message_timestamp(&from, nullptr), 0)}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&from, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return made;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t at = 0;
       rd_kafka_header_get_all(headers, at, &name, &value, &size)
       == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++at)
    made.headers.emplace_back(
      name, std::string{static_cast<const char*>(value), size});
  return made;
}

class kafka_reader final : public log_reader {
public:
  kafka_reader(const kafka_settings& settings, std::string topic,
               read_from where)
    : settings_(settings),
      topic_(std::move(topic)),
      where_(where) {
  }

  expected<void, log_error> start();

  expected<std::optional<stored_record>, log_error>
  next(milliseconds wait) override;

private:
  static void on_error(rd_kafka_t*, int, const char* why, void* self) {
    static_cast<kafka_reader*>(self)->trouble_ = plain_words(why);
  }

  /// Takes all partitions that the topic has now.
  expected<void, log_error> assign();
  [[nodiscard]] log_error away(rd_kafka_resp_err_t error) const;

  kafka_settings settings_;
  std::string topic_;
  read_from where_;
  std::string trouble_; ///< Why brokers are away, in librdkafka's words.
  bool assigned_ = false;
  kafka_ptr<rd_kafka_t> consumer_;
};

expected<void, log_error> kafka_reader::start() {
  auto conf = make_kafka_conf(settings_, consumer_options());
  if (!conf)
    return make_unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_error_cb(conf->get(), &on_error);
  auto consumer = make_kafka_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!consumer)
    return make_unexpected(consumer.error());
  consumer_ = std::move(*consumer);
  rd_kafka_poll_set_consumer(consumer_.get());
  return {};
}

/// Why no broker answers is known by the error callback, if by anybody.
log_error kafka_reader::away(rd_kafka_resp_err_t error) const {
  rd_kafka_poll(consumer_.get(), 0);
  return {log_error_code::io,
          trouble_.empty() ? rd_kafka_err2str(error) : trouble_};
}

expected<void, log_error> kafka_reader::assign() {
  struct topic_deleter {
    void operator()(rd_kafka_topic_t* topic) const noexcept {
      rd_kafka_topic_destroy(topic);
    }
  };
  const std::unique_ptr<rd_kafka_topic_t, topic_deleter> topic{
    rd_kafka_topic_new(consumer_.get(), topic_.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(consumer_.get(), 0, topic.get(), &raw,
                                       metadata_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return make_unexpected(away(error));
  const kafka_ptr<const rd_kafka_metadata_t> metadata{raw};
  if (raw->topic_cnt != 1 || raw->topics[0].partition_cnt == 0)
    return make_unexpected(
      log_error{log_error_code::io, "Kafka has no topic " + topic_});
  const kafka_ptr<rd_kafka_topic_partition_list_t> list{
    rd_kafka_topic_partition_list_new(raw->topics[0].partition_cnt)};
  for (int at = 0; at < raw->topics[0].partition_cnt; ++at)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(),
                                      raw->topics[0].partitions[at].id)
      ->offset
      = where_ == read_from::end ? RD_KAFKA_OFFSET_END
                                 : RD_KAFKA_OFFSET_BEGINNING;
  const auto assigned = rd_kafka_assign(consumer_.get(), list.get());
  if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR)
    return make_unexpected(kafka_error(assigned));
  assigned_ = true;
  return {};
}

expected<std::optional<stored_record>, log_error>
kafka_reader::next(milliseconds wait) {
  if (!assigned_)
    if (const auto done = assign(); !done)
      return make_unexpected(done.error());
  const auto bounded = std::min(wait, longest_wait);
  const kafka_ptr<rd_kafka_message_t> message{
    rd_kafka_consumer_poll(consumer_.get(), static_cast<int>(bounded.count()))};
  if (!message)
    return std::nullopt;
  if (message->err == RD_KAFKA_RESP_ERR__TRANSPORT
      || message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    return std::nullopt; // librdkafka reconnects by itself.
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return make_unexpected(kafka_error(message->err));
  return stored_record{to_record(*message, topic_), message->partition,
                       message->offset};
}

} // namespace

expected<std::unique_ptr<log_reader>, log_error>
make_kafka_reader(const kafka_settings& settings, const std::string& topic,
                  read_from where) {
  auto made = std::make_unique<kafka_reader>(settings, topic, where);
  if (const auto started = made->start(); !started)
    return make_unexpected(started.error());
  return made;
}

} // namespace callfork::bus
