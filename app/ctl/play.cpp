#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <iostream>

extern char** environ;

namespace callfork::ctl {

namespace {

namespace fs = std::filesystem;

/// The one recording whose id begins like this.
expected<json, std::string> find(const node_choice& node,
                                 const std::string& id) {
  const auto list
    = ask(node, fmt::format("/recordings?limit=100&id={}", segment(id)));
  if (!list)
    return make_unexpected(list.error());
  const auto found = list->value("recordings", json::array());
  if (found.empty())
    return make_unexpected(fmt::format("no recording begins with '{}'", id));
  if (found.size() > 1)
    return make_unexpected(fmt::format(
      "{} recordings begin with '{}', as {} and {}: give more of the id",
      found.size(), id, text_of(found[0], "recording"),
      text_of(found[1], "recording")));
  return found.front();
}

/// True when this machine has a sound card to play on.
bool has_loudspeakers() {
  std::error_code fault;
  for (fs::directory_iterator each{"/dev/snd", fault}, end;
       !fault && each != end; each.increment(fault))
    if (each->path().filename().string().starts_with("pcm"))
      return true;
  return false;
}

/// Runs sox' player; false when there is none or it failed.
bool run_player(const std::string& file) {
  std::string player = "play";
  std::string quiet = "-q";
  std::string path = file;
  const std::array<char*, 4> words{player.data(), quiet.data(), path.data(),
                                   nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, "play", nullptr, nullptr, words.data(), environ)
      != 0)
    return false;
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

int copy(const std::string& file, const fs::path& to) {
  std::error_code fault;
  fs::copy_file(file, to, fs::copy_options::overwrite_existing, fault);
  if (fault)
    return complain(fmt::format("{}: {}", to.string(), fault.message()));
  std::cout << to.string() << "\n";
  return succeeded;
}

} // namespace

int play(const node_choice& node, const std::string& id,
         const fs::path& output) {
  const auto recording = find(node, id);
  if (!recording)
    return complain(recording.error());
  const auto file = text_of(*recording, "file");
  std::error_code fault;
  if (!fs::exists(file, fault))
    return complain(file + ": not on this machine");
  if (!output.empty())
    return copy(file, output);
  if (has_loudspeakers() && run_player(file))
    return succeeded;
  std::cout << "This machine cannot play sound. The recording is\n  " << file
            << "\n";
  return succeeded;
}

} // namespace callfork::ctl
