#pragma once

#include "control/dialog/call_dialog.hpp"
#include "tests/support/catch.hpp"

#include <map>

namespace callfork::test {

/// Pretends to have ports, and counts who holds them.
class pretended_world final : public dialog::resources {
public:
  [[nodiscard]] const std::vector<dialog::interface_address>&
  interfaces() const override {
    return interfaces_;
  }

  [[nodiscard]] expected<net::media_sockets_ptr, std::string>
  lease(std::string_view name, enum family family) override {
    if (leased.size() == most)
      return make_unexpected(std::string{"Ran out of ports"});
    const auto* const address = family == family::ipv6 ? "2001:db8::f"
                                : name == "second"     ? "203.0.113.2"
                                                       : "203.0.113.1";
    port_ = static_cast<std::uint16_t>(port_ + 2);
    const auto local = *endpoint::parse(address, port_);
    auto made = std::make_shared<net::media_sockets>(-1, -1, local, local);
    leased.emplace_back(made);
    return made;
  }

  [[nodiscard]] dialog::leg_figures figures(engine::leg_id leg) const override {
    const auto at = counted.find(leg);
    return at == counted.end() ? dialog::leg_figures{} : at->second;
  }

  void random(bytes_span out) override {
    for (auto& byte : out)
      byte = static_cast<std::byte>(++seed_);
  }

  [[nodiscard]] std::optional<sdp::record_state> recording() const override {
    return record;
  }

  /// Port pairs that somebody still holds.
  [[nodiscard]] std::size_t held() const {
    std::size_t count = 0;
    for (const auto& each : leased)
      count += each.expired() ? 0U : 1U;
    return count;
  }

  std::size_t most = 1000;
  std::vector<std::weak_ptr<net::media_sockets>> leased;
  std::map<engine::leg_id, dialog::leg_figures> counted;
  std::optional<sdp::record_state> record; ///< Nothing: parties are not told.

private:
  std::vector<dialog::interface_address> interfaces_{{"default", family::ipv4},
                                                     {"second", family::ipv4},
                                                     {"default", family::ipv6}};
  std::uint16_t port_ = 30000;
  std::uint32_t seed_ = 0;
};

inline std::string sdp_of(std::string_view address, int port,
                          std::string_view rest = {},
                          std::string_view protocol = "RTP/AVP") {
  std::string out = "v=0\r\no=- 1 1 IN IP4 ";
  out += address;
  out += "\r\ns=-\r\nc=IN IP4 ";
  out += address;
  out += "\r\nt=0 0\r\nm=audio " + std::to_string(port) + " ";
  out += protocol;
  out += " 0 8\r\n";
  out += rest;
  return out;
}

inline const std::string caller_sdp = sdp_of("198.51.100.1", 49170);
inline const std::string callee_sdp = sdp_of("198.51.100.2", 30000);

/// A call with a caller "a" and a callee "b".
struct conversation {
  pretended_world world;
  instant now{};
  dialog::call_dialog call{"c1", {}, instant{}};

  static ng::request make(ng::command what) {
    ng::request out;
    out.command = what;
    out.call_id = "c1";
    return out;
  }

  ng::dictionary must(const ng::request& what) {
    auto out = call.handle(what, world, now);
    INFO((out ? std::string{} : out.error()));
    REQUIRE(out);
    return *out;
  }

  std::string why(const ng::request& what) {
    auto out = call.handle(what, world, now);
    REQUIRE_FALSE(out);
    return out.error();
  }

  static ng::request offer(const std::string& sdp = caller_sdp,
                           std::string from = "a", std::string to = "") {
    auto out = make(ng::command::offer);
    out.sdp = sdp;
    out.from_tag = std::move(from);
    out.to_tag = std::move(to);
    return out;
  }

  static ng::request answer(const std::string& sdp = callee_sdp,
                            std::string from = "a", std::string to = "b") {
    auto out = offer(sdp, std::move(from), std::move(to));
    out.command = ng::command::answer;
    return out;
  }

  void connect() {
    must(offer());
    must(answer());
  }

  /// The leg of the plan that talks to this address.
  engine::leg_plan leg_to(std::string_view address) const {
    for (const auto& leg : call.plan().legs)
      if (leg.remote_rtp && leg.remote_rtp->address() == address)
        return leg;
    FAIL("no leg to " << address);
    return {};
  }
};

inline std::string text_of(const ng::dictionary& reply, const char* key) {
  const auto* found = reply.find(key);
  REQUIRE(found != nullptr);
  REQUIRE(found->string() != nullptr);
  return *found->string();
}

} // namespace callfork::test
