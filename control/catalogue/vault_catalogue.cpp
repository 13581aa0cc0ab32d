#include "control/catalogue/vault_catalogue.hpp"

#include "control/catalogue/export_audio.hpp"
#include "media/base/uuid.hpp"
#include "media/vault/disk.hpp"
#include "media/vault/read_back.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace callfork::catalogue {

namespace {

namespace fs = std::filesystem;

/// Ids are UUIDs, as the vault writes them; nothing else comes to the disk.
std::optional<std::string> clean(const std::string& id) {
  const auto read = parse_uuid(id);
  return read ? std::optional{to_string(*read)} : std::nullopt;
}

} // namespace

expected<std::unique_ptr<vault_catalogue>, std::string>
vault_catalogue::open(vault_place where) {
  auto found = index::open(where.root + index_name);
  if (!found)
    return unexpected{found.error()};
  std::unique_ptr<vault_catalogue> made{
    new vault_catalogue{std::move(where), std::move(*found)}};
  const std::lock_guard guard{made->mutex_};
  made->refresh(true);
  return made;
}

std::vector<recording> vault_catalogue::find(const wish& what) const {
  const std::lock_guard guard{mutex_};
  refresh(false);
  auto found = index_.find(what);
  for (auto& one : found)
    complete(one);
  return found;
}

std::vector<recording> vault_catalogue::older_than(wall_time until) const {
  const std::lock_guard guard{mutex_};
  refresh(false);
  return index_.older_than(until);
}

void vault_catalogue::complete(recording& what) const {
  if (const auto known = terms(what.owner))
    what.plan = known->plan;
}

std::optional<entry> vault_catalogue::look_up(const std::string& id) const {
  const auto name = clean(id);
  if (!name)
    return std::nullopt;
  if (auto found = index_.get(*name))
    return found;
  refresh(false);
  return index_.get(*name);
}

std::string vault_catalogue::path_of(const entry& which,
                                     const char* ending) const {
  return where_.root + '/' + which.folder + '/' + which.what.id + ending;
}

std::optional<recording> vault_catalogue::get(const std::string& id) const {
  const std::lock_guard guard{mutex_};
  auto found = look_up(id);
  if (!found)
    return std::nullopt;
  complete(found->what);
  if (const auto text = read_small(path_of(*found, ".json")))
    found->what.metadata = metadata_of(found->what, *text);
  return std::move(found->what);
}

expected<kept_state, fault>
vault_catalogue::state_of(const entry& which) const {
  const auto path = path_of(which, ".state");
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path, error)))
    return kept_state{};
  const auto text = read_small(path);
  const auto state = text ? read_state(*text) : std::nullopt;
  if (!state)
    return unexpected{fault::unreadable};
  return *state;
}

/// On the disk first, then in the index.
expected<void, fault> vault_catalogue::keep(const entry& which,
                                            const kept_state& state) {
  if (!vault::replace_file(path_of(which, ".state"), to_text(state)))
    return unexpected{fault::unreadable};
  read(which.folder, which.what.id, 0);
  return {};
}

expected<void, fault> vault_catalogue::change(const std::string& id,
                                              const deed& how) {
  const auto found = look_up(id);
  if (!found)
    return unexpected{fault::unknown};
  auto state = state_of(*found);
  if (!state)
    return unexpected{state.error()};
  if (auto done = how(*state); !done)
    return done;
  return keep(*found, *state);
}

expected<void, fault> vault_catalogue::soft_delete(const std::string& id,
                                                   wall_time now) {
  const std::lock_guard guard{mutex_};
  return change(id, [now](kept_state& state) -> expected<void, fault> {
    if (state.held)
      return unexpected{fault::held};
    if (state.status != status::available)
      return unexpected{fault::wrong_status};
    state.status = status::deleted;
    state.deleted_at = now;
    return {};
  });
}

expected<void, fault> vault_catalogue::restore(const std::string& id) {
  const std::lock_guard guard{mutex_};
  return change(id, [](kept_state& state) -> expected<void, fault> {
    if (state.status != status::deleted)
      return unexpected{fault::wrong_status};
    state.status = status::available;
    state.deleted_at.reset();
    return {};
  });
}

expected<void, fault> vault_catalogue::purge(const std::string& id,
                                             wall_time now) {
  return purge_if(id, now, [](const recording&) {
    return true;
  });
}

/// That it is purged is on the disk before the audio goes: whoever comes after
/// a death goes on with it.
expected<void, fault>
vault_catalogue::purge_if(const std::string& id, wall_time now,
                          const std::function<bool(const recording&)>& still) {
  const std::lock_guard guard{mutex_};
  const auto found = look_up(id);
  auto done = change(id, [&](kept_state& state) -> expected<void, fault> {
    if (state.held)
      return unexpected{fault::held};
    if (state.status == status::purged || !still(found->what))
      return unexpected{fault::wrong_status};
    state.status = status::purged;
    state.purged_at = now;
    return {};
  });
  if (!done)
    return done;
  const auto path = where_.root + '/' + found->folder + '/' + found->file;
  if (!vault::shred(path))
    return unexpected{fault::unreadable};
  return {};
}

expected<void, fault>
vault_catalogue::reassign(const std::string& id,
                          const admin::identifier& owner) {
  const std::lock_guard guard{mutex_};
  return change(id, [&owner](kept_state& state) -> expected<void, fault> {
    if (state.status == status::purged)
      return unexpected{fault::wrong_status};
    state.owner = owner;
    return {};
  });
}

expected<void, fault> vault_catalogue::hold(const std::string& id, bool held) {
  const std::lock_guard guard{mutex_};
  return change(id, [held](kept_state& state) -> expected<void, fault> {
    if (state.status == status::purged)
      return unexpected{fault::wrong_status};
    state.held = held;
    return {};
  });
}

expected<std::string, fault> vault_catalogue::audio(const std::string& id,
                                                    audio_format as) const {
  std::optional<entry> found;
  {
    const std::lock_guard guard{mutex_};
    found = look_up(id);
  }
  if (!found)
    return unexpected{fault::unknown};
  if (found->what.status == status::purged)
    return unexpected{fault::wrong_status};
  auto made
    = export_audio({where_.root + '/' + found->folder + '/' + found->file,
                    parse_uuid(found->what.id), where_.keys.get()},
                   as);
  if (!made)
    return unexpected{fault::unreadable};
  return std::move(*made);
}

} // namespace callfork::catalogue
