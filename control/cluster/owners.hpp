#pragma once

#include "media/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::cluster {

/// Calls whose ids are longer stay on the node where they came in.
inline constexpr std::size_t longest_call_id = 512;

/// A member of a region by its number; the own node is 0.
using member = std::uint32_t;
inline constexpr member own_node = 0;

/// Which member owns which call, by what the owners tell. A call that was
/// placed with a member counts as its own until it tells so, for some seconds.
class owners {
public:
  /// A member tells that a call began. The own node's calls stay its own,
  /// whatever others say. False if the member has more calls than we remember.
  bool began(member who, const std::string& call_id);
  void ended(member who, const std::string& call_id);

  /// All that a member owns, and what was placed with it, is forgotten.
  void forget(member who);

  void place(member with, const std::string& call_id, time_point now);
  /// The member did not take it after all.
  void unplace(member with, const std::string& call_id);
  /// Forgets what was placed too long ago and never told.
  void expire(time_point now);

  [[nodiscard]] std::optional<member> find(const std::string& call_id) const;
  /// Those that the member told, without those that were placed with it.
  [[nodiscard]] std::size_t calls_of(member who) const;
  [[nodiscard]] std::size_t placed_with(member who) const;
  /// Of all members but the own node.
  [[nodiscard]] std::size_t foreign() const;
  [[nodiscard]] std::vector<std::string> list(member who) const;

private:
  struct holding {
    member who = own_node;
    std::optional<time_point> placed; ///< Nothing once the owner told.
  };
  struct tally {
    std::size_t told = 0;
    std::size_t placed = 0;
  };
  using table = std::unordered_map<std::string, holding>;

  table::iterator erase(table::iterator at);
  void count(const holding& what, std::ptrdiff_t by);

  table calls_;
  std::unordered_map<member, tally> tallies_;
};

} // namespace callfork::cluster
