#include "app/ctl/recorded.hpp"

#include "media/vault/read_back.hpp"

#include <fmt/format.h>
#include <sndfile.h>

#include <span>
#include <utility>

namespace callfork::ctl {

namespace {

/// Longer recordings are not read: four hours.
constexpr std::uint64_t most_seconds = 4 * 3600;
constexpr int most_channels = 8;

struct close_file {
  void operator()(SNDFILE* file) const noexcept {
    sf_close(file);
  }
};

unexpected<std::string> too_long(const std::string& path) {
  return make_unexpected(path + ": longer than four hours");
}

void add(recorded& to, std::span<const std::int16_t> samples) {
  for (std::size_t at = 0; at < samples.size(); ++at)
    to.channels[at % to.channels.size()].push_back(samples[at]);
}

bool is_full(const recorded& what) {
  return what.channels[0].size() >= most_seconds * what.rate;
}

expected<recorded, std::string> read_sealed(const std::string& path,
                                            const vault::key_ring* keys) {
  recorded made;
  made.channels.resize(2);
  bool whole = true;
  const auto done = vault::read_back(
    {path, {}, keys, true},
    [&](std::uint32_t rate, std::span<const std::int16_t> samples) {
      made.rate = rate;
      add(made, samples);
      whole = !is_full(made);
      return whole;
    });
  if (!done)
    return make_unexpected(fmt::format("{}: {}", path, done.error()));
  if (!whole)
    return too_long(path);
  return made;
}

} // namespace

expected<keys_ptr, std::string> read_keys(const std::string& key_file) {
  if (key_file.empty())
    return keys_ptr{};
  auto ring = vault::key_ring::load(key_file);
  if (!ring)
    return make_unexpected(ring.error());
  return std::make_shared<const vault::key_ring>(std::move(*ring));
}

expected<recorded, std::string> read_recorded(const std::string& path,
                                              const keys_ptr& keys) {
  if (vault::is_sealed_file(path))
    return read_sealed(path, keys.get());
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
  while (!is_full(made)) {
    const auto got = sf_readf_short(file.get(), piece.data(), 4096);
    if (got <= 0)
      return made;
    add(made, std::span{piece}.first(static_cast<std::size_t>(got) * width));
  }
  return too_long(path);
}

} // namespace callfork::ctl
