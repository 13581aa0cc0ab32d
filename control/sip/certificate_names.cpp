#include "control/sip/certificate_names.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace callfork::sip {

namespace {

constexpr int most_names = 64;

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

/// A name with a NUL inside pretends to be another.
void add(std::vector<std::string>& to, std::string name) {
  if (!name.empty() && name.find('\0') == std::string::npos)
    to.push_back(std::move(name));
}

bool same(std::string_view left, std::string_view right) {
  return left.size() == right.size()
         && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::string_view without_dot(std::string_view host) {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return host;
}

/// An address in its one form; nothing for a name.
std::optional<std::string> as_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  const std::string text{host};
  for (const auto family : {AF_INET, AF_INET6}) {
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> made{};
    if (inet_pton(family, text.c_str(), bytes.data()) == 1)
      return inet_ntop(family, bytes.data(), made.data(), made.size());
  }
  return std::nullopt;
}

/// RFC 5922 7.1: of other schemes, or with a user, it is no domain's identity.
std::string_view domain_in(std::string_view uri) {
  constexpr std::string_view scheme = "sip:";
  if (!same(uri.substr(0, scheme.size()), scheme)
      || uri.find('@') != std::string_view::npos)
    return {};
  uri.remove_prefix(scheme.size());
  return uri.substr(0, uri.find_first_of(";?"));
}

bool any(const std::vector<std::string>& names, std::string_view host) {
  return std::ranges::any_of(names, [host](const auto& name) {
    return same(without_dot(name), host);
  });
}

} // namespace

std::vector<std::string> certificate_names::all() const {
  auto made = hosts;
  made.insert(made.end(), uris.begin(), uris.end());
  made.insert(made.end(), addresses.begin(), addresses.end());
  if (!common.empty())
    made.push_back(common);
  return made;
}

bool certificate_names::speak_for(std::string_view host) const {
  const auto address = as_address(host);
  const auto wanted = address ? std::string_view{*address} : without_dot(host);
  if (wanted.empty())
    return false;
  if (!has_alternatives)
    return same(without_dot(common), wanted);
  const auto named = std::ranges::any_of(uris, [wanted](const auto& uri) {
    return same(without_dot(domain_in(uri)), wanted);
  });
  return named || any(address ? addresses : hosts, wanted);
}

certificate_names names_in(x509_st* certificate) {
  certificate_names made;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names{
    static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
    GENERAL_NAMES_free};
  made.has_alternatives
    = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0;
  const auto count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int at = 0; at < std::min(count, most_names); ++at) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), at);
    if (name->type == GEN_DNS)
      add(made.hosts, text_of(name->d.dNSName));
    else if (name->type == GEN_URI)
      add(made.uris, text_of(name->d.uniformResourceIdentifier));
    else if (name->type == GEN_IPADD)
      add(made.addresses, address_of(name->d.iPAddress));
  }
  auto* subject = X509_get_subject_name(certificate);
  std::vector<std::string> common;
  for (int at = -1;
       (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
    add(common,
        text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  if (!common.empty())
    made.common = common.back();
  return made;
}

} // namespace callfork::sip
