#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "app/ctl/difference.hpp"

#include <fmt/format.h>
#include <sndfile.h>

#include <iostream>
#include <memory>

namespace callfork::ctl {

namespace {

using channel = std::vector<std::int16_t>;

/// A recording in memory.
struct recorded {
  std::uint32_t rate = 0;
  std::vector<channel> channels;
};

/// Longer recordings are not read: four hours.
constexpr std::uint64_t most_seconds = 4 * 3600;
constexpr int most_channels = 8;
/// By how many seconds the audio of one may lie later than that of the other.
constexpr std::int64_t most_shift = 5;

struct close_file {
  void operator()(SNDFILE* file) const noexcept {
    sf_close(file);
  }
};

expected<recorded, std::string> read(const std::string& path) {
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, close_file> file{
    sf_open(path.c_str(), SFM_READ, &info)};
  if (!file)
    return make_unexpected(fmt::format("{}: {}", path, sf_strerror(nullptr)));
  if (info.samplerate < 1000 || info.channels < 1
      || info.channels > most_channels)
    return make_unexpected(path + ": not the recording of a call");
  recorded made;
  made.rate = static_cast<std::uint32_t>(info.samplerate);
  const auto width = static_cast<std::size_t>(info.channels);
  made.channels.resize(width);
  std::vector<std::int16_t> piece(4096 * width);
  while (made.channels[0].size() < most_seconds * made.rate) {
    const auto got = sf_readf_short(file.get(), piece.data(), 4096);
    if (got <= 0)
      return made;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got) * width; ++at)
      made.channels[at % width].push_back(piece[at]);
  }
  return make_unexpected(path + ": longer than four hours");
}

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
                       const manner& how) {
  const auto ours = read(first);
  const auto theirs = read(second);
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
