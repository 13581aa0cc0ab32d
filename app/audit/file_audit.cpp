#include "app/audit/file_audit.hpp"

#include "bus/segments.hpp"

#include <fstream>
#include <sstream>
#include <utility>

namespace callfork {

namespace {

namespace fs = std::filesystem;
using api::audit_place;
using done = expected<void, std::string>;

constexpr std::chrono::milliseconds no_wait{0};

fs::path head_of(const fs::path& folder) {
  return folder / "head";
}

std::optional<std::string> read_all(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bus::file_log_settings log_settings(const fs::path& folder) {
  bus::file_log_settings made;
  made.folder = folder;
  made.keep_for = {};
  made.keep_bytes = 0;
  return made;
}

} // namespace

expected<api::audit_key, std::string> read_audit_key(const fs::path& file) {
  const auto text = read_all(file);
  if (!text)
    return make_unexpected("audit: " + file.string() + ": cannot be read");
  auto key = api::audit_key::read(*text);
  if (!key)
    return make_unexpected("audit: " + file.string() + ": " + key.error());
  return key;
}

file_audit::file_audit(file_audit_settings settings, api::audit_key key,
                       bus::file_log log)
  : settings_(std::move(settings)),
    key_(std::move(key)),
    log_(std::move(log)) {
}

expected<std::unique_ptr<file_audit>, std::string>
file_audit::open(const file_audit_settings& settings, wall_time now) {
  auto key = read_audit_key(settings.key_file);
  if (!key)
    return make_unexpected(key.error());
  auto log = bus::file_log::open(log_settings(settings.folder));
  if (!log)
    return make_unexpected("audit: " + log.error().text);
  std::unique_ptr<file_audit> made{
    new file_audit{settings, std::move(*key), std::move(*log)}};
  if (const auto good = made->resume(now); !good)
    return make_unexpected(good.error());
  return made;
}

done file_audit::resume(wall_time now) {
  const auto last = last_in_log();
  const auto text = read_all(head_of(settings_.folder));
  const auto head = text ? api::unseal_head(*text, settings_.node, key_)
                         : std::nullopt;
  // What stands in the log counts also where nothing of it can be trusted.
  at_ = last.value_or(audit_place{log_.next_offset(), {}});
  if (head && head->sequence > at_.sequence)
    at_ = *head;
  const bool fresh = log_.next_offset() == 0 && !text;
  // A process that was killed may have left one record beyond the head.
  const bool fits = last && head
                    && (*head == *last || head->sequence + 1 == last->sequence);
  if (fresh || fits)
    return {};
  trouble_ = "audit: log and head in " + settings_.folder.string()
             + " do not fit: run 'callforkctl audit verify'";
  api::deed found;
  found.time = now;
  found.what = "audit.open";
  found.target = "node/" + settings_.node;
  found.outcome = api::outcome::failed;
  return write(found);
}

/// Nothing if there is none, or if its seal does not fit.
std::optional<audit_place> file_audit::last_in_log() const {
  if (log_.next_offset() == log_.first_offset())
    return std::nullopt;
  bus::file_log_reader reader{settings_.folder, log_.next_offset() - 1};
  const auto last = reader.next(no_wait);
  if (!last || !*last)
    return std::nullopt;
  const auto record = api::unseal((*last)->record.value, key_);
  if (!record || record->node != settings_.node)
    return std::nullopt;
  return record->place;
}

done file_audit::note(const api::deed& what) {
  const std::lock_guard guard{mutex_};
  return write(what);
}

done file_audit::write(const api::deed& what) {
  auto sealed = api::seal(what, settings_.node, at_, key_);
  bus::record next;
  next.topic = settings_.topic;
  next.key = settings_.node;
  next.value = std::move(sealed.text);
  next.time = what.time;
  if (const auto appended = log_.append(next); !appended)
    return make_unexpected("audit: " + appended.error().text);
  at_ = std::move(sealed.place);
  if (const auto synced = log_.sync(); !synced)
    return make_unexpected("audit: " + synced.error().text);
  const auto head = api::seal_head(at_, settings_.node, key_) + "\n";
  if (const auto kept = bus::replace_file(head_of(settings_.folder), head);
      !kept)
    return make_unexpected("audit: " + kept.error().text);
  return {};
}

expected<audit_findings, std::string> verify_audit(const fs::path& folder,
                                                   const fs::path& key_file) {
  const auto key = read_audit_key(key_file);
  if (!key)
    return make_unexpected(key.error());
  std::error_code fault;
  if (!fs::is_directory(folder, fault))
    return make_unexpected("audit: " + folder.string() + ": is no folder");
  // Read before the log: a node may go on writing in the meantime.
  const auto head = read_all(head_of(folder));
  bus::file_log_reader reader{folder, bus::read_from::beginning};
  api::audit_check check{*key};
  while (true) {
    const auto next = reader.next(no_wait);
    if (!next)
      return make_unexpected("audit: " + next.error().text);
    if (!*next)
      break;
    check.take((*next)->record.value);
  }
  return audit_findings{
    check.sound(),
    check.finish(head ? std::optional<std::string_view>{*head} : std::nullopt),
    reader.skipped()};
}

} // namespace callfork
