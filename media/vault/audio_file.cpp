#include "media/vault/audio_file.hpp"

#include "media/vault/sealed_file.hpp"
#include "media/vault/wav_file.hpp"

#include <unistd.h>

#include <utility>

namespace callfork::vault {

namespace {

using placed = expected<placed_audio, std::string>;

bool is_there(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

template <class File>
placed place(expected<File, std::string> file, const std::string& path) {
  if (!file)
    return unexpected{file.error()};
  return placed_audio{std::make_unique<File>(std::move(*file)), path};
}

} // namespace

placed create_audio(const std::string& stem, const uuid& id,
                    const key_ring* keys) {
  const auto path = stem + (keys ? sealed_ending : plain_ending);
  const auto other = stem + (keys ? plain_ending : sealed_ending);
  if (is_there(other))
    return unexpected{"cannot create " + path + ": there is " + other};
  if (keys)
    return place(sealed_file::create(path, id, *keys), path);
  return place(wav_file::create(path), path);
}

placed adopt_audio(const std::string& stem, const uuid& id,
                   const key_ring* keys) {
  const auto sealed = stem + sealed_ending;
  const auto plain = stem + plain_ending;
  if (!is_there(sealed))
    return place(wav_file::adopt(plain), plain);
  if (!keys)
    return unexpected{"encrypted, and there is no key file: " + sealed};
  return place(sealed_file::adopt(sealed, id, *keys), sealed);
}

} // namespace callfork::vault
