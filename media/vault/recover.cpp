#include "media/vault/recover.hpp"

#include "media/base/uuid.hpp"
#include "media/vault/audio_file.hpp"
#include "media/vault/journal.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace callfork::vault {

namespace {

namespace fs = std::filesystem;

/// When it was last written.
wall_time last_write(const fs::path& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0)
    return {};
  return wall_clock::from_time_t(info.st_mtim.tv_sec);
}

/// What recovers, and what it has found so far.
struct rescue {
  const keep_summary& keep;
  const key_ring* keys;
  recovery found{};
};

/// Completes the recording of one journal. Nothing to say: it lives.
void complete(const fs::path& notes, const uuid& id, rescue& with) {
  auto& into = with.found;
  const auto stem = fs::path{notes}.replace_extension();
  std::error_code ignored;
  if (fs::exists(fs::path{notes}.replace_extension(".json"), ignored)) {
    fs::remove(notes, ignored); // Its process died just before it did this.
    return;
  }
  const auto ended = last_write(notes);
  auto audio = adopt_audio(stem.string(), id, with.keys);
  if (!audio) {
    if (!audio.error().starts_with("in use"))
      into.faults.push_back(audio.error());
    return;
  }
  auto found = journal::read(notes.string());
  if (!found) {
    into.faults.push_back(found.error());
    return;
  }
  auto& file = *audio->file;
  found->id = stem.filename().string();
  found->file = audio->path;
  found->ended = std::max(ended, found->started);
  found->interrupted = true;
  auto sum = file.seal();
  if (sum)
    found->sha256 = std::move(*sum);
  else
    found->failure = sum.error();
  found->rate = file.rate();
  found->bytes = file.bytes();
  found->duration = std::chrono::milliseconds{file.data_bytes() / frame_size
                                              * 1000 / file.rate()};
  if (with.keep(*found))
    fs::remove(notes, ignored);
  into.finished.push_back(std::move(*found));
}

void complete_all(const fs::path& folder, rescue& with) {
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end;
       at.increment(error))
    if (at->path().extension() == ".open")
      if (const auto id = parse_uuid(at->path().stem().string()))
        complete(at->path(), *id, with);
  if (error)
    with.found.faults.push_back("cannot read " + folder.string() + ": "
                                + error.message());
}

} // namespace

recovery recover(const std::string& root, const keep_summary& keep,
                 const key_ring* keys) {
  rescue made{keep, keys};
  std::error_code error;
  if (!fs::exists(root, error))
    return {};
  for (fs::directory_iterator at{root, error}, end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored))
      complete_all(at->path(), made);
  }
  if (error)
    made.found.faults.push_back("cannot read " + root + ": " + error.message());
  return std::move(made.found);
}

} // namespace callfork::vault
