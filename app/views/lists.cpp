#include "app/views/lists.hpp"

#include "bus/event_json.hpp"
#include "media/vault/audio_file.hpp"
#include "media/vault/journal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

namespace callfork::views {

namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr std::uintmax_t summary_limit = 16U << 20U;

http::response in_json(const json& what) {
  return {200, what.dump(2, ' ', false, json::error_handler_t::replace) + "\n",
          "application/json"};
}

http::response not_found(std::string_view what) {
  return {404, std::string{what} + "\n"};
}

json to_json(const actors::call_status& call) {
  return {{"call", call.call_id},
          {"created", bus::to_rfc3339(call.created)},
          {"recordingState", call.recording_state},
          {"recording", call.recording},
          {"packets", call.packets},
          {"legs", call.legs},
          {"shard", call.shard},
          {"restarts", call.restarts}};
}

/// The entries of a folder, in reverse order of their names. None on errors.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code fault;
  for (fs::directory_iterator each{folder, fault}, end; !fault && each != end;
       each.increment(fault))
    found.push_back(each->path());
  std::sort(found.rbegin(), found.rend());
  return found;
}

/// The vault's summary of a finished recording, or what is known of one that
/// is still open.
json describe(const fs::path& audio) {
  auto beside = fs::path{audio}.replace_extension(".json");
  std::error_code fault;
  json found;
  // Anything but a file might let whoever reads it wait for ever.
  if (fs::is_regular_file(beside, fault)
      && fs::file_size(beside, fault) <= summary_limit) {
    std::ifstream file{beside};
    found = json::parse(file, nullptr, false);
  }
  const auto open = fs::path{audio}.replace_extension(".open");
  if (!found.is_object()) {
    found = {{"recording", audio.stem().string()}};
    if (fs::is_regular_file(open, fault))
      if (const auto begun = vault::journal::read(open.string())) {
        found["call"] = begun->call_id;
        found["started"] = bus::to_rfc3339(begun->started);
      }
  }
  found["file"] = fs::absolute(audio, fault).string();
  found["open"] = fs::exists(open, fault);
  return found;
}

bool is_audio(const fs::path& file) {
  return file.extension() == vault::plain_ending
         || file.extension() == vault::sealed_ending;
}

/// A day's recordings whose ids begin so, by when their files were last
/// written, latest first.
std::vector<fs::path> recordings_of(const fs::path& day,
                                    const std::string& beginning) {
  std::multimap<fs::file_time_type, fs::path, std::greater<>> found;
  for (const auto& path : entries(day)) {
    std::error_code fault;
    if (is_audio(path) && path.filename().string().starts_with(beginning))
      found.emplace(fs::last_write_time(path, fault), path);
  }
  std::vector<fs::path> sorted;
  for (auto& each : found)
    sorted.push_back(std::move(each.second));
  return sorted;
}

std::size_t limit_of(const http::request& asked) {
  const auto given = asked.query.find("limit");
  std::size_t limit = 100;
  if (given != asked.query.end())
    std::from_chars(given->second.data(),
                    given->second.data() + given->second.size(), limit);
  return std::clamp<std::size_t>(limit, 1, 10'000);
}

/// An id is what the vault names its files by: nothing that leaves its folder.
bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 64
         && text.find_first_not_of("0123456789abcdefABCDEF-")
              == std::string::npos;
}

} // namespace

http::response calls(const std::vector<actors::call_status>& of) {
  json list = json::array();
  for (const auto& each : of)
    list.push_back(to_json(each));
  return in_json({{"calls", list}});
}

http::response call(const std::vector<actors::call_status>& of,
                    const std::string& id) {
  for (const auto& each : of)
    if (each.call_id == id)
      return in_json(to_json(each));
  return not_found("no such call");
}

http::response events(const event_place& where) {
  json told{{"log", where.log}};
  if (where.log == "files")
    told["folder"] = where.folder;
  if (where.log == "kafka")
    told["brokers"] = where.brokers;
  if (where.log != "none")
    told["topic"] = where.topic;
  return in_json(told);
}

http::response recordings(const fs::path& vault, const http::request& asked) {
  const auto limit = limit_of(asked);
  const auto beginning = asked.query.find("id");
  json list = json::array();
  for (const auto& day : entries(vault)) {
    for (const auto& audio :
         recordings_of(day, beginning == asked.query.end() ? std::string{}
                                                           : beginning->second))
      if (list.size() < limit)
        list.push_back(describe(audio));
    if (list.size() == limit)
      break;
  }
  return in_json({{"recordings", list}});
}

http::response recording(const fs::path& vault, const std::string& id) {
  std::error_code fault;
  if (is_id(id))
    for (const auto& day : entries(vault))
      for (const auto* ending : {vault::plain_ending, vault::sealed_ending})
        if (const auto audio = day / (id + ending); fs::exists(audio, fault))
          return in_json(describe(audio));
  return not_found("no such recording");
}

} // namespace callfork::views
