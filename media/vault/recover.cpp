#include "media/vault/recover.hpp"

#include "media/base/uuid.hpp"
#include "media/vault/journal.hpp"
#include "media/vault/wav_file.hpp"

#include <filesystem>

namespace callfork::vault {

namespace {

namespace fs = std::filesystem;

/// Completes the recording of one journal. Nothing to say: it lives.
void complete(const fs::path& notes, recovery& into) {
  auto wav = notes;
  wav.replace_extension(".wav");
  auto file = wav_file::adopt(wav.string());
  if (!file) {
    if (!file.error().starts_with("in use"))
      into.faults.push_back(file.error());
    return;
  }
  auto found = journal::read(notes.string());
  if (!found) {
    into.faults.push_back(found.error());
    return;
  }
  found->id = notes.stem().string();
  found->file = wav.string();
  found->rate = file->rate();
  found->bytes = wav_header_size + file->data_bytes();
  found->duration = std::chrono::milliseconds{file->data_bytes() / frame_size
                                              * 1000 / file->rate()};
  found->interrupted = true;
  auto sum = file->seal();
  if (sum)
    found->sha256 = std::move(*sum);
  else
    found->failure = sum.error();
  into.finished.push_back(std::move(*found));
  std::error_code ignored;
  fs::remove(notes, ignored);
}

void complete_all(const fs::path& folder, recovery& into) {
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end;
       at.increment(error))
    if (at->path().extension() == ".open"
        && parse_uuid(at->path().stem().string()))
      complete(at->path(), into);
  if (error)
    into.faults.push_back("cannot read " + folder.string() + ": "
                          + error.message());
}

} // namespace

recovery recover(const std::string& root) {
  recovery made;
  std::error_code error;
  if (!fs::exists(root, error))
    return made;
  for (fs::directory_iterator at{root, error}, end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored))
      complete_all(at->path(), made);
  }
  if (error)
    made.faults.push_back("cannot read " + root + ": " + error.message());
  return made;
}

} // namespace callfork::vault
