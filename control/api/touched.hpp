#pragma once

#include "control/admin/registry.hpp"

#include <string>
#include <vector>

namespace callfork::api {

/// What a request changed in the book, as the audit log proves it: digests of
/// the entities as they were and as they are. Empty: nothing.
struct touched {
  std::string before;
  std::string after;

  /// Takes in the changes of one more write that was made from this book.
  void add(const touched& one);
};

/// The entities of the changes as they are in the book and as they will be.
[[nodiscard]] touched touched_by(const std::vector<admin::change>& changes,
                                 const admin::book& book);

} // namespace callfork::api
