#include "control/sip/tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <memory>
#include <utility>

namespace callfork::sip {

namespace {

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

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto size = ASN1_STRING_length(bytes);
  if (size != 4 && size != 16)
    return {};
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes),
            text.data(), text.size());
  return text.data();
}

std::string name_of(const GENERAL_NAME* name) {
  switch (name->type) {
  case GEN_DNS:
    return text_of(name->d.dNSName);
  case GEN_URI:
    return text_of(name->d.uniformResourceIdentifier);
  case GEN_IPADD:
    return address_of(name->d.iPAddress);
  default:
    return {};
  }
}

/// A name with a NUL inside pretends to be another.
void add(std::vector<std::string>& to, std::string name) {
  if (!name.empty() && name.find('\0') == std::string::npos && to.size() < 64)
    to.push_back(std::move(name));
}

std::vector<std::string> names_in(X509* certificate) {
  std::vector<std::string> made;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names{
    static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
    GENERAL_NAMES_free};
  for (int at = 0; names && at < sk_GENERAL_NAME_num(names.get()); ++at)
    add(made, name_of(sk_GENERAL_NAME_value(names.get(), at)));
  auto* subject = X509_get_subject_name(certificate);
  const auto at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0)
    add(made,
        text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return made;
}

bool is_peer(int socket, const endpoint& peer) {
  sockaddr_storage far{};
  socklen_t size = sizeof far;
  return getpeername(socket, reinterpret_cast<sockaddr*>(&far), &size) == 0
         && endpoint::from(far) == peer;
}

} // namespace

tls_connections::tls_connections() {
  hook_once();
  of_this_thread = this;
}

tls_connections::~tls_connections() {
  sweep();
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
  connections_[connection] = {socket, inode_of(socket)};
}

bool tls_connections::is_open(const tracked& one) {
  return one.inode != 0 && inode_of(one.socket) == one.inode;
}

void tls_connections::sweep() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    if (is_open(at->second)) {
      ++at;
      continue;
    }
    const auto verdict = SSL_get_verify_result(at->first);
    if (verdict != X509_V_OK && SSL_is_server(at->first) == 0)
      fault_ = X509_verify_cert_error_string(verdict);
    SSL_free(at->first);
    at = connections_.erase(at);
  }
}

bool tls_connections::reaches(const endpoint& peer) const {
  for (const auto& [connection, one] : connections_)
    if (is_open(one) && is_peer(one.socket, peer))
      return true;
  return false;
}

std::string tls_connections::take_fault() {
  sweep();
  return std::exchange(fault_, {});
}

expected<void, std::string> tls_connections::configure(const tls_files& files) {
  auto* context = newest_context_;
  if (context == nullptr)
    return make_unexpected(std::string{"sip tls: there is no context"});
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(context, "HIGH:!aNULL:!eNULL:!PSK:!SRP:!3DES:!MD5");
  SSL_CTX_set_cert_store(context, X509_STORE_new());
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str())
      != 1)
    return make_unexpected(fault_of("certificate", files.certificate));
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM)
        != 1
      || SSL_CTX_check_private_key(context) != 1)
    return make_unexpected(fault_of("key", files.key));
  if (files.authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return {};
  }
  if (SSL_CTX_load_verify_file(context, files.authorities.c_str()) != 1)
    return make_unexpected(fault_of("authorities", files.authorities));
  SSL_CTX_set_client_CA_list(
    context, SSL_load_client_CA_file(files.authorities.c_str()));
  return {};
}

std::vector<std::string> tls_connections::names_of(const endpoint& peer) const {
  for (const auto& [connection, one] : connections_) {
    if (!is_open(one) || !is_peer(one.socket, peer))
      continue;
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      SSL_get1_peer_certificate(connection), X509_free};
    if (!certificate || SSL_get_verify_result(connection) != X509_V_OK)
      return {};
    return names_in(certificate.get());
  }
  return {};
}

} // namespace callfork::sip
