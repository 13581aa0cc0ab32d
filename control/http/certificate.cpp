#include "control/http/certificate.hpp"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <utility>

namespace callfork::http {

namespace {

namespace ssl = boost::asio::ssl;
using error = boost::system::error_code;

std::string told(const char* what, const std::string& file,
                 const error& fault) {
  return std::string{"http tls: "} + what + " " + file + ": " + fault.message();
}

/// Asked for the passphrase of a key: there is nobody to ask.
std::string no_passphrase(std::size_t, ssl::context::password_purpose) {
  return {};
}

expected<std::unique_ptr<ssl::context>, std::string>
context_of(const tls_files& files) {
  auto made = std::make_unique<ssl::context>(ssl::context::tls_server);
  auto* raw = made->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(raw, "HIGH:!aNULL:!eNULL:!PSK:!SRP:!3DES:!MD5:!kRSA");
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION
                             | SSL_OP_CIPHER_SERVER_PREFERENCE
                             | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  error fault;
  made->set_password_callback(no_passphrase, fault);
  if (!fault)
    made->use_certificate_chain_file(files.certificate, fault);
  if (fault)
    return make_unexpected(told("certificate", files.certificate, fault));
  made->use_private_key_file(files.key, ssl::context::pem, fault);
  if (fault)
    return make_unexpected(told("key", files.key, fault));
  return made;
}

} // namespace

certificate::certificate(tls_files files, context_ptr context)
  : files_{std::move(files)},
    context_{std::move(context)} {
}

expected<certificate, std::string> certificate::load(const tls_files& files) {
  const auto marks = marks_of(files);
  auto context = context_of(files);
  if (!context)
    return make_unexpected(context.error());
  certificate made{files, std::move(*context)};
  made.in_use_ = made.seen_ = marks;
  return made;
}

expected<bool, std::string> certificate::renew() {
  const auto marks = marks_of(files_);
  if (marks == in_use_ || std::exchange(seen_, marks) != marks)
    return false;
  in_use_ = marks;
  auto context = context_of(files_);
  if (!context)
    return make_unexpected(context.error());
  context_ = std::move(*context);
  return true;
}

certificate::file_marks certificate::marks_of(const tls_files& files) {
  file_marks made{};
  std::size_t at = 0;
  for (const auto* name : {&files.certificate, &files.key}) {
    struct stat found {};
    if (::stat(name->c_str(), &found) == 0)
      made[at] = {static_cast<std::int64_t>(found.st_ino), found.st_size,
                  found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
    ++at;
  }
  return made;
}

} // namespace callfork::http
