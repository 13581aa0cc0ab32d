#pragma once

#include "control/siprec/client_picture.hpp"
#include "media/base/clock.hpp"
#include "media/base/uuid.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callfork::siprec {

/// What sessions of one call have in common, as texts of which one is enough:
/// the group's id; tracking id with service provider and group; each half of
/// the Session-ID (RFC 7989), from the header and the metadata. At most 16.
[[nodiscard]] std::vector<std::string>
correlation_keys(const client_picture& of, std::string_view session_header);

/// Keeps recording sessions of one call in one group (RFC 7865 6.2): sessions
/// that have a key in common are of one group. Bounded: a key is forgotten some
/// time after the last session that had it, earlier when there are too many.
/// One thread.
class session_groups {
public:
  /// `keep` is how long a key outlives its sessions.
  session_groups(std::size_t most_keys, duration keep)
    : most_(most_keys),
      keep_(keep) {
  }

  /// The group of a session with these keys: that of the first one that is
  /// known, or else `own`. All its keys lead to that group from now on, unless
  /// they already lead to another.
  [[nodiscard]] uuid join(const std::vector<std::string>& keys, const uuid& own,
                          time_point now);

  /// A session of that group has these further keys.
  void add(const std::vector<std::string>& keys, const uuid& group,
           time_point now);

  /// A session with these keys is over.
  void leave(const std::vector<std::string>& keys, time_point now);

  /// Keys that are known.
  [[nodiscard]] std::size_t size() const noexcept {
    return known_.size();
  }

private:
  struct entry {
    uuid group;
    std::size_t sessions = 0; ///< That have the key now.
    time_point until{};       ///< When none has.
  };

  void forget_old(time_point now);
  void forget_oldest();

  std::size_t most_;
  duration keep_;
  std::unordered_map<std::string, entry> known_;
};

} // namespace callfork::siprec
