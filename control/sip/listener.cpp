#include "control/sip/listener.hpp"

#include "control/sip/challenge.hpp"
#include "control/sip/message.hpp"
#include "control/sip/tls_context.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

namespace callfork::sip {

namespace {

std::string bracketed(const endpoint& at) {
  const auto address = at.address();
  return at.family() == family::ipv6 ? "[" + address + "]" : address;
}

/// As Sofia wants to bind it: "*" for a free port.
std::string binding_of(const std::vector<listen_address>& together) {
  const auto& first = together.front();
  const auto port = first.at.port();
  auto made = std::string{first.over == transport::tls ? "sips:" : "sip:"}
              + bracketed(first.at) + ":"
              + (port == 0 ? "*" : std::to_string(port));
  // Without a transport Sofia binds UDP and TCP. (It can read a list of
  // transports, too, but from memory that is gone.)
  if (first.over != transport::tls && together.size() == 1)
    made += ";transport=" + to_string(first.over);
  return made;
}

/// The address that this machine sends from, for peers to send to. No packet
/// leaves.
std::string outer_address(enum family wanted) {
  const auto far = wanted == family::ipv4
                     ? endpoint::parse("192.0.2.1", 5060)
                     : endpoint::parse("2001:db8::1", 5060);
  const auto made = ::socket(wanted == family::ipv4 ? AF_INET : AF_INET6,
                             SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_storage near{};
  socklen_t size = sizeof near;
  const auto known
    = made >= 0 && ::connect(made, far->native(), far->native_size()) == 0
      && ::getsockname(made, reinterpret_cast<sockaddr*>(&near), &size) == 0;
  if (made >= 0)
    ::close(made);
  if (!known)
    return wanted == family::ipv4 ? "127.0.0.1" : "[::1]";
  return bracketed(endpoint::from(near));
}

/// Why an address cannot be bound; nothing if it can. Sofia does not say, and
/// leaks what it has when it fails.
std::optional<std::string> why_not(const listen_address& one) {
  const auto kind = one.over == transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  const auto made = ::socket(one.at.native()->sa_family, kind | SOCK_CLOEXEC,
                             0);
  const int yes = 1;
  if (made >= 0 && kind == SOCK_STREAM)
    ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto bound
    = made >= 0 && ::bind(made, one.at.native(), one.at.native_size()) == 0;
  const auto fault = bound ? 0 : errno;
  if (made >= 0)
    ::close(made);
  if (fault == 0)
    return std::nullopt;
  return std::strerror(fault);
}

std::string fault_of(const listen_address& one, const std::string& why) {
  return "sip " + to_string(one.over) + " " + to_string(one.at) + ": " + why;
}

unsigned verify_policy(const settings& wanted) {
  unsigned made = TPTLS_VERIFY_NONE;
  if (wanted.verify_servers)
    made |= TPTLS_VERIFY_SUBJECTS_OUT;
  if (wanted.require_client_certificates)
    made |= TPTLS_VERIFY_IN;
  return made;
}

nua_t* make_stack(su_root_t* root, const settings& wanted,
                  const std::string& binding, nua_callback_f on_event,
                  listener* self) {
  static std::mutex one_at_a_time; // Sofia initialises its statics lazily.
  const std::lock_guard hold{one_at_a_time};
  answer_digests();
  // Sofia counts what follows on a stream, too: a burst of requests is no large
  // request. The body's own limit is ours to watch.
  const auto largest = static_cast<usize_t>(
    std::max(wanted.body_bytes * 4, std::size_t{4} * 1024 * 1024));
  const auto busiest = static_cast<usize_t>(wanted.sessions + 1000);
  const auto product = one_line(wanted.product);
  const auto expires = static_cast<unsigned>(wanted.session_expires.count());
  // A Supported header given with a call of nua's would replace this one for
  // the whole dialog, and `Require: siprec` within it would then be 420.
  return nua_create(
    root, on_event, self, NUTAG_URL(binding.c_str()),
    TAG_IF(!wanted.resolver_file.empty(),
           SRESTAG_RESOLV_CONF(wanted.resolver_file.c_str())),
    NUTAG_CERTIFICATE_DIR("/nonexistent"),
    TPTAG_TLS_VERIFY_POLICY(verify_policy(wanted)), TPTAG_TLS_VERIFY_DEPTH(8),
    TPTAG_STUN_SERVER(0), TPTAG_QUEUESIZE(1000), TPTAG_TIMEOUT(30000),
    TPTAG_PONG2PING(1), NTATAG_UDP_MTU(65535), NTATAG_MAXSIZE(largest),
    NTATAG_MAX_PROCEEDING(busiest), NTATAG_USE_NAPTR(0), NTATAG_MERGE_482(1),
    NUTAG_MEDIA_ENABLE(0), NUTAG_OUTBOUND("no-natify no-options-keepalive"),
    SIPTAG_USER_AGENT_STR(product.c_str()), SIPTAG_ALLOW_STR(our_allow),
    NUTAG_APPL_METHOD(static_cast<const char*>(nullptr)),
    NUTAG_APPL_METHOD("INVITE, UPDATE, OPTIONS"),
    SIPTAG_SUPPORTED_STR("timer, siprec"), NUTAG_SESSION_TIMER(expires),
    NUTAG_MIN_SE(shortest_session), NUTAG_UPDATE_REFRESH(1), NUTAG_AUTO302(0),
    NUTAG_AUTO305(0), NUTAG_MAX_RETRY_AFTER(0), NUTAG_AUTOALERT(0),
    NUTAG_AUTOANSWER(0), TAG_END());
}

} // namespace

listener::listener(std::vector<listen_address> together, std::string host,
                   told tell)
  : local_(std::move(together)),
    host_(std::move(host)),
    tell_(std::move(tell)) {
}

listener::~listener() {
  if (stack_ != nullptr)
    nua_destroy(stack_);
}

expected<std::unique_ptr<listener>, std::string>
listener::open(const loop& where, const settings& wanted,
               const std::vector<listen_address>& together, told tell) {
  const auto& first = together.front();
  for (const auto& one : together)
    if (const auto fault = why_not(one); fault)
      return make_unexpected(fault_of(one, *fault));
  auto host = wanted.advertise;
  if (host.empty())
    host = first.at.is_wildcard() ? outer_address(first.at.family())
                                  : bracketed(first.at);
  auto made = std::unique_ptr<listener>{
    new listener{together, std::move(host), std::move(tell)}};
  made->stack_ = make_stack(where.root(), wanted, binding_of(together),
                            on_event, made.get());
  if (made->stack_ == nullptr || !made->find_port(where))
    return make_unexpected(fault_of(first, "cannot be set up"));
  return made;
}

bool listener::find_port(const loop& where) {
  const auto wanted = local_.front().at.port();
  if (wanted != 0)
    return true;
  nua_get_params(stack_, TAG_ANY(), TAG_END());
  for (int patience = 0; patience < 100; ++patience) {
    if (local_.front().at.port() != 0)
      return true;
    su_root_step(where.root(), 10);
  }
  return false;
}

void listener::on_event(nua_event_t event, int status, const char* phrase,
                        nua_t* /*stack*/, listener* self, nua_handle_t* which,
                        party* whose, const sip_t* sip, tagi_t tags[]) {
  if (event == nua_r_get_params) {
    const sip_contact_t* contact = nullptr;
    tl_gets(tags, NTATAG_CONTACT_REF(contact), TAG_END());
    const auto* port = contact == nullptr ? nullptr : url_port(contact->m_url);
    for (auto& one : self->local_)
      if (port != nullptr)
        one.at = one.at.with_port(static_cast<std::uint16_t>(std::atoi(port)));
    return;
  }
  if (event == nua_r_shutdown) {
    if (status >= 200 && self->closed_)
      std::exchange(self->closed_, nullptr)();
    return;
  }
  const happening it{event, static_cast<unsigned>(status), phrase, sip, which,
                     self};
  if (whose != nullptr)
    whose->on(it);
  else
    self->tell_(it);
}

void listener::shut(std::function<void()> closed) {
  closed_ = std::move(closed);
  nua_shutdown(stack_);
}

bool listener::speaks(transport over) const {
  return std::any_of(local_.begin(), local_.end(), [over](const auto& one) {
    return one.over == over;
  });
}

const std::vector<listen_address>& listener::local() const {
  return local_;
}

nua_t* listener::native() const {
  return stack_;
}

std::string listener::own_uri(transport over, bool sips) const {
  const auto where = host_ + ":" + std::to_string(local_.front().at.port());
  if (sips)
    return "sips:callfork@" + where;
  return "sip:callfork@" + where + ";transport=" + to_string(over);
}

std::vector<std::vector<listen_address>>
in_groups(const std::vector<listen_address>& all) {
  std::vector<std::vector<listen_address>> made;
  for (const auto& one : all) {
    const auto fits = [&one](const std::vector<listen_address>& group) {
      const auto& first = group.front();
      return first.over != transport::tls && one.over != transport::tls
             && first.at == one.at && group.size() == 1
             && first.over != one.over;
    };
    const auto found = std::find_if(made.begin(), made.end(), fits);
    if (found != made.end())
      found->push_back(one);
    else
      made.push_back({one});
  }
  return made;
}

} // namespace callfork::sip
