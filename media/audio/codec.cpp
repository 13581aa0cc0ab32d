#include "media/audio/codec.hpp"

#include "media/audio/g711.hpp"
#include "media/audio/g722.hpp"
#include "media/audio/opus.hpp"

#include <algorithm>

namespace callfork::audio {

namespace {

class g711_decoder final : public decoder {
public:
  explicit g711_decoder(g711::law law) noexcept
    : law_{law} {
  }
  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return 8000;
  }
  [[nodiscard]] std::size_t
  decode(bytes_view payload, std::span<std::int16_t> pcm) noexcept override {
    return g711::decode(law_, payload, pcm);
  }
  [[nodiscard]] std::size_t conceal(bytes_view,
                                    std::span<std::int16_t>) noexcept override {
    return 0;
  }

private:
  g711::law law_;
};

class g711_encoder final : public encoder {
public:
  explicit g711_encoder(g711::law law) noexcept
    : law_{law} {
  }
  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return 8000;
  }
  [[nodiscard]] std::size_t encode(std::span<const std::int16_t> pcm,
                                   bytes_span payload) noexcept override {
    return g711::encode(law_, pcm, payload);
  }

private:
  g711::law law_;
};

unexpected<std::string> no(std::string_view what,
                           const payload_format& format) {
  auto text = "no " + std::string{what} + " for \"";
  for (const char c : format.encoding.substr(0, 32))
    text += c >= ' ' && c <= '~' ? c : '?';
  return unexpected{text + '"'};
}

} // namespace

expected<decoder_ptr, std::string> make_decoder(const payload_format& format) {
  if (is_encoding(format, "PCMU"))
    return std::make_unique<g711_decoder>(g711::law::mu);
  if (is_encoding(format, "PCMA"))
    return std::make_unique<g711_decoder>(g711::law::a);
  auto made = is_encoding(format, "G722")   ? make_g722_decoder()
              : is_encoding(format, "opus") ? make_opus_decoder()
                                            : nullptr;
  if (!made)
    return no("decoder", format);
  return made;
}

expected<encoder_ptr, std::string> make_encoder(const payload_format& format) {
  if (is_encoding(format, "PCMU"))
    return std::make_unique<g711_encoder>(g711::law::mu);
  if (is_encoding(format, "PCMA"))
    return std::make_unique<g711_encoder>(g711::law::a);
  auto made = is_encoding(format, "G722")   ? make_g722_encoder()
              : is_encoding(format, "opus") ? make_opus_encoder()
                                            : nullptr;
  if (!made)
    return no("encoder", format);
  return made;
}

payload_format static_format(std::uint8_t type) {
  switch (type) {
  case 0:
    return {type, "PCMU", 8000, 1};
  case 8:
    return {type, "PCMA", 8000, 1};
  case 9:
    return {type, "G722", 8000, 1};
  case 13:
    return {type, "CN", 8000, 1};
  default:
    return {type, "", 8000, 1};
  }
}

bool is_encoding(const payload_format& format,
                 std::string_view encoding) noexcept {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(format.encoding, encoding, {}, lower, lower);
}

} // namespace callfork::audio
