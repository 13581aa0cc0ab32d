#include "app/ctl/api/operation.hpp"

namespace callfork::ctl {

namespace {

constexpr std::string_view providers_path = "/callfork/v1/providers";
constexpr std::string_view provider_path = "/callfork/v1/providers/{vendorId}";
constexpr std::string_view account_path = "/callfork/v1/accounts/{vendorId}";
constexpr std::string_view jobs_path
  = "/v1/telephony/config/jobs/callRecording";

const view provider_view{
  .heads = {{"Identifier", "/id"},
            {"Name", "/name"},
            {"Description", "/description"},
            {"Delivery", "/delivery"},
            {"Accounts", "/accounts"},
            {"Makes users", "/userCreationEnabled", look::flag},
            {"For regions", "/regions"},
            {"Keeps recordings in", "/storageRegions"},
            {"Terms of service", "/termsOfServiceUrl"},
            {"Their version", "/termsOfServiceVersion"},
            {"Log-in", "/loginUrl"},
            {"Has a free plan", "/freePlanEnabled", look::flag},
            {"But not for", "/noFreePlanFor"}}};

const view provider_list{
  .columns = {{"ID", "/id"},
              {"NAME", "/name"},
              {"DELIVERY", "/delivery"},
              {"ACCOUNTS", "/accounts"},
              {"FREE PLAN", "/freePlanEnabled", look::flag},
              {"REGIONS", "/regions"}},
  .nothing = "providers"};

const view account_view{
  .heads = {{"Provider", "/vendorId"},
            {"Organisation", "/orgId"},
            {"State", "/state"},
            {"Accepted by", "/acceptedBy"},
            {"Accepted at", "/acceptedAt", look::time},
            {"Terms", "/termsOfServiceVersion"},
            {"Administrators", "/administrators"},
            {"Shared: customer", "/shared/customerName"},
            {"Shared: time zone", "/shared/timeZone"},
            {"Shared: who", "/shared/firstName /shared/lastName"},
            {"Shared: e-mail", "/shared/email"}}};

const view account_list{.columns = {{"PROVIDER", "/vendorId"},
                                    {"STATE", "/state"},
                                    {"ACCEPTED", "/acceptedAt", look::time},
                                    {"BY", "/acceptedBy"},
                                    {"ADMINISTRATORS", "/administrators"}},
                        .nothing = "accounts"};

const view job_view{
  .heads = {{"Job", "/id"},
            {"State", "/latestExecutionStatus"},
            {"To vendor", "/vendorId"},
            {"Location", "/locationId"},
            {"Asked by", "/sourceUserId"},
            {"Started", "/jobExecutionStatus/0/startTime", look::time},
            {"Ended", "/jobExecutionStatus/0/endTime", look::time},
            {"People", "/counts/totalMoves"},
            {"Moved", "/counts/moved"},
            {"Failed", "/counts/failed"},
            {"Skipped", "/counts/skipped"},
            {"Pending", "/counts/pending"}}};

const view job_list{
  .columns = {{"JOB", "/id"},
              {"STATE", "/latestExecutionStatus"},
              {"TO VENDOR", "/vendorId"},
              {"LOCATION", "/locationId"},
              {"STARTED", "/jobExecutionStatus/0/startTime", look::time},
              {"PEOPLE", "/counts/totalMoves"},
              {"MOVED", "/counts/moved"},
              {"FAILED", "/counts/failed"}},
  .nothing = "jobs"};

const view fault_list{.columns = {{"NUMBER", "/itemNumber"},
                                  {"WHO", "/item"},
                                  {"CODE", "/error/message/0/code"},
                                  {"WHY", "/error/message/0/description"}},
                      .nothing = "errors"};

std::vector<parameter> provider_fields(bool fresh) {
  const auto list = value_kind::list;
  const auto flag = value_kind::flag;
  return {
    {.name = "--name", .says = "Its name.", .to = "/name", .required = fresh},
    {.name = "--description", .says = "For people.", .to = "/description"},
    {.name = "--delivery",
     .says = "How it gets recordings; for siprec the identifier is its name in "
             "the nodes' configuration.",
     .to = "/delivery",
     .is = value_kind::choice,
     .words = {{"vault", "VAULT"}, {"siprec", "SIPREC"}}},
    {.name = "--accounts",
     .says = "Who makes accounts.",
     .to = "/accounts",
     .is = value_kind::choice,
     .words = {{"automatic", "AUTOMATIC"}, {"manual", "MANUAL"}}},
    {.name = "--makes-users",
     .says = "Whether it makes users by itself.",
     .to = "/userCreationEnabled",
     .is = flag},
    {.name = "--for-region",
     .says = "Organisations of this region may choose it; once for each.",
     .to = "/regions",
     .is = list},
    {.name = "--storage-region",
     .says = "It keeps recordings there; once for each.",
     .to = "/storageRegions",
     .is = list},
    {.name = "--terms", .says = "A URL.", .to = "/termsOfServiceUrl"},
    {.name = "--terms-version",
     .says = "Which version it is.",
     .to = "/termsOfServiceVersion"},
    {.name = "--login", .says = "A URL.", .to = "/loginUrl"},
    {.name = "--free-plan",
     .says = "Whether it has one.",
     .to = "/freePlanEnabled",
     .is = flag},
    {.name = "--no-free-plan-for",
     .says = "A purchase channel; once for each.",
     .to = "/noFreePlanFor",
     .is = list},
  };
}

std::vector<parameter> with(parameter first, std::vector<parameter> rest) {
  rest.insert(rest.begin(), std::move(first));
  return rest;
}

std::vector<operation> definitions() {
  const manner_of_asking plain{.of_organisation = false};
  return {
    {.group = "providers",
     .verb = "list",
     .says = "Show all definitions.",
     .method = "GET",
     .path = providers_path,
     .shows = provider_list,
     .how = {.of_organisation = false, .pages = true}},
    {.group = "providers",
     .verb = "show",
     .says = "Show one.",
     .method = "GET",
     .path = provider_path,
     .takes = {named("provider", "vendorId")},
     .shows = provider_view,
     .how = plain},
    {.group = "providers",
     .verb = "add",
     .says = "Define a provider.",
     .method = "POST",
     .path = providers_path,
     .takes = with({.name = "--id",
                    .says = "Its identifier; made up where it is not given.",
                    .to = "/id"},
                   provider_fields(true)),
     .shows = provider_view,
     .how = plain},
    {.group = "providers",
     .verb = "set",
     .says = "Change one; what is not named stays.",
     .method = "PUT",
     .path = provider_path,
     .takes = with(named("provider", "vendorId"), provider_fields(false)),
     .shows = provider_view,
     .how = {.of_organisation = false, .merges = true}},
    {.group = "providers",
     .verb = "remove",
     .says = "Remove those that nobody has chosen.",
     .method = "DELETE",
     .path = provider_path,
     .takes = {named("provider", "vendorId")},
     .done = "removed {}",
     .how = plain},
  };
}

std::vector<operation> accounts() {
  const auto provider = named("provider", "vendorId");
  return {
    {"accounts",
     "list",
     "Show the organisation's accounts.",
     "GET",
     "/callfork/v1/accounts",
     {},
     account_list,
     {},
     {.pages = true}},
    {"accounts",
     "show",
     "Show one, and what was shared for it.",
     "GET",
     account_path,
     {provider},
     account_view},
    {.group = "accounts",
     .verb = "confirm",
     .says = "Confirm that the provider has made it.",
     .method = "POST",
     .path = "/callfork/v1/accounts/{vendorId}/confirm",
     .takes = {provider},
     .done = "the account at {} is confirmed"},
    {.group = "accounts",
     .verb = "state",
     .says = "Say whether it is on trial.",
     .method = "PUT",
     .path = "/callfork/v1/accounts/{vendorId}/state",
     .takes = {provider,
               {.name = "state",
                .says = "The state.",
                .to = "/state",
                .is = value_kind::choice,
                .words = {{"trial", "TRIAL"}, {"active", "ACTIVE"}},
                .required = true}},
     .done = "the account at {} has another state"},
    {.group = "accounts",
     .verb = "add-administrator",
     .says = "Let somebody administer it.",
     .method = "POST",
     .path = "/callfork/v1/accounts/{vendorId}/administrators",
     .takes = {provider,
               {.name = "email",
                .says = "Who, by e-mail.",
                .to = "/email",
                .required = true}},
     .done = "the account at {} has one more administrator"},
    {.group = "accounts",
     .verb = "remove-administrator",
     .says = "Let somebody administer it no more.",
     .method = "DELETE",
     .path = "/callfork/v1/accounts/{vendorId}/administrators/{email}",
     .takes = {provider,
               {.name = "email",
                .says = "Who, by e-mail.",
                .goes = place::path,
                .to = "email",
                .required = true}},
     .done = "the account at {} has one administrator less"},
    {"accounts",
     "users",
     "Print CSV of the users, for a provider that makes them by hand.",
     "GET",
     "/callfork/v1/accounts/{vendorId}/users.csv",
     {provider}},
  };
}

} // namespace

std::vector<operation> provider_operations() {
  auto made = definitions();
  for (auto& one : accounts())
    made.push_back(std::move(one));
  const auto job = named("job", "jobId");
  made.push_back({"jobs",
                  "list",
                  "Show jobs, the newest first.",
                  "GET",
                  jobs_path,
                  {},
                  job_list,
                  {},
                  {.pages = true}});
  made.push_back({"jobs",
                  "show",
                  "Show how far one is.",
                  "GET",
                  "/v1/telephony/config/jobs/callRecording/{jobId}",
                  {job},
                  job_view});
  made.push_back({"jobs",
                  "errors",
                  "Show what failed in one.",
                  "GET",
                  "/v1/telephony/config/jobs/callRecording/{jobId}/errors",
                  {job},
                  fault_list,
                  {},
                  {.pages = true}});
  return made;
}

} // namespace callfork::ctl
