#include "media/audio/tone_table.hpp"

#include <algorithm>
#include <array>

namespace callfork::audio {

namespace {

using std::chrono::milliseconds;

struct row {
  std::string_view country;
  double frequency;
  milliseconds on;
};

constexpr std::array rows{
  row{"AT", 1400, milliseconds{80}},  row{"AU", 425, milliseconds{360}},
  row{"BG", 1400, milliseconds{425}}, row{"BR", 425, milliseconds{250}},
  row{"CH", 1400, milliseconds{80}},  row{"CN", 950, milliseconds{400}},
  row{"DE", 1400, milliseconds{80}},  row{"DK", 1400, milliseconds{80}},
  row{"GR", 1400, milliseconds{400}}, row{"HU", 1400, milliseconds{400}},
  row{"IT", 1400, milliseconds{400}}, row{"NO", 1400, milliseconds{400}},
  row{"NZ", 1400, milliseconds{425}},
};

} // namespace

tone recorder_tone(std::string_view country) noexcept {
  tone made;
  const auto known = std::ranges::find(rows, country, &row::country);
  if (known == rows.end())
    return made;
  made.frequency = known->frequency;
  made.on = known->on;
  return made;
}

} // namespace callfork::audio
