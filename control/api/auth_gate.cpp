#include "control/api/auth_gate.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace callfork::api {

namespace {

constexpr double cost_of_stranger = 10;
constexpr std::string_view offered = "callfork.bearer.";

/// b64token of RFC 6750 2.1.
bool is_bearer(std::string_view text) {
  constexpr std::string_view marks = "-._~+/=";
  return !text.empty() && std::ranges::all_of(text, [&](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
           || (each >= '0' && each <= '9')
           || marks.find(each) != std::string_view::npos;
  });
}

bool is_scheme(std::string_view text) {
  constexpr std::string_view name = "bearer ";
  return text.size() > name.size()
         && std::equal(
           name.begin(), name.end(), text.begin(), [](char ours, char theirs) {
             return ours
                    == (theirs >= 'A' && theirs <= 'Z' ? theirs + 32 : theirs);
           });
}

/// Whoever has an IPv6 address has 2^64 of them.
std::string address_of(const endpoint& peer) {
  if (peer.family() == family::ipv4)
    return peer.address();
  sockaddr_in6 network{};
  std::copy_n(reinterpret_cast<const unsigned char*>(peer.native()),
              sizeof network, reinterpret_cast<unsigned char*>(&network));
  return {reinterpret_cast<const char*>(network.sin6_addr.s6_addr), 8};
}

std::string name_of(const caller& who) {
  return std::string{to_string(who.role)} + ' ' + who.organisation + ' '
         + who.partner + ' ' + who.id;
}

http::response too_often(std::chrono::seconds wait) {
  return {429,
          "you ask too often: ask again later\n",
          http::response{}.type,
          {{"Retry-After", std::to_string(wait.count())}}};
}

http::response who_is_it(const std::string& why, const char* challenge) {
  return {
    401, why + "\n", http::response{}.type, {{"WWW-Authenticate", challenge}}};
}

instant from_clocks() {
  return {clock::now(), wall_clock::now()};
}

} // namespace

guard::guard(const authenticator& by, gate_settings settings)
  : by_(by),
    settings_(std::move(settings)),
    callers_(settings_.per_caller, settings_.most_remembered),
    addresses_(settings_.per_address, settings_.most_remembered) {
  if (!settings_.now)
    settings_.now = from_clocks;
}

std::optional<http::response> guard::admit(http::request& asked) {
  const auto now = settings_.now();
  const auto address = address_of(asked.peer);
  if (const auto wait = addresses_.take(address, 1, now.steady))
    return refuse(asked, too_often(*wait));
  const auto token = bearer_of(asked);
  if (!token)
    return refuse(asked, who_is_it("this needs a bearer token", "Bearer"));
  auto who = by_.identify(*token, now.wall);
  if (!who) {
    addresses_.fine(address, cost_of_stranger, now.steady);
    return refuse(asked,
                  who_is_it(who.error(), "Bearer error=\"invalid_token\""));
  }
  if (const auto wait = callers_.take(name_of(*who), 1, now.steady))
    return refuse(asked, too_often(*wait));
  asked.known = std::move(*who);
  return std::nullopt;
}

http::response guard::refuse(const http::request& asked,
                             http::response what) const {
  return settings_.shape ? settings_.shape(asked, std::move(what))
                         : std::move(what);
}

http::gate gate_of(std::shared_ptr<guard> by) {
  return [by = std::move(by)](http::request& asked) {
    return by->admit(asked);
  };
}

const caller* caller_of(const http::request& asked) noexcept {
  return std::any_cast<caller>(&asked.known);
}

std::optional<std::string> bearer_of(const http::request& asked) {
  const auto given = asked.header("authorization");
  if (!given.empty()) {
    const auto token = is_scheme(given) ? given.substr(7) : "";
    return is_bearer(token) ? std::optional{std::string{token}} : std::nullopt;
  }
  std::istringstream list{std::string{asked.header("sec-websocket-protocol")}};
  std::optional<std::string> found;
  for (std::string each; std::getline(list >> std::ws, each, ',');) {
    if (!each.starts_with(offered))
      continue;
    auto token = each.substr(offered.size());
    if (found || !is_bearer(token))
      return std::nullopt;
    found = std::move(token);
  }
  return found;
}

} // namespace callfork::api
