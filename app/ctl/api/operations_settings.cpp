#include "app/ctl/api/operation.hpp"

namespace callfork::ctl {

namespace {

constexpr std::string_view settings_path = "/v1/telephony/config/callRecording";
constexpr std::string_view announcements_path
  = "/v1/telephony/config/callRecording/complianceAnnouncement";
constexpr std::string_view location_announcements_path
  = "/v1/telephony/config/locations/{locationId}/callRecording"
    "/complianceAnnouncement";
constexpr std::string_view terms_path
  = "/v1/telephony/config/callRecording/vendors/{vendorId}/termsOfService";
constexpr std::string_view location_vendor_path
  = "/v1/telephony/config/locations/{locationId}/callRecording/vendor";

const view settings_view{.heads = {{"Organisation", "/organization/name"},
                                   {"May record", "/enabled", look::flag},
                                   {"Vendor", "/vendorName"},
                                   {"Terms of service", "/termsOfServiceUrl"}}};

const view announcements_view{
  .heads
  = {{"As the organisation", "/useOrgSettingsEnabled", look::flag},
     {"To callers from the PSTN", "/inboundPSTNCallsEnabled", look::flag},
     {"To those called there", "/outboundPSTNCallsEnabled", look::flag},
     {"Delay that", "/outboundPSTNCallsDelayEnabled", look::flag},
     {"By seconds", "/delayInSeconds"}}};

const std::vector<column> vendor_columns{
  {"ID", "/id"},
  {"NAME", "/name"},
  {"MAKES USERS", "/migrateUserCreationEnabled", look::flag},
  {"DESCRIPTION", "/description"}};

const view vendor_view{.heads = {{"Vendor", "/vendorName"},
                                 {"Identifier", "/vendorId"},
                                 {"Recordings are kept in", "/storageRegion"},
                                 {"When that fails", "/failureBehavior"}},
                       .columns = vendor_columns,
                       .items = "/vendors",
                       .nothing = "vendors to choose from"};

const view location_vendor_view{
  .heads = {{"As the organisation", "/orgDefaultEnabled", look::flag},
            {"Vendor", "/defaultVendorName"},
            {"Identifier", "/defaultVendorId"},
            {"Recordings are kept in", "/storageRegion"},
            {"When that fails", "/failureBehavior"}},
  .columns = vendor_columns,
  .items = "/vendors",
  .nothing = "vendors to choose from"};

const view users_view{.columns = {{"ID", "/id"},
                                  {"NAME", "/firstName /lastName"},
                                  {"KIND", "/type"},
                                  {"LICENCE", "/licenseType"}},
                      .items = "/members",
                      .nothing = "users"};

const view job_started{.heads = {{"Job", "/jobId"}}};

const view terms_view{
  .heads = {{"Vendor", "/vendorName"},
            {"Accepted", "/termsOfServiceEnabled", look::flag},
            {"Terms", "/termsOfServiceUrl"}}};

const view regions_view{.columns = {{"CODE", "/code"},
                                    {"NAME", "/name"},
                                    {"CHOSEN", "/defaultEnabled", look::flag}},
                        .items = "/regions",
                        .nothing = "regions"};

parameter at_location(std::string_view says) {
  return {.name = "--location",
          .says = says,
          .goes = place::path,
          .to = "locationId"};
}

parameter vendor() {
  return {.name = "vendor",
          .says = "Its identifier: 'vendor show' lists them.",
          .goes = place::path,
          .to = "vendorId",
          .required = true};
}

parameter on_failure() {
  return {.name = "--on-failure",
          .says = "What happens to calls when the vendor cannot be reached.",
          .to = "/failureBehavior",
          .is = value_kind::choice,
          .words = {{"proceed", "PROCEED_WITH_CALL_NO_ANNOUNCEMENT"},
                    {"proceed-announced", "PROCEED_CALL_WITH_ANNOUNCEMENT"},
                    {"end-call", "END_CALL_WITH_ANNOUNCEMENT"}}};
}

parameter region() {
  return {.name = "--region",
          .says = "Where to keep recordings: 'regions list' has them.",
          .to = "/storageRegion"};
}

parameter switched(std::string_view name, std::string_view says,
                   std::string_view to) {
  return {.name = name, .says = says, .to = to, .is = value_kind::flag};
}

std::vector<operation> vendor_operations() {
  return {
    {"vendor",
     "show",
     "Show who keeps the organisation's recordings, and who "
     "else could.",
     "GET",
     "/v1/telephony/config/callRecording/vendors",
     {},
     vendor_view},
    {.group = "vendor",
     .verb = "set",
     .says = "Choose another one; a job moves the people.",
     .method = "PUT",
     .path = "/v1/telephony/config/callRecording/vendor",
     .takes = {{.name = "vendor",
                .says = "Its identifier.",
                .to = "/vendorId",
                .required = true},
               region(),
               on_failure()},
     .shows = job_started},
    {.group = "vendor",
     .verb = "disable",
     .says = "Have no vendor any more: nobody is recorded.",
     .method = "PUT",
     .path = "/v1/telephony/config/callRecording/vendor",
     .shows = job_started,
     .how = {.body = R"({"vendorId": "", "confirmDisable": true})",
             .careful = "Nobody in the organisation will be recorded, and all "
                        "people's settings are cleared."}},
    {"vendor",
     "show-location",
     "The same of a location.",
     "GET",
     "/v1/telephony/config/locations/{locationId}/callRecording/vendors",
     {named("location", "locationId")},
     location_vendor_view},
    {.group = "vendor",
     .verb = "set-location",
     .says = "Choose for a location; what is not named stays.",
     .method = "PUT",
     .path = location_vendor_path,
     .takes
     = {named("location", "locationId"),
        {.name = "--vendor",
         .says = "Its identifier, or none.",
         .to = "/id",
         .words = {{"none", ""}}},
        switched("--as-organisation", "The organisation's vendor.",
                 "/orgDefaultEnabled"),
        region(),
        switched("--region-as-organisation", "The organisation's region.",
                 "/orgStorageRegionEnabled"),
        on_failure(),
        switched("--failure-as-organisation",
                 "As the organisation when the vendor cannot be "
                 "reached.",
                 "/orgFailureBehaviorEnabled")},
     .shows = job_started},
    {.group = "vendor",
     .verb = "users",
     .says = "Show whom the vendor records.",
     .method = "GET",
     .path = "/v1/telephony/config/callRecording/vendorUsers",
     .takes = {at_location("Of the vendor of this location."),
               {.name = "--standard",
                .says = "Only those with a basic or standard licence.",
                .goes = place::query,
                .to = "standardUserOnly",
                .is = value_kind::flag}},
     .shows = users_view,
     .how = {.other_with = "--location",
             .other_path = "/v1/telephony/config/locations/{locationId}"
                           "/callRecording/vendorUsers",
             .pages = true}},
  };
}

std::vector<operation> announcement_operations() {
  return {
    {.group = "announcements",
     .verb = "show",
     .says = "Show when callers hear that calls are recorded.",
     .method = "GET",
     .path = announcements_path,
     .takes = {at_location("Of this location.")},
     .shows = announcements_view,
     .how = {.other_with = "--location",
             .other_path = location_announcements_path}},
    {.group = "announcements",
     .verb = "set",
     .says = "Change that; what is not named stays.",
     .method = "PUT",
     .path = announcements_path,
     .takes = {at_location("Of this location."),
               switched("--inbound-pstn", "To callers from the PSTN.",
                        "/inboundPSTNCallsEnabled"),
               switched("--outbound-pstn", "To those called in the PSTN.",
                        "/outboundPSTNCallsEnabled"),
               switched("--delay-outbound", "Wait before telling those called.",
                        "/outboundPSTNCallsDelayEnabled"),
               {.name = "--delay",
                .says = "For how many seconds, 0 to 60.",
                .to = "/delayInSeconds",
                .is = value_kind::whole},
               {.name = "--as-organisation",
                .says = "Whether the location does as the organisation.",
                .to = "/useOrgSettingsEnabled",
                .is = value_kind::flag,
                .needs = "--location"}},
     .shows = announcements_view,
     .how = {.shows_after = true,
             .other_with = "--location",
             .other_path = location_announcements_path}},
  };
}

} // namespace

std::vector<operation> settings_operations() {
  std::vector<operation> made{
    {"settings",
     "show",
     "Show whether the organisation records.",
     "GET",
     settings_path,
     {},
     settings_view},
    {.group = "settings",
     .verb = "set",
     .says = "Let it record, or not (partner administrators).",
     .method = "PUT",
     .path = settings_path,
     .takes = {{.name = "--recording",
                .says = "Whether it may record.",
                .to = "/enabled",
                .is = value_kind::flag,
                .required = true}},
     .shows = settings_view,
     .how = {.shows_after = true}},
  };
  for (auto part : {announcement_operations(), vendor_operations()})
    made.insert(made.end(), part.begin(), part.end());
  made.push_back({"terms",
                  "show",
                  "Show a vendor's terms of service.",
                  "GET",
                  terms_path,
                  {vendor()},
                  terms_view});
  made.push_back({.group = "terms",
                  .verb = "accept",
                  .says = "Accept them, once for the organisation; it makes "
                          "the account.",
                  .method = "PUT",
                  .path = terms_path,
                  .takes = {vendor()},
                  .shows = terms_view,
                  .how = {.shows_after = true,
                          .body = R"({"termsOfServiceEnabled": true})",
                          .careful = "This accepts the terms of service of {} "
                                     "for the organisation; it cannot be "
                                     "undone."}});
  made.push_back({"regions",
                  "list",
                  "Show the regions of the vendor.",
                  "GET",
                  "/v1/telephony/config/callRecording/regions",
                  {},
                  regions_view});
  return made;
}

} // namespace callfork::ctl
