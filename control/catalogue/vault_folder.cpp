#include "control/catalogue/vault_catalogue.hpp"
#include "media/base/uuid.hpp"
#include "media/vault/read_back.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <set>
#include <utility>

/// How the catalogue comes to know what lies in the vault's folder.
namespace callfork::catalogue {

namespace {

namespace fs = std::filesystem;

/// A file system's clock is coarse: what changed so lately may change again
/// without showing.
constexpr std::int64_t settles_after_ns = 2'000'000'000;

/// When it was last changed, in nanoseconds; 0 if there is no such file.
std::int64_t stamp_of(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0)
    return 0;
  return info.st_mtim.tv_sec * std::int64_t{1'000'000'000}
         + info.st_mtim.tv_nsec;
}

std::int64_t stamp_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
           wall_clock::now().time_since_epoch())
    .count();
}

/// "2026-11-21", the only folders that the vault makes.
bool is_day(const std::string& name) {
  if (name.size() != 10)
    return false;
  for (std::size_t at = 0; at < name.size(); ++at)
    if (at == 4 || at == 7 ? name[at] != '-' : name[at] < '0' || name[at] > '9')
      return false;
  return true;
}

/// The ids of the complete recordings in a folder.
std::set<std::string> complete_in(const std::string& folder) {
  std::set<std::string> found;
  std::error_code fault;
  for (fs::directory_iterator each{folder, fault}, end; !fault && each != end;
       each.increment(fault))
    if (each->path().extension() == ".json")
      if (const auto id = parse_uuid(each->path().stem().string()))
        found.insert(to_string(*id));
  return found;
}

} // namespace

/// An index that failed is made anew.
void vault_catalogue::refresh(bool thorough) const {
  const auto now = clock::now();
  if (!thorough && now - refreshed_ < where_.look_every)
    return;
  refreshed_ = now;
  if (index_.broken())
    if (auto again = index::open(where_.root + index_name, true)) {
      index_ = std::move(*again);
      thorough = true;
    }
  look(thorough);
}

/// Looks at the folders that have changed. A thorough look reads those anew
/// whose files changed; else only what has come or gone is of interest, for
/// nobody but this catalogue changes what is there.
void vault_catalogue::look(bool thorough) const {
  std::map<std::string, std::int64_t> known;
  for (auto& [name, stamp] : index_.folders())
    known.emplace(std::move(name), stamp);
  std::error_code fault;
  for (fs::directory_iterator each{where_.root, fault}, end;
       !fault && each != end; each.increment(fault)) {
    const auto name = each->path().filename().string();
    std::error_code ignored;
    if (!is_day(name) || !fs::is_directory(each->symlink_status(ignored)))
      continue;
    const auto before = known.find(name);
    const auto stamp = stamp_of(each->path().string());
    if (before == known.end() || before->second != stamp) {
      const auto settled = stamp + settles_after_ns < stamp_now();
      index_.begin();
      agree(name, thorough);
      index_.note_folder(name, settled ? stamp : 0);
      index_.commit();
    }
    if (before != known.end())
      known.erase(before);
  }
  if (!fault)
    for (const auto& [gone, stamp] : known)
      index_.forget_folder(gone);
}

void vault_catalogue::agree(const std::string& folder, bool thorough) const {
  const auto path = where_.root + '/' + folder;
  auto there = complete_in(path);
  const auto stamp = [&](const std::string& id) {
    const auto stem = path + '/' + id;
    return stamp_of(stem + ".json") ^ (stamp_of(stem + ".state") << 1U);
  };
  for (const auto& [id, before] : index_.in_folder(folder)) {
    const auto found = there.find(id);
    if (found == there.end()) {
      index_.remove(id);
      continue;
    }
    if (!thorough || stamp(id) == before)
      there.erase(found);
  }
  for (const auto& id : there)
    read(folder, id, stamp(id));
}

/// Of an entry that says to be purged the audio goes, if it is still there.
void vault_catalogue::read(const std::string& folder, const std::string& id,
                           std::int64_t stamp) const {
  const auto stem = where_.root + '/' + folder + '/' + id;
  const auto text = read_small(stem + ".json");
  if (!text)
    return;
  entry which;
  which.folder = folder;
  which.what.id = id;
  const auto state = state_of(which);
  // Of what cannot be read nothing is certain: it is not listed, so that
  // nobody gets or destroys it, and stays as it is.
  const auto found = state ? entry_of(id, folder, *text, *state) : std::nullopt;
  if (!found)
    return;
  if (state->status == status::purged)
    static_cast<void>(
      vault::shred(where_.root + '/' + folder + '/' + found->file));
  index_.put(*found, stamp);
}

} // namespace callfork::catalogue
