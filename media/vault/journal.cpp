#include "media/vault/journal.hpp"

#include "media/vault/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>
#include <utility>

namespace callfork::vault {

namespace {

constexpr std::string_view first_line = "callfork-recording 1\n";
constexpr std::size_t longest_about = 65'536;
constexpr std::size_t longest_line = longest_about + 16;
/// The lines of the streams stand behind the first one, with room to grow.
constexpr std::size_t stream_line = 160;

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

std::string started_line(wall_time when) {
  return "started " + std::to_string(since_epoch(when)) + '\n';
}

/// What one stream went through, filled up with spaces.
std::array<char, stream_line> line_of(std::size_t index,
                                      const recorded_stream& stream) noexcept {
  std::array<char, stream_line> line;
  line.fill(' ');
  const auto size = std::snprintf(
    line.data(), line.size(), "stream %zu %s %ju %ju %ju %ju %ju %jd", index,
    stream.codec.empty() ? "-" : stream.codec.substr(0, 16).c_str(),
    std::uintmax_t{stream.packets}, std::uintmax_t{stream.lost},
    std::uintmax_t{stream.late}, std::uintmax_t{stream.duplicates},
    std::uintmax_t{stream.unusable}, std::intmax_t{stream.concealed.count()});
  line[static_cast<std::size_t>(size)] = ' ';
  line.back() = '\n';
  return line;
}

void read_stream(std::istringstream& words, recording_summary& into) {
  std::size_t index = 0;
  recorded_stream found;
  std::int64_t concealed = 0;
  if (words >> index >> found.codec >> found.packets >> found.lost >> found.late
        >> found.duplicates >> found.unusable >> concealed
      && index < into.streams.size()) {
    if (found.codec == "-")
      found.codec.clear();
    found.concealed = std::chrono::milliseconds{concealed};
    into.streams[index] = std::move(found);
  }
}

void read_line(const std::string& line, recording_summary& into) {
  std::istringstream words{line};
  std::string what;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t began = 0;
  unsigned stream = 0;
  std::string text;
  words >> what;
  if (what == "about")
    into.about = line.substr(std::min(line.size(), what.size() + 1));
  else if (what == "call" && words >> text)
    into.call_id = unhex(text);
  else if (what == "started" && words >> from)
    into.started = wall_time{std::chrono::milliseconds{from}};
  else if (what == "stream")
    read_stream(words, into);
  else if (what == "pause" && words >> from >> to >> began)
    into.pauses.push_back({std::chrono::milliseconds{from},
                           std::chrono::milliseconds{to},
                           wall_time{std::chrono::milliseconds{began}}});
  else if (what == "gap" && words >> stream >> from >> to >> text && stream < 2)
    into.gaps.push_back({static_cast<std::uint8_t>(stream),
                         std::chrono::milliseconds{from},
                         std::chrono::milliseconds{to}, unhex(text)});
}

} // namespace

journal::journal(std::string path, int file) noexcept
  : path_{std::move(path)},
    file_{file} {
}

journal::journal(journal&& other) noexcept
  : path_{std::move(other.path_)},
    file_{std::exchange(other.file_, -1)},
    end_{other.end_},
    gaps_{other.gaps_},
    pauses_{other.pauses_} {
}

journal& journal::operator=(journal&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  end_ = other.end_;
  gaps_ = other.gaps_;
  pauses_ = other.pauses_;
  return *this;
}

journal::~journal() {
  if (file_ >= 0)
    ::close(file_);
}

expected<journal, std::string> journal::create(const std::string& path,
                                               const recording_summary& about) {
  const int file = open(
    path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (file < 0)
    return unexpected{"cannot create " + path + ": " + std::strerror(errno)};
  journal made{path, file};
  std::string lines{first_line};
  for (std::size_t at = 0; at < about.streams.size(); ++at) {
    const auto line = line_of(at, about.streams[at]);
    lines.append(line.data(), line.size());
  }
  if (made.add(lines + "call " + hex(about.call_id) + '\n'
               + started_line(about.started)))
    return made;
  const auto why = std::string{"cannot write "} + path + ": "
                   + std::strerror(errno);
  made.remove();
  return unexpected{why};
}

bool journal::add(std::string_view lines) noexcept {
  if (lines.empty())
    return true;
  if (write_all(file_, std::as_bytes(std::span{lines}), end_)) {
    end_ += lines.size();
    return true;
  }
  const auto why = errno;
  static_cast<void>(ftruncate(file_, static_cast<off_t>(end_)));
  errno = why;
  return false;
}

void journal::note(const std::array<recorded_stream, 2>& streams) noexcept {
  for (std::size_t at = 0; at < streams.size(); ++at) {
    const auto line = line_of(at, streams[at]);
    static_cast<void>(write_all(file_, std::as_bytes(std::span{line}),
                                first_line.size() + at * line.size()));
  }
}

void journal::note_start(wall_time when) {
  add(started_line(when));
}

bool journal::note_about(std::string_view what) {
  return what.size() <= longest_about
         && what.find('\n') == std::string_view::npos
         && add("about " + std::string{what} + '\n');
}

void journal::note(const std::vector<recorded_gap>& gaps,
                   const std::vector<recorded_pause>& pauses) {
  std::string lines;
  for (; gaps_ < gaps.size(); ++gaps_) {
    const auto& gap = gaps[gaps_];
    lines += "gap " + std::to_string(gap.stream) + ' '
             + std::to_string(gap.from.count()) + ' '
             + std::to_string(gap.to.count()) + ' ' + hex(gap.cause) + '\n';
  }
  for (; pauses_ < pauses.size() && pauses[pauses_].length.count() > 0;
       ++pauses_)
    lines += "pause " + std::to_string(pauses[pauses_].at.count()) + ' '
             + std::to_string(pauses[pauses_].length.count()) + ' '
             + std::to_string(since_epoch(pauses[pauses_].began)) + '\n';
  add(lines);
}

void journal::remove() noexcept {
  if (file_ >= 0)
    ::close(std::exchange(file_, -1));
  unlink(path_.c_str());
}

expected<recording_summary, std::string>
journal::read(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line) || line + '\n' != first_line)
    return unexpected{"not a journal of the vault: " + path};
  recording_summary found;
  while (std::getline(file, line) && !file.eof())
    if (line.size() <= longest_line)
      read_line(line, found);
  return found;
}

} // namespace callfork::vault
