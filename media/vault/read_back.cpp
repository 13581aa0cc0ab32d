#include "media/vault/read_back.hpp"

#include "media/vault/sealed_reader.hpp"
#include "media/vault/wav_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace callfork::vault {

namespace {

constexpr std::size_t at_once = std::size_t{64} * 1024;

expected<void, std::string> read_sealed(const open_file& file,
                                        const read_wish& what,
                                        const audio_taker& taker) {
  if (!what.keys)
    return unexpected{std::string{"encrypted, and there is no key file"}};
  auto reader = sealed_reader::open(file, what.id, *what.keys);
  if (!reader)
    return unexpected{reader.error()};
  auto audio = reader->next();
  for (; audio && !audio->empty(); audio = reader->next())
    if (!taker(reader->rate(), *audio))
      return {};
  if (!reader->complete() && !what.unfinished)
    return unexpected{audio ? "its end is missing" : audio.error()};
  taker(reader->rate() == 0 ? 8000 : reader->rate(), {});
  return {};
}

/// How many bytes of audio the header tells of; nothing if it is none of ours.
std::optional<std::uint64_t> told_by(std::span<const std::byte> header,
                                     std::uint64_t file_size) {
  const auto size = file_size
                    - std::min<std::uint64_t>(file_size, wav_header_size);
  const auto rate = rate_in(header);
  const auto fits = [&](std::uint64_t bytes) {
    const auto expected_header = wav_header(rate, bytes);
    return std::equal(header.begin(), header.end(), expected_header.begin());
  };
  if (rate == 0)
    return std::nullopt;
  if (fits(size))
    return size;
  std::uint64_t told = 0;
  for (std::size_t byte = 4; byte-- > 0;)
    told = told << 8U | std::to_integer<std::uint64_t>(header[76 + byte]);
  return told;
}

expected<void, std::string> read_plain(const open_file& file,
                                       const read_wish& what,
                                       const audio_taker& taker) {
  std::vector<std::byte> room(at_once);
  const auto header = file.read_at(0, bytes_span{room}.first(wav_header_size));
  const auto size = file.size();
  if (!header || !size)
    return unexpected{std::string{"cannot be read"}};
  const auto told = told_by(*header, *size);
  if (!told)
    return unexpected{std::string{"not a recording of the vault"}};
  const auto there = (*size - wav_header_size) / frame_size * frame_size;
  if (there != *told && !what.unfinished)
    return unexpected{std::string{"not as long as its header says"}};
  const auto rate = rate_in(*header);
  std::vector<std::int16_t> samples;
  for (std::uint64_t at = 0; at < there;) {
    samples.resize(std::min<std::uint64_t>(at_once, there - at) / 2);
    const auto got = file.read_at(wav_header_size + at,
                                  std::as_writable_bytes(std::span{samples}));
    if (!got || got->size() != samples.size() * 2)
      return unexpected{std::string{"cannot be read"}};
    if (!taker(rate, samples))
      return {};
    at += got->size();
  }
  taker(rate, {});
  return {};
}

expected<bool, std::string> look_whether_sealed(const open_file& file) {
  sealed_header beginning{};
  const auto got = file.read_at(0, beginning);
  if (!got)
    return unexpected{got.error()};
  return is_sealed(*got);
}

} // namespace

expected<void, std::string> read_back(const read_wish& what,
                                      const audio_taker& taker) {
  const auto file = open_file::read(what.path);
  if (!file)
    return unexpected{file.error()};
  const auto sealed = look_whether_sealed(*file);
  if (!sealed)
    return unexpected{sealed.error()};
  // The ending tells too, so that nobody puts plain audio in a sealed one's
  // place.
  if (*sealed || what.path.ends_with(sealed_ending))
    return read_sealed(*file, what, taker);
  return read_plain(*file, what, taker);
}

bool is_sealed_file(const std::string& path) {
  const auto file = open_file::read(path);
  return file && look_whether_sealed(*file).value_or(false);
}

expected<void, std::string> shred(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0)
    return errno == ENOENT ? expected<void, std::string>{}
                           : failed("cannot open " + path);
  std::array<std::byte, wrapped_size> noise;
  const bool done = !path.ends_with(sealed_ending)
                    || (randomize(noise) && write_all(file, noise, wrapped_at)
                        && fdatasync(file) == 0);
  const auto why = failed("cannot overwrite " + path);
  close(file);
  if (!done)
    return why;
  if (unlink(path.c_str()) != 0)
    return failed("cannot remove " + path);
  sync_folder_of(path);
  return {};
}

} // namespace callfork::vault
