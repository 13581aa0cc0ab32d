#include "control/sip/tls_context.hpp"

#include <dlfcn.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sofia-sip/su_strlst.h>
#include <sofia-sip/tport.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

namespace callfork::sip {

namespace {

constexpr auto longest_handshake = std::chrono::seconds{10};

thread_local tls_connections* of_this_thread = nullptr;

template <class Type>
void on_new(void* parent, void* /*value*/, CRYPTO_EX_DATA* /*data*/,
            int /*index*/, long /*number*/, void* /*pointer*/) {
  if (of_this_thread != nullptr)
    of_this_thread->saw(static_cast<Type*>(parent));
}

void hook_once() {
  static const bool done = [] {
    CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr,
                            on_new<SSL_CTX>, nullptr, nullptr);
    CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_BIO, 0, nullptr, on_new<BIO>,
                            nullptr, nullptr);
    CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, on_new<SSL>,
                            nullptr, nullptr);
    return true;
  }();
  static_cast<void>(done);
}

std::string fault_of(const char* what, const std::string& file) {
  const auto* why = ERR_reason_error_string(ERR_peek_error());
  auto made = std::string{"sip tls: "} + what + " " + file + ": "
              + (why == nullptr ? "cannot be used" : why);
  ERR_clear_error();
  return made;
}

ino_t inode_of(int socket) {
  struct stat found {};
  return fstat(socket, &found) == 0 ? found.st_ino : 0;
}

endpoint peer_of(int socket) {
  sockaddr_storage far{};
  socklen_t size = sizeof far;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&far), &size) != 0)
    return {};
  return endpoint::from(far);
}

void on_progress(const SSL* connection, int where, int value) {
  if (of_this_thread != nullptr)
    of_this_thread->progressed(const_cast<SSL*>(connection), where, value);
}

/// OpenSSL has no words for the alert that asks for a certificate.
std::string alert_of(int value) {
  constexpr auto certificate_required = 116;
  if ((value & 0xff) == certificate_required)
    return "certificate required";
  return SSL_alert_desc_string_long(value);
}

std::string distrust(long verdict) {
  return std::string{"its certificate is not trusted: "}
         + X509_verify_cert_error_string(verdict);
}

using own_context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

expected<void, std::string> load(SSL_CTX* into, const tls_files& files) {
  ERR_clear_error();
  SSL_CTX_set_cert_store(into, X509_STORE_new());
  if (SSL_CTX_use_certificate_chain_file(into, files.certificate.c_str()) != 1)
    return make_unexpected(fault_of("certificate", files.certificate));
  if (SSL_CTX_use_PrivateKey_file(into, files.key.c_str(), SSL_FILETYPE_PEM)
        != 1
      || SSL_CTX_check_private_key(into) != 1)
    return make_unexpected(fault_of("key", files.key));
  if (files.authorities.empty()) {
    SSL_CTX_set_default_verify_paths(into);
    return {};
  }
  if (SSL_CTX_load_verify_file(into, files.authorities.c_str()) != 1)
    return make_unexpected(fault_of("authorities", files.authorities));
  SSL_CTX_set_client_CA_list(
    into, SSL_load_client_CA_file(files.authorities.c_str()));
  return {};
}

/// Without its subjectAltName Sofia does not forget to free what it makes of
/// it. Whoever signed it has been checked before.
void take_alternatives_from(X509* certificate) {
  for (int at = 0;
       (at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)) >= 0;)
    X509_EXTENSION_free(X509_delete_ext(certificate, at));
}

} // namespace

tls_connections::tls_connections(std::function<void(const tls_fault&)> told)
  : told_(std::move(told)) {
  hook_once();
  of_this_thread = this;
}

tls_connections::~tls_connections() {
  told_ = nullptr;
  sweep({});
  of_this_thread = nullptr;
}

void tls_connections::saw(SSL_CTX* context) {
  newest_context_ = context;
}

void tls_connections::saw(BIO* socket) {
  if (BIO_method_type(socket) == BIO_TYPE_SOCKET)
    newest_socket_ = socket;
}

/// Sofia makes a socket BIO, then the connection for it. When it closes them it
/// gives up one reference to the BIO and one to the context, but never frees
/// the connection, which holds two of each: `sweep` frees it, so the references
/// that Sofia gives up have to be added here.
void tls_connections::saw(SSL* connection) {
  if (newest_socket_ == nullptr)
    return;
  const auto socket = static_cast<int>(BIO_get_fd(newest_socket_, nullptr));
  BIO_up_ref(newest_socket_);
  SSL_CTX_up_ref(SSL_get_SSL_CTX(connection));
  newest_socket_ = nullptr;
  tracked made;
  made.socket = socket;
  made.inode = inode_of(socket);
  made.begun = clock::now();
  connections_[connection] = std::move(made);
}

void tls_connections::progressed(SSL* connection, int where, int value) {
  const auto found = connections_.find(connection);
  if (found == connections_.end())
    return;
  auto& one = found->second;
  if (one.peer == endpoint{})
    one.peer = peer_of(one.socket);
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0)
    return finish(connection, one);
  const auto ours = SSL_is_server(connection) == 0;
  if ((where & SSL_CB_ALERT) == 0 || !ours || (value >> 8) != SSL3_AL_FATAL)
    return;
  if ((where & SSL_CB_READ) != 0)
    return fail(one, "it refuses our TLS: " + alert_of(value));
  const auto verdict = SSL_get_verify_result(connection);
  fail(one, verdict == X509_V_OK ? "TLS with it fails: " + alert_of(value)
                                 : distrust(verdict));
}

void tls_connections::finish(SSL* connection, tracked& one) {
  if (std::exchange(one.done, true))
    return;
  auto* certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr)
    return;
  const auto verdict = SSL_get_verify_result(connection);
  const auto to_check = SSL_is_server(connection) == 0 && verifies_servers_;
  if (verdict == X509_V_OK) {
    one.names = names_in(certificate);
    just_done_ = to_check ? connection : nullptr;
  } else if (to_check) {
    fail(one, distrust(verdict));
  }
  take_alternatives_from(certificate);
}

void tls_connections::fail(tracked& one, std::string why) {
  if (!std::exchange(one.failed, true) && told_)
    told_({one.peer, one.host, std::move(why)});
}

bool tls_connections::is_for(const char* host, void* sofias_names) {
  const auto found = connections_.find(std::exchange(just_done_, nullptr));
  auto* names = static_cast<su_strlst_t*>(sofias_names);
  if (host == nullptr || names == nullptr)
    return false;
  if (found == connections_.end()) { // Whether to use a connection again.
    for (usize_t at = 0; at < su_strlst_len(names); ++at)
      if (strcasecmp(su_strlst_item(names, at), host) == 0)
        return true;
    return false;
  }
  auto& one = found->second;
  one.host = host;
  while (su_strlst_len(names) > 0)
    su_strlst_remove(names, 0);
  if (!one.names.speak_for(host)) {
    fail(one, "its certificate is for another host");
    return false;
  }
  su_strlst_dup_append(names, host);
  return true;
}

bool tls_connections::is_open(const tracked& one) {
  return one.inode != 0 && inode_of(one.socket) == one.inode;
}

void tls_connections::sweep(time_point now) {
  for (auto at = connections_.begin(); at != connections_.end();) {
    if (is_open(at->second)) {
      if (!at->second.done && now - at->second.begun > longest_handshake)
        ::shutdown(at->second.socket, SHUT_RDWR);
      ++at;
      continue;
    }
    if (just_done_ == at->first)
      just_done_ = nullptr;
    SSL_free(at->first);
    at = connections_.erase(at);
  }
}

const tls_connections::tracked*
tls_connections::find(const endpoint& peer) const {
  for (const auto& [connection, one] : connections_)
    if (one.done && one.peer == peer && is_open(one))
      return &one;
  return nullptr;
}

bool tls_connections::contradicts(const endpoint& peer,
                                  std::string_view host) const {
  return std::ranges::any_of(connections_, [&](const auto& entry) {
    const auto& one = entry.second;
    return one.done && one.peer == peer && !one.host.empty()
           && !one.names.speak_for(host) && is_open(one);
  });
}

bool tls_connections::may_carry(const endpoint& peer, std::string_view other,
                                std::string_view host) const {
  if (!verifies_servers_ || host == other || host == peer.address())
    return true;
  return std::ranges::any_of(connections_, [&](const auto& entry) {
    const auto& one = entry.second;
    return one.done && one.peer == peer && one.host == other
           && one.names.speak_for(host);
  });
}

bool tls_connections::reaches(const endpoint& peer) const {
  return find(peer) != nullptr;
}

std::vector<std::string> tls_connections::names_of(const endpoint& peer) const {
  const auto* one = find(peer);
  return one == nullptr ? std::vector<std::string>{} : one->names.all();
}

expected<void, std::string> tls_connections::configure(const tls_files& files,
                                                       bool verify_servers) {
  auto* context = newest_context_;
  if (context == nullptr)
    return make_unexpected(std::string{"sip tls: there is no context"});
  if (dlsym(RTLD_DEFAULT, "tport_subject_search")
        != reinterpret_cast<void*>(&tport_subject_search)
      || dlsym(RTLD_DEFAULT, "tport_by_name")
           != reinterpret_cast<void*>(&tport_by_name))
    return make_unexpected(std::string{"sip tls: names cannot be checked"});
  verifies_servers_ = verify_servers;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(context, "HIGH:!aNULL:!eNULL:!PSK:!SRP:!3DES:!MD5");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_info_callback(context, on_progress);
  contexts_.push_back(context);
  in_use_ = seen_ = marks_of(files);
  return load(context, files);
}

tls_connections::file_marks tls_connections::marks_of(const tls_files& files) {
  file_marks made{};
  std::size_t at = 0;
  for (const auto* name :
       {&files.certificate, &files.key, &files.authorities}) {
    struct stat found {};
    if (!name->empty() && ::stat(name->c_str(), &found) == 0)
      made[at] = {static_cast<std::int64_t>(found.st_ino), found.st_size,
                  found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
    ++at;
  }
  return made;
}

expected<bool, std::string> tls_connections::renew(const tls_files& files) {
  const auto marks = marks_of(files);
  if (marks == in_use_ || std::exchange(seen_, marks) != marks)
    return false;
  in_use_ = marks;
  const own_context trial{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  newest_context_ = nullptr; // It is none of Sofia's.
  if (const auto good = load(trial.get(), files); !good)
    return make_unexpected(good.error());
  for (auto* context : contexts_)
    if (const auto good = load(context, files); !good)
      return make_unexpected(good.error());
  return true;
}

} // namespace callfork::sip

// Sofia asks both of itself, by names that programs may take from it.

/// Sofia would use a connection for any host that has its address.
extern "C" tport_t* tport_by_name(tport_t const* all, tp_name_t const* name) {
  using own = tport_t* (*)(tport_t const*, tp_name_t const*);
  static const auto sofias
    = reinterpret_cast<own>(dlsym(RTLD_NEXT, "tport_by_name"));
  auto* found = sofias(all, name);
  if (found == nullptr || tport_is_secondary(found) == 0
      || tport_has_tls(found) == 0 || callfork::sip::of_this_thread == nullptr
      || name->tpn_canon == nullptr)
    return found;
  const auto& address = *tport_get_address(found);
  sockaddr_storage peer{};
  std::memcpy(&peer, address.ai_addr,
              std::min<std::size_t>(sizeof peer, address.ai_addrlen));
  const auto* connected = tport_name(found);
  if (callfork::sip::of_this_thread->may_carry(
        callfork::endpoint::from(peer),
        connected->tpn_canon == nullptr ? "" : connected->tpn_canon,
        name->tpn_canon))
    return found;
  return tport_primary_by_name(all, name);
}

/// Sofia asks this of itself, by a name that programs may take from it: its own
/// answer takes common names beside subjectAltNames and knows no addresses.
extern "C" int tport_subject_search(char const* subject,
                                    su_strlst_t const* names) {
  if (callfork::sip::of_this_thread == nullptr || subject == nullptr)
    return 0;
  std::string_view host{subject};
  for (const std::string_view scheme : {"sips:", "sip:"})
    if (host.starts_with(scheme))
      host.remove_prefix(scheme.size());
  return callfork::sip::of_this_thread->is_for(host.data(),
                                               const_cast<su_strlst_t*>(names))
           ? 1
           : 0;
}
