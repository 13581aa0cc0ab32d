#include "control/dialog/state.hpp"

#include <algorithm>
#include <array>

namespace callfork::dialog {

namespace {

using srtp::crypto_attribute;
using srtp::suite;

/// The order in which rtpengine offers its suites; its F8 and NULL suites,
/// which come last there, are never offered nor accepted here.
constexpr std::array<suite, srtp::suite_count> offered_suites{
  suite::aead_aes_256_gcm,        suite::aead_aes_128_gcm,
  suite::aes_256_cm_hmac_sha1_80, suite::aes_256_cm_hmac_sha1_32,
  suite::aes_192_cm_hmac_sha1_80, suite::aes_192_cm_hmac_sha1_32,
  suite::aes_cm_128_hmac_sha1_80, suite::aes_cm_128_hmac_sha1_32};

bool is_off(const ng::word_set& flags) {
  return flags.has("off") || flags.has("no") || flags.has("disable")
         || flags.has("disabled");
}

crypto_attribute fresh_key(std::uint32_t tag, suite which, resources& world) {
  crypto_attribute out;
  out.tag = tag;
  out.suite = which;
  srtp::inline_key one;
  one.key.size = static_cast<std::uint8_t>(srtp::key_salt_size(which));
  world.random(bytes_span{one.key.bytes}.first(one.key.size));
  out.keys.push_back(one);
  return out;
}

const crypto_attribute* find_tagged(const std::vector<crypto_attribute>& in,
                                    std::uint32_t tag, suite which) {
  const auto at = std::find_if(in.begin(), in.end(),
                               [tag, which](const crypto_attribute& c) {
                                 return c.tag == tag && c.suite == which;
                               });
  return at == in.end() ? nullptr : &*at;
}

bool has_suite(const std::vector<crypto_attribute>& in, suite which) {
  return std::any_of(in.begin(), in.end(), [which](const auto& c) {
    return c.suite == which;
  });
}

/// The same tag and suite as a party's own line, under a key of ours: one
/// party's key is never told to another. A key told before is told again, so
/// that repetitions match.
crypto_attribute counterpart(const crypto_attribute& theirs,
                             const std::vector<crypto_attribute>& told,
                             resources& world) {
  const auto* known = find_tagged(told, theirs.tag, theirs.suite);
  auto out = known != nullptr ? *known
                              : fresh_key(theirs.tag, theirs.suite, world);
  out.keys[0].mki = theirs.keys[0].mki;
  return out;
}

const crypto_attribute* choose(const std::vector<crypto_attribute>& offered,
                               std::optional<suite> preferred,
                               const ng::word_set& flags) {
  const crypto_attribute* first = nullptr;
  for (const auto& each : offered) {
    if (!allows_suite(flags, each.suite))
      continue;
    if (preferred && each.suite == *preferred)
      return &each;
    if (first == nullptr)
      first = &each;
  }
  return first;
}

} // namespace

bool allows_suite(const ng::word_set& flags, suite which) {
  const std::string name{srtp::to_string(which)};
  const auto& words = flags.words();
  const auto is_limited = std::any_of(words.begin(), words.end(),
                                      [](const auto& w) {
                                        return w.starts_with("only-");
                                      });
  if (is_limited && !flags.has("only-" + name))
    return false;
  return !flags.has("no-" + name);
}

void offer_keys(media_side& to, const media_side& from, const ng::request& what,
                resources& world) {
  auto& sdes = to.sdes;
  if (!sdp::is_secure(to.protocol) || is_off(what.sdes)) {
    sdes.ours.clear();
    return;
  }
  if (sdp::is_secure(from.protocol) && !from.sdes.theirs.empty()) {
    std::vector<crypto_attribute> lines;
    for (const auto& each : from.sdes.theirs)
      if (!has_suite(lines, each.suite))
        lines.push_back(counterpart(each, sdes.ours, world));
    for (const auto& each : sdes.ours)
      if (!has_suite(lines, each.suite)
          && find_tagged(lines, each.tag, each.suite) == nullptr
          && each.tag > lines.back().tag)
        lines.push_back(each);
    sdes.ours = std::move(lines);
  }
  std::erase_if(sdes.ours, [&what](const crypto_attribute& c) {
    return !allows_suite(what.sdes, c.suite);
  });
  std::uint32_t tag = 0;
  for (const auto& each : sdes.ours)
    tag = std::max(tag, each.tag);
  for (const auto which : offered_suites)
    if (!has_suite(sdes.ours, which) && allows_suite(what.sdes, which))
      sdes.ours.push_back(fresh_key(++tag, which, world));
  sdes.offered = sdes.ours;
}

void take_answered_keys(media_side& from) {
  auto& sdes = from.sdes;
  sdes.receive_key.reset();
  sdes.send_key.reset();
  if (!sdp::is_secure(from.protocol) || sdes.theirs.empty()) {
    sdes.ours.clear();
    return;
  }
  const auto& taken = sdes.theirs[0];
  const auto* offered = find_tagged(sdes.offered, taken.tag, taken.suite);
  if (offered == nullptr)
    return;
  sdes.receive_key = srtp::to_keying(taken);
  sdes.send_key = srtp::to_keying(*offered);
  sdes.ours = {crypto_attribute{*offered}};
}

void answer_keys(media_side& from, media_side& to, const ng::request& what,
                 resources& world) {
  take_answered_keys(from);
  auto& sdes = to.sdes;
  const auto told = std::move(sdes.ours);
  sdes.ours.clear();
  sdes.receive_key.reset();
  sdes.send_key.reset();
  if (!sdp::is_secure(to.protocol) || is_off(what.sdes))
    return;
  std::optional<suite> preferred;
  if (from.sdes.receive_key)
    preferred = from.sdes.receive_key->suite;
  const auto* taken = choose(sdes.theirs, preferred, what.sdes);
  if (taken == nullptr)
    return;
  auto ours = counterpart(*taken, told, world);
  ours.keys[0].mki.reset();
  if (preferred == taken->suite)
    ours.keys[0].mki = from.sdes.receive_key->mki;
  sdes.receive_key = srtp::to_keying(*taken);
  sdes.send_key = srtp::to_keying(ours);
  sdes.ours = {std::move(ours)};
}

std::vector<std::string> write_keys(const media_side& side,
                                    const ng::request& what) {
  const auto fill = what.sdes.has("pad") ? base64::padding::filled
                                         : base64::padding::none;
  std::vector<std::string> out;
  for (auto each : side.sdes.ours) {
    if (what.sdes.has("lifetime"))
      each.keys[0].lifetime = std::uint64_t{1} << 31U;
    out.push_back(srtp::write_crypto(each, fill));
  }
  return out;
}

} // namespace callfork::dialog
