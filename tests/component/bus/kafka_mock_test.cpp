#include "bus/kafka_fault.hpp"
#include "bus/kafka_handle.hpp"
#include "tests/component/bus/workload.hpp"
#include "tests/support/temporary_folder.hpp"

#include <librdkafka/rdkafka_mock.h>

using namespace callfork;
using namespace callfork::bus;
using namespace callfork::test;

namespace {

// The protocol's numbers.
constexpr std::int16_t produce_api = 0;
constexpr std::int16_t init_producer_id_api = 22;

/// librdkafka's own broker, whose faults the test pushes.
class mock_cluster {
public:
  mock_cluster() {
    kafka_ptr<rd_kafka_conf_t> conf{rd_kafka_conf_new()};
    rd_kafka_conf_set_log_cb(conf.get(), nullptr);
    auto client = make_kafka_client(RD_KAFKA_PRODUCER, std::move(conf));
    REQUIRE(client.has_value());
    client_ = std::move(*client);
    cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), 3));
    rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), 4, 3);
  }

  [[nodiscard]] kafka_settings settings() const {
    kafka_settings made;
    made.brokers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    return made;
  }

  /// The next requests of the kind get these answers.
  void push(std::int16_t api, std::vector<rd_kafka_resp_err_t> errors) const {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), api, errors.size(),
                                            errors.data());
  }

  void set_down(bool down) const {
    for (int broker = 1; broker <= 3; ++broker)
      if (down)
        rd_kafka_mock_broker_set_down(cluster_.get(), broker);
      else
        rd_kafka_mock_broker_set_up(cluster_.get(), broker);
  }

  const std::string topic = "events";

private:
  struct cluster_deleter {
    void operator()(rd_kafka_mock_cluster_t* cluster) const noexcept {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };
  kafka_ptr<rd_kafka_t> client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, cluster_deleter> cluster_;
};

/// A publisher on a mock cluster, and what came of it.
struct scene {
  mock_cluster kafka;
  test::temporary_folder folder;
  std::unique_ptr<log_writer> writer = must_connect(kafka.settings());
  log_writer& log = *writer;
  bus::publisher publisher = must_open(folder.path(), kafka.topic,
                                       std::move(writer));

  /// Everything told is in the log within 20 s, in order.
  void check_complete(std::size_t count) {
    CHECK(publisher.flush(clock::now() + 20s));
    test::check_complete(kafka.settings(), kafka.topic, count);
  }
};

} // namespace

TEST_CASE("broker errors lose nothing and change no order", "[bus][kafka]") {
  scene on;
  tell(on.publisher, 0, 50, 1ms);
  SECTION("requests time out") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  }
  SECTION("the leader moves") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  }
  SECTION("too few replicas are in step") {
    on.kafka.push(produce_api,
                  {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                   RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND});
  }
  SECTION("the broker sees sequences out of order") {
    on.kafka.push(produce_api,
                  {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  }
  SECTION("the broker forgot the producer") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID});
  }
  SECTION("the broker fences the producer") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
  }
  SECTION("the topic's rights were taken away for a while") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  }
  SECTION("the broker's disk fails for a while") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                                RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR});
  }
  SECTION("an error of no kind known") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_UNKNOWN});
  }
  SECTION("a whole batch is refused though each record is good") {
    on.kafka.push(produce_api, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  }
  tell(on.publisher, 50, 500, 1ms);
  on.check_complete(500);
  CHECK(on.publisher.gauges(real_now()).rejected == 0);
}

TEST_CASE("a producer that may not begin tries again until it may",
          "[bus][kafka]") {
  const mock_cluster kafka;
  kafka.push(init_producer_id_api,
             {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
              RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED});
  const test::temporary_folder folder;
  auto publisher = must_open(folder.path(), kafka.topic,
                             must_connect(kafka.settings()));
  tell(publisher, 0, 100, 1ms);
  CHECK(publisher.trouble().find("authorization") != std::string::npos);
  CHECK(publisher.flush(clock::now() + 20s));
  CHECK(publisher.gauges(real_now()).restarts >= 1);
  CHECK(publisher.trouble().empty());
  check_complete(kafka.settings(), kafka.topic, 100);
}

TEST_CASE("a producer declared broken is replaced within a second",
          "[bus][kafka]") {
  scene on;
  tell(on.publisher, 0, 200, 0ms);
  break_producer(on.log);
  const auto broken = clock::now();
  std::uint64_t number = 200;
  while (on.publisher.gauges(real_now()).restarts == 0
         && clock::now() - broken < 5s) {
    tell(on.publisher, number, number + 1, 5ms);
    ++number;
  }
  CHECK(on.publisher.gauges(real_now()).restarts == 1);
  CHECK(clock::now() - broken < 1s);
  tell(on.publisher, number, 600, 0ms);
  on.check_complete(600);
}

TEST_CASE("brokers that are down delay events and lose none", "[bus][kafka]") {
  scene on;
  tell(on.publisher, 0, 50, 1ms);
  on.kafka.set_down(true);
  tell(on.publisher, 50, 150, 10ms);
  CHECK(on.publisher.gauges(real_now()).pending > 0);
  CHECK_FALSE(on.publisher.trouble().empty());
  on.kafka.set_down(false);
  on.check_complete(150);
}

TEST_CASE("a reader waits for brokers", "[bus][kafka]") {
  scene on;
  on.kafka.set_down(true);
  const auto reader = make_kafka_reader(on.kafka.settings(), on.kafka.topic,
                                        read_from::beginning);
  REQUIRE(reader.has_value());
  CHECK_FALSE((*reader)->next(10ms).has_value());
  on.kafka.set_down(false);
  tell(on.publisher, 0, 20, 0ms);
  CHECK(on.publisher.flush(clock::now() + 20s));
  CHECK(collect(**reader, 20).ids.size() == 20);
}

TEST_CASE("a wrong setting is named and its value is not told",
          "[bus][kafka]") {
  kafka_settings settings;
  settings.brokers = "127.0.0.1:1";
  settings.options = {{"sasl.passwort", "hunter2"}};
  const auto refused = make_kafka_writer(settings);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == log_error_code::settings);
  CHECK(refused.error().text.find("sasl.passwort") != std::string::npos);
  CHECK(refused.error().text.find("hunter2") == std::string::npos);
}
