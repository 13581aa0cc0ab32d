// Drives a media node over the NG protocol with N calls of two parties each,
// 50 packets per second and party, and prints one line of JSON: CPU of the
// node per relayed packet, latency, loss, memory per call and set-up rate.
//
//   load_bench --node 127.0.0.1:2223 --pid <node's pid> --calls 100
//              [--seconds 10] [--srtp] [--record | --subscribe]
//   load_bench --bare <first port> --pid <pid of bare_relay_bench> --calls 100
//
// Latency is from just before the send to the kernel's receive time stamp, so
// the generator's own receive delay does not count.

#include "tests/bench/node_link.hpp"
#include "tests/bench/process_usage.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <deque>
#include <vector>

namespace callfork::bench {
namespace {

struct options {
  endpoint node;
  std::uint16_t bare_port = 0;
  std::string pid;
  unsigned calls = 100;
  unsigned seconds = 10;
  bool srtp = false;
  bool record = false;
  bool subscribe = false;
};

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000ULL
         + static_cast<std::uint64_t>(now.tv_nsec);
}

options read_options(const std::vector<std::string>& words) {
  options read;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto value = [&] {
      return at + 1 < words.size() ? words[++at] : std::string{};
    };
    const auto& word = words[at];
    if (word == "--node") {
      read.node = endpoint_of(value());
    } else if (word == "--bare") {
      read.bare_port = static_cast<std::uint16_t>(std::stoi(value()));
    } else if (word == "--pid") {
      read.pid = value();
    } else if (word == "--calls") {
      read.calls = static_cast<unsigned>(std::stoi(value()));
    } else if (word == "--seconds") {
      read.seconds = static_cast<unsigned>(std::stoi(value()));
    } else if (word == "--srtp") {
      read.srtp = true;
    } else if (word == "--record") {
      read.record = true;
    } else if (word == "--subscribe") {
      read.subscribe = true;
    } else {
      fail("unknown option " + word);
    }
  }
  return read;
}

/// Makes the calls' sockets and keys.
std::vector<load_call> make_calls(const options& how) {
  std::vector<load_call> calls(how.calls);
  const auto run = std::to_string(getpid());
  for (unsigned index = 0; index < how.calls; ++index) {
    auto& call = calls[index];
    call.id = "load-" + run + "-" + std::to_string(index);
    for (auto* party : {&call.caller, &call.callee}) {
      open_socket(*party);
      party->ssrc = 0x10000000U + 2 * index;
    }
    ++call.callee.ssrc;
    if (how.srtp)
      call.caller.key = srtp::make_key(srtp::suite::aes_cm_128_hmac_sha1_80);
  }
  return calls;
}

/// Sets all calls up, 32 at a time; the result is in calls per second.
double set_up(std::vector<load_call>& calls, node_link& link) {
  constexpr std::size_t window = 32;
  const auto began = now_ns();
  std::size_t next = 0;
  const auto offer = [&] {
    const auto& call = calls[next];
    link.send(request(call, "o" + std::to_string(next), "offer",
                      sdp_of(call.caller), false));
    ++next;
  };
  while (next < std::min(window, calls.size()))
    offer();
  for (std::size_t done = 0; done < calls.size();) {
    const auto reply = link.receive();
    expect_ok(reply);
    auto& call = calls[std::stoul(reply.cookie.substr(1))];
    const bool answered = reply.cookie.front() == 'a';
    learn(answered ? call.caller : call.callee, text_of(reply, "sdp"));
    if (!answered) {
      link.send(request(call, "a" + reply.cookie.substr(1), "answer",
                        sdp_of(call.callee), true));
      continue;
    }
    ++done;
    if (next < calls.size())
      offer();
  }
  return static_cast<double>(calls.size()) * 1e9
         / static_cast<double>(now_ns() - began);
}

/// Has each call's two streams sent to one more receiver, who never reads.
void subscribe(const std::vector<load_call>& calls, node_link& link) {
  load_party drain;
  open_socket(drain);
  const auto port = std::to_string(drain.local.port());
  for (std::size_t index = 0; index < calls.size(); ++index) {
    ng::dictionary ask;
    ask.set("command", "subscribe request").set("call-id", calls[index].id);
    ask.set("flags", ng::list{"all", "siprec"}).set("from-tag", "1");
    ask.set("transport-protocol", "RTP/AVP").set("ICE", "remove");
    ask.set("DTLS", "off");
    link.send(ng::write_message("s" + std::to_string(index),
                                ng::encoding::bencode, ask));
    const auto offered = link.receive();
    expect_ok(offered);
    std::string sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                      "c=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    const auto read = sdp::read_description(text_of(offered, "sdp"), {});
    for (std::size_t media = 0; read && media < read->sections.size(); ++media)
      sdp += "m=audio " + port + " RTP/AVP 0\r\na=recvonly\r\n";
    ng::dictionary answer;
    answer.set("command", "subscribe answer").set("call-id", calls[index].id);
    answer.set("to-tag", text_of(offered, "to-tag")).set("sdp", sdp);
    answer.set("from-tag", text_of(offered, "from-tag"));
    link.send(ng::write_message("t" + std::to_string(index),
                                ng::encoding::bencode, answer));
    expect_ok(link.receive());
  }
}

void start_recording(const std::vector<load_call>& calls, node_link& link) {
  for (std::size_t index = 0; index < calls.size(); ++index) {
    link.send(request(calls[index], "r" + std::to_string(index),
                      "start recording", {}, true));
    expect_ok(link.receive());
  }
}

void tear_down(const std::vector<load_call>& calls, node_link& link) {
  for (std::size_t index = 0; index < calls.size(); ++index) {
    link.send(
      request(calls[index], "d" + std::to_string(index), "delete", {}, false));
    (void)link.receive();
  }
}

void send_packet(load_party& party) {
  std::array<std::byte, 256> packet{};
  packet[0] = std::byte{0x80};
  write_u16(packet, 2, party.sequence);
  write_u32(packet, 4, party.sequence * 160U);
  write_u32(packet, 8, party.ssrc);
  std::memset(packet.data() + 12, 0xff, 160);
  const auto stamp = now_ns();
  std::memcpy(packet.data() + 12, &stamp, sizeof(stamp));
  bytes_span whole{packet.data(), 172};
  if (party.protect) {
    const auto made = party.protect->protect_rtp(packet, whole.size());
    if (!made)
      fail("cannot protect");
    whole = *made;
  }
  ++party.sequence;
  if (sendto(party.socket, whole.data(), whole.size(), 0, party.node.native(),
             party.node.native_size())
      > 0)
    ++party.sent;
}

/// Takes all that waits at a party's socket; latencies in nanoseconds.
void receive_packets(load_party& party, std::vector<std::uint64_t>* latencies) {
  for (;;) {
    std::array<std::byte, 512> packet;
    alignas(cmsghdr) std::array<char, 128> control;
    iovec where{packet.data(), packet.size()};
    msghdr header{};
    header.msg_iov = &where;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto size = recvmsg(party.socket, &header, 0);
    if (size < 12)
      return;
    bytes_span whole{packet.data(), static_cast<std::size_t>(size)};
    if (party.unprotect) {
      const auto opened = party.unprotect->unprotect_rtp(whole, clock::now());
      if (!opened)
        continue;
      whole = *opened;
    }
    ++party.received;
    const auto* stamp = CMSG_FIRSTHDR(&header);
    if (latencies == nullptr || stamp == nullptr || whole.size() < 20)
      continue;
    timespec arrived{};
    std::memcpy(&arrived, CMSG_DATA(stamp), sizeof(arrived));
    std::uint64_t left = 0;
    std::memcpy(&left, whole.data() + 12, sizeof(left));
    latencies->push_back(static_cast<std::uint64_t>(arrived.tv_sec)
                           * 1'000'000'000ULL
                         + static_cast<std::uint64_t>(arrived.tv_nsec) - left);
  }
}

/// Sends and receives for `seconds`, evenly spread over each 20 ms.
void run_media(std::vector<load_call>& calls, unsigned seconds,
               std::vector<std::uint64_t>* latencies) {
  const int watch = epoll_create1(0);
  std::vector<load_party*> parties;
  for (auto& call : calls)
    for (auto* party : {&call.caller, &call.callee}) {
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.ptr = party;
      epoll_ctl(watch, EPOLL_CTL_ADD, party->socket, &wanted);
      parties.push_back(party);
    }
  const auto began = now_ns();
  const std::uint64_t end = began + seconds * 1'000'000'000ULL;
  const auto gap = 20'000'000ULL / parties.size();
  std::array<epoll_event, 256> ready{};
  for (std::uint64_t count = 0;;) {
    const auto now = now_ns();
    for (; began + count * gap <= std::min<std::uint64_t>(now, end); ++count)
      send_packet(*parties[count % parties.size()]);
    const bool over = now > end + 200'000'000ULL;
    const int found = epoll_wait(watch, ready.data(), ready.size(),
                                 gap > 1'000'000ULL || now > end ? 1 : 0);
    for (int at = 0; at < found; ++at)
      receive_packets(
        *static_cast<load_party*>(ready[static_cast<std::size_t>(at)].data.ptr),
        latencies);
    if (over)
      break;
  }
  close(watch);
}

double at_share(const std::vector<std::uint64_t>& sorted, double share) {
  if (sorted.empty())
    return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return static_cast<double>(sorted[static_cast<std::size_t>(share * last)])
         / 1000;
}

void zero_counts(std::vector<load_call>& calls) {
  for (auto& call : calls)
    for (auto* party : {&call.caller, &call.callee})
      party->sent = party->received = 0;
}

void measure(std::vector<load_call>& calls, const options& how,
             std::uint64_t idle_kib, double rate) {
  run_media(calls, 2, nullptr);
  zero_counts(calls);
  std::vector<std::uint64_t> latencies;
  latencies.reserve(std::size_t{how.calls} * how.seconds * 110);
  const auto cpu_before = cpu_ns(how.pid);
  run_media(calls, how.seconds, &latencies);
  const auto cpu = cpu_ns(how.pid) - cpu_before;
  const auto kib = resident_kib(how.pid);
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  for (const auto& call : calls) {
    sent += call.caller.sent + call.callee.sent;
    received += call.caller.received + call.callee.received;
  }
  std::sort(latencies.begin(), latencies.end());
  std::printf(
    "{\"calls\": %u, \"setup_per_s\": %.0f, \"cpu_us_per_packet\": %.3f, "
    "\"p50_us\": %.0f, \"p99_us\": %.0f, \"p999_us\": %.0f, \"sent\": %llu, "
    "\"lost\": %lld, \"kib_per_call\": %.1f}\n",
    how.calls, rate,
    static_cast<double>(cpu) / 1000 / static_cast<double>(received),
    at_share(latencies, 0.5), at_share(latencies, 0.99),
    at_share(latencies, 0.999), static_cast<unsigned long long>(sent),
    static_cast<long long>(sent) - static_cast<long long>(received),
    (static_cast<double>(kib) - static_cast<double>(idle_kib)) / how.calls);
}

} // namespace
} // namespace callfork::bench

int main(int argc, char** argv) {
  using namespace callfork::bench;
  const auto how = read_options({argv + 1, argv + argc});
  if (how.pid.empty())
    fail("--pid is needed");
  auto calls = make_calls(how);
  const auto idle_kib = resident_kib(how.pid);
  if (how.bare_port != 0) {
    for (unsigned index = 0; index < calls.size(); ++index) {
      const auto first = static_cast<std::uint16_t>(how.bare_port + 4 * index);
      calls[index].caller.node = *callfork::endpoint::parse("127.0.0.1", first);
      calls[index].callee.node = calls[index].caller.node.with_port(
        static_cast<std::uint16_t>(first + 2));
    }
    measure(calls, how, idle_kib, 0);
    return 0;
  }
  node_link link{how.node};
  const auto rate = set_up(calls, link);
  if (how.subscribe)
    subscribe(calls, link);
  if (how.record)
    start_recording(calls, link);
  measure(calls, how, idle_kib, rate);
  tear_down(calls, link);
  return 0;
}
