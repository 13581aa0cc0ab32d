#include "bus/kafka_fault.hpp"
#include "bus/kafka_handle.hpp"
#include "tests/component/bus/workload.hpp"
#include "tests/support/temporary_folder.hpp"

#include <librdkafka/rdkafka_mock.h>

using namespace callfork;
using namespace callfork::bus;
using namespace callfork::test;

namespace {

constexpr std::int16_t produce_api = 0;

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

  void push(std::vector<rd_kafka_resp_err_t> errors) const {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), produce_api,
                                            errors.size(), errors.data());
  }

  void set_down(bool down) const {
    for (int broker = 1; broker <= 3; ++broker)
      if (down)
        rd_kafka_mock_broker_set_down(cluster_.get(), broker);
      else
        rd_kafka_mock_broker_set_up(cluster_.get(), broker);
  }

  [[nodiscard]] findings read(std::size_t count) const {
    const auto reader = make_kafka_reader(settings(), topic,
                                          read_from::beginning);
    REQUIRE(reader.has_value());
    return collect(**reader, count);
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

std::unique_ptr<log_writer> must_connect(const mock_cluster& kafka) {
  auto made = make_kafka_writer(kafka.settings());
  REQUIRE(made.has_value());
  return std::move(*made);
}

} // namespace

TEST_CASE("broker errors lose nothing and change no order", "[bus][kafka]") {
  const mock_cluster kafka;
  const test::temporary_folder folder;
  auto publisher = must_open(folder.path(), kafka.topic, must_connect(kafka));
  tell(publisher, 0, 50, 1ms);
  SECTION("requests time out") {
    kafka.push({RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  }
  SECTION("the leader moves") {
    kafka.push({RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  }
  SECTION("the broker sees sequences out of order") {
    kafka.push({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  }
  SECTION("the broker forgot the producer") {
    kafka.push({RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID});
  }
  SECTION("the topic's rights were taken away for a while") {
    kafka.push({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  }
  tell(publisher, 50, 500, 1ms);
  CHECK(publisher.flush(clock::now() + 20s));
  const auto found = kafka.read(500);
  CHECK(found.ids.size() == 500);
  CHECK(found.ordered);
}

TEST_CASE("a producer declared broken is replaced within a second",
          "[bus][kafka]") {
  const mock_cluster kafka;
  const test::temporary_folder folder;
  auto writer = must_connect(kafka);
  auto& breakable = *writer;
  auto publisher = must_open(folder.path(), kafka.topic, std::move(writer));
  tell(publisher, 0, 200, 0ms);
  break_producer(breakable);
  const auto broken = clock::now();
  std::uint64_t number = 200;
  while (publisher.gauges(real_now()).restarts == 0
         && clock::now() - broken < 5s) {
    tell(publisher, number, number + 1, 5ms);
    ++number;
  }
  CHECK(publisher.gauges(real_now()).restarts == 1);
  CHECK(clock::now() - broken < 1s);
  tell(publisher, number, 600, 0ms);
  CHECK(publisher.flush(clock::now() + 20s));
  const auto found = kafka.read(600);
  CHECK(found.ids.size() == 600);
  CHECK(found.ordered);
}

TEST_CASE("brokers that are down delay events and lose none", "[bus][kafka]") {
  const mock_cluster kafka;
  const test::temporary_folder folder;
  auto publisher = must_open(folder.path(), kafka.topic, must_connect(kafka));
  tell(publisher, 0, 50, 1ms);
  kafka.set_down(true);
  tell(publisher, 50, 150, 10ms);
  CHECK(publisher.gauges(real_now()).pending > 0);
  CHECK_FALSE(publisher.trouble().empty());
  kafka.set_down(false);
  CHECK(publisher.flush(clock::now() + 20s));
  const auto found = kafka.read(150);
  CHECK(found.ids.size() == 150);
  CHECK(found.ordered);
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
