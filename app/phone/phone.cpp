#include "app/phone/phone.hpp"

#include "app/phone/ear.hpp"
#include "app/phone/offer_text.hpp"
#include "app/phone/port_pair.hpp"
#include "media/audio/g711.hpp"
#include "media/base/check.hpp"
#include "media/rtp/packet.hpp"
#include "media/rtp/receive_statistics.hpp"
#include "media/rtp/rtcp.hpp"
#include "media/srtp/session.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

namespace callfork::phone {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t packet_samples = 160;
constexpr auto packet_time = 20ms;
constexpr auto first_report = 500ms;

using datagram = std::array<std::byte, 2048>;

/// NTP time: seconds since 1900 above, fractions below (RFC 3550 4).
std::uint64_t ntp_time(wall_time when) noexcept {
  constexpr std::uint64_t seconds_1900_to_1970 = 2'208'988'800;
  const auto since = static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::microseconds>(
      when.time_since_epoch())
      .count());
  return (since / 1'000'000 + seconds_1900_to_1970) << 32U
         | ((since % 1'000'000) << 32U) / 1'000'000;
}

/// The middle of an NTP time, as report blocks carry it.
std::uint32_t middle(std::uint64_t ntp) noexcept {
  return static_cast<std::uint32_t>(ntp >> 16U);
}

class loopback_phone final : public phone {
public:
  loopback_phone(phone_settings settings, port_pair ports)
    : settings_(std::move(settings)),
      ports_(std::move(ports)) {
    std::random_device random;
    ssrc_ = random();
    sequence_ = static_cast<std::uint16_t>(random() & 0x7fffU);
    timestamp_ = random();
    session_ = random();
  }

  ~loopback_phone() override {
    loopback_phone::stop();
  }

  loopback_phone(const loopback_phone&) = delete;
  loopback_phone& operator=(const loopback_phone&) = delete;

  std::string offer() override {
    codec_ = settings_.codec;
    if (settings_.suite)
      own_ = own_crypto(1, *settings_.suite);
    return write_session(text(true));
  }

  expected<std::string, std::string> answer(std::string_view offer) override {
    const auto read = read_session(offer);
    if (!read)
      return unexpected{read.error()};
    if (read->secure != settings_.suite.has_value())
      return unexpected{std::string{read->secure
                                      ? "the offer wants SRTP, I speak RTP"
                                      : "the offer has no SRTP"}};
    own_.reset();
    const srtp::crypto_attribute* theirs = nullptr;
    if (read->secure) {
      const auto found = std::ranges::find(read->crypto, *settings_.suite,
                                           &srtp::crypto_attribute::suite);
      if (found == read->crypto.end())
        return unexpected{std::string{"the offer lacks my crypto suite"}};
      theirs = &*found;
      own_ = own_crypto(theirs->tag, theirs->suite);
    }
    codec_ = read->codec;
    if (auto done = connect(*read, theirs); !done)
      return unexpected{done.error()};
    return write_session(text(false));
  }

  expected<void, std::string> accept(std::string_view answer) override {
    const auto read = read_session(answer);
    if (!read)
      return unexpected{read.error()};
    if (read->secure != own_.has_value())
      return unexpected{std::string{"the answer changes RTP to SRTP or back"}};
    if (!read->secure)
      return connect(*read, nullptr);
    if (read->crypto.size() != 1 || read->crypto.front().tag != own_->tag
        || read->crypto.front().suite != own_->suite)
      return unexpected{std::string{"the answer picks no crypto of mine"}};
    codec_ = read->codec;
    return connect(*read, &read->crypto.front());
  }

  void start() override {
    CALLFORK_EXPECT(remote_ && !thread_.joinable());
    start_ = clock::now();
    ear_.emplace(start_);
    next_report_ = start_
                   + std::min<duration>(first_report, settings_.rtcp_interval);
    running_ = true;
    thread_ = std::thread{[this] {
      run();
    }};
  }

  void stop() override {
    running_ = false;
    if (thread_.joinable())
      thread_.join();
  }

  std::vector<std::int16_t> heard() const override {
    CALLFORK_EXPECT(!thread_.joinable());
    return ear_ ? ear_->pcm() : std::vector<std::int16_t>{};
  }

  call_figures figures() const override {
    const std::lock_guard guard{mutex_};
    auto copy = figures_;
    if (ear_)
      ear_->report(copy);
    return copy;
  }

private:
  static srtp::crypto_attribute own_crypto(std::uint32_t tag,
                                           srtp::suite suite) {
    return {tag, suite, {{srtp::make_key(suite), {}, {}}}, {}};
  }

  session_text text(bool both_codecs) const {
    return {settings_.name, ports_.local(), codec_,
            both_codecs,    own_,           session_};
  }

  expected<void, std::string> connect(const session_read& to,
                                      const srtp::crypto_attribute* theirs) {
    remote_ = to.rtp;
    remote_rtcp_ = to.rtcp;
    if (!theirs)
      return {};
    auto out = srtp::protector::make(srtp::to_keying(*own_));
    auto in = srtp::unprotector::make(srtp::to_keying(*theirs));
    if (!out || !in)
      return unexpected{std::string{"SRTP cannot be set up"}};
    protector_.emplace(std::move(*out));
    unprotector_.emplace(std::move(*in));
    return {};
  }

  void run() {
    for (auto next_packet = start_; running_; wait(next_packet)) {
      const std::lock_guard guard{mutex_};
      const auto now = clock::now();
      // After a stall the packets follow at once: none is left out.
      for (; next_packet <= now; next_packet += packet_time)
        speak();
      if (now >= next_report_) {
        next_report_ += settings_.rtcp_interval;
        send_report(now);
      }
      listen();
    }
  }

  void wait(time_point until) const {
    std::array<pollfd, 2> watched{pollfd{ports_.rtp(), POLLIN, 0},
                                  pollfd{ports_.rtcp(), POLLIN, 0}};
    const auto left = std::max(until - clock::now(), duration::zero());
    const timespec limit{0, std::chrono::nanoseconds{left}.count()};
    ppoll(watched.data(), watched.size(), &limit, nullptr);
  }

  void speak() {
    datagram packet;
    rtp::write(packet, {.marker = figures_.sent == 0,
                        .payload_type = codec_ == codec::pcmu ? std::uint8_t{0}
                                                              : std::uint8_t{8},
                        .sequence = sequence_++,
                        .timestamp = timestamp_,
                        .ssrc = ssrc_});
    std::array<std::int16_t, packet_samples> pcm{};
    for (auto& sample : pcm) {
      if (settings_.speech.empty())
        break;
      sample = settings_.speech[spoken_++ % settings_.speech.size()];
    }
    audio::g711::encode(
      codec_ == codec::pcmu ? audio::g711::law::mu : audio::g711::law::a, pcm,
      bytes_span{packet}.subspan(rtp::header_size, packet_samples));
    timestamp_ += packet_samples;
    const auto size = rtp::header_size + packet_samples;
    auto sealed = protector_ ? protector_->protect_rtp(packet, size)
                             : bytes_span{packet}.first(size);
    if (sealed && send(ports_.rtp(), *remote_, *sealed))
      ++figures_.sent;
  }

  void send_report(time_point now) {
    const auto ntp = ntp_time(wall_clock::now());
    const rtp::sender_report report{
      ssrc_, ntp, timestamp_, static_cast<std::uint32_t>(figures_.sent),
      static_cast<std::uint32_t>(figures_.sent * packet_samples)};
    std::optional<rtp::report_block> block;
    if (statistics_.valid())
      block = {statistics_.ssrc(),     statistics_.take_fraction_lost(),
               statistics_.lost(),     statistics_.extended_highest_sequence(),
               statistics_.jitter(),   last_report_,
               delay_since_report(now)};
    datagram packet;
    const auto size = rtp::write_report(packet, report, block, settings_.name);
    auto sealed = protector_ ? protector_->protect_rtcp(packet, size)
                             : bytes_span{packet}.first(size);
    if (sealed)
      (void)send(ports_.rtcp(), remote_rtcp_, *sealed);
  }

  /// In 1/65536 s; 0 when no report came (RFC 3550 6.4.1).
  std::uint32_t delay_since_report(time_point now) const {
    if (last_report_ == 0)
      return 0;
    const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(
      now - last_report_at_);
    return static_cast<std::uint32_t>(delay.count() * 65'536 / 1'000'000);
  }

  static bool send(int from, const endpoint& to, bytes_view bytes) {
    return sendto(from, bytes.data(), bytes.size(), 0, to.native(),
                  to.native_size())
           == static_cast<ssize_t>(bytes.size());
  }

  void listen() {
    datagram buffer;
    for (auto size = recv(ports_.rtp(), buffer.data(), buffer.size(), 0);
         size >= 0; size = recv(ports_.rtp(), buffer.data(), buffer.size(), 0))
      on_rtp(bytes_span{buffer}.first(static_cast<std::size_t>(size)));
    for (auto size = recv(ports_.rtcp(), buffer.data(), buffer.size(), 0);
         size >= 0; size = recv(ports_.rtcp(), buffer.data(), buffer.size(), 0))
      on_rtcp(bytes_span{buffer}.first(static_cast<std::size_t>(size)));
  }

  void on_rtp(bytes_span bytes) {
    const auto now = clock::now();
    auto plain = unprotector_ ? unprotector_->unprotect_rtp(bytes, now)
                              : expected<bytes_span, drop_reason>{bytes};
    const auto packet = plain ? rtp::packet::parse(*plain)
                              : unexpected{plain.error()};
    if (!packet) {
      ++figures_.refused;
      return;
    }
    statistics_.on_packet(*packet, 8000, now);
    ear_->hear(*packet, now);
  }

  void on_rtcp(bytes_span bytes) {
    const auto now = clock::now();
    auto plain = unprotector_ ? unprotector_->unprotect_rtcp(bytes, now)
                              : expected<bytes_span, drop_reason>{bytes};
    if (!plain || !rtp::is_valid_compound(*plain)) {
      ++figures_.refused;
      return;
    }
    ++figures_.reports_received;
    rtp::rtcp_walk walk{*plain};
    while (const auto packet = walk.next()) {
      if (const auto report = rtp::read_sender_report(*packet)) {
        last_report_ = middle(report->ntp_time);
        last_report_at_ = now;
      }
      for (std::size_t at = 0; at < packet->count; ++at)
        if (const auto block = rtp::read_report_block(*packet, at))
          on_block(*block);
    }
  }

  void on_block(const rtp::report_block& block) {
    if (block.ssrc != ssrc_ || block.last_report == 0)
      return;
    const auto trip = middle(ntp_time(wall_clock::now())) - block.last_report
                      - block.delay;
    if (static_cast<std::int32_t>(trip) >= 0)
      figures_.round_trip
        = std::chrono::microseconds{std::uint64_t{trip} * 1'000'000 / 65'536};
  }

  phone_settings settings_;
  port_pair ports_;
  std::uint32_t ssrc_ = 0;
  std::uint16_t sequence_ = 0;
  std::uint32_t timestamp_ = 0;
  std::uint64_t session_ = 0;
  enum codec codec_ = codec::pcmu;
  std::optional<srtp::crypto_attribute> own_;
  std::optional<endpoint> remote_;
  endpoint remote_rtcp_;
  std::optional<srtp::protector> protector_;
  std::optional<srtp::unprotector> unprotector_;
  std::atomic<bool> running_ = false;
  std::thread thread_;

  mutable std::mutex mutex_; ///< Guards what follows while the thread runs.
  time_point start_;
  time_point next_report_;
  std::optional<ear> ear_;
  rtp::receive_statistics statistics_;
  std::size_t spoken_ = 0;
  std::uint32_t last_report_ = 0;
  time_point last_report_at_;
  call_figures figures_;
};

} // namespace

expected<std::unique_ptr<phone>, std::string>
phone::make(phone_settings settings) {
  auto ports = port_pair::make();
  if (!ports)
    return unexpected{ports.error()};
  return std::make_unique<loopback_phone>(std::move(settings),
                                          std::move(*ports));
}

} // namespace callfork::phone
