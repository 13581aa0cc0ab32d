#include "control/dialog/state.hpp"

#include <algorithm>
#include <cctype>

namespace callfork::dialog {

namespace {

using names = std::vector<std::string>;

bool same_text(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) {
                      return std::tolower(static_cast<unsigned char>(a))
                             == std::tolower(static_cast<unsigned char>(b));
                    });
}

/// A codec is named as in "PCMA", "opus/48000" or "opus/48000/2".
bool is_named(const sdp::codec& what, std::string_view name) {
  const std::string_view whole = what.encoding;
  return same_text(what.name(), name) || same_text(whole, name)
         || (whole.size() > name.size() && whole[name.size()] == '/'
             && same_text(whole.substr(0, name.size()), name));
}

bool lists(const names& list, const sdp::codec& what) {
  return std::any_of(list.begin(), list.end(), [&what](const auto& name) {
    return is_named(what, name);
  });
}

bool lists_all(const names& list) {
  return std::any_of(list.begin(), list.end(), [](const auto& name) {
    return name == "all" || name == "full";
  });
}

bool is_removed(const sdp::codec& what, const ng::codec_wish& wish) {
  if (lists(wish.except, what))
    return false;
  return lists(wish.strip, what) || lists(wish.mask, what)
         || lists_all(wish.strip) || lists_all(wish.mask);
}

void keep_single(std::vector<sdp::codec>& codecs) {
  auto seen = false;
  std::erase_if(codecs, [&seen](const sdp::codec& c) {
    const auto was = seen;
    seen = seen || !c.is_supplement();
    return was && !c.is_supplement();
  });
}

bool matches(const sdp::codec& answer, const sdp::codec& offer) {
  return answer.type == offer.type && same_text(answer.name(), offer.name());
}

} // namespace

std::vector<sdp::codec> offered_codecs(const std::vector<sdp::codec>& codecs,
                                       const ng::request& what) {
  const auto& wish = what.codec;
  std::vector<sdp::codec> out;
  for (const auto& each : codecs)
    if (!is_removed(each, wish))
      out.push_back(each);
  if (!lists_all(wish.strip) && !lists_all(wish.mask))
    return out;
  for (const auto& name : wish.offer)
    for (const auto& each : codecs)
      if (is_named(each, name)
          && std::find(out.begin(), out.end(), each) == out.end())
        out.push_back(each);
  return out;
}

std::vector<sdp::codec> answered_codecs(const std::vector<sdp::codec>& answer,
                                        const std::vector<sdp::codec>& offer,
                                        const ng::request& what) {
  if (offer.empty())
    return answer;
  std::vector<sdp::codec> out;
  for (const auto& each : answer)
    if (std::any_of(offer.begin(), offer.end(), [&each](const auto& o) {
          return matches(each, o);
        }))
      out.push_back(each);
  if (what.flags.has("single-codec"))
    keep_single(out);
  if (out.empty())
    out.push_back(offer[0]);
  return out;
}

} // namespace callfork::dialog
