#include "app/ctl/difference.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace callfork::ctl {

namespace {

using samples = std::span<const std::int16_t>;

/// How unlike `piece` is to what lies at `at` of `whole`, where what lies
/// outside is silence. Stops counting at `most`.
std::uint64_t unlikeness(samples piece, samples whole, std::int64_t at,
                         std::uint64_t most) noexcept {
  std::uint64_t sum = 0;
  const auto size = static_cast<std::int64_t>(whole.size());
  for (std::size_t i = 0; i < piece.size() && sum < most; ++i) {
    const auto there = at + static_cast<std::int64_t>(i);
    const bool inside = there >= 0 && there < size;
    const int other = inside ? whole[static_cast<std::size_t>(there)] : 0;
    sum += static_cast<std::uint64_t>(std::abs(piece[i] - other));
  }
  return sum;
}

struct place {
  std::int64_t shift = 0;
  std::uint64_t unlikeness = 0;
};

/// The best place of a piece of the first one around a shift; of equally good
/// ones the nearest.
place search(samples piece, std::int64_t at, samples second,
             std::int64_t around, std::int64_t most) {
  place best{around, unlikeness(piece, second, at + around, UINT64_MAX)};
  for (std::int64_t step = 1; step <= most && best.unlikeness > 0; ++step)
    for (const auto shift : {around - step, around + step})
      if (const auto here = unlikeness(piece, second, at + shift,
                                       best.unlikeness);
          here < best.unlikeness)
        best = {shift, here};
  return best;
}

/// Where the loudest piece of that size begins, on half a size.
std::size_t loudest(samples pcm, std::size_t size) {
  std::size_t best = 0;
  std::uint64_t most = 0;
  for (std::size_t at = 0; at + size <= pcm.size(); at += size / 2) {
    const auto here = unlikeness(pcm.subspan(at, size), {}, 0, UINT64_MAX);
    if (here > most) {
      most = here;
      best = at;
    }
  }
  return best;
}

/// What is silence of at least `shortest` samples.
std::vector<bool> silences(samples pcm, std::size_t shortest) {
  std::vector<bool> silent(pcm.size());
  for (std::size_t at = 0; at < pcm.size();) {
    auto end = at;
    while (end < pcm.size() && pcm[end] == 0)
      ++end;
    if (end - at >= shortest)
      std::fill(silent.begin() + static_cast<std::ptrdiff_t>(at),
                silent.begin() + static_cast<std::ptrdiff_t>(end), true);
    at = std::max(end, at + 1);
  }
  return silent;
}

/// True when a piece of the first one has no more than silence anywhere in its
/// place.
bool has_hole(samples piece, std::int64_t at, const std::vector<bool>& silent) {
  const auto size = static_cast<std::int64_t>(silent.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const auto there = at + static_cast<std::int64_t>(i);
    if (piece[i] != 0
        && (there < 0 || there >= size
            || silent[static_cast<std::size_t>(there)]))
      return true;
  }
  return false;
}

/// Counts what of `piece`, which lies at `at` of the second one, is not there.
void count(difference& in, samples piece, std::int64_t at, samples second,
           const std::vector<bool>& silent) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const auto there = at + static_cast<std::int64_t>(i);
    const bool outside = there < 0
                         || there >= static_cast<std::int64_t>(second.size());
    const auto index = static_cast<std::size_t>(outside ? 0 : there);
    if (piece[i] != 0 && (outside || silent[index])) {
      ++in.missing;
    } else if (!outside && piece[i] != second[index]) {
      ++in.different;
      in.largest = std::max(in.largest, std::abs(piece[i] - second[index]));
    }
  }
}

} // namespace

difference compare(samples first, samples second, std::uint32_t rate,
                   std::int64_t most_shift) {
  const std::size_t block = rate / 100;
  const auto probe = std::min<std::size_t>(rate / 4, first.size());
  difference made;
  made.samples = first.size();
  if (probe < 2)
    return made;
  const auto loud = loudest(first, probe);
  made.shift = search(first.subspan(loud, probe),
                      static_cast<std::int64_t>(loud), second, 0, most_shift)
                 .shift;
  auto [least, most] = std::pair{made.shift, made.shift};
  auto shift = made.shift;
  const auto silent = silences(second, block / 2);
  for (std::size_t from = 0; from < first.size(); from += block) {
    const auto piece = first.subspan(from,
                                     std::min(block, first.size() - from));
    const auto at = static_cast<std::int64_t>(from);
    const auto here = unlikeness(piece, second, at + shift, UINT64_MAX);
    // Elsewhere only where it fits much better: noise fits nowhere, and what is
    // missing is not looked for in what comes next.
    if (here > 0 && !has_hole(piece, at + shift, silent))
      if (const auto found = search(piece, at, second, shift,
                                    static_cast<std::int64_t>(block));
          found.unlikeness < here / 4)
        shift = found.shift;
    least = std::min(least, shift);
    most = std::max(most, shift);
    count(made, piece, at + shift, second, silent);
  }
  made.moved = most - least;
  return made;
}

} // namespace callfork::ctl
