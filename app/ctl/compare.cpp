#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "app/ctl/difference.hpp"
#include "app/ctl/recorded.hpp"

#include <fmt/format.h>

#include <iostream>

namespace callfork::ctl {

namespace {

/// By how many seconds the audio of one may lie later than that of the other.
constexpr std::int64_t most_shift = 5;

double to_ms(std::int64_t samples, std::uint32_t rate) {
  return static_cast<double>(samples) * 1000 / rate;
}

std::string name_of(std::size_t index, std::size_t count) {
  if (count == 2)
    return index == 0 ? "left: " : "right:";
  return fmt::format("channel {}:", index + 1);
}

std::string in_words(const difference& what, std::uint32_t rate) {
  std::string made;
  if (what.different == 0)
    made = "the same to the last sample";
  else
    made = fmt::format("{} of {} samples differ, by {} at most", what.different,
                       what.samples, what.largest);
  if (what.missing == 0)
    made += ", none missing";
  else
    made += fmt::format(", {} missing ({:.0f} ms)", what.missing,
                        to_ms(static_cast<std::int64_t>(what.missing), rate));
  const auto shift = to_ms(what.shift, rate);
  made += shift == 0 ? "; at the same time"
                     : fmt::format("; {:.1f} ms {}", std::abs(shift),
                                   shift > 0 ? "later" : "earlier");
  if (what.moved > 0)
    made += fmt::format(", {:.1f} ms of it changing", to_ms(what.moved, rate));
  return made;
}

json to_json(const difference& from, std::uint32_t rate) {
  return {{"same", from.same()},
          {"samples", from.samples},
          {"different", from.different},
          {"largestDifference", from.largest},
          {"missing", from.missing},
          {"shiftMs", to_ms(from.shift, rate)},
          {"movedMs", to_ms(from.moved, rate)}};
}

} // namespace

int compare_recordings(const std::string& first, const std::string& second,
                       const std::string& key_file, const manner& how) {
  const auto keys = read_keys(key_file);
  if (!keys)
    return complain(keys.error());
  const auto ours = read_recorded(first, *keys);
  const auto theirs = read_recorded(second, *keys);
  if (!ours || !theirs)
    return complain(ours ? theirs.error() : ours.error());
  if (ours->rate != theirs->rate
      || ours->channels.size() != theirs->channels.size())
    return complain(fmt::format("{} has {} channels at {} Hz, {} has {} at {} "
                                "Hz: that is not compared",
                                first, ours->channels.size(), ours->rate,
                                second, theirs->channels.size(), theirs->rate));
  bool same = true;
  auto list = json::array();
  for (std::size_t at = 0; at < ours->channels.size(); ++at) {
    const auto found = compare(ours->channels[at], theirs->channels[at],
                               ours->rate, most_shift * ours->rate);
    same = same && found.same();
    list.push_back(to_json(found, ours->rate));
    if (!how.json)
      std::cout << fmt::format("{} {}\n", name_of(at, ours->channels.size()),
                               in_words(found, ours->rate));
  }
  if (how.json)
    std::cout << json{{"same", same}, {"channels", std::move(list)}}.dump(2)
              << "\n";
  return same ? succeeded : failed;
}

} // namespace callfork::ctl
