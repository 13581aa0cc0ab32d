#include "control/catalogue/export_audio.hpp"

#include "media/audio/file_encoder.hpp"
#include "media/vault/wav_file.hpp"

#include <optional>
#include <span>
#include <utility>

namespace callfork::catalogue {

namespace {

/// Collects a recording in the format that is wanted.
class collector {
public:
  explicit collector(audio_format as)
    : as_{as} {
    if (as_ == audio_format::wav)
      made_.resize(vault::wav_header_size);
  }

  bool take(std::uint32_t rate, std::span<const std::int16_t> samples) {
    rate_ = rate;
    if (as_ == audio_format::wav) {
      made_ += as_text(std::as_bytes(samples));
      return true;
    }
    if (!encoder_) {
      auto begun = audio::file_encoder::make(as_ == audio_format::mp3
                                               ? audio::file_format::mp3
                                               : audio::file_format::opus,
                                             rate);
      if (!begun)
        return false;
      encoder_.emplace(std::move(*begun));
    }
    good_ = encoder_->write(samples) && good_;
    return good_;
  }

  expected<std::string, std::string> finish() {
    if (as_ == audio_format::wav) {
      const auto header
        = vault::wav_header(rate_, made_.size() - vault::wav_header_size);
      made_.replace(0, header.size(), as_text(header));
      return std::move(made_);
    }
    if (!encoder_ || !good_)
      return unexpected{std::string{"it cannot be encoded so"}};
    return encoder_->finish();
  }

private:
  audio_format as_;
  std::string made_;
  std::optional<audio::file_encoder> encoder_;
  std::uint32_t rate_ = 0;
  bool good_ = true;
};

} // namespace

expected<std::string, std::string> export_audio(const vault::read_wish& what,
                                                audio_format as) {
  collector into{as};
  const auto done = vault::read_back(
    what, [&into](std::uint32_t rate, std::span<const std::int16_t> samples) {
      return into.take(rate, samples);
    });
  if (!done)
    return unexpected{done.error()};
  return into.finish();
}

} // namespace callfork::catalogue
