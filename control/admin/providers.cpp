#include "control/admin/book.hpp"

namespace callfork::admin {

namespace {

provider dubber() {
  return {
    .id = "dubber",
    .name = "Dubber",
    .description = "Recordings for everybody: kept for 30 days for free, "
                   "without end with a paid plan.",
    .regions = {},
    .storage_regions = {"US", "SG", "GB", "JP", "DE", "AU", "IN", "CA"},
    .terms_url = "https://www.dubber.net/terms",
    .login_url = "https://wxc-us.dubber.net/login?sso=webex",
    .accounts = account_making::automatic,
    .creates_users = true,
    .has_free_plan = true,
    .no_free_plan_for = {"web"},
  };
}

provider imagicle() {
  return {
    .id = "imagicle",
    .name = "Imagicle",
    .description = "Compliance recording with transcription, sentiment and "
                   "screens; needs a contract.",
    .regions = {"US", "EU"},
    .storage_regions = {"US", "EU"},
    .terms_url = "https://www.imagicle.com",
    .login_url = "https://www.imagicle.com",
    .no_free_plan_for = {},
  };
}

provider call_cabinet() {
  return {
    .id = "callcabinet",
    .name = "CallCabinet",
    .description = "Compliance recording with analysis; needs a contract.",
    .regions = {"US"},
    .storage_regions = {"US"},
    .terms_url = "https://www.callcabinet.com",
    .login_url = "https://atmos.callcabinet.com",
    .no_free_plan_for = {},
  };
}

provider built_in_vault() {
  return {
    .id = "callfork",
    .name = "callfork vault",
    .description = "Recordings on the disks of your own nodes.",
    .regions = {},
    .storage_regions = {},
    .terms_url = "",
    .login_url = "",
    .delivery = delivery::vault,
    .accounts = account_making::automatic,
    .creates_users = true,
    .has_free_plan = true,
    .no_free_plan_for = {},
  };
}

} // namespace

std::vector<provider> built_in_providers() {
  return {dubber(), imagicle(), call_cabinet(), built_in_vault()};
}

} // namespace callfork::admin
