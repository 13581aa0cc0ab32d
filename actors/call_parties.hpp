#pragma once

#include "actors/call_record.hpp"
#include "control/ng/request.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace callfork::actors {

/// Who came to a call and who left it.
struct party_changes {
  std::vector<kept_party> left;
  std::vector<kept_party> joined; ///< Also those whose name or role is new.
};

/// Makes a call's parties agree with what a recording client tells of them:
/// `here` are all that take part now. Caller and callee are who speaks on the
/// m-lines recorded as theirs, and stay so while they take part; where m-lines
/// do not tell, they are the first who remain. Everybody else gets a role from
/// 2 on. Pure but for the story that it changes.
[[nodiscard]] party_changes
update_parties(kept_story& story, const std::vector<ng::participant>& here,
               const dialog::recorded_lines& lines, wall_time when);

/// The parties of whom signalling tells no more than perhaps an address: caller
/// and callee, once.
[[nodiscard]] party_changes name_parties(kept_story& story, wall_time when);

/// The same for signalling that tells of caller and callee alone, and may tell
/// no more than `ends`, its numbers of both. Somebody of another known address
/// than before, or with another number, has taken the other's place, as after
/// a transfer. Whom a recording client names is left alone.
[[nodiscard]] party_changes
follow_ends(kept_story& story, const std::array<std::uint16_t, 2>& ends,
            wall_time when);

/// Who has that role now; null for nobody who is known.
[[nodiscard]] const kept_party* party_with(const kept_story& story,
                                           std::uint16_t role);

/// The identifier of who has that role now, or would have it first.
[[nodiscard]] uuid party_id_of(const kept_story& story, std::uint16_t role);

} // namespace callfork::actors
