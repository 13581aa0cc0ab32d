#pragma once

#include "media/base/clock.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace callfork::cluster {

/// Whom to dial, and when. Of two nodes the one with the lesser address does,
/// as text: two links at once would be in each other's way. The other one does
/// so too when it has waited for some seconds, for it may not be in the
/// first one's list. What cannot be reached is dialled for ever.
class dial_plan {
public:
  /// What the names of peers stand for now; those that are gone from it are
  /// not dialled any more.
  void learn(const std::string& own, const std::vector<std::string>& others,
             time_point now);

  /// Those to be dialled now; `linked` says who needs not.
  [[nodiscard]] std::vector<std::string>
  due(time_point now, const std::function<bool(const std::string&)>& linked);

  /// A dial came to its end, whichever.
  void dialled(const std::string& where, time_point now);

  [[nodiscard]] const std::string& own() const noexcept {
    return own_;
  }
  /// Addresses without a link, when `due` was last asked.
  [[nodiscard]] std::size_t unlinked() const noexcept {
    return unlinked_;
  }

private:
  struct target {
    time_point next; ///< Not to be dialled before.
  };

  [[nodiscard]] duration patience(const std::string& with) const;

  std::string own_;
  std::map<std::string, target> targets_;
  std::size_t unlinked_ = 0;
};

} // namespace callfork::cluster
