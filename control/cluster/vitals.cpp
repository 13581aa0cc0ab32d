#include "control/cluster/vitals.hpp"

#include <algorithm>

namespace callfork::cluster {

namespace {

constexpr std::size_t longest_word = 128;
constexpr std::uint64_t most_shards = 4096;
constexpr std::uint64_t most_calls = 10'000'000;

bool is_plain(char sign) {
  return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z')
         || (sign >= '0' && sign <= '9') || sign == '.' || sign == '_'
         || sign == '-' || sign == ':' || sign == '[' || sign == ']';
}

bool is_word(const std::string& text) {
  return text.size() <= longest_word
         && std::all_of(text.begin(), text.end(), is_plain);
}

} // namespace

bool is_sane(const vitals& said) {
  return !said.name.empty() && is_word(said.name) && is_word(said.region)
         && is_word(said.listen) && said.refusal.size() <= 2 * longest_word
         && std::all_of(said.refusal.begin(), said.refusal.end(),
                        [](char sign) {
                          return is_plain(sign) || sign == ' ';
                        })
         && said.shards >= 1 && said.shards <= most_shards
         && said.limit <= most_calls && said.calls <= most_calls;
}

std::string refusal(const vitals& own, const vitals& theirs) {
  if (theirs.protocol != own.protocol)
    return "another version of the protocol: "
           + std::to_string(theirs.protocol);
  if (!is_sane(theirs))
    return "vitals that make no sense";
  if (theirs.region != own.region)
    return "another region: " + theirs.region;
  if (theirs.name == own.name)
    return "a name that is taken: " + theirs.name;
  return {};
}

} // namespace callfork::cluster
