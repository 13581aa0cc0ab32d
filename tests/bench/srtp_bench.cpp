// Prints what one packet of 160 bytes of audio costs to protect and to
// unprotect with each suite, with libsrtp's own ciphers and with ours, and what
// a session weighs. Run alone on an idle machine: build/bench/tests/srtp_bench.

#include "media/srtp/library.hpp"
#include "media/srtp/sdes.hpp"
#include "media/srtp/session.hpp"

#include <srtp2/srtp.h>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace callfork;

namespace {

constexpr std::size_t packet_size = 172;
constexpr std::size_t batch = 1000;
constexpr std::size_t rounds = 50;

using packet = std::array<std::byte, packet_size + srtp::max_overhead>;

struct cost {
  double protect_ns = 1e9;
  double unprotect_ns = 1e9;
};

packet plain(std::uint16_t sequence) {
  packet made{};
  made[0] = std::byte{0x80};
  write_u16(made, 2, sequence);
  write_u32(made, 8, 0xcafebabe);
  return made;
}

/// Best of many rounds of a thousand packets through a pair of sessions.
template <class Protect, class Unprotect>
cost measure(Protect protect, Unprotect unprotect) {
  using steady = std::chrono::steady_clock;
  const auto per_packet = [](steady::duration spent) {
    return std::chrono::duration<double, std::nano>(spent).count() / batch;
  };
  cost best;
  std::uint16_t sequence = 0;
  std::vector<packet> packets(batch);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (auto& each : packets)
      each = plain(sequence++);
    const auto start = steady::now();
    for (auto& each : packets)
      protect(each);
    const auto middle = steady::now();
    for (auto& each : packets)
      unprotect(each);
    const auto end = steady::now();
    best.protect_ns = std::min(best.protect_ns, per_packet(middle - start));
    best.unprotect_ns = std::min(best.unprotect_ns, per_packet(end - middle));
  }
  return best;
}

cost ours(srtp::suite with) {
  const srtp::keying keying{with, srtp::make_key(with), std::nullopt};
  auto out = srtp::protector::make(keying).value();
  auto in = srtp::unprotector::make(keying).value();
  std::size_t size = 0;
  return measure(
    [&](packet& each) {
      size = out.protect_rtp(each, packet_size).value().size();
    },
    [&](packet& each) {
      (void)in.unprotect_rtp(bytes_span{each}.first(size), {}).value();
    });
}

void set_ciphers(srtp_policy_t& policy, srtp::suite with) {
  const auto name = to_string(with);
  for (auto* each : {&policy.rtp, &policy.rtcp}) {
    if (name == "AEAD_AES_256_GCM")
      srtp_crypto_policy_set_aes_gcm_256_16_auth(each);
    else if (name == "AEAD_AES_128_GCM")
      srtp_crypto_policy_set_aes_gcm_128_16_auth(each);
    else if (name.starts_with("AES_256"))
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(each);
    else if (name.starts_with("AES_192"))
      srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(each);
    else
      srtp_crypto_policy_set_rtp_default(each);
    if (name.ends_with("_32"))
      each->auth_tag_len = 4;
  }
}

cost stock(srtp::suite with) {
  auto key = srtp::make_key(with);
  srtp_policy_t policy{};
  set_ciphers(policy, with);
  policy.key = reinterpret_cast<unsigned char*>(key.bytes.data());
  policy.window_size = 1024;
  srtp_t out = nullptr;
  srtp_t in = nullptr;
  policy.ssrc.type = ssrc_any_outbound;
  srtp_create(&out, &policy);
  policy.ssrc.type = ssrc_any_inbound;
  srtp_create(&in, &policy);
  int size = 0;
  return measure(
    [&](packet& each) {
      size = packet_size;
      srtp_protect(out, each.data(), &size);
    },
    [&](packet& each) {
      int length = size;
      if (srtp_unprotect(in, each.data(), &length) != srtp_err_status_ok)
        std::abort();
    });
}

/// Heap bytes of sessions that have seen a packet each, and their own size.
template <class Make>
double weigh(Make make) {
  constexpr int count = 200;
  (void)make();
  const auto before = mallinfo2().uordblks;
  std::vector<decltype(make())> kept;
  kept.reserve(count);
  for (int each = 0; each < count; ++each)
    kept.push_back(make());
  return static_cast<double>(mallinfo2().uordblks - before) / count;
}

void print_weights(srtp::suite with) {
  const srtp::keying keying{with, srtp::make_key(with), std::nullopt};
  const auto out = weigh([&] {
    auto made = srtp::protector::make(keying).value();
    auto first = plain(1);
    (void)made.protect_rtp(first, packet_size);
    return made;
  });
  auto sender = srtp::protector::make(keying).value();
  auto first = plain(1);
  const auto sealed = sender.protect_rtp(first, packet_size).value().size();
  const auto in = weigh([&] {
    auto made = srtp::unprotector::make(keying).value();
    auto copy = first;
    (void)made.unprotect_rtp(bytes_span{copy}.first(sealed), {}).value();
    return made;
  });
  std::printf("%-26s %10.0f %10.0f\n", to_string(with).data(), out, in);
}

/// libsrtp cannot go back to its own ciphers, so they run in a child process.
std::array<cost, srtp::suite_count> stock_of_all() {
  std::array<cost, srtp::suite_count> all{};
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    return all;
  const auto child = fork();
  if (child == 0) {
    srtp_init();
    for (std::size_t each = 0; each < srtp::suite_count; ++each)
      all[each] = stock(static_cast<srtp::suite>(each));
    const auto written = write(ends[1], all.data(), sizeof(all));
    _exit(written == sizeof(all) ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], all.data(), sizeof(all)) != sizeof(all))
    std::puts("the stock ciphers could not be measured");
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return all;
}

} // namespace

int main() {
  const auto stocks = stock_of_all();
  if (!srtp::start_library()) {
    std::puts("libsrtp's self tests failed");
    return 1;
  }
  std::printf("%-26s %21s %21s\n", "ns per 160-byte packet", "protect",
              "unprotect");
  std::printf("%-26s %10s %10s %10s %10s\n", "", "stock", "ours", "stock",
              "ours");
  for (std::size_t each = 0; each < srtp::suite_count; ++each) {
    const auto suite = static_cast<srtp::suite>(each);
    const auto mine = ours(suite);
    std::printf("%-26s %10.0f %10.0f %10.0f %10.0f\n", to_string(suite).data(),
                stocks[each].protect_ns, mine.protect_ns,
                stocks[each].unprotect_ns, mine.unprotect_ns);
  }
  std::printf("\n%-26s %10s %10s\n", "bytes per session", "protector",
              "unprotector");
  for (std::size_t each = 0; each < srtp::suite_count; ++each)
    print_weights(static_cast<srtp::suite>(each));
}
