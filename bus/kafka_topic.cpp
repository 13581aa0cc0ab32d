#include "bus/kafka_handle.hpp"

#include <array>

namespace callfork::bus {
namespace {

struct topic_deleter {
  void operator()(rd_kafka_NewTopic_t* topic) const noexcept {
    rd_kafka_NewTopic_destroy(topic);
  }
  void operator()(rd_kafka_AdminOptions_t* options) const noexcept {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_queue_t* queue) const noexcept {
    rd_kafka_queue_destroy(queue);
  }
  void operator()(rd_kafka_event_t* event) const noexcept {
    rd_kafka_event_destroy(event);
  }
};

template <class Object>
using topic_ptr = std::unique_ptr<Object, topic_deleter>;

log_error fault(std::string why) {
  return {log_error_code::io, plain_words(std::move(why))};
}

/// Whether the topic is there now, or is not ours to make.
bool is_fine(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NO_ERROR
         || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS
         || error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
         || error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

/// What the brokers say about each topic that was asked for.
expected<void, log_error> verdict(rd_kafka_event_t* answer) {
  if (answer == nullptr)
    return make_unexpected(fault("the brokers did not answer"));
  if (rd_kafka_event_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return make_unexpected(fault(rd_kafka_event_error_string(answer)));
  std::size_t count = 0;
  const auto* made = rd_kafka_CreateTopics_result_topics(
    rd_kafka_event_CreateTopics_result(answer), &count);
  for (std::size_t at = 0; at < count; ++at) {
    const auto error = rd_kafka_topic_result_error(made[at]);
    if (!is_fine(error))
      return make_unexpected(fault(rd_kafka_err2str(error)));
  }
  return {};
}

} // namespace

expected<void, log_error>
make_compacted_topic(const kafka_settings& settings, const std::string& topic,
                     std::chrono::milliseconds within) {
  auto conf = make_kafka_conf(settings, {});
  if (!conf)
    return make_unexpected(conf.error());
  auto client = make_kafka_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client)
    return make_unexpected(client.error());
  std::array<char, 256> why{};
  // Minus one: as the brokers copy topics by default.
  topic_ptr<rd_kafka_NewTopic_t> wanted{
    rd_kafka_NewTopic_new(topic.c_str(), 1, -1, why.data(), why.size())};
  if (!wanted)
    return make_unexpected(log_error{log_error_code::settings, why.data()});
  rd_kafka_NewTopic_set_config(wanted.get(), "cleanup.policy", "compact");
  const auto millis = static_cast<int>(within.count());
  topic_ptr<rd_kafka_AdminOptions_t> options{
    rd_kafka_AdminOptions_new(client->get(), RD_KAFKA_ADMIN_OP_CREATETOPICS)};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), millis, why.data(),
                                            why.size());
  topic_ptr<rd_kafka_queue_t> answers{rd_kafka_queue_new(client->get())};
  auto* all = wanted.get();
  rd_kafka_CreateTopics(client->get(), &all, 1, options.get(), answers.get());
  const topic_ptr<rd_kafka_event_t> answer{
    rd_kafka_queue_poll(answers.get(), millis + 1000)};
  return verdict(answer.get());
}

} // namespace callfork::bus
