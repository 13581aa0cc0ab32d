#pragma once

#include "control/admin/entities.hpp"
#include "control/api/fields.hpp"
#include "control/catalogue/catalogue.hpp"

#include <array>
#include <string>
#include <string_view>

/// The words of the API for what the book and the catalogue hold.
namespace callfork::api::words {

inline constexpr std::array<named<recording::mode>, 4> record{{
  {"Always", recording::mode::always},
  {"Never", recording::mode::never},
  {"Always with Pause/Resume", recording::mode::always_pausable},
  {"On Demand with User Initiated Start", recording::mode::on_demand},
}};

inline constexpr std::array<named<recording::notification>, 3> notification{{
  {"None", recording::notification::none},
  {"Beep", recording::notification::beep},
  {"Play Announcement", recording::notification::announcement},
}};

inline constexpr std::array<named<recording::audience>, 2> audience{{
  {"EVERYBODY", recording::audience::everybody},
  {"USER", recording::audience::user},
}};

inline constexpr std::array<named<recording::failure_behaviour>, 3> failure{{
  {"PROCEED_WITH_CALL_NO_ANNOUNCEMENT", recording::failure_behaviour::proceed},
  {"PROCEED_CALL_WITH_ANNOUNCEMENT",
   recording::failure_behaviour::proceed_with_announcement},
  {"END_CALL_WITH_ANNOUNCEMENT",
   recording::failure_behaviour::end_with_announcement},
}};

/// Of vendor users; basic stands for standard, too.
inline constexpr std::array<named<admin::licence>, 6> licence{{
  {"NONE", admin::licence::none},
  {"BASIC_USER", admin::licence::basic},
  {"PROFESSIONAL_USER", admin::licence::professional},
  {"WORKSPACE", admin::licence::workspace},
  {"PROFESSIONAL_WORKSPACE", admin::licence::professional_workspace},
  {"VIRTUAL_PROFILE", admin::licence::virtual_profile},
}};

inline constexpr std::array<named<admin::person_kind>, 3> kind{{
  {"PEOPLE", admin::person_kind::people},
  {"PLACE", admin::person_kind::place},
  {"VIRTUAL_LINE", admin::person_kind::virtual_line},
}};

/// Owners of recordings.
inline constexpr std::array<named<admin::person_kind>, 3> owner_type{{
  {"user", admin::person_kind::people},
  {"place", admin::person_kind::place},
  {"virtualLine", admin::person_kind::virtual_line},
}};

inline constexpr std::array<named<admin::plan>, 2> plan{{
  {"FREE", admin::plan::free},
  {"PAID", admin::plan::paid},
}};

inline constexpr std::array<named<admin::account_state>, 3> account_state{{
  {"PENDING", admin::account_state::pending},
  {"TRIAL", admin::account_state::trial},
  {"ACTIVE", admin::account_state::active},
}};

inline constexpr std::array<named<admin::account_making>, 2> account_making{{
  {"AUTOMATIC", admin::account_making::automatic},
  {"MANUAL", admin::account_making::manual},
}};

inline constexpr std::array<named<admin::delivery>, 2> delivery{{
  {"VAULT", admin::delivery::vault},
  {"SIPREC", admin::delivery::siprec},
}};

inline constexpr std::array<named<admin::job::state>, 4> job_state{{
  {"STARTING", admin::job::state::starting},
  {"STARTED", admin::job::state::started},
  {"COMPLETED", admin::job::state::completed},
  {"FAILED", admin::job::state::failed},
}};

inline constexpr std::array<named<catalogue::status>, 3> recording_status{{
  {"available", catalogue::status::available},
  {"deleted", catalogue::status::deleted},
  {"purged", catalogue::status::purged},
}};

/// A region in which organisations are hosted and recordings kept.
struct region {
  std::string_view code;
  std::string_view name;
};

inline constexpr std::array<region, 9> regions{{
  {"US", "United States"},
  {"EU", "European Union"},
  {"SG", "Singapore"},
  {"GB", "United Kingdom"},
  {"JP", "Japan"},
  {"DE", "Germany"},
  {"AU", "Australia"},
  {"IN", "India"},
  {"CA", "Canada"},
}};

/// A region's name; its code where it is not known.
[[nodiscard]] inline std::string region_name(std::string_view code) {
  for (const auto& one : regions)
    if (one.code == code)
      return std::string{one.name};
  return std::string{code};
}

} // namespace callfork::api::words
