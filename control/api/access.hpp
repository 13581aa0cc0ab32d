#pragma once

#include "control/api/caller.hpp"

#include <cstdint>
#include <string_view>

namespace callfork::api {

/// What somebody may want to do.
enum class action : std::uint8_t {
  see_organisation,
  serve_organisation, ///< Makes and removes it; the partner's own switches.
  see_settings,       ///< Providers, announcements, regions, jobs, accounts.
  change_settings,
  accept_terms, ///< Of a provider, for the organisation.
  see_person,   ///< With how their calls are recorded.
  change_person,
  see_calls,   ///< Of a person: live ones, and how they are recorded.
  steer_calls, ///< Starts, stops, pauses and resumes.
  see_recording,
  play_recording,
  delete_recording, ///< Softly.
  restore_recording,
  purge_recording,
  reassign_recording,
  hold_recording,
  see_audit,
};
inline constexpr std::size_t action_count = 17;

/// What the answer is.
enum class verdict : std::uint8_t {
  allowed,
  forbidden, ///< 403: in the caller's own organisation.
  hidden,    ///< 404: as if there were none of this identifier.
};

/// Whether the caller may do it in an organisation; `owner` is the person whose
/// call, setting or recording it is, or empty where it is nobody's. Pure.
[[nodiscard]] verdict may(const caller& who, action what,
                          const admin::organisation& in,
                          std::string_view owner);

/// The same for a recording: those of the free plan are their owner's alone.
[[nodiscard]] verdict may(const caller& who, action what,
                          const admin::organisation& in, std::string_view owner,
                          admin::plan plan);

} // namespace callfork::api
