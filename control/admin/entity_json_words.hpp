#pragma once

#include "control/admin/entities.hpp"
#include "control/admin/json_fields.hpp"

/// The words by which enumerators stand on the `config` log. They stay as they
/// are for ever.
namespace callfork::admin::words {

inline constexpr word_table<recording::mode, 4> mode{{
  {recording::mode::never, "never"},
  {recording::mode::always, "always"},
  {recording::mode::always_pausable, "always-with-pause-resume"},
  {recording::mode::on_demand, "on-demand"},
}};
inline constexpr word_table<recording::notification, 3> notification{{
  {recording::notification::none, "none"},
  {recording::notification::beep, "beep"},
  {recording::notification::announcement, "announcement"},
}};
inline constexpr word_table<recording::audience, 2> audience{{
  {recording::audience::everybody, "everybody"},
  {recording::audience::user, "user"},
}};
inline constexpr word_table<recording::failure_behaviour, 3> failure{{
  {recording::failure_behaviour::proceed, "proceed"},
  {recording::failure_behaviour::proceed_with_announcement,
   "proceed-with-announcement"},
  {recording::failure_behaviour::end_with_announcement,
   "end-with-announcement"},
}};
inline constexpr word_table<licence, 6> licences{{
  {licence::none, "none"},
  {licence::basic, "basic"},
  {licence::professional, "professional"},
  {licence::workspace, "workspace"},
  {licence::professional_workspace, "professional-workspace"},
  {licence::virtual_profile, "virtual-profile"},
}};
inline constexpr word_table<person_kind, 3> person_kinds{{
  {person_kind::people, "people"},
  {person_kind::place, "place"},
  {person_kind::virtual_line, "virtual-line"},
}};
inline constexpr word_table<plan, 2> plans{{
  {plan::free, "free"},
  {plan::paid, "paid"},
}};
inline constexpr word_table<delivery, 2> deliveries{{
  {delivery::vault, "vault"},
  {delivery::siprec, "siprec"},
}};
inline constexpr word_table<account_making, 2> makings{{
  {account_making::automatic, "automatic"},
  {account_making::manual, "manual"},
}};
inline constexpr word_table<account_state, 3> account_states{{
  {account_state::pending, "pending"},
  {account_state::trial, "trial"},
  {account_state::active, "active"},
}};
inline constexpr word_table<job::state, 4> job_states{{
  {job::state::starting, "starting"},
  {job::state::started, "started"},
  {job::state::completed, "completed"},
  {job::state::failed, "failed"},
}};

} // namespace callfork::admin::words
