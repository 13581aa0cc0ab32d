#include "control/sip/hosts_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <utility>

namespace callfork::sip {

namespace {

constexpr std::size_t most_bytes = std::size_t{1024} * 1024;

std::string lower(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(), [](unsigned char one) {
    return static_cast<char>(std::tolower(one));
  });
  return made;
}

} // namespace

known_hosts read_hosts(std::string_view text) {
  known_hosts made;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line.substr(0, line.find('#'))};
    std::string address;
    words >> address;
    const auto at = endpoint::parse(address, 0);
    if (!at)
      continue;
    for (std::string name; words >> name;)
      made[lower(name)].push_back(*at);
  }
  return made;
}

hosts_file::hosts_file(std::string path)
  : path_(std::move(path)) {
}

std::vector<endpoint> hosts_file::find(std::string name, enum family family) {
  look();
  const auto found = known_.find(lower(name));
  if (found == known_.end())
    return {};
  auto made = found->second;
  std::erase_if(made, [family](const auto& one) {
    return one.family() != family;
  });
  return made;
}

void hosts_file::look() {
  struct stat facts {};
  const auto there = ::stat(path_.c_str(), &facts) == 0;
  const auto changed_at = there
                            ? facts.st_mtim.tv_sec * std::int64_t{1'000'000'000}
                                + facts.st_mtim.tv_nsec
                            : 0;
  if (changed_at == std::exchange(changed_at_, changed_at))
    return;
  std::string text(there ? most_bytes : 0, '\0');
  std::ifstream file{path_};
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  known_ = read_hosts(text);
}

} // namespace callfork::sip
