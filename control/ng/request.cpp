#include "control/ng/request.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace callfork::ng {

namespace {

std::string hyphenated(std::string_view text) {
  std::string out{text};
  std::replace(out.begin(), out.end(), ' ', '-');
  return out;
}

std::string text_of(const value& what) {
  if (const auto* text = what.string())
    return *text;
  if (const auto* number = what.integer())
    return std::to_string(*number);
  return {};
}

/// The strings of a list; a lone string counts as a list of one.
std::vector<std::string> texts_of(const value& what) {
  if (const auto* text = what.string())
    return {*text};
  std::vector<std::string> out;
  if (const auto* items = what.items())
    for (const auto& item : *items)
      if (const auto* text = item.string())
        out.push_back(*text);
  return out;
}

std::int64_t number_of(const value& what, std::int64_t otherwise) {
  if (const auto* number = what.integer())
    return *number;
  const auto* text = what.string();
  if (text == nullptr)
    return otherwise;
  std::int64_t number = 0;
  const auto* last = text->data() + text->size();
  const auto [stop, fault] = std::from_chars(text->data(), last, number);
  return fault == std::errc{} && stop == last ? number : otherwise;
}

/// Times from outside are kept small enough to be added to any clock.
std::int64_t bounded(std::int64_t number) {
  constexpr auto most = std::int64_t{1} << 31U;
  return std::clamp(number, -most, most);
}

std::optional<bool> yes_or_no(const value& what) {
  const auto text = text_of(what);
  if (text == "yes" || text == "on" || text == "1" || text == "true")
    return true;
  if (text == "no" || text == "off" || text == "0" || text == "false")
    return false;
  return std::nullopt;
}

ice_wish read_ice(std::string_view text) {
  if (text == "remove")
    return ice_wish::remove;
  if (text == "force" || text == "force-relay" || text == "force_relay")
    return ice_wish::force;
  return ice_wish::as_offered;
}

dtls_wish read_dtls(std::string_view text) {
  if (text == "passive")
    return dtls_wish::passive;
  if (text == "active")
    return dtls_wish::active;
  if (text == "off" || text == "no" || text == "disable" || text == "disabled")
    return dtls_wish::off;
  return dtls_wish::unsaid;
}

std::optional<family> read_family(std::string_view text) {
  if (text == "IP4" || text == "inet" || text == "ip4")
    return family::ipv4;
  if (text == "IP6" || text == "inet6" || text == "ip6")
    return family::ipv6;
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>>
read_metadata(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const auto bar = std::min(text.find('|'), text.size());
    const auto item = text.substr(0, bar);
    const auto colon = item.find(':');
    if (colon != std::string_view::npos)
      out.emplace_back(item.substr(0, colon), item.substr(colon + 1));
    text.remove_prefix(std::min(bar + 1, text.size()));
  }
  return out;
}

/// A flag of the form `<prefix><rest>` that belongs into a list of its own.
bool takes_prefix(std::string_view flag, std::string_view prefix,
                  word_set& into) {
  if (!flag.starts_with(prefix))
    return false;
  into.add(flag.substr(prefix.size()));
  return true;
}

bool takes_codec(std::string_view flag, std::string_view prefix,
                 std::vector<std::string>& into) {
  if (!flag.starts_with(prefix))
    return false;
  into.emplace_back(flag.substr(prefix.size()));
  return true;
}

void read_flag(request& out, const std::string& text) {
  const auto flag = hyphenated(text);
  if (takes_prefix(flag, "SDES-", out.sdes)
      || takes_prefix(flag, "rtcp-mux-", out.rtcp_mux)
      || takes_prefix(flag, "replace-", out.replace)
      || takes_codec(flag, "codec-strip-", out.codec.strip)
      || takes_codec(flag, "codec-offer-", out.codec.offer)
      || takes_codec(flag, "codec-mask-", out.codec.mask)
      || takes_codec(flag, "codec-except-", out.codec.except)
      || takes_codec(flag, "transcode-", out.codec.transcode))
    return;
  if (flag == "record-call")
    out.record_call = true;
  else if (flag == "pause")
    out.pause = true;
  out.flags.add(flag);
}

void read_codecs(codec_wish& out, const value& what) {
  const auto* entries = what.entries();
  if (entries == nullptr)
    return;
  for (const auto& [key, names] : *entries) {
    const auto texts = texts_of(names);
    auto into = [&texts](std::vector<std::string>& list) {
      list.insert(list.end(), texts.begin(), texts.end());
    };
    if (key == "strip")
      into(out.strip);
    else if (key == "offer")
      into(out.offer);
    else if (key == "mask")
      into(out.mask);
    else if (key == "except")
      into(out.except);
    else if (key == "transcode" || key == "set" || key == "consume"
             || key == "accept")
      into(out.transcode);
  }
}

void add_all(word_set& out, const value& what) {
  for (const auto& text : texts_of(what))
    out.add(text);
}

using reader = void (*)(request&, const value&);

// clang-format off
const std::unordered_map<std::string_view, reader>& readers() {
  static const std::unordered_map<std::string_view, reader> known{
    {"command", [](request&, const value&) {}},
    {"call-id", [](request& r, const value& v) { r.call_id = text_of(v); }},
    {"from-tag", [](request& r, const value& v) { r.from_tag = text_of(v); }},
    {"to-tag", [](request& r, const value& v) { r.to_tag = text_of(v); }},
    {"via-branch", [](request& r, const value& v) { r.via_branch = text_of(v); }},
    {"sdp", [](request& r, const value& v) { r.sdp = text_of(v); }},
    {"label", [](request& r, const value& v) { r.label = text_of(v); }},
    {"from-label", [](request& r, const value& v) { r.from_label = text_of(v); }},
    {"to-label", [](request& r, const value& v) { r.to_label = text_of(v); }},
    {"set-label", [](request& r, const value& v) { r.set_label = text_of(v); }},
    {"address", [](request& r, const value& v) { r.address = text_of(v); }},
    {"from-tags", [](request& r, const value& v) { r.from_tags = texts_of(v); }},
    {"flags", [](request& r, const value& v) {
       for (const auto& flag : texts_of(v)) read_flag(r, flag); }},
    {"replace", [](request& r, const value& v) { add_all(r.replace, v); }},
    {"SDES", [](request& r, const value& v) { add_all(r.sdes, v); }},
    {"sdes", [](request& r, const value& v) { add_all(r.sdes, v); }},
    {"rtcp-mux", [](request& r, const value& v) { add_all(r.rtcp_mux, v); }},
    {"supports", [](request& r, const value& v) { add_all(r.supports, v); }},
    {"direction", [](request& r, const value& v) { r.direction = texts_of(v); }},
    {"interface", [](request& r, const value& v) { // Of a subscription.
       if (r.direction.empty()) r.direction = texts_of(v); }},
    {"received-from", [](request& r, const value& v) { r.received_from = texts_of(v); }},
    {"transport-protocol", [](request& r, const value& v) { r.transport_protocol = text_of(v); }},
    {"ICE", [](request& r, const value& v) { r.ice = read_ice(text_of(v)); }},
    {"ice", [](request& r, const value& v) { r.ice = read_ice(text_of(v)); }},
    {"DTLS", [](request& r, const value& v) { r.dtls = read_dtls(text_of(v)); }},
    {"dtls", [](request& r, const value& v) { r.dtls = read_dtls(text_of(v)); }},
    {"codec", [](request& r, const value& v) { read_codecs(r.codec, v); }},
    {"address-family", [](request& r, const value& v) { r.address_family = read_family(text_of(v)); }},
    {"media-address", [](request& r, const value& v) { r.media_address = text_of(v); }},
    {"TOS", [](request&, const value&) {}}, // All media has `media.tos`.
    {"tos", [](request&, const value&) {}},
    {"record-call", [](request& r, const value& v) { r.record_call = yes_or_no(v); }},
    {"pause", [](request& r, const value& v) { r.pause = yes_or_no(v).value_or(false); }},
    {"metadata", [](request& r, const value& v) { r.metadata = read_metadata(text_of(v)); }},
    {"delete-delay", [](request& r, const value& v) {
       if (const auto delay = number_of(v, -1); delay >= 0)
         r.delete_delay = std::chrono::seconds{bounded(delay)}; }},
    {"all", [](request& r, const value& v) {
       const auto text = text_of(v);
       if (text == "none") return;
       r.flags.add(text.empty() || text == "all" || text == "1" ? "all" : "all-" + text); }},
    {"file", [](request& r, const value& v) { r.play.file = text_of(v); }},
    {"blob", [](request& r, const value& v) { r.play.blob = text_of(v); }},
    {"db-id", [](request& r, const value& v) { r.play.db_id = number_of(v, 0); }},
    {"repeat-times", [](request& r, const value& v) { r.play.repeat_times = bounded(number_of(v, 1)); }},
    {"repeat-duration", [](request& r, const value& v) {
       r.play.repeat_duration = std::chrono::milliseconds{bounded(number_of(v, 0))}; }},
    {"start-pos", [](request& r, const value& v) {
       r.play.start_pos = std::chrono::milliseconds{bounded(number_of(v, 0))}; }},
    {"limit", [](request& r, const value& v) { r.limit = number_of(v, 32); }},
  };
  return known;
}
// clang-format on

} // namespace

void word_set::add(std::string_view word) {
  auto text = hyphenated(word);
  if (!has(text))
    words_.push_back(std::move(text));
}

bool word_set::has(std::string_view word) const noexcept {
  return std::find(words_.begin(), words_.end(), word) != words_.end();
}

std::string_view request::extra(std::string_view key) const noexcept {
  const auto at = std::find_if(extras.begin(), extras.end(),
                               [key](const auto& e) {
                                 return e.first == key;
                               });
  return at == extras.end() ? std::string_view{} : at->second;
}

expected<request, std::string> read_request(const dictionary& body) {
  const auto* name = body.find("command");
  if (name == nullptr || name->string() == nullptr)
    return make_unexpected(
      std::string{"Dictionary contains no key \"command\""});
  const auto what = parse_command(*name->string());
  if (!what)
    return make_unexpected(std::string{"Unrecognized command"});
  request out;
  out.command = *what;
  for (const auto& [key, below] : body) {
    auto plain = hyphenated(key);
    if (plain == "SDP")
      plain = "sdp";
    else if (plain == "call-ID")
      plain = "call-id";
    if (const auto at = readers().find(plain); at != readers().end())
      at->second(out, below);
    else if (auto text = text_of(below); !text.empty())
      out.extras.emplace_back(std::move(plain), std::move(text));
  }
  return out;
}

} // namespace callfork::ng
