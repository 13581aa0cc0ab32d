#include "app/ctl/api/operation.hpp"

namespace callfork::ctl {

namespace {

constexpr std::string_view all_path = "/v1/admin/convergedRecordings";
constexpr std::string_view own_path = "/v1/convergedRecordings";
constexpr std::string_view one_path = "/v1/convergedRecordings/{recordingId}";

const view recording_list{
  .columns = {{"ID", "/id"},
              {"RECORDED", "/timeRecorded", look::time},
              {"LENGTH", "/durationSeconds", look::seconds},
              {"SIZE", "/sizeBytes", look::bytes},
              {"OWNER", "/ownerEmail"},
              {"STATUS", "/status"},
              {"TOPIC", "/topic"}},
  .nothing = "recordings"};

const view recording_view{
  .heads
  = {{"Identifier", "/id"},
     {"Topic", "/topic"},
     {"Recorded", "/timeRecorded", look::time},
     {"Length", "/durationSeconds", look::seconds},
     {"Size", "/sizeBytes", look::bytes},
     {"Status", "/status"},
     {"Owner", "/ownerEmail"},
     {"Owner's identifier", "/ownerId"},
     {"Location", "/serviceData/locationId"},
     {"Kept in", "/storageRegion"},
     {"Call session", "/serviceData/callSessionId"},
     {"Audio, until it expires",
      "/temporaryDirectDownloadLinks/audioDownloadLink"},
     {"Which is at", "/temporaryDirectDownloadLinks/expiration", look::time}}};

const view story_view{
  .heads = {{"Recording", "/id"},
            {"Owner", "/ownerEmail"},
            {"Calling", "/serviceData/callingParty/number "
                        "/serviceData/callingParty/actor/id"},
            {"Called", "/serviceData/calledParty/number "
                       "/serviceData/calledParty/actor/id"},
            {"Began", "/serviceData/session/startTime", look::time},
            {"Ended", "/serviceData/session/stopTime", look::time},
            {"Mode", "/serviceData/recordingType"}},
  .columns = {{"TIME", "/time", look::time}, {"WHAT", "/action"}},
  .items = "/serviceData/recordingActions",
  .nothing = "actions"};

/// Those of a question about many at once.
parameter recordings() {
  return {.name = "recordings",
          .says = "Their identifiers, up to 100.",
          .to = "/recordingIds",
          .is = value_kind::list};
}

parameter owner(std::string_view says) {
  return {.name = "--owner", .says = says, .to = "/ownerEmail"};
}

parameter all_of_them(std::string_view says, std::string_view to) {
  return {.name = "--all", .says = says, .to = to, .is = value_kind::flag};
}

parameter filter(std::string_view name, std::string_view says,
                 std::string_view to, value_kind is = value_kind::text) {
  return {.name = name, .says = says, .goes = place::query, .to = to, .is = is};
}

std::vector<parameter> filters() {
  return {
    filter("--from", "From this day or time on; at most 30 days to --to.",
           "from", value_kind::moment),
    filter("--to", "Until this day or time.", "to", value_kind::moment),
    {.name = "--status",
     .says = "Those of this status instead of available.",
     .goes = place::query,
     .to = "status",
     .is = value_kind::choice,
     .words = {{"available", "available"},
               {"deleted", "deleted"},
               {"purged", "purged"}}},
    filter("--owner", "Of whoever has this e-mail.", "ownerEmail"),
    filter("--owner-id", "Of whoever has this identifier.", "ownerId"),
    {.name = "--owner-type",
     .says = "Of such owners.",
     .goes = place::query,
     .to = "ownerType",
     .is = value_kind::choice,
     .words
     = {{"user", "user"}, {"place", "place"}, {"virtual-line", "virtualLine"}}},
    filter("--location", "Of people there.", "locationId"),
    filter("--region", "Kept in this region.", "storageRegion"),
  };
}

std::vector<operation> lists() {
  auto topic = filter("topic", "A part of the topic, as of a number.", "topic");
  topic.required = true;
  auto searched = filters();
  searched.insert(searched.begin(), std::move(topic));
  std::vector<parameter> own;
  for (const auto& one : filters())
    if (!one.name.starts_with("--owner"))
      own.push_back(one);
  return {
    {"recordings",
     "list",
     "Show recordings, the newest first, of 30 days at most.",
     "GET",
     all_path,
     filters(),
     recording_list,
     {},
     {.pages = true}},
    {"recordings",
     "search",
     "Show those with this topic.",
     "GET",
     all_path,
     std::move(searched),
     recording_list,
     {},
     {.pages = true}},
    {.group = "recordings",
     .verb = "own",
     .says = "Show one's own.",
     .method = "GET",
     .path = own_path,
     .takes = std::move(own),
     .shows = recording_list,
     .how = {.of_organisation = false, .pages = true}},
  };
}

/// Something done to those that are named, or to all of an owner.
operation on_many(std::string_view verb, std::string_view says,
                  std::string_view path, parameter all, std::string_view done) {
  return {.group = "recordings",
          .verb = verb,
          .says = says,
          .method = "POST",
          .path = path,
          .takes = {recordings(), std::move(all),
                    owner("Of whoever has this e-mail; with --all.")},
          .done = done,
          .how = {.of_organisation = false}};
}

operation hold(std::string_view verb, std::string_view says,
               std::string_view path, std::string_view done) {
  return {.group = "recordings",
          .verb = verb,
          .says = says,
          .method = "POST",
          .path = path,
          .takes = {named("recording", "recordingId")},
          .done = done};
}

std::vector<operation> changes() {
  auto purge = on_many(
    "purge", "Destroy the audio of those that were deleted.",
    "/v1/convergedRecordings/purge",
    all_of_them("All that the owner has deleted.", "/purgeAll"), "purged {}");
  purge.how.careful = "This destroys {} for good.";
  return {
    {.group = "recordings",
     .verb = "delete",
     .says = "Delete some; 'restore' brings them back.",
     .method = "DELETE",
     .path = one_path,
     .takes = {named("recording", "recordingId"),
               {.name = "--reason",
                .says = "Why; needed for those of others.",
                .to = "/reason"},
               {.name = "--comment", .says = "More of it.", .to = "/comment"}},
     .done = "deleted {}",
     .how = {.of_organisation = false}},
    on_many("delete-many", "Delete up to 100 at once, or all of an owner.",
            "/v1/convergedRecordings/softDelete",
            all_of_them("All that the owner has.", "/trashAll"), "deleted {}"),
    on_many("restore", "Bring back those that were deleted.",
            "/v1/convergedRecordings/restore",
            all_of_them("All that the owner has deleted.", "/restoreAll"),
            "restored {}"),
    std::move(purge),
    hold("hold", "Let nobody delete or move them (legal hold).",
         "/callfork/v1/recordings/{recordingId}/hold", "{} is under hold"),
    hold("release", "End the legal hold.",
         "/callfork/v1/recordings/{recordingId}/unhold",
         "{} is under hold no more"),
    {.group = "recordings",
     .verb = "reassign",
     .says = "Give recordings to another owner.",
     .method = "POST",
     .path = "/v1/convergedRecordings/reassign",
     .takes = {recordings(),
               {.name = "--to",
                .says = "The new owner's e-mail.",
                .to = "/reassignOwnerEmail",
                .required = true},
               owner("All of whoever has this e-mail, where none is named.")},
     .done = "reassigned {}",
     .how = {.of_organisation = false}},
  };
}

} // namespace

std::vector<operation> recording_operations() {
  auto made = lists();
  made.push_back({.group = "recordings",
                  .verb = "show",
                  .says = "Show one, with a link to its audio.",
                  .method = "GET",
                  .path = one_path,
                  .takes = {named("recording", "recordingId")},
                  .shows = recording_view,
                  .how = {.of_organisation = false}});
  made.push_back({.group = "recordings",
                  .verb = "story",
                  .says = "Show what happened in one.",
                  .method = "GET",
                  .path = "/v1/convergedRecordings/{recordingId}/metadata",
                  .takes = {named("recording", "recordingId")},
                  .shows = story_view,
                  .how = {.of_organisation = false}});
  for (auto& one : changes())
    made.push_back(std::move(one));
  return made;
}

} // namespace callfork::ctl
