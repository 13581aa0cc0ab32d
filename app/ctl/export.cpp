#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "app/ctl/recorded.hpp"
#include "control/catalogue/export_audio.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>

namespace callfork::ctl {

namespace {

namespace fs = std::filesystem;

std::optional<catalogue::audio_format> format_of(const fs::path& file) {
  const auto ending = file.extension().string();
  if (ending == ".wav")
    return catalogue::audio_format::wav;
  if (ending == ".mp3")
    return catalogue::audio_format::mp3;
  if (ending == ".opus" || ending == ".ogg")
    return catalogue::audio_format::opus;
  return std::nullopt;
}

} // namespace

int export_recording(const std::string& file, const fs::path& output,
                     const std::string& key_file) {
  const auto format = format_of(output);
  if (!format)
    return complain(output.string()
                    + ": expected a file that ends in .wav, .mp3 or .opus");
  const auto keys = read_keys(key_file);
  if (!keys)
    return complain(keys.error());
  const auto made = catalogue::export_audio({file, {}, keys->get()}, *format);
  if (!made)
    return complain(file + ": " + made.error());
  std::ofstream to{output, std::ios::binary | std::ios::trunc};
  to << *made;
  to.close();
  if (!to)
    return complain(output.string() + ": cannot be written");
  std::cout << output.string() << "\n";
  return succeeded;
}

} // namespace callfork::ctl
