// Sets up recording sessions between two user agents of this process, client
// and server, with bodies of the usual size, ends each after a second, and
// prints one line of JSON per transport: failures, and the CPU time of either
// side's SIP thread per session.
//
//   sip_bench [--rate 50] [--seconds 10]
//
// A rate of 0 has all sessions opened at once. TLS has a certificate of its own
// on both sides, made by openssl, and verified names.

#include "control/sip/user_agent.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace callfork::bench {
namespace {

struct options {
  unsigned rate = 50;
  unsigned seconds = 10;
};

struct counts {
  std::atomic<unsigned> established{0};
  std::atomic<unsigned> acknowledged{0};
  std::atomic<unsigned> ended_here{0};
  std::atomic<unsigned> ended_there{0};
  std::atomic<unsigned> failed{0};
};

siprec::written_body body() {
  return siprec::write_body(
    {{"application/sdp",
      {},
      false,
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
      "t=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=sendonly\r\na=label:1\r\n"
      "m=audio 4002 RTP/AVP 0 8 101\r\na=sendonly\r\na=label:2\r\n"},
     {"application/rs-metadata+xml", "recording-session", false,
      "<recording>" + std::string(1800, 'x') + "</recording>"}},
    "bench");
}

std::set<std::string> threads() {
  std::set<std::string> made;
  for (const auto& one : std::filesystem::directory_iterator{"/proc/self/task"})
    made.insert(one.path().string());
  return made;
}

/// Threads that have come since, and what CPU time they have used.
class thread_account {
public:
  explicit thread_account(std::set<std::string> before)
    : before_(std::move(before)) {
    for (const auto& one : threads())
      if (!before_.contains(one))
        ours_.insert(one);
  }
  [[nodiscard]] double microseconds() const {
    double sum = 0;
    for (const auto& one : ours_) {
      double used = 0;
      std::ifstream{one + "/schedstat"} >> used;
      sum += used / 1000;
    }
    return sum;
  }

private:
  std::set<std::string> before_;
  std::set<std::string> ours_;
};

/// A folder with a certificate for localhost's address.
class certificate {
public:
  certificate()
    : folder_(std::filesystem::temp_directory_path()
              / ("sip_bench." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    const auto line
      = "cd " + folder_.string()
        + " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
          "-nodes -keyout key -out pem -days 2 -subj /CN=bench "
          "-addext subjectAltName=IP:127.0.0.1 2>/dev/null";
    if (std::system(line.c_str()) != 0)
      std::puts("openssl does not make a certificate");
  }
  certificate(const certificate&) = delete;
  certificate& operator=(const certificate&) = delete;
  ~certificate() {
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] sip::tls_files files() const {
    return {folder_ / "pem", folder_ / "key", folder_ / "pem"};
  }

private:
  std::filesystem::path folder_;
};

sip::settings listening(sip::transport over, const certificate& ours) {
  sip::settings made;
  made.listen.push_back({over, *endpoint::parse("127.0.0.1", 0)});
  made.sessions = 20'000;
  made.tls = ours.files();
  return made;
}

void wait_for(const std::atomic<unsigned>& what, unsigned wanted) {
  for (int patience = 0; patience < 4000 && what < wanted; ++patience)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

void run(sip::transport over, const options& asked) {
  const certificate ours;
  counts seen;
  std::unique_ptr<sip::user_agent> server;
  sip::recording_server taking;
  taking.on_invitation = [&](const sip::incoming_session& what) {
    server->accept({what.session, 0}, {"application/sdp", "v=0\r\n"});
    return true;
  };
  taking.on_event = [&](sip::session_id, const sip::session_event& what) {
    seen.acknowledged += std::holds_alternative<sip::acknowledged>(what);
    seen.ended_there += std::holds_alternative<sip::ended>(what);
  };
  auto before = threads();
  server = std::move(
    *sip::user_agent::start(listening(over, ours), std::move(taking)));
  const thread_account there{before};
  before = threads();
  auto client
    = std::move(*sip::user_agent::start(listening(over, ours), std::nullopt));
  const thread_account here{before};

  sip::outgoing_session what;
  what.targets = {"sip:rec@" + to_string(server->local().front().at)
                  + ";transport=" + to_string(over)};
  what.body = body();
  what.silent_after = std::chrono::seconds{20};
  const auto rate = asked.rate == 0 ? 500 : asked.rate;
  const auto total = rate * asked.seconds;
  std::vector<sip::session_id> open;
  const auto begun = clock::now();
  for (unsigned count = 0; count < total; ++count) {
    if (asked.rate != 0)
      std::this_thread::sleep_until(begun
                                    + std::chrono::seconds{1} * count / rate);
    open.push_back(client->open(
      what, [&seen](sip::session_id, const sip::session_event& event) {
        seen.established += std::holds_alternative<sip::established>(event);
        seen.failed += std::holds_alternative<sip::open_failed>(event);
        seen.ended_here += std::holds_alternative<sip::ended>(event);
      }));
    if (asked.rate != 0 && count >= rate)
      client->close(open[count - rate], {}, {});
  }
  wait_for(seen.acknowledged, total);
  const auto took = std::chrono::duration<double>(clock::now() - begun).count();
  for (const auto one : open)
    client->close(one, {}, {});
  wait_for(seen.ended_there, total);
  wait_for(seen.ended_here, total);
  std::printf("{\"over\": \"%s\", \"sessions\": %u, \"set_up\": %u, "
              "\"ended\": %u, \"failed\": %u, \"per_second\": %.0f, "
              "\"client_us\": %.0f, \"server_us\": %.0f}\n",
              to_string(over).c_str(), total, seen.acknowledged.load(),
              seen.ended_there.load(), seen.failed.load(), total / took,
              here.microseconds() / total, there.microseconds() / total);
  std::fflush(stdout);
  client.reset();
  server.reset();
}

options read_options(const std::vector<std::string>& words) {
  options read;
  for (std::size_t at = 0; at + 1 < words.size(); at += 2) {
    const auto value = static_cast<unsigned>(std::atoi(words[at + 1].c_str()));
    if (words[at] == "--rate")
      read.rate = value;
    if (words[at] == "--seconds")
      read.seconds = value;
  }
  return read;
}

} // namespace
} // namespace callfork::bench

int main(int count, char** words) {
  using callfork::sip::transport;
  const auto asked = callfork::bench::read_options({words + 1, words + count});
  for (const auto over : {transport::udp, transport::tcp, transport::tls})
    callfork::bench::run(over, asked);
  return 0;
}
