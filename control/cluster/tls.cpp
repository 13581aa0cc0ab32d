#include "control/cluster/tls.hpp"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace callfork::cluster {

namespace {

constexpr auto look_again = std::chrono::seconds{2};

using check_ptr
  = std::unique_ptr<X509_STORE_CTX, decltype(&::X509_STORE_CTX_free)>;

/// Whether the own certificate is one that the others will believe.
bool is_signed(SSL_CTX* context) {
  const check_ptr check{::X509_STORE_CTX_new(), &::X509_STORE_CTX_free};
  STACK_OF(X509)* chain = nullptr;
  ::SSL_CTX_get0_chain_certs(context, &chain);
  return check
         && ::X509_STORE_CTX_init(check.get(),
                                  ::SSL_CTX_get_cert_store(context),
                                  ::SSL_CTX_get0_certificate(context), chain)
              == 1
         && ::X509_verify_cert(check.get()) == 1;
}

/// The option whose file cannot be read, or nothing.
const char* unreadable(const credential_files& from) {
  if (::access(from.certificate.c_str(), R_OK) != 0)
    return "cluster.certificate: cannot be read";
  if (::access(from.key.c_str(), R_OK) != 0)
    return "cluster.key: cannot be read";
  if (::access(from.authorities.c_str(), R_OK) != 0)
    return "cluster.authorities: cannot be read";
  return nullptr;
}

const char* fault_of(SSL_CTX* context, const credential_files& from) {
  if (::SSL_CTX_use_certificate_chain_file(context, from.certificate.c_str())
      != 1)
    return "cluster.certificate: not a certificate in PEM";
  if (::SSL_CTX_use_PrivateKey_file(context, from.key.c_str(), SSL_FILETYPE_PEM)
      != 1)
    return "cluster.key: not the key of cluster.certificate in PEM";
  if (::SSL_CTX_load_verify_locations(context, from.authorities.c_str(),
                                      nullptr)
      != 1)
    return "cluster.authorities: no certificates in PEM";
  if (!is_signed(context))
    return "cluster.certificate: not one that cluster.authorities signed, or "
           "not valid now";
  return nullptr;
}

tls_state state_of(SSL* session, int outcome) {
  switch (::SSL_get_error(session, outcome)) {
  case SSL_ERROR_NONE:
    return tls_state::done;
  case SSL_ERROR_WANT_READ:
    return tls_state::wants_read;
  case SSL_ERROR_WANT_WRITE:
    return tls_state::wants_write;
  default:
    ::ERR_clear_error();
    return tls_state::broken;
  }
}

int as_length(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

/// False when the time is over.
bool await(int socket, short event, time_point until) {
  const auto left
    = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  pollfd waiting{socket, event, 0};
  return left.count() > 0
         && ::poll(&waiting, 1, static_cast<int>(left.count())) == 1;
}

net::file_descriptor begin_connecting(const endpoint& to) {
  const auto kind = to.family() == family::ipv4 ? AF_INET : AF_INET6;
  net::file_descriptor made{
    ::socket(kind, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (made.number() >= 0
      && ::connect(made.number(), to.native(), to.native_size()) != 0
      && errno != EINPROGRESS)
    return net::file_descriptor{};
  return made;
}

bool is_connected(int socket) {
  int fault = 0;
  socklen_t size = sizeof fault;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &fault, &size) == 0
         && fault == 0;
}

} // namespace

expected<tls_context, std::string>
make_tls_context(const credential_files& files) {
  tls_context made{::SSL_CTX_new(::TLS_method()), &::SSL_CTX_free};
  if (!made || ::SSL_CTX_set_min_proto_version(made.get(), TLS1_3_VERSION) != 1)
    return make_unexpected(std::string{"cluster: no TLS 1.3"});
  const auto* fault = unreadable(files);
  if (fault == nullptr)
    fault = fault_of(made.get(), files);
  ::ERR_clear_error();
  if (fault != nullptr)
    return make_unexpected(std::string{fault});
  ::SSL_CTX_set_verify(
    made.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  ::SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE
                                   | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(made.get(), 0);
  return made;
}

expected<std::shared_ptr<tls_identity>, std::string>
tls_identity::load(credential_files files) {
  auto context = make_tls_context(files);
  if (!context)
    return make_unexpected(context.error());
  return std::shared_ptr<tls_identity>{
    new tls_identity{std::move(files), std::move(*context)}};
}

tls_identity::tls_identity(credential_files files, tls_context context)
  : files_(std::move(files)),
    context_(std::move(context)),
    in_use_(marks_of(files_)),
    seen_(in_use_) {
}

tls_context tls_identity::context(time_point now) {
  const std::lock_guard guard{mutex_};
  if (now < look_at_)
    return context_;
  look_at_ = now + look_again;
  const auto marks = marks_of(files_);
  const bool settled = marks == std::exchange(seen_, marks);
  if (marks == in_use_ || !settled)
    return context_;
  in_use_ = marks;
  if (auto renewed = make_tls_context(files_))
    context_ = std::move(*renewed);
  return context_;
}

tls_identity::file_marks tls_identity::marks_of(const credential_files& files) {
  file_marks made{};
  std::size_t at = 0;
  for (const auto* path :
       {&files.certificate, &files.key, &files.authorities}) {
    struct stat about {};
    if (::stat(path->c_str(), &about) == 0)
      made[at] = {static_cast<std::int64_t>(about.st_ino), about.st_size,
                  about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
    ++at;
  }
  return made;
}

tls_stream::tls_stream(const tls_context& context, net::file_descriptor socket,
                       bool accepted)
  : socket_(std::move(socket)),
    session_(::SSL_new(context.get())) {
  if (!session_)
    return;
  ::SSL_set_fd(session_.get(), socket_.number());
  if (accepted)
    ::SSL_set_accept_state(session_.get());
  else
    ::SSL_set_connect_state(session_.get());
}

tls_state tls_stream::shake_hands() {
  if (!session_)
    return tls_state::broken;
  ::ERR_clear_error();
  return state_of(session_.get(), ::SSL_do_handshake(session_.get()));
}

std::optional<std::size_t> tls_stream::read(char* to, std::size_t most) {
  ::ERR_clear_error();
  const auto count = ::SSL_read(session_.get(), to, as_length(most));
  if (count > 0)
    return static_cast<std::size_t>(count);
  if (state_of(session_.get(), count) == tls_state::broken)
    return std::nullopt;
  return 0;
}

std::optional<std::size_t> tls_stream::write(const char* from,
                                             std::size_t size) {
  ::ERR_clear_error();
  const auto count = ::SSL_write(session_.get(), from, as_length(size));
  if (count > 0)
    return static_cast<std::size_t>(count);
  if (state_of(session_.get(), count) == tls_state::broken)
    return std::nullopt;
  return 0;
}

std::size_t tls_stream::waiting() const {
  return static_cast<std::size_t>(::SSL_pending(session_.get()));
}

expected<tls_stream, std::string>
connect_tls(const tls_context& context, const endpoint& to, duration within) {
  const auto until = clock::now() + within;
  auto socket = begin_connecting(to);
  if (socket.number() < 0 || !await(socket.number(), POLLOUT, until)
      || !is_connected(socket.number()))
    return make_unexpected(std::string{"nobody takes the connection"});
  tls_stream made{context, std::move(socket), false};
  for (;;) {
    const auto state = made.shake_hands();
    if (state == tls_state::done)
      return made;
    if (state == tls_state::broken)
      return make_unexpected(std::string{"it does not show who it is"});
    const short event = state == tls_state::wants_read ? POLLIN : POLLOUT;
    if (!await(made.socket(), event, until))
      return make_unexpected(std::string{"it does not answer"});
  }
}

} // namespace callfork::cluster
