#include "app/ctl/api/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace callfork::ctl {

progress_line::progress_line()
  : seen_{::isatty(STDERR_FILENO) == 1} {
}

progress_line::~progress_line() {
  clear();
}

void progress_line::say(const std::string& text) {
  if (!seen_)
    return;
  const auto more = width_ > text.size() ? width_ - text.size() : 0;
  std::cerr << '\r' << text << std::string(more, ' ') << std::flush;
  width_ = text.size();
}

void progress_line::clear() {
  if (seen_ && width_ > 0)
    std::cerr << '\r' << std::string(width_, ' ') << '\r' << std::flush;
  width_ = 0;
}

} // namespace callfork::ctl
