#include "control/catalogue/entry.hpp"

#include "media/base/time_text.hpp"
#include "media/vault/audio_file.hpp"

#include <limits.h>
#include <locale.h>
#include <nlohmann/json.hpp>
#include <wctype.h>

#include <array>
#include <cwchar>
#include <fstream>
#include <sstream>

namespace callfork::catalogue {

namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::uintmax_t largest_text = 16U << 20U;

std::string text_in(const json& from, const char* name) {
  const auto found = from.is_object() ? from.find(name) : from.end();
  return found != from.end() && found->is_string() ? found->get<std::string>()
                                                   : std::string{};
}

std::int64_t number_in(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_number_integer()
           ? found->get<std::int64_t>()
           : 0;
}

std::optional<wall_time> time_in(const json& from, const char* name) {
  const auto read = read_time(text_in(from, name));
  return read ? std::optional{read->when} : std::nullopt;
}

/// Of whom a call is with: the name, or the number in the address.
std::string shown(const json& party) {
  if (auto name = text_in(party, "name"); !name.empty())
    return name;
  const auto address = text_in(party, "address");
  const auto colon = address.find(':');
  const auto begin = colon == std::string::npos ? 0 : colon + 1;
  return address.substr(begin, address.find_first_of("@;", begin) - begin);
}

/// Whose words they are: of the caller's call, the callee's.
std::string topic_of(const json& about) {
  const auto labels = about.find("labels");
  if (labels != about.end())
    if (auto told = text_in(*labels, "topic"); !told.empty())
      return told;
  const std::string other = text_in(about, "party") == "callee" ? "caller"
                                                                : "callee";
  const auto parties = about.find("parties");
  if (parties != about.end() && parties->is_array())
    for (const auto& one : *parties)
      if (text_in(one, "role") == other)
        if (const auto who = shown(one); !who.empty())
          return "Call with " + who;
  return "Call";
}

const json& about_in(const json& from) {
  static const json nothing = json::object();
  const auto found = from.find("about");
  return found != from.end() && found->is_object() ? *found : nothing;
}

void fill(recording& made, const json& from) {
  const auto& about = about_in(from);
  made.call_id = text_in(from, "call");
  made.session_id = text_in(about, "session");
  made.organisation = text_in(about, "organisation");
  made.location = text_in(about, "location");
  made.owner = text_in(about, "owner");
  made.topic = topic_of(about);
  made.storage_region = text_in(about, "region");
  made.lasted = milliseconds{number_in(from, "durationMs")};
  made.bytes = static_cast<std::uint64_t>(number_in(from, "bytes"));
}

} // namespace

std::optional<entry> entry_of(const std::string& id, const std::string& folder,
                              const std::string& text,
                              const kept_state& state) {
  const auto from = json::parse(text, nullptr, false);
  if (!from.is_object() || text_in(from, "recording") != id)
    return std::nullopt;
  entry made;
  made.folder = folder;
  made.file = text_in(from, "file");
  if (made.file != id + vault::plain_ending
      && made.file != id + vault::sealed_ending)
    return std::nullopt;
  const auto began = time_in(from, "started");
  if (!began)
    return std::nullopt;
  auto& what = made.what;
  fill(what, from);
  what.id = id;
  what.began = *began;
  what.created = time_in(from, "ended").value_or(what.began + what.lasted);
  what.status = state.status;
  what.held = state.held;
  what.deleted_at = state.deleted_at;
  if (state.owner)
    what.owner = *state.owner;
  return made;
}

std::optional<std::string> read_small(const fs::path& file) {
  std::error_code fault;
  // Anything but a file might let whoever reads it wait for ever.
  if (!fs::is_regular_file(fs::symlink_status(file, fault))
      || fs::file_size(file, fault) > largest_text || fault)
    return std::nullopt;
  std::ifstream from{file, std::ios::binary};
  std::ostringstream text;
  text << from.rdbuf();
  if (!from)
    return std::nullopt;
  return text.str();
}

std::string folded(const std::string& text) {
  static const auto letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  std::string made;
  std::mbstate_t state{};
  const auto before = letters ? uselocale(letters) : nullptr;
  for (std::size_t at = 0; at < text.size();) {
    wchar_t letter = 0;
    const auto size = std::mbrtowc(&letter, text.data() + at, text.size() - at,
                                   &state);
    std::array<char, MB_LEN_MAX> bytes{};
    std::mbstate_t written{};
    if (size == 0 || size > text.size() - at) {
      made += text[at++];
      state = {};
      continue;
    }
    const auto wide
      = static_cast<wchar_t>(towlower(static_cast<wint_t>(letter)));
    const auto count = std::wcrtomb(bytes.data(), wide, &written);
    made.append(bytes.data(), count <= bytes.size() ? count : 0);
    at += size;
  }
  if (before)
    uselocale(before);
  return made;
}

} // namespace callfork::catalogue
