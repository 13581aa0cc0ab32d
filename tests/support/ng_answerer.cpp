// Answers NG requests over UDP and TCP with the pure code of control/ and
// sockets that do not exist: the smallest program that the oracle test can
// compare with rtpengine.
//
//   ng_answerer PORT TCP_PORT NAME/ADDRESS...

#include "control/dialog/call_dialog.hpp"
#include "control/ng/cookie_cache.hpp"
#include "control/ng/framing.hpp"
#include "control/ng/node_reply.hpp"
#include "control/ng/source_allow_list.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

namespace {

using namespace callfork;

instant read_clocks() {
  return {clock::now(), wall_clock::now()};
}

struct named_address {
  std::string name;
  endpoint address;
};

/// Hands out ports that nobody listens on.
class pretended_world final : public dialog::resources {
public:
  explicit pretended_world(std::vector<named_address> all)
    : addresses_(std::move(all)) {
    for (const auto& each : addresses_)
      interfaces_.push_back({each.name, each.address.family()});
  }

  [[nodiscard]] const std::vector<dialog::interface_address>&
  interfaces() const override {
    return interfaces_;
  }

  [[nodiscard]] expected<net::media_sockets_ptr, std::string>
  lease(std::string_view name, enum family family) override {
    for (const auto& each : addresses_)
      if (each.name == name && each.address.family() == family) {
        port_ = static_cast<std::uint16_t>(port_ < 60000 ? port_ + 2 : 35000);
        const auto local = each.address.with_port(port_);
        return std::make_shared<net::media_sockets>(-1, -1, local, local);
      }
    return make_unexpected(std::string{"Ran out of ports"});
  }

  [[nodiscard]] dialog::leg_figures figures(engine::leg_id) const override {
    return {};
  }

  void random(bytes_span out) override {
    for (auto& byte : out)
      byte = static_cast<std::byte>(random_() & 0xffU);
  }

private:
  std::vector<named_address> addresses_;
  std::vector<dialog::interface_address> interfaces_;
  std::uint16_t port_ = 35000;
  std::random_device random_;
};

/// Milliseconds of a mono 16-bit WAV file; nothing when it is none.
std::optional<std::int64_t> wav_length(const std::string& path) {
  std::ifstream in{path, std::ios::binary | std::ios::ate};
  if (!in || in.tellg() < 45)
    return std::nullopt;
  const auto data = static_cast<std::int64_t>(in.tellg()) - 44;
  std::array<unsigned char, 44> head{};
  in.seekg(0);
  in.read(reinterpret_cast<char*>(head.data()), 44);
  const auto rate = head[24] | head[25] << 8 | head[26] << 16;
  return rate == 0 ? std::nullopt : std::optional{data * 1000 / (rate * 2)};
}

struct call {
  dialog::call_dialog dialog;
  bool playing = false;
};

class answerer {
public:
  explicit answerer(pretended_world& world)
    : world_(world) {
  }

  /// The reply to one message; nothing when it deserves none.
  std::optional<std::string> answer(std::string_view datagram,
                                    const endpoint& from) {
    auto read = ng::read_message(datagram, {});
    if (!read) {
      const auto& failed = read.error();
      if (failed.cookie.empty())
        return std::nullopt;
      return ng::write_message(failed.cookie, failed.encoding,
                               dialog::error_reply(failed.reason));
    }
    const auto known = cookies_.begin(from, read->cookie, clock::now());
    if (known.what == ng::cookie_cache::lookup::answered)
      return std::string{known.reply};
    auto text = ng::write_message(read->cookie, read->encoding,
                                  execute(read->body));
    cookies_.finish(from, read->cookie, text);
    return text;
  }

private:
  ng::dictionary execute(const ng::dictionary& body) {
    const auto what = ng::read_request(body);
    if (!what)
      return dialog::error_reply(what.error());
    auto out = route(*what);
    return out ? *out : dialog::error_reply(out.error());
  }

  expected<ng::dictionary, std::string> route(const ng::request& what) {
    forget_ended();
    if (what.command == ng::command::ping)
      return ng::ping_reply();
    if (what.command == ng::command::list_calls)
      return list(what);
    if (what.command == ng::command::statistics)
      return ng::statistics_reply({});
    const auto at = calls_.find(what.call_id);
    if (at != calls_.end())
      return play(at->second, what);
    if (what.command != ng::command::offer)
      return dialog::reply_without_call(what);
    dialog::call_dialog fresh{
      what.call_id, {{}, std::chrono::seconds{0}}, read_clocks()};
    auto out = fresh.handle(what, world_, read_clocks());
    if (out)
      calls_.emplace(what.call_id, call{std::move(fresh)});
    return out;
  }

  expected<ng::dictionary, std::string> play(call& in,
                                             const ng::request& what) {
    auto out = in.dialog.handle(what, world_, read_clocks());
    if (!out)
      return out;
    if (what.command == ng::command::play_media) {
      const auto from_file = !what.play.file.empty();
      const auto length = wav_length(what.play.file);
      if (!length)
        return make_unexpected(
          std::string{"Failed to start media playback from "}
          + (from_file ? "file" : "blob"));
      in.playing = true;
      out->set("duration", *length);
    }
    if (what.command == ng::command::stop_media) {
      if (!in.playing)
        return make_unexpected(std::string{"Not currently playing media"});
      in.playing = false;
      out->set("last-frame-pos", std::int64_t{0});
    }
    return out;
  }

  ng::dictionary list(const ng::request& what) {
    std::vector<std::string> ids;
    for (const auto& [id, each] : calls_)
      ids.push_back(id);
    return ng::list_reply(ids, what.limit);
  }

  void forget_ended() {
    std::erase_if(calls_, [](const auto& each) {
      const auto ends = each.second.dialog.ends_at();
      return ends && *ends <= clock::now();
    });
  }

  pretended_world& world_;
  ng::cookie_cache cookies_{10'000};
  std::map<std::string, call> calls_;
};

int bind_local(int kind, const char* port) {
  const auto fd = socket(AF_INET, kind, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto at = endpoint::parse("127.0.0.1",
                                  static_cast<std::uint16_t>(std::atoi(port)));
  if (bind(fd, at->native(), at->native_size()) != 0) {
    std::cerr << "cannot bind to port " << port << '\n';
    std::exit(1);
  }
  return fd;
}

void answer_datagram(answerer& by, int fd) {
  std::array<char, 65536> buffer{};
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  auto* address = reinterpret_cast<sockaddr*>(&from);
  const auto got = recvfrom(fd, buffer.data(), buffer.size(), 0, address,
                            &size);
  if (got < 0)
    return;
  const auto out = by.answer({buffer.data(), static_cast<std::size_t>(got)},
                             endpoint::from(from));
  if (out)
    sendto(fd, out->data(), out->size(), 0, address, size);
}

/// False when the connection is over.
bool answer_stream(answerer& by, int fd, ng::stream_splitter& splitter) {
  std::array<char, 65536> buffer{};
  const auto got = recv(fd, buffer.data(), buffer.size(), 0);
  if (got <= 0)
    return false;
  splitter.push({buffer.data(), static_cast<std::size_t>(got)});
  while (true) {
    const auto next = splitter.next();
    if (!next)
      return false;
    if (!*next)
      return true;
    const auto out
      = by.answer(**next, endpoint{}.with_port(static_cast<std::uint16_t>(fd)));
    if (out && send(fd, out->data(), out->size(), MSG_NOSIGNAL) < 0)
      return false;
  }
}

void serve(answerer& by, int udp, int tcp) {
  std::map<int, ng::stream_splitter> streams;
  while (true) {
    std::vector<pollfd> all{{udp, POLLIN, 0}, {tcp, POLLIN, 0}};
    for (const auto& [fd, splitter] : streams)
      all.push_back({fd, POLLIN, 0});
    poll(all.data(), all.size(), -1);
    if (all[0].revents != 0)
      answer_datagram(by, udp);
    if (all[1].revents != 0)
      if (const auto fd = accept(tcp, nullptr, nullptr); fd >= 0)
        streams.emplace(fd, ng::stream_splitter{ng::limits{}});
    for (std::size_t i = 2; i < all.size(); ++i)
      if (const auto fd = all[i].fd;
          all[i].revents != 0 && !answer_stream(by, fd, streams.at(fd))) {
        streams.erase(fd);
        close(fd);
      }
  }
}

} // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::cerr << "usage: ng_answerer PORT TCP_PORT NAME/ADDRESS...\n";
    return 2;
  }
  std::vector<named_address> addresses;
  for (auto i = 3; i < count; ++i) {
    const std::string word{words[i]};
    const auto slash = word.find('/');
    const auto address = endpoint::parse(word.substr(slash + 1), 0);
    if (slash == std::string::npos || !address) {
      std::cerr << "not an interface: " << word << '\n';
      return 2;
    }
    addresses.push_back({word.substr(0, slash), *address});
  }
  pretended_world world{std::move(addresses)};
  answerer by{world};
  const auto udp = bind_local(SOCK_DGRAM, words[1]);
  const auto tcp = bind_local(SOCK_STREAM, words[2]);
  listen(tcp, 16);
  serve(by, udp, tcp);
}
