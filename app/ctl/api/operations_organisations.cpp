#include "app/ctl/api/operation.hpp"

namespace callfork::ctl {

namespace {

constexpr std::string_view organisations_path = "/callfork/v1/organizations";
constexpr std::string_view organisation_path
  = "/callfork/v1/organizations/{orgId}";
constexpr std::string_view locations_path = "/callfork/v1/locations";
constexpr std::string_view location_path
  = "/callfork/v1/locations/{locationId}";

const view organisation_view{
  .heads = {{"Identifier", "/id"},
            {"Name", "/name"},
            {"Partner", "/partnerId"},
            {"Region", "/region"},
            {"May record", "/enabled", look::flag},
            {"Vendor", "/vendorId"},
            {"Recordings are kept in", "/storageRegion"},
            {"When that fails", "/failureBehavior"},
            {"Language", "/language"},
            {"Country", "/country"},
            {"Time zone", "/timeZone"},
            {"Purchase channel", "/purchaseChannel"}}};

const view organisation_list{.columns = {{"ID", "/id"},
                                         {"NAME", "/name"},
                                         {"PARTNER", "/partnerId"},
                                         {"REGION", "/region"},
                                         {"RECORDS", "/enabled", look::flag},
                                         {"VENDOR", "/vendorId"}},
                             .nothing = "organisations"};

const view location_view{
  .heads = {{"Identifier", "/id"},
            {"Organisation", "/orgId"},
            {"Name", "/name"},
            {"As the organisation", "/orgDefaultEnabled", look::flag},
            {"Vendor", "/vendorId"},
            {"Recordings are kept in", "/storageRegion"},
            {"When that fails", "/failureBehavior"},
            {"Language", "/language"},
            {"Country", "/country"},
            {"Time zone", "/timeZone"},
            {"Announces by default", "/announcementsByDefault", look::flag}}};

const view location_list{.columns = {{"ID", "/id"},
                                     {"NAME", "/name"},
                                     {"VENDOR", "/vendorId"},
                                     {"LANGUAGE", "/language"},
                                     {"COUNTRY", "/country"},
                                     {"TIME ZONE", "/timeZone"}},
                         .nothing = "locations"};

std::vector<parameter> organisation_fields(bool fresh) {
  std::vector<parameter> made{
    {.name = "--name", .says = "Its name.", .to = "/name", .required = fresh},
    {.name = "--region", .says = "Its region, as US.", .to = "/region"},
    {.name = "--language", .says = "As en-US.", .to = "/language"},
    {.name = "--country", .says = "As US.", .to = "/country"},
    {.name = "--time-zone", .says = "As Europe/Berlin.", .to = "/timeZone"},
    {.name = "--purchase-channel",
     .says = "Where it bought.",
     .to = "/purchaseChannel"},
  };
  return made;
}

std::vector<parameter> location_fields(bool fresh) {
  return {
    {.name = "--name", .says = "Its name.", .to = "/name", .required = fresh},
    {.name = "--language",
     .says = "As en-US; empty: the organisation's.",
     .to = "/language"},
    {.name = "--country",
     .says = "As US; empty: the organisation's.",
     .to = "/country"},
    {.name = "--time-zone", .says = "As Europe/Berlin.", .to = "/timeZone"},
    {.name = "--announce-by-default",
     .says = "Whether people hear that recording starts and stops, once they "
             "are recorded.",
     .to = "/announcementsByDefault",
     .is = value_kind::flag},
  };
}

std::vector<parameter> with(parameter first, std::vector<parameter> rest) {
  rest.insert(rest.begin(), std::move(first));
  return rest;
}

parameter identifier() {
  return {.name = "--id",
          .says = "Its identifier; made up where it is not given.",
          .to = "/id"};
}

std::vector<operation> location_operations() {
  return {
    {"locations",
     "list",
     "Show all locations.",
     "GET",
     locations_path,
     {},
     location_list,
     {},
     {.pages = true}},
    {"locations",
     "show",
     "Show one.",
     "GET",
     location_path,
     {named("location", "locationId")},
     location_view},
    {"locations", "add", "Make a location.", "POST", locations_path,
     with(identifier(), location_fields(true)), location_view},
    {.group = "locations",
     .verb = "set",
     .says = "Change one; what is not named stays.",
     .method = "PUT",
     .path = location_path,
     .takes = with(named("location", "locationId"), location_fields(false)),
     .shows = location_view,
     .how = {.merges = true}},
    {.group = "locations",
     .verb = "remove",
     .says = "Remove those where nobody is any more.",
     .method = "DELETE",
     .path = location_path,
     .takes = {named("location", "locationId")},
     .done = "removed {}"},
  };
}

} // namespace

std::vector<operation> organisation_operations() {
  const manner_of_asking plain{.of_organisation = false};
  std::vector<operation> made{
    {.group = "organisations",
     .verb = "list",
     .says = "Show all that the key may see.",
     .method = "GET",
     .path = organisations_path,
     .shows = organisation_list,
     .how = {.of_organisation = false, .pages = true}},
    {.group = "organisations",
     .verb = "show",
     .says = "Show one.",
     .method = "GET",
     .path = organisation_path,
     .takes = {named("organisation", "orgId")},
     .shows = organisation_view,
     .how = plain},
    {.group = "organisations",
     .verb = "add",
     .says = "Make an organisation (partner administrators).",
     .method = "POST",
     .path = organisations_path,
     .takes = with(identifier(), organisation_fields(true)),
     .shows = organisation_view,
     .how = plain},
    {.group = "organisations",
     .verb = "set",
     .says = "Change one; what is not named stays.",
     .method = "PUT",
     .path = organisation_path,
     .takes = with(named("organisation", "orgId"), organisation_fields(false)),
     .shows = organisation_view,
     .how = {.of_organisation = false, .merges = true}},
    {.group = "organisations",
     .verb = "remove",
     .says = "Remove those that have no people any more.",
     .method = "DELETE",
     .path = organisation_path,
     .takes = {named("organisation", "orgId")},
     .done = "removed {}",
     .how = {.of_organisation = false,
             .careful = "This removes the organisation {}."}},
  };
  for (auto& one : location_operations())
    made.push_back(std::move(one));
  return made;
}

} // namespace callfork::ctl
