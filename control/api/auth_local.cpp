#include "control/api/auth_local.hpp"

#include "control/admin/book.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace callfork::api {

namespace {

constexpr std::size_t most_keys = 1000;
constexpr std::size_t shortest_key = 32;
constexpr std::size_t longest_key = 512;

using refusal = tl::unexpected<std::string>;

refusal wrong(std::size_t line, const std::string& why) {
  return make_unexpected("line " + std::to_string(line) + ": " + why);
}

bool read_hex(std::string_view text, std::array<unsigned char, 32>& into) {
  if (text.size() != 2 * into.size())
    return false;
  for (std::size_t at = 0; at < into.size(); ++at) {
    const auto* from = text.data() + 2 * at;
    const auto [end, fault] = std::from_chars(from, from + 2, into[at], 16);
    if (fault != std::errc{} || end != from + 2)
      return false;
  }
  return true;
}

} // namespace

expected<local_keys, std::string> local_keys::read(std::string_view text) {
  local_keys made;
  std::istringstream lines{std::string{text}};
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream words{line};
    std::string name;
    std::string role_name;
    std::string organisation;
    std::string hex;
    std::string more;
    if (!(words >> name))
      continue;
    entry next;
    if (!(words >> role_name >> organisation >> hex) || words >> more)
      return wrong(number, "wants name, role, organisation and SHA-256");
    const auto known = read_role(role_name);
    if (!known)
      return wrong(number, "there is no role '" + role_name + "'");
    if (!admin::is_identifier(name) || !admin::is_identifier(organisation))
      return wrong(number, "a name or organisation is no identifier");
    if (!read_hex(hex, next.of))
      return wrong(number, "the last word is not the hex of a SHA-256");
    next.who.id = name;
    next.who.role = *known;
    (*known == role::partner_administrator ? next.who.partner
                                           : next.who.organisation)
      = organisation;
    made.entries_.push_back(std::move(next));
    if (made.entries_.size() > most_keys)
      return wrong(number, "there are too many keys");
  }
  return made;
}

std::optional<caller> local_keys::find(std::string_view key) const {
  digest asked{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         asked.data());
  const entry* found = nullptr;
  for (const auto& each : entries_)
    if (CRYPTO_memcmp(each.of.data(), asked.data(), asked.size()) == 0)
      found = &each;
  if (found == nullptr || key.size() < shortest_key || key.size() > longest_key)
    return std::nullopt;
  return found->who;
}

} // namespace callfork::api
