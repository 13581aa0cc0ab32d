#include "control/api/operation.hpp"
#include "control/api/paging.hpp"
#include "control/api/recording_access.hpp"
#include "control/api/recording_json.hpp"
#include "control/api/times.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::hours longest_interval{24 * 30};
constexpr std::size_t usual_recordings = 10;
constexpr std::size_t usual_batch = 100; ///< Asked of the catalogue at once.

/// A list's filters: those of the catalogue, and those that it does not
/// have.
struct filter {
  catalogue::wish wish;
  std::optional<admin::person_kind> owner_type;
  bool nothing = false; ///< Asked for what there never is.
};

template <class T, std::size_t N>
expected<std::optional<T>, refusal>
read_word(const request& asked, const std::string& name,
          const std::array<named<T>, N>& words) {
  const auto written = query_of(asked, name);
  if (!written)
    return std::optional<T>{};
  for (const auto& [known, meant] : words)
    if (*written == known)
      return std::optional<T>{meant};
  return refuse(400, "Invalid request: " + name
                       + " is none of the values that there are.");
}

expected<std::optional<wall_time>, refusal>
read_moment(const request& asked, const std::string& name) {
  const auto written = query_of(asked, name);
  if (!written)
    return std::optional<wall_time>{};
  const auto when = read_time(*written);
  if (!when)
    return refuse(400, "Invalid request: " + name + " is not ISO 8601.");
  return when;
}

/// 30 days at most; where an end is not named, 30 days to the other or to now.
expected<void, refusal> read_interval(const context& in, const request& asked,
                                      catalogue::wish& to) {
  const auto from = read_moment(asked, "from");
  const auto until = read_moment(asked, "to");
  if (!from || !until)
    return make_unexpected(from ? until.error() : from.error());
  const auto begins = *from ? **from
                            : (*until ? **until : in.now) - longest_interval;
  const auto ends = *until ? **until
                           : (*from ? **from + longest_interval : in.now);
  if (begins > ends)
    return refuse(400, "Invalid request: from is after to.");
  if (ends - begins > longest_interval)
    return refuse(400, "Invalid request: from and to are more than 30 days "
                       "apart.");
  to.from = begins;
  to.to = ends;
  return {};
}

/// Only "MP3" and "calling" exist here.
expected<bool, refusal> read_kinds(const request& asked) {
  constexpr std::array<named<bool>, 1> formats{{{"MP3", true}}};
  constexpr std::array<named<bool>, 2> services{
    {{"calling", true}, {"customerAssist", false}}};
  const auto format = read_word(asked, "format", formats);
  if (!format)
    return make_unexpected(format.error());
  const auto service = read_word(asked, "serviceType", services);
  if (!service)
    return make_unexpected(service.error());
  return service->value_or(true);
}

expected<filter, refusal> read_filter(const context& in, const request& asked) {
  filter made;
  made.wish.organisation = in.organisation.id;
  made.wish.location = query_of(asked, "locationId").value_or("");
  made.wish.topic = query_of(asked, "topic").value_or("");
  if (const auto read = read_interval(in, asked, made.wish); !read)
    return make_unexpected(read.error());
  const auto status = read_word(asked, "status", words::recording_status);
  if (!status)
    return make_unexpected(status.error());
  made.wish.status = status->value_or(catalogue::status::available);
  const auto kinds = read_kinds(asked);
  if (!kinds)
    return make_unexpected(kinds.error());
  made.nothing = !*kinds;
  if (query_of(asked, "ownerType") == "callQueue") {
    made.nothing = true;
    return made;
  }
  const auto type = read_word(asked, "ownerType", words::owner_type);
  if (!type)
    return make_unexpected(type.error());
  made.owner_type = *type;
  return made;
}

/// Whether a recording is in the list that is asked for.
bool is_listed(const context& in, const request& asked, const filter& by,
               const admin::book& book, const catalogue::recording& one) {
  const auto region = query_of(asked, "storageRegion");
  if (region && one.storage_region != *region)
    return false;
  if (by.owner_type) {
    const auto* owner = book.find_person(one.owner);
    if ((owner ? owner->kind : admin::person_kind::people) != *by.owner_type)
      return false;
  }
  return may_use(in, one, action::see_recording);
}

/// One page. What is not listed is skipped: the next page begins where the
/// catalogue was left.
result list_page(const context& in, const request& asked, filter by) {
  const auto vault = vault_of(in);
  if (!vault)
    return make_unexpected(vault.error());
  const auto shown = read_page(asked, usual_recordings);
  if (!shown)
    return make_unexpected(shown.error());
  by.wish.skip = shown->start;
  by.wish.limit = std::max(shown->max, usual_batch);
  auto items = json::array();
  bool more = !by.nothing;
  while (more && items.size() < shown->max) {
    const auto found = (*vault)->find(by.wish);
    more = found.size() == by.wish.limit;
    in.with.book->read([&](const admin::book& book) {
      for (const auto& one : found) {
        if (items.size() == shown->max) {
          more = true;
          return;
        }
        ++by.wish.skip;
        if (is_listed(in, asked, by, book, one))
          items.push_back(recording_json(book, one));
      }
    });
  }
  auto made = document(json{{"items", std::move(items)}});
  // The page that `add_next` names begins where this one ended.
  if (more)
    add_next(made, asked, page{by.wish.skip - shown->max, shown->max},
             in.base_url);
  return made;
}

result list_own(const context& in, const request& asked) {
  auto by = read_filter(in, asked);
  if (!by)
    return make_unexpected(by.error());
  if (by->wish.status == catalogue::status::purged)
    return refuse(400, "Invalid request: status is none of the values that "
                       "there are.");
  by->wish.owner = in.who.id;
  return list_page(in, asked, *std::move(by));
}

result list_all(const context& in, const request& asked) {
  auto by = read_filter(in, asked);
  if (!by)
    return make_unexpected(by.error());
  by->wish.owner = query_of(asked, "ownerId").value_or("");
  if (const auto email = query_of(asked, "ownerEmail")) {
    const auto owner = in.with.book->read([&](const admin::book& book) {
      const auto* found = book.person_by_email(*email);
      return found ? found->id : admin::identifier{};
    });
    by->nothing |= owner.empty()
                   || (!by->wish.owner.empty() && by->wish.owner != owner);
    by->wish.owner = owner;
  }
  return list_page(in, asked, *std::move(by));
}

result see_recording(const context& in, const request& asked) {
  const auto found = find_recording(in, asked.parameters.at("recordingId"),
                                    action::see_recording);
  if (!found)
    return make_unexpected(found.error());
  auto made = in.with.book->read([&](const admin::book& book) {
    return recording_json(book, *found);
  });
  if (found->status == catalogue::status::available
      && may_use(in, *found, action::play_recording)) {
    const auto expires = std::chrono::floor<std::chrono::seconds>(in.now)
                         + download_links::lifetime;
    made["temporaryDirectDownloadLinks"] = {
      {"audioDownloadLink",
       in.base_url + "/callfork/v1/recordings/" + found->id + "/audio?"
         + in.with.links->query_for(found->id, "mp3", expires)},
      {"expiration", to_text(expires)},
    };
  }
  return document(made);
}

std::string name_of(const admin::person& who) {
  const bool both = !who.first_name.empty() && !who.last_name.empty();
  return who.first_name + (both ? " " : "") + who.last_name;
}

result see_metadata(const context& in, const request& asked) {
  const auto all = read_flag(asked, "showAllTypes");
  if (!all)
    return make_unexpected(all.error());
  const auto found = find_recording(in, asked.parameters.at("recordingId"),
                                    action::see_recording);
  if (!found)
    return make_unexpected(found.error());
  if (found->metadata.empty())
    return done();
  auto told = json::parse(found->metadata, nullptr, false);
  if (!told.is_object())
    return document(found->metadata);
  in.with.book->read([&](const admin::book& book) {
    const auto* owner = book.find_person(found->owner);
    if (owner == nullptr)
      return;
    told["ownerName"] = name_of(*owner);
    told["ownerEmail"] = owner->email;
  });
  return document(told);
}

} // namespace

std::vector<operation> recording_operations() {
  return {
    {"GET", "/v1/convergedRecordings", std::nullopt, "", list_own},
    {"GET", "/v1/admin/convergedRecordings", action::see_recording, "",
     list_all},
    {"GET", "/v1/convergedRecordings/<recordingId>", std::nullopt,
     "recording.see", see_recording},
    {"GET", "/v1/convergedRecordings/<recordingId>/metadata", std::nullopt,
     "recording.see", see_metadata},
  };
}

} // namespace callfork::api
