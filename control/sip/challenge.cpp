#include "control/sip/challenge.hpp"

#include "control/sip/message.hpp"

#include <openssl/rand.h>
#include <sofia-sip/auth_client_plugin.h>
#include <strings.h>

#include <array>
#include <cstddef>

namespace callfork::sip {

namespace {

/// Sofia's client of one realm, with what we remember of it. Its memory is
/// Sofia's: zeroed, never constructed.
struct digest_client {
  auth_client_t base;
  char* nonce;
  char* opaque;
  char* algorithm;
  char* qop;
  unsigned count;
};

digest_client* of(auth_client_t* client) {
  return reinterpret_cast<digest_client*>(client);
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"'))
    return std::string{text};
  std::string made;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    if (text[at] == '\\' && at + 2 < text.size())
      ++at;
    made += text[at];
  }
  return made;
}

std::string parameter(const msg_param_t* all, const char* name) {
  return unquoted(text_of(msg_params_find(all, name)));
}

void keep(su_home_t* home, char*& place, const std::string& text) {
  su_free(home, place);
  place = su_strdup(home, text.c_str());
}

bool is_strong(std::string_view algorithm) {
  return algorithm.starts_with("SHA") || algorithm.starts_with("sha");
}

digest_challenge asked_of(auth_client_t* client) {
  const auto* known = of(client);
  return {unquoted(text_of(client->ca_realm)), text_of(known->nonce),
          text_of(known->opaque), text_of(known->algorithm),
          text_of(known->qop)};
}

/// Sofia wants to know: -1 for nothing that can be answered, 1 for nothing new,
/// 2 for something to answer.
int on_challenge(auth_client_t* client, const msg_auth_t* header) {
  const auto asked = read_challenge(header);
  auto* known = of(client);
  if (!asked || !can_answer(*asked)
      || (known->nonce != nullptr && is_strong(text_of(known->algorithm))
          && !is_strong(asked->algorithm)))
    return 1;
  const auto stale
    = known->nonce == nullptr
      || strcasecmp(parameter(header->au_params, "stale=").c_str(), "true")
           == 0;
  auto* home = client->ca_home;
  keep(home, known->nonce, asked->nonce);
  keep(home, known->opaque, asked->opaque);
  keep(home, known->algorithm, asked->algorithm);
  keep(home, known->qop, asked->qop);
  known->count = 0;
  return stale ? 2 : 1;
}

std::string new_client_nonce() {
  std::array<unsigned char, 12> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  std::string made;
  for (const auto one : bytes) {
    made += "0123456789abcdef"[one >> 4U];
    made += "0123456789abcdef"[one & 15U];
  }
  return made;
}

int on_request(auth_client_t* client, su_home_t* home, const char* method,
               const url_t* uri, const msg_payload_t* body,
               msg_header_t** made) {
  *made = nullptr;
  auto* known = of(client);
  if (known->nonce == nullptr)
    return 0;
  digest_request request{text_of(method), text_of(uri), {}};
  if (body != nullptr && body->pl_data != nullptr)
    request.body = {body->pl_data, body->pl_len};
  const auto said = answer(asked_of(client), request,
                           {text_of(client->ca_user), text_of(client->ca_pass)},
                           {new_client_nonce(), ++known->count});
  *made = msg_header_make(home, client->ca_credential_class, said.c_str());
  return *made == nullptr ? -1 : 0;
}

int on_info(auth_client_t* client, const msg_auth_info_t* info) {
  const auto next = parameter(info->ai_params, "nextnonce=");
  if (next.empty())
    return 0;
  keep(client->ca_home, of(client)->nonce, next);
  of(client)->count = 0;
  return 1;
}

auth_client_plugin_t plugin{static_cast<int>(sizeof plugin),
                            static_cast<int>(sizeof(digest_client)),
                            "Digest",
                            on_challenge,
                            on_request,
                            on_info};

std::string realm_of(const msg_auth_t* asked) {
  for (; asked != nullptr; asked = asked->au_next)
    if (const auto one = read_challenge(asked); one && can_answer(*one)) {
      const auto* realm = msg_params_find(asked->au_params, "realm=");
      return realm[0] == '"' ? realm : quoted(realm);
    }
  return {};
}

} // namespace

std::optional<digest_challenge> read_challenge(const msg_auth_t* header) {
  if (header == nullptr || strcasecmp(header->au_scheme, "Digest") != 0
      || msg_params_find(header->au_params, "realm=") == nullptr)
    return std::nullopt;
  const auto* all = header->au_params;
  return digest_challenge{parameter(all, "realm="), parameter(all, "nonce="),
                          parameter(all, "opaque="),
                          parameter(all, "algorithm="), parameter(all, "qop=")};
}

bool authenticate(nua_handle_t* handle, const sip_t* challenge,
                  const credentials& login) {
  if (challenge == nullptr || login.user.find(':') != std::string::npos
      || login.password.find(':') != std::string::npos)
    return false;
  const auto who = ":" + one_line(login.user) + ":" + one_line(login.password);
  const auto server = realm_of(challenge->sip_www_authenticate);
  const auto proxy = realm_of(challenge->sip_proxy_authenticate);
  if (server.empty() && proxy.empty())
    return false;
  const auto to_server = "Digest:" + server + who;
  const auto to_proxy = "Digest:" + proxy + who;
  nua_authenticate(
    handle, TAG_IF(!server.empty(), NUTAG_AUTH(to_server.c_str())),
    TAG_IF(!proxy.empty() && proxy != server, NUTAG_AUTH(to_proxy.c_str())),
    TAG_END());
  return true;
}

/// Sofia puts a plugin in the place of the first one whose name is another,
/// which is to say of Basic's; so its own Digest goes only before one that has
/// another name. Versions without that fault take the first call.
void answer_digests() {
  static const bool done = [] {
    auto known = auc_register_plugin(&plugin) == 0;
    plugin.auc_name = "Digest by callfork";
    known = auc_register_plugin(&plugin) == 0 && known;
    plugin.auc_name = "Digest";
    return known;
  }();
  static_cast<void>(done);
}

} // namespace callfork::sip
