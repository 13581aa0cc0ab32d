#include "control/sip/target.hpp"

#include "control/sip/message.hpp"

#include <sofia-sip/hostdomain.h>
#include <strings.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace callfork::sip {

namespace {

constexpr std::size_t longest_uri = 512;

struct free_home {
  void operator()(su_home_t* home) const {
    su_home_unref(home);
  }
};

std::optional<transport> transport_in(const url_t* uri) {
  std::array<char, 16> name{};
  if (uri->url_type == url_sips)
    return transport::tls;
  if (url_param(uri->url_params, "transport", name.data(), name.size()) == 0)
    return transport::udp;
  for (const auto one : {transport::udp, transport::tcp, transport::tls})
    if (strcasecmp(name.data(), to_string(one).c_str()) == 0)
      return one;
  return std::nullopt;
}

bool is_name_without_port(const url_t* uri) {
  return uri->url_port == nullptr && host_is_domain(uri->url_host) != 0;
}

} // namespace

std::optional<destination> read_target(const std::string& target) {
  const std::unique_ptr<su_home_t, free_home> home{
    static_cast<su_home_t*>(su_home_new(sizeof(su_home_t)))};
  auto* uri = target.size() > longest_uri
                ? nullptr
                : url_make(home.get(), one_line(target).c_str());
  if (uri == nullptr || uri->url_host == nullptr
      || (uri->url_type != url_sip && uri->url_type != url_sips))
    return std::nullopt;
  const auto over = transport_in(uri);
  if (!over)
    return std::nullopt;
  // Sofia would otherwise take whichever transport SRV names first.
  if (is_name_without_port(uri) && *over == transport::udp
      && url_has_param(uri, "transport") == 0)
    url_param_add(home.get(), uri, "transport=udp");
  destination made{text_of(uri), *over, uri->url_type == url_sips, {}, 0};
  made.host = text_of(uri->url_host);
  if (made.host.starts_with('[') && made.host.ends_with(']'))
    made.host = made.host.substr(1, made.host.size() - 2);
  if (uri->url_port != nullptr)
    made.port = static_cast<std::uint16_t>(std::atoi(uri->url_port));
  return made;
}

std::string name_of(transport over, const endpoint& address) {
  return to_string(over) + " " + to_string(address);
}

std::string way_to(const destination& where, const endpoint& address) {
  const auto bare = address.address();
  return (where.sips ? "sips:" : "sip:") + where.host + ":"
         + std::to_string(address.port())
         + (where.sips ? "" : ";transport=" + to_string(where.over)) + ";maddr="
         + (address.family() == family::ipv6 ? "[" + bare + "]" : bare);
}

blame blame_on(const tls_fault& fault, const destination& where) {
  if (where.over != transport::tls
      || (where.port != 0 && where.port != fault.peer.port()))
    return blame::none;
  if (!fault.host.empty())
    return strcasecmp(fault.host.c_str(), where.host.c_str()) == 0
             ? blame::surely
             : blame::none;
  const auto address = endpoint::parse(where.host, fault.peer.port());
  if (!address)
    return blame::perhaps;
  return *address == fault.peer ? blame::surely : blame::none;
}

} // namespace callfork::sip
