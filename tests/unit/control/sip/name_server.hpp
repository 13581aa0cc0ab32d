#pragma once

#include "media/base/endpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace callfork::test {

/// A name server on loopback for a few names, and the resolver file that leads
/// to it.
class name_server {
public:
  struct host {
    std::string name;
    std::string address = "127.0.0.1"; ///< Of IPv4, or the real name.
  };
  struct service {
    std::uint16_t priority = 0;
    std::uint16_t port = 0;
    std::string host;
  };

  /// Names of addresses, in their order, and of services, as in
  /// "_sip._tcp.provider.example".
  name_server(std::vector<host> hosts,
              std::map<std::string, std::vector<service>> services)
    : hosts_(std::move(hosts)),
      services_(std::move(services)),
      socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    const auto any = *endpoint::parse("127.0.0.1", 0);
    REQUIRE(::bind(socket_, any.native(), any.native_size()) == 0);
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    std::ofstream{file()} << "nameserver 127.0.0.1\nport "
                          << endpoint::from(own).port() << "\n";
    thread_ = std::thread([this] {
      serve();
    });
  }
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;
  ~name_server() {
    ending_ = true;
    thread_.join();
    ::close(socket_);
  }

  [[nodiscard]] std::string file() const {
    return folder_.path() / "resolv.conf";
  }

private:
  static void put(std::string& to, unsigned value) {
    to += static_cast<char>(value >> 8U);
    to += static_cast<char>(value & 255U);
  }
  static std::string encoded(const std::string& name) {
    std::string made;
    std::size_t from = 0;
    while (from < name.size()) {
      const auto dot = std::min(name.find('.', from), name.size());
      made += static_cast<char>(dot - from) + name.substr(from, dot - from);
      from = dot + 1;
    }
    return made + '\0';
  }
  static void put_record(std::string& to, const std::string& name,
                         unsigned type, const std::string& data) {
    to += encoded(name);
    put(to, type);
    put(to, 1);
    put(to, 0);
    put(to, 60); // seconds to live
    put(to, static_cast<unsigned>(data.size()));
    to += data;
  }

  static std::string bytes_of(const endpoint& address) {
    const auto* native = reinterpret_cast<const sockaddr_in*>(address.native());
    return {reinterpret_cast<const char*>(&native->sin_addr), 4};
  }

  /// The whole answer to a query of one question.
  [[nodiscard]] std::string answer(const std::string& query) const {
    std::string name;
    std::size_t at = 12; // behind the header
    while (at < query.size() && query[at] != 0) {
      const auto size = static_cast<std::size_t>(query[at]);
      name += (name.empty() ? "" : ".") + query.substr(at + 1, size);
      at += size + 1;
    }
    const auto type = static_cast<unsigned>(query.at(at + 2));
    unsigned count = 0;
    std::string records;
    auto asked = name;
    for (const auto& one : hosts_)
      if (type == 1 && one.name == asked && ++count != 0) {
        const auto at_last = endpoint::parse(one.address, 0);
        put_record(records, asked, at_last ? 1 : 5,
                   at_last ? bytes_of(*at_last) : encoded(one.address));
        asked = at_last ? asked : one.address;
      }
    const auto found = services_.find(name);
    if (type == 33 && found != services_.end())
      for (const auto& one : found->second) {
        std::string data;
        put(data, one.priority);
        put(data, 1);
        put(data, one.port);
        put_record(records, name, 33, data + encoded(one.host));
        ++count;
      }
    std::string made = query.substr(0, 2);
    put(made, count == 0 ? 0x8583U : 0x8580U); // no such name, or all is well
    put(made, 1);
    put(made, count);
    put(made, 0);
    put(made, 0);
    return made + query.substr(12, at + 5 - 12) + records;
  }

  void serve() {
    while (!ending_) {
      pollfd one{socket_, POLLIN, 0};
      if (::poll(&one, 1, 20) != 1)
        continue;
      std::array<char, 512> buffer{};
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      const auto got = ::recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&peer), &size);
      if (got < 17)
        continue;
      const auto told = answer({buffer.data(), static_cast<std::size_t>(got)});
      ::sendto(socket_, told.data(), told.size(), 0,
               reinterpret_cast<sockaddr*>(&peer), size);
    }
  }

  std::vector<host> hosts_;
  std::map<std::string, std::vector<service>> services_;
  temporary_folder folder_;
  int socket_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

} // namespace callfork::test
