#pragma once

#include <cstddef>
#include <string>

namespace callfork::ctl {

/// One line on standard error that says how far something is, if a person sits
/// there. It goes away with this object.
class progress_line {
public:
  progress_line();
  ~progress_line();
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void say(const std::string& text);

  /// Takes the line away until something is said again, so that others can
  /// write.
  void clear();

private:
  bool seen_ = false; ///< Standard error is a terminal.
  std::size_t width_ = 0;
};

} // namespace callfork::ctl
