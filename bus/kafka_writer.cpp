#include "bus/kafka_fault.hpp"
#include "bus/kafka_handle.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace callfork::bus {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_delay{500};
constexpr milliseconds longest_delay{10000};
constexpr std::chrono::seconds calm{30}; ///< After it, delays begin anew.
constexpr milliseconds farewell{20};

/// How many records one request carries.
enum class grouping : std::uint8_t {
  batches,
  alone, ///< One, so that the broker's refusal concerns it and no other.
};

kafka_options producer_options(const kafka_settings& settings, grouping how) {
  const auto kilobytes = std::max<std::size_t>(settings.in_flight_bytes / 1024,
                                               1);
  kafka_options made{
    {"enable.idempotence", "true"},
    // A batch that fails for good must stop those behind it.
    {"enable.gapless.guarantee", "true"},
    {"acks", "all"},
    {"partitioner", "murmur2_random"},
    {"compression.codec", "zstd"},
    {"linger.ms", "5"},
    {"batch.size", "262144"},
    {"message.timeout.ms", "0"}, // The outbox owns the deadline.
    {"queue.buffering.max.kbytes", std::to_string(kilobytes)},
    // librdkafka spends some 2 KiB on a record beyond the bytes it counts.
    {"queue.buffering.max.messages", "10000"},
    {"socket.keepalive.enable", "true"},
    {"reconnect.backoff.max.ms", "2000"},
  };
  if (how == grouping::alone)
    made.emplace("batch.num.messages", "1");
  return made;
}

/// Errors of the records themselves, which no repetition heals.
bool is_hopeless(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
         || error == RD_KAFKA_RESP_ERR_INVALID_RECORD
         || error == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP
         || error == RD_KAFKA_RESP_ERR__INVALID_ARG;
}

log_error_code code_of(rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
    return log_error_code::full;
  return is_hopeless(error) ? log_error_code::too_large : log_error_code::lost;
}

kafka_ptr<rd_kafka_headers_t> to_native(const record& from) {
  kafka_ptr<rd_kafka_headers_t> made{rd_kafka_headers_new(from.headers.size())};
  for (const auto& [name, value] : from.headers)
    rd_kafka_header_add(made.get(), name.data(),
                        static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  return made;
}

rd_kafka_vu_t part(rd_kafka_vtype_t type) {
  rd_kafka_vu_t made{};
  made.vtype = type;
  return made;
}

rd_kafka_vu_t part(rd_kafka_vtype_t type, const std::string& bytes) {
  auto made = part(type);
  // librdkafka copies what it is handed and does not write to it.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  made.u.mem = {const_cast<char*>(bytes.data()), bytes.size()};
  return made;
}

std::int64_t millis_of(wall_time time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
}

/// Takes the headers if it succeeds.
kafka_ptr<rd_kafka_error_t> produce(rd_kafka_t* producer, const record& what,
                                    rd_kafka_headers_t* headers,
                                    std::uint64_t tag) {
  std::array parts{
    part(RD_KAFKA_VTYPE_TOPIC),         part(RD_KAFKA_VTYPE_MSGFLAGS),
    part(RD_KAFKA_VTYPE_KEY, what.key), part(RD_KAFKA_VTYPE_VALUE, what.value),
    part(RD_KAFKA_VTYPE_TIMESTAMP),     part(RD_KAFKA_VTYPE_HEADERS),
    part(RD_KAFKA_VTYPE_OPAQUE)};
  parts[0].u.cstr = what.topic.c_str();
  // A compacted topic forgets a key whose value is null, not merely empty.
  if (what.value.empty())
    parts[3].u.mem.ptr = nullptr;
  parts[1].u.i = RD_KAFKA_MSG_F_COPY;
  parts[4].u.i64 = millis_of(what.time);
  parts[5].u.headers = headers;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  parts[6].u.ptr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag));
  return kafka_ptr<rd_kafka_error_t>{
    rd_kafka_produceva(producer, parts.data(), parts.size())};
}

/// The producer. Whatever librdkafka gives up on, be it one record or the
/// whole producer, is healed alike: a new producer, and everything again in
/// order, for a later record may never overtake an earlier one.
///
/// A broker that refuses a record refuses the whole batch with it. So the next
/// producer sends each record alone, until it has found none to refuse for a
/// while; what is refused alone is rejected.
class kafka_writer final : public log_writer {
public:
  explicit kafka_writer(kafka_settings settings)
    : settings_(std::move(settings)) {
  }

  ~kafka_writer() override {
    let_go();
  }

  expected<void, log_error> start();

  void break_producer() {
    rd_kafka_test_fatal_error(producer_.get(),
                              RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "broken for a test");
  }

  expected<void, log_error> append(const record& what, std::uint64_t tag,
                                   time_point now) override;
  log_progress poll(time_point now, milliseconds wait) override;

  [[nodiscard]] bool reachable() const noexcept override {
    return reachable_;
  }

  [[nodiscard]] std::string trouble() const override {
    return trouble_;
  }

private:
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message,
                          void* self) {
    static_cast<kafka_writer*>(self)->delivered(*message);
  }
  static void on_error(rd_kafka_t*, int error, const char* why, void* self) {
    static_cast<kafka_writer*>(self)->failed(
      static_cast<rd_kafka_resp_err_t>(error), why);
  }

  void delivered(const rd_kafka_message_t& message);
  void failed(rd_kafka_resp_err_t error, const std::string& why);
  void refused(std::uint64_t tag, const std::string& why);
  void give_up(const std::string& why);
  void let_go();
  void rebuild(time_point now);
  void group_again(time_point now);

  kafka_settings settings_;
  kafka_ptr<rd_kafka_t> producer_;
  log_progress progress_;
  bool broken_ = false; ///< Nothing is taken until the producer is replaced.
  bool reachable_ = true;
  std::string trouble_;
  time_point rebuilt_;
  milliseconds delay_{0};
  grouping grouping_ = grouping::batches; ///< This producer's.
  grouping next_grouping_ = grouping::batches;
};

expected<void, log_error> kafka_writer::start() {
  grouping_ = next_grouping_;
  auto conf = make_kafka_conf(settings_,
                              producer_options(settings_, grouping_));
  if (!conf)
    return make_unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &on_delivery);
  rd_kafka_conf_set_error_cb(conf->get(), &on_error);
  auto made = make_kafka_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!made)
    return make_unexpected(made.error());
  producer_ = std::move(*made);
  return {};
}

expected<void, log_error> kafka_writer::append(const record& what,
                                               std::uint64_t tag, time_point) {
  if (broken_)
    return make_unexpected(log_error{log_error_code::lost, trouble_});
  auto headers = to_native(what);
  const auto refused = produce(producer_.get(), what, headers.get(), tag);
  if (!refused) {
    static_cast<void>(headers.release());
    return {};
  }
  const auto code = code_of(rd_kafka_error_code(refused.get()));
  const auto why = plain_words(rd_kafka_error_string(refused.get()));
  if (code == log_error_code::lost)
    give_up(why);
  return make_unexpected(log_error{code, why});
}

log_progress kafka_writer::poll(time_point now, milliseconds wait) {
  if (producer_)
    rd_kafka_poll(producer_.get(), static_cast<int>(wait.count()));
  if (broken_ && now - rebuilt_ >= delay_)
    rebuild(now);
  group_again(now);
  return std::exchange(progress_, {});
}

void kafka_writer::delivered(const rd_kafka_message_t& message) {
  const auto tag = reinterpret_cast<std::uintptr_t>(message._private);
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    progress_.durable.push_back(tag);
    reachable_ = true;
    if (!broken_)
      trouble_.clear();
    return;
  }
  const std::string why = rd_kafka_err2str(message.err);
  if (is_hopeless(message.err))
    refused(tag, why);
  else if (!broken_)
    give_up(why);
}

/// The broker will not take a record, or one that it came with.
void kafka_writer::refused(std::uint64_t tag, const std::string& why) {
  if (grouping_ == grouping::alone)
    progress_.rejected.emplace_back(tag,
                                    log_error{log_error_code::too_large, why});
  next_grouping_ = grouping::alone;
  delay_ = milliseconds{0}; // Nothing is broken: no need to wait.
  give_up(why);
}

void kafka_writer::failed(rd_kafka_resp_err_t error, const std::string& why) {
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> cause{};
    rd_kafka_fatal_error(producer_.get(), cause.data(), cause.size());
    give_up(plain_words(cause.data()));
    return;
  }
  // librdkafka reconnects by itself: this only tells people. That all brokers
  // are down says less than why.
  const bool all_down = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  if (!all_down || trouble_.empty())
    trouble_ = plain_words(why);
  if (all_down)
    reachable_ = false;
}

void kafka_writer::give_up(const std::string& why) {
  if (!broken_)
    trouble_ = why;
  broken_ = true;
}

/// Ends the producer without waiting for brokers. What it had in hand is
/// reported once more; deliveries that arrived meanwhile count.
void kafka_writer::let_go() {
  if (!producer_)
    return;
  broken_ = true;
  rd_kafka_purge(producer_.get(),
                 RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(producer_.get(), static_cast<int>(farewell.count()));
  producer_.reset();
}

/// The first replacement is made at once; when they follow each other, ever
/// later, up to ten seconds.
void kafka_writer::rebuild(time_point now) {
  const bool was_calm = now - rebuilt_ > calm;
  delay_ = was_calm ? first_delay
                    : std::clamp(delay_ * 2, first_delay, longest_delay);
  rebuilt_ = now;
  let_go();
  if (const auto started = start(); !started) {
    trouble_ = started.error().text;
    return;
  }
  broken_ = false;
  progress_.start_over = true;
}

/// Once nothing was refused for a while, records travel together again. Only
/// between two records, so that none is sent twice.
void kafka_writer::group_again(time_point now) {
  if (grouping_ == grouping::batches || broken_ || now - rebuilt_ < calm
      || rd_kafka_outq_len(producer_.get()) > 0)
    return;
  let_go();
  next_grouping_ = grouping::batches;
  broken_ = !start().has_value();
}

} // namespace

expected<std::unique_ptr<log_writer>, log_error>
make_kafka_writer(const kafka_settings& settings) {
  auto made = std::make_unique<kafka_writer>(settings);
  if (const auto started = made->start(); !started)
    return make_unexpected(started.error());
  return made;
}

void break_producer(log_writer& kafka) {
  if (auto* writer = dynamic_cast<kafka_writer*>(&kafka))
    writer->break_producer();
}

} // namespace callfork::bus
