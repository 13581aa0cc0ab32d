#include "control/api/auth_token.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace callfork::api {

namespace {

using nlohmann::json;
using refusal = tl::unexpected<std::string>;

constexpr std::size_t longest_token = 6 * 1024;
constexpr std::size_t longest_text = 256;
constexpr std::chrono::seconds leeway{60};

refusal refused(std::string_view why) {
  return make_unexpected(std::string{why});
}

/// The three parts of a token as they came.
struct parts {
  std::string_view head;
  std::string_view claims;
  std::string_view signature;
  std::string_view text; ///< What is signed.
};

std::optional<parts> split(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > longest_token || first == std::string_view::npos
      || first == last || token.find('.', first + 1) != last)
    return std::nullopt;
  return parts{token.substr(0, first),
               token.substr(first + 1, last - first - 1),
               token.substr(last + 1), token.substr(0, last)};
}

/// One JSON object; a name that stands twice makes it none (RFC 8725 2.4 asks
/// that a token is not read in two ways).
std::optional<json> object_of(std::string_view encoded) {
  const auto text = from_base64url(encoded);
  if (!text)
    return std::nullopt;
  constexpr int deepest = 4;
  std::vector<std::vector<std::string>> names;
  bool twice = false;
  const json::parser_callback_t look = [&](int depth, json::parse_event_t what,
                                           json& value) {
    twice = twice || depth > deepest;
    if (what == json::parse_event_t::object_start)
      names.emplace_back();
    if (what == json::parse_event_t::object_end && !names.empty())
      names.pop_back();
    if (what == json::parse_event_t::key && !names.empty()) {
      auto name = value.get<std::string>();
      twice = twice
              || std::ranges::find(names.back(), name) != names.back().end();
      names.back().push_back(std::move(name));
    }
    return !twice;
  };
  auto made = json::parse(*text, look, false);
  if (twice || !made.is_object())
    return std::nullopt;
  return made;
}

/// A member that has to be a short text without control characters if it is
/// there at all: nothing otherwise, empty if it is not there.
std::optional<std::string> text_of(const json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end())
    return std::string{};
  if (!found->is_string())
    return std::nullopt;
  auto text = found->get<std::string>();
  const bool plain = std::ranges::none_of(text, [](char each) {
    const auto byte = static_cast<unsigned char>(each);
    return byte < 0x20 || byte == 0x7f;
  });
  if (!plain || text.size() > longest_text)
    return std::nullopt;
  return text;
}

std::optional<algorithm> algorithm_of(const json& head) {
  const auto name = text_of(head, "alg");
  if (name == "RS256")
    return algorithm::rs256;
  if (name == "ES256")
    return algorithm::es256;
  return std::nullopt;
}

/// Types of other things than access are not for us (RFC 8725 3.11).
bool is_access(const json& head) {
  auto type = text_of(head, "typ");
  if (!type)
    return false;
  std::ranges::transform(*type, type->begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  });
  return type->empty() || *type == "jwt" || *type == "at+jwt"
         || *type == "application/at+jwt";
}

const public_key* key_for(const json& head, algorithm by,
                          const std::vector<public_key>& keys) {
  const auto id = text_of(head, "kid");
  if (!id)
    return nullptr;
  const public_key* found = nullptr;
  for (const auto& each : keys) {
    if (each.algorithm != by || (!id->empty() && each.id != *id))
      continue;
    if (found != nullptr)
      return nullptr; // Which of them is not for the token to decide.
    found = &each;
  }
  return found;
}

/// Seconds since 1970; nothing if it is no such number.
std::optional<double> time_of(const json& from, const char* name) {
  constexpr double latest = 1e11;
  const auto found = from.find(name);
  if (found == from.end() || !found->is_number())
    return std::nullopt;
  const auto seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= latest))
    return std::nullopt;
  return seconds;
}

/// A word against the times, or null.
const char* untimely(const json& claims, wall_time now) {
  const std::chrono::duration<double> at = now.time_since_epoch();
  const auto slack = std::chrono::duration<double>(leeway).count();
  const auto expires = time_of(claims, "exp");
  if (!expires)
    return "the token does not say when it expires";
  if (at.count() >= *expires + slack)
    return "the token has expired";
  for (const auto* name : {"nbf", "iat"}) {
    if (!claims.contains(name))
      continue;
    const auto begins = time_of(claims, name);
    if (!begins || at.count() < *begins - slack)
      return "the token is not valid yet";
  }
  return nullptr;
}

bool is_for(const json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end() || audience.empty())
    return false;
  if (found->is_string())
    return found->get_ref<const std::string&>() == audience;
  return found->is_array()
         && std::ranges::any_of(*found, [&](const json& each) {
              return each.is_string()
                     && each.get_ref<const std::string&>() == audience;
            });
}

expected<caller, std::string> caller_of(const json& claims) {
  const auto person = text_of(claims, "callfork_person");
  const auto subject = text_of(claims, "sub");
  const auto email = text_of(claims, "email");
  const auto role = text_of(claims, "callfork_role");
  const auto organisation = text_of(claims, "callfork_organisation");
  const auto partner = text_of(claims, "callfork_partner");
  if (!person || !subject || !email || !role || !organisation || !partner)
    return refused("a claim of the token cannot be read");
  const auto known = read_role(*role);
  if (!known)
    return refused("the token names no role that is known here");
  caller made{person->empty() ? *subject : *person, *email, *known, {}, {}};
  std::ranges::transform(made.email, made.email.begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  });
  const bool serves = *known == role::partner_administrator;
  (serves ? made.partner : made.organisation) = serves ? *partner
                                                       : *organisation;
  if (made.id.empty() || (made.partner.empty() && made.organisation.empty()))
    return refused("the token does not say who asks, and for whom");
  return made;
}

} // namespace

expected<caller, std::string>
read_token(std::string_view token, const token_rules& rules,
           const std::vector<public_key>& keys, wall_time now) {
  const auto found = split(token);
  const auto head = found ? object_of(found->head) : std::nullopt;
  const auto signature = found ? from_base64url(found->signature)
                               : std::nullopt;
  if (!head || !signature)
    return refused("this is no token");
  const auto by = algorithm_of(*head);
  if (!by)
    return refused("the token is not signed by RS256 or ES256");
  // Extensions that have to be understood are not (RFC 7515 4.1.11).
  if (head->contains("crit") || head->contains("b64") || !is_access(*head))
    return refused("the token is of another kind");
  const auto* key = key_for(*head, *by, keys);
  if (key == nullptr)
    return refused(unknown_key);
  if (!verifies(*key, found->text, *signature))
    return refused("the token's signature is wrong");
  const auto claims = object_of(found->claims);
  if (!claims)
    return refused("this is no token");
  if (rules.issuer.empty() || text_of(*claims, "iss") != rules.issuer)
    return refused("the token is of another issuer");
  if (!is_for(*claims, rules.audience))
    return refused("the token is for somebody else");
  if (const auto* why = untimely(*claims, now))
    return refused(why);
  return caller_of(*claims);
}

} // namespace callfork::api
