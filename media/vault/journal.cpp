#include "media/vault/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace callfork::vault {

namespace {

constexpr std::size_t longest_line = 4096;

/// Signalling's text as hexadecimal digits: it may hold anything.
std::string hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    made += digits[byte >> 4U];
    made += digits[byte & 15U];
  }
  return made;
}

std::string unhex(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    const std::string pair{text.substr(at, 2)};
    made += static_cast<char>(std::strtoul(pair.c_str(), nullptr, 16));
  }
  return made;
}

std::int64_t since_epoch(wall_time when) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           when.time_since_epoch())
    .count();
}

void read_line(const std::string& line, recording_summary& into) {
  std::istringstream words{line};
  std::string what;
  std::int64_t from = 0;
  std::int64_t to = 0;
  unsigned stream = 0;
  std::string text;
  words >> what;
  if (what == "call" && words >> text)
    into.call_id = unhex(text);
  else if (what == "started" && words >> from)
    into.started = wall_time{std::chrono::milliseconds{from}};
  else if (what == "pause" && words >> from >> to)
    into.pauses.push_back(
      {std::chrono::milliseconds{from}, std::chrono::milliseconds{to}});
  else if (what == "gap" && words >> stream >> from >> to >> text && stream < 2)
    into.gaps.push_back({static_cast<std::uint8_t>(stream),
                         std::chrono::milliseconds{from},
                         std::chrono::milliseconds{to}, unhex(text)});
}

} // namespace

expected<journal, std::string> journal::create(const std::string& path,
                                               const recording_summary& about) {
  const int file = open(
    path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (file < 0)
    return unexpected{"cannot create " + path + ": " + std::strerror(errno)};
  journal made;
  made.path_ = path;
  made.file_.reset(fdopen(file, "w"));
  if (!made.file_) {
    ::close(file);
    return unexpected{"cannot write " + path};
  }
  std::fprintf(made.file_.get(), "callfork-recording 1\ncall %s\n",
               hex(about.call_id).c_str());
  made.note_start(about.started);
  return made;
}

void journal::note_start(wall_time when) {
  if (!file_)
    return;
  std::fprintf(file_.get(), "started %lld\n",
               static_cast<long long>(since_epoch(when)));
  std::fflush(file_.get());
}

void journal::note(const std::vector<recorded_gap>& gaps,
                   const std::vector<recorded_pause>& pauses) {
  if (!file_)
    return;
  const auto before = gaps_ + pauses_;
  for (; gaps_ < gaps.size(); ++gaps_) {
    const auto& gap = gaps[gaps_];
    std::fprintf(file_.get(), "gap %u %lld %lld %s\n", gap.stream,
                 static_cast<long long>(gap.from.count()),
                 static_cast<long long>(gap.to.count()),
                 hex(gap.cause).c_str());
  }
  for (; pauses_ < pauses.size() && pauses[pauses_].length.count() > 0;
       ++pauses_)
    std::fprintf(file_.get(), "pause %lld %lld\n",
                 static_cast<long long>(pauses[pauses_].at.count()),
                 static_cast<long long>(pauses[pauses_].length.count()));
  if (gaps_ + pauses_ != before)
    std::fflush(file_.get());
}

void journal::remove() noexcept {
  file_.reset();
  unlink(path_.c_str());
}

expected<recording_summary, std::string>
journal::read(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line) || line != "callfork-recording 1")
    return unexpected{"not a journal of the vault: " + path};
  recording_summary found;
  while (std::getline(file, line) && !file.eof())
    if (line.size() <= longest_line)
      read_line(line, found);
  return found;
}

} // namespace callfork::vault
