#include "app/secret_line.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

namespace callfork {

namespace {

constexpr std::size_t longest_secret = 8192;

bool is_secret(const std::string& text) {
  return !text.empty() && text.size() <= longest_secret
         && std::ranges::all_of(text, [](char letter) {
              return letter > ' ' && letter <= '~';
            });
}

} // namespace

expected<std::string, std::string> read_secret_line(std::string_view option,
                                                    const std::string& path) {
  const auto wrong = [&](const char* why) {
    return make_unexpected(fmt::format("{}: {}: {}", option, path, why));
  };
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
    return wrong("no such file");
  if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    return wrong("others may read or write it: chmod 600 is the remedy");
  std::string line(longest_secret + 2, '\0');
  std::ifstream file{path, std::ios::binary};
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(file.gcount()));
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.pop_back();
  if (!is_secret(line))
    return wrong("has to be one line without spaces");
  return line;
}

} // namespace callfork
