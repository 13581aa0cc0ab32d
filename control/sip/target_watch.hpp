#pragma once

#include "media/base/clock.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::sip {

/// What is known of recorders' targets: which of them answer when they are
/// asked, and which have just failed. Pure; of one thread.
class target_watch {
public:
  /// What became of asking a target whether it is there. True if that is not
  /// what was known of it: the first verdict is always news.
  bool heard(const std::string& target, bool is_there);

  /// A session could not be opened there: it is tried after others until
  /// `then`, which is at most five minutes from `now`.
  void failed(const std::string& target, time_point now, time_point then);

  /// A session was opened there: whatever failed is over. Like `heard`.
  bool worked(const std::string& target);

  /// The same targets: those that should work in their order, then those that
  /// have just failed, then those that are down. None is left out, as what is
  /// known may be wrong.
  [[nodiscard]] std::vector<std::string>
  in_order(std::vector<std::string> targets, time_point now) const;

  /// 0 for a target that should work, 1 for one that has just failed, 2 for one
  /// that is down.
  [[nodiscard]] int rank(const std::string& target, time_point now) const;

private:
  std::unordered_map<std::string, bool> there_;
  std::unordered_map<std::string, time_point> avoided_until_;
};

} // namespace callfork::sip
