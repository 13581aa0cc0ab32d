#include "control/api/audit_chain.hpp"

#include "media/base/time_text.hpp"

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>

namespace callfork::api {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t shortest_key = 32;
constexpr std::size_t longest_key = 512;
constexpr std::size_t longest_text = 1024;
constexpr std::size_t most_faults = 1000;
constexpr std::size_t mac_digits = 64;
constexpr std::string_view before_mac = ",\"mac\":\"";
constexpr std::string_view after_mac = "\"}";

std::string hex_of(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string made;
  made.reserve(2 * count);
  for (std::size_t at = 0; at < count; ++at) {
    made += digits[bytes[at] >> 4U];
    made += digits[bytes[at] & 0xfU];
  }
  return made;
}

std::string cut(const std::string& text) {
  return text.substr(0, longest_text);
}

std::string_view to_string(outcome value) {
  switch (value) {
  case outcome::done:
    return "done";
  case outcome::refused:
    return "refused";
  case outcome::failed:
    return "failed";
  }
  return "unknown";
}

std::string write(const ordered_json& what) {
  return what.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// Puts the mac over an object's text at its end.
sealed_deed close(ordered_json what, std::uint64_t sequence,
                  const audit_key& key) {
  auto text = write(what);
  text.pop_back();
  const auto mac = key.mac(text);
  return {text + std::string{before_mac} + mac + std::string{after_mac},
          {sequence, mac}};
}

/// The object's text without its mac, and the mac, if it fits.
std::optional<std::pair<std::string_view, std::string_view>>
open(std::string_view text, const audit_key& key) {
  const auto tail = before_mac.size() + mac_digits + after_mac.size();
  if (text.size() <= tail || !text.ends_with(after_mac)
      || text.substr(text.size() - tail, before_mac.size()) != before_mac)
    return std::nullopt;
  const auto body = text.substr(0, text.size() - tail);
  const auto mac = text.substr(text.size() - after_mac.size() - mac_digits,
                               mac_digits);
  if (CRYPTO_memcmp(key.mac(body).data(), mac.data(), mac_digits) != 0)
    return std::nullopt;
  return std::pair{body, mac};
}

std::string text_in(const ordered_json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>()
                                                   : std::string{};
}

std::uint64_t number_in(const ordered_json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_number_unsigned()
           ? found->get<std::uint64_t>()
           : 0;
}

} // namespace

deed deed_of(const caller& who, std::string what, std::string target,
             wall_time now) {
  deed made;
  made.time = now;
  made.who = who.id;
  made.role = to_string(who.role);
  made.organisation = who.organisation;
  made.what = std::move(what);
  made.target = std::move(target);
  return made;
}

std::string digest_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest.data());
  return hex_of(digest.data(), digest.size());
}

audit_key::audit_key(std::string secret)
  : secret_(std::move(secret)) {
}

audit_key::~audit_key() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

expected<audit_key, std::string> audit_key::read(std::string_view text) {
  const auto line = text.substr(0, text.find_first_of("\r\n"));
  if (line.size() < shortest_key || line.size() > longest_key)
    return make_unexpected(std::string{
      "the key of the audit log needs 32 to 512 characters on one line"});
  return audit_key{std::string{line}};
}

std::string audit_key::mac(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       made.data(), &size);
  return hex_of(made.data(), size);
}

sealed_deed seal(const deed& what, const std::string& node,
                 const audit_place& after, const audit_key& key) {
  const auto sequence = after.sequence + 1;
  return close({{"sequence", sequence},
                {"node", cut(node)},
                {"time", time_text(what.time, time_detail::microseconds)},
                {"who", cut(what.who)},
                {"role", cut(what.role)},
                {"organisation", cut(what.organisation)},
                {"what", cut(what.what)},
                {"target", cut(what.target)},
                {"outcome", to_string(what.outcome)},
                {"before", cut(what.before)},
                {"after", cut(what.after)},
                {"trackingId", cut(what.tracking_id)},
                {"previous", after.mac}},
               sequence, key);
}

std::optional<audit_record> unseal(std::string_view text,
                                   const audit_key& key) {
  const auto found = open(text, key);
  if (!found)
    return std::nullopt;
  const auto from = ordered_json::parse(text, nullptr, false);
  if (!from.is_object() || number_in(from, "sequence") == 0)
    return std::nullopt;
  return audit_record{{number_in(from, "sequence"), std::string{found->second}},
                      text_in(from, "previous"),
                      text_in(from, "node")};
}

std::string seal_head(const audit_place& at, const std::string& node,
                      const audit_key& key) {
  return close({{"head", at.sequence}, {"node", cut(node)}, {"last", at.mac}},
               at.sequence, key)
    .text;
}

std::optional<audit_place> unseal_head(std::string_view text,
                                       const std::string& node,
                                       const audit_key& key) {
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  if (!open(text, key))
    return std::nullopt;
  const auto from = ordered_json::parse(text, nullptr, false);
  if (!from.is_object() || !from.contains("head")
      || (!node.empty() && text_in(from, "node") != cut(node)))
    return std::nullopt;
  return audit_place{number_in(from, "head"), text_in(from, "last")};
}

std::string to_string(const audit_fault& fault) {
  using kind = audit_fault::kind;
  const bool one = fault.from == fault.to;
  const auto first = std::to_string(fault.from);
  const auto which = one ? "record " + first + " "
                         : "records " + first + " to "
                             + std::to_string(fault.to) + " ";
  const auto* verb = one ? "is" : "are";
  switch (fault.what) {
  case kind::gap:
    return which + verb + " missing";
  case kind::reordered:
    return which + "stands after later ones";
  case kind::repeated:
    return which + "stands there twice";
  case kind::changed:
    return which + "was changed";
  case kind::forked:
    return which + "follows on another record than that before it";
  case kind::truncated:
    return which + verb + " cut off at the end";
  case kind::headless:
    return "the head, which tells where the log ends, is missing or was "
           "changed";
  }
  return which;
}

audit_check::audit_check(audit_key key)
  : key_(std::move(key)) {
}

void audit_check::take(std::string_view text) {
  using kind = audit_fault::kind;
  const auto record = unseal(text, key_);
  const auto due = last_.sequence + 1;
  // A whole record of another node is as good as a changed one.
  if (!record || (!node_.empty() && record->node != node_)) {
    if (faults_.size() < most_faults)
      faults_.push_back({kind::changed, due, due});
    last_ = {due, {}};
    certain_ = false;
    return;
  }
  node_ = record->node;
  ++sound_;
  const auto sequence = record->place.sequence;
  if (sequence < due)
    return take_late(sequence);
  if (sequence > due)
    miss(due, sequence - 1);
  else if (certain_ && record->previous != last_.mac
           && faults_.size() < most_faults)
    faults_.push_back({kind::forked, sequence, sequence});
  last_ = record->place;
  certain_ = true;
}

void audit_check::miss(std::uint64_t from, std::uint64_t to) {
  if (missing_.size() < most_faults)
    missing_[from] = to;
}

/// One that was missed: or one that a changed record was taken for.
void audit_check::take_late(std::uint64_t sequence) {
  using kind = audit_fault::kind;
  const auto after = missing_.upper_bound(sequence);
  const auto found = after == missing_.begin() ? missing_.end()
                                               : std::prev(after);
  const bool missed = found != missing_.end() && sequence <= found->second;
  if (faults_.size() < most_faults)
    faults_.push_back(
      {missed ? kind::reordered : kind::repeated, sequence, sequence});
  if (!missed)
    return;
  const auto [from, to] = *found;
  missing_.erase(found);
  if (from < sequence)
    miss(from, sequence - 1);
  if (sequence < to)
    miss(sequence + 1, to);
}

std::vector<audit_fault>
audit_check::finish(std::optional<std::string_view> head) const {
  auto all = faults_;
  for (const auto& [from, to] : missing_)
    all.push_back({audit_fault::kind::gap, from, to});
  std::ranges::sort(all, {}, &audit_fault::from);
  if (const auto fault = check_head(head))
    all.push_back(*fault);
  return all;
}

std::optional<audit_fault>
audit_check::check_head(std::optional<std::string_view> head) const {
  using kind = audit_fault::kind;
  if (!head && last_.sequence == 0)
    return std::nullopt;
  const auto at = head ? unseal_head(*head, node_, key_) : std::nullopt;
  if (!at)
    return audit_fault{kind::headless, last_.sequence, last_.sequence};
  if (at->sequence > last_.sequence)
    return audit_fault{kind::truncated, last_.sequence + 1, at->sequence};
  if (at->sequence == last_.sequence && certain_ && at->mac != last_.mac)
    return audit_fault{kind::forked, last_.sequence, last_.sequence};
  return std::nullopt;
}

} // namespace callfork::api
