#include "tests/component/actors/sip_client.hpp"

#include "tests/support/catch.hpp"

#include <sys/socket.h>

#include <array>
#include <utility>

namespace callfork::test {

namespace {

using namespace std::chrono_literals;

endpoint loopback(std::uint16_t port) {
  return *endpoint::parse("127.0.0.1", port);
}

/// The value of a message's first header of this name.
std::string header(const std::string& message, const std::string& name) {
  const auto at = message.find("\r\n" + name + ": ");
  if (at == std::string::npos)
    return {};
  const auto from = at + name.size() + 4;
  return message.substr(from, message.find("\r\n", from) - from);
}

bool is_final(const std::string& message) {
  return message.starts_with("SIP/2.0 ") && message[8] != '1';
}

} // namespace

const std::string two_parts_type = "multipart/mixed;boundary=unit";

std::string two_parts(const std::string& sdp, const std::string& metadata) {
  return "--unit\r\nContent-Type: application/sdp\r\n\r\n" + sdp
         + "\r\n--unit\r\nContent-Type: application/rs-metadata+xml\r\n"
           "Content-Disposition: recording-session\r\n\r\n"
         + metadata + "\r\n--unit--\r\n";
}

std::string client_sdp(std::initializer_list<std::uint16_t> ports,
                       const std::string& direction) {
  std::string made = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                     "c=IN IP4 127.0.0.1\r\nt=0 0\r\n";
  auto label = 0;
  for (const auto port : ports)
    made += "m=audio " + std::to_string(port)
            + " RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=label:"
            + std::to_string(++label) + "\r\na=" + direction + "\r\n";
  return made;
}

void serve_siprec(actors::node_settings& settings) {
  auto& siprec = settings.siprec.emplace();
  siprec.agent.listen = {{sip::transport::udp, loopback(0)}};
  siprec.agent.stop_within = 300ms;
}

sip_client::sip_client(virtual_node& node, std::string call_id)
  : node_(node),
    call_id_(std::move(call_id)) {
  auto opened = net::open_udp(loopback(0), {});
  REQUIRE(opened.has_value());
  socket_ = std::move(*opened);
  own_ = to_string(net::bound_to(socket_.number()));
}

int sip_client::invite(const std::string& type, const std::string& body) {
  return ask("INVITE", type, body);
}

int sip_client::ask(const std::string& method, const std::string& type,
                    const std::string& body, const std::string& answer) {
  ++number_;
  tell(method, type, body);
  response_ = final_response(method);
  if (to_.empty() || method == "INVITE")
    to_ = header(response_, "To");
  if (method == "INVITE")
    tell("ACK", answer.empty() ? std::string{} : "application/sdp", answer);
  catch_up();
  return std::stoi(response_.substr(8, 3));
}

std::string sip_client::final_response(const std::string& method) {
  std::optional<std::string> found;
  const auto matched = [this, &found, &method] {
    take();
    const auto wanted = std::to_string(number_) + " " + method;
    for (auto each = heard_.begin(); each != heard_.end(); ++each)
      if (is_final(*each) && header(*each, "CSeq") == wanted) {
        found = std::move(*each);
        heard_.erase(each);
        return true;
      }
    return false;
  };
  REQUIRE(node_.settle_until(matched));
  return *found;
}

/// The node's SIP side does one thing after the other: once it has answered a
/// question from outside the session, it has told what came before.
void sip_client::catch_up() {
  ++number_;
  const auto call_id = std::exchange(call_id_, "beside-" + call_id_);
  const auto to = std::exchange(to_, std::string{});
  tell("OPTIONS", {}, {});
  static_cast<void>(final_response("OPTIONS"));
  call_id_ = call_id;
  to_ = to;
  node_.settle();
}

void sip_client::tell(const std::string& method, const std::string& type,
                      const std::string& body) {
  const auto number = std::to_string(number_);
  auto said = method + " sip:rec@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + own_
              + ";rport;branch=z9hG4bK" + method + number + call_id_
              + "\r\nFrom: <sip:sbc@" + own_ + ">;tag=client\r\nTo: "
              + (to_.empty() ? "<sip:rec@127.0.0.1>" : to_)
              + "\r\nCall-ID: " + call_id_ + "\r\nCSeq: " + number + " "
              + method + "\r\nMax-Forwards: 70\r\nContact: <sip:sbc@" + own_
              + ">;+sip.src\r\n";
  if (method == "INVITE")
    said += more_headers;
  if (!body.empty())
    said += "Content-Type: " + type + "\r\n";
  said += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const auto to = node_.siprec_udp();
  ::sendto(socket_.number(), said.data(), said.size(), 0, to.native(),
           to.native_size());
}

void sip_client::take() {
  std::array<char, 65536> room;
  for (;;) {
    const auto size = ::recv(socket_.number(), room.data(), room.size(),
                             MSG_DONTWAIT);
    if (size <= 0)
      return;
    heard_.emplace_back(room.data(), static_cast<std::size_t>(size));
  }
}

std::optional<std::string> sip_client::asked() {
  take();
  while (!heard_.empty()) {
    auto next = std::move(heard_.front());
    heard_.pop_front();
    if (next.starts_with("SIP/2.0") || header(next, "Via") == last_via_)
      continue;
    last_via_ = header(next, "Via");
    return next;
  }
  return std::nullopt;
}

void sip_client::answer(const std::string& request, const std::string& status) {
  const auto said = "SIP/2.0 " + status + "\r\nVia: " + header(request, "Via")
                    + "\r\nFrom: " + header(request, "From")
                    + "\r\nTo: " + header(request, "To") + "\r\nCall-ID: "
                    + header(request, "Call-ID") + "\r\nCSeq: "
                    + header(request, "CSeq") + "\r\nContact: <sip:sbc@" + own_
                    + ">\r\nContent-Length: 0\r\n\r\n";
  const auto to = node_.siprec_udp();
  ::sendto(socket_.number(), said.data(), said.size(), 0, to.native(),
           to.native_size());
}

std::uint16_t sip_client::port(std::size_t line) const {
  auto at = response_.find("m=audio ");
  for (; line > 0 && at != std::string::npos; --line)
    at = response_.find("m=audio ", at + 1);
  if (at == std::string::npos)
    return 0;
  return static_cast<std::uint16_t>(std::stoul(response_.substr(at + 8)));
}

} // namespace callfork::test
