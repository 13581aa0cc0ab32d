// Plays calls of two parties through a media node that records them, set up one
// after the other at a steady rate, each as long as the others, and prints one
// line of JSON for each call: how many packets each party sent and heard.
//
//   siprec_load_bench --node 127.0.0.1:2223 [--calls 500] [--rate 50]
//                     [--seconds 12] [--srtp]
//
// Each packet holds noise of its own, so that it is found again in recordings:
// tests/e2e/noise.py makes the same.

#include "tests/bench/node_link.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

namespace callfork::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t size = 160;
constexpr std::size_t mark = 8;
constexpr auto frame_time = 20ms;

struct options {
  endpoint node;
  unsigned calls = 500;
  unsigned rate = 50;
  unsigned seconds = 12;
  bool srtp = false;
};

options read_options(const std::vector<std::string>& words) {
  options read;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto number = [&] {
      return static_cast<unsigned>(
        std::atoi(at + 1 < words.size() ? words[++at].c_str() : "0"));
    };
    if (words[at] == "--node" && at + 1 < words.size())
      read.node = endpoint_of(words[++at]);
    else if (words[at] == "--calls")
      read.calls = number();
    else if (words[at] == "--rate")
      read.rate = number();
    else if (words[at] == "--seconds")
      read.seconds = number();
    else if (words[at] == "--srtp")
      read.srtp = true;
    else
      fail("unknown option " + words[at]);
  }
  if (read.rate == 0 || read.calls == 0 || read.seconds == 0)
    fail("--calls, --rate and --seconds want numbers");
  return read;
}

/// Codes of G.711, none of which is silence.
class noise {
public:
  noise() {
    std::uint32_t state = 12345;
    for (auto& code : codes_) {
      state = (state * 1103515245U + 12345U) & 0x7FFFFFFFU;
      code = static_cast<std::uint8_t>(state >> 16U);
      if ((code & 0x7FU) == 0x7FU)
        code ^= 1U;
    }
  }

  void write(bytes_span to, std::uint32_t word) const {
    for (std::size_t n = 0; n < mark; ++n) {
      const auto nibble = word >> (28 - 4 * n) & 15U;
      to[n] = std::byte(nibble < 14 ? 0x10 + 8 * nibble
                                    : 0x81 + 0x10 * (nibble - 14));
    }
    const auto at = std::uint64_t{word} * 37 % (codes_.size() - size);
    std::memcpy(to.data() + mark, codes_.data() + at, size - mark);
  }

private:
  std::array<std::uint8_t, 4096> codes_{};
};

/// A call on its way: set up, talking, over.
struct call {
  load_call of;
  enum { waits, offered, answered, talks, deleted, over } state = waits;
  clock::time_point talks_since;
  std::uint32_t turns = 0; ///< Packets that each party sent.
};

class player {
public:
  explicit player(const options& how)
    : how_{how},
      link_{how.node},
      calls_(how.calls),
      watch_{epoll_create1(0)} {
    const auto run = std::to_string(getpid());
    for (unsigned index = 0; index < how.calls; ++index)
      prepare(calls_[index].of, index,
              "siprec-load-" + run + "-" + std::to_string(index));
  }

  void play() {
    const auto began = clock::now();
    const auto gap = std::chrono::nanoseconds{1s} / how_.rate;
    for (unsigned next = 0; over_ < calls_.size();) {
      const auto now = clock::now();
      for (; next < calls_.size() && now >= began + next * gap; ++next)
        offer(next);
      for (unsigned index = 0; index < next; ++index)
        if (calls_[index].state == call::talks)
          talk(index, now);
      hear();
      while (link_.has_reply(0))
        take_reply();
      std::this_thread::sleep_for(500us);
    }
    std::this_thread::sleep_for(200ms);
    hear();
  }

  void report() const {
    for (const auto& each : calls_)
      std::printf("{\"turns\": %u, \"sent\": [%llu, %llu], \"heard\": [%llu, "
                  "%llu]}\n",
                  each.turns,
                  static_cast<unsigned long long>(each.of.caller.sent),
                  static_cast<unsigned long long>(each.of.callee.sent),
                  static_cast<unsigned long long>(each.of.caller.received),
                  static_cast<unsigned long long>(each.of.callee.received));
  }

private:
  void prepare(load_call& of, unsigned index, std::string id) {
    of.id = std::move(id);
    for (auto* party : {&of.caller, &of.callee}) {
      open_socket(*party);
      party->ssrc = 0x10000000U + 2 * index;
      party->sequence = 1;
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.ptr = party;
      epoll_ctl(watch_, EPOLL_CTL_ADD, party->socket, &wanted);
    }
    ++of.callee.ssrc;
    if (how_.srtp)
      of.caller.key = srtp::make_key(srtp::suite::aes_cm_128_hmac_sha1_80);
  }

  void offer(unsigned index) {
    auto& each = calls_[index];
    auto body = request(each.of, "o" + std::to_string(index), "offer",
                        sdp_of(each.of.caller), false);
    body.insert(body.size() - 1, "11:record-call3:yes");
    link_.send(body);
    each.state = call::offered;
  }

  void take_reply() {
    const auto reply = link_.receive();
    expect_ok(reply);
    const auto index = std::stoul(reply.cookie.substr(1));
    auto& each = calls_[index];
    if (each.state == call::offered) {
      learn(each.of.callee, text_of(reply, "sdp"));
      link_.send(request(each.of, "a" + std::to_string(index), "answer",
                         sdp_of(each.of.callee), true));
      each.state = call::answered;
    } else if (each.state == call::answered) {
      learn(each.of.caller, text_of(reply, "sdp"));
      each.talks_since = clock::now();
      each.state = call::talks;
    } else if (each.state == call::deleted) {
      each.state = call::over;
      ++over_;
    }
  }

  void talk(unsigned index, clock::time_point now) {
    auto& each = calls_[index];
    const auto last = how_.seconds * 50;
    while (each.turns < last
           && now >= each.talks_since + each.turns * frame_time) {
      ++each.turns;
      say(each.of.caller, index << 17U);
      say(each.of.callee, index << 17U | 1U << 16U);
    }
    // What was said last has arrived before the call ends.
    if (each.turns == last
        && now >= each.talks_since + last * frame_time + 200ms) {
      link_.send(
        request(each.of, "d" + std::to_string(index), "delete", {}, false));
      each.state = call::deleted;
    }
  }

  void say(load_party& party, std::uint32_t word) {
    std::array<std::byte, 256> packet{};
    packet[0] = std::byte{0x80};
    write_u16(packet, 2, party.sequence);
    write_u32(packet, 4, party.sequence * std::uint32_t{size});
    write_u32(packet, 8, party.ssrc);
    noise_.write(bytes_span{packet}.subspan(12, size), word | party.sequence);
    bytes_span whole{packet.data(), 12 + size};
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

  /// Counts all that has arrived.
  void hear() {
    std::array<epoll_event, 256> ready{};
    std::array<std::byte, 512> packet{};
    for (int found = 256; found == 256;) {
      found = epoll_wait(watch_, ready.data(), ready.size(), 0);
      for (int at = 0; at < found; ++at) {
        auto& party = *static_cast<load_party*>(
          ready[static_cast<std::size_t>(at)].data.ptr);
        while (recv(party.socket, packet.data(), packet.size(), 0) >= 12)
          ++party.received;
      }
    }
  }

  options how_;
  noise noise_;
  node_link link_;
  std::vector<call> calls_;
  std::size_t over_ = 0;
  int watch_;
};

} // namespace
} // namespace callfork::bench

int main(int argc, char** argv) {
  using namespace callfork::bench;
  player all{read_options({argv + 1, argv + argc})};
  all.play();
  all.report();
  return 0;
}
