#include "control/api/perform.hpp"

#include "control/api/paging.hpp"
#include "media/base/uuid.hpp"

namespace callfork::api {

namespace {

/// The organisation that `orgId` names, the caller's own where it names none.
expected<admin::organisation, refusal> organisation_for(const services& with,
                                                        const caller& who,
                                                        const request& asked) {
  const auto id = query_of(asked, "orgId").value_or(who.organisation);
  auto found = with.book->read([&](const admin::book& book) {
    const auto* one = book.find_organisation(id);
    return one ? std::optional{*one} : std::nullopt;
  });
  if (!found
      || may(who, action::see_organisation, *found, {}) == verdict::hidden)
    return refuse(404, "There is no such organization.");
  return *std::move(found);
}

result attempt(const operation& what, context& in, const request& asked) {
  if (in.with.book == nullptr)
    return refuse(503, "This node keeps nothing that administrators decide.");
  const auto by_link = what.about == scope::link
                       && asked.query.contains("signature");
  if (by_link || what.about == scope::everything)
    return what.answer(in, asked);
  auto organisation = organisation_for(in.with, in.who, asked);
  if (!organisation)
    return make_unexpected(organisation.error());
  in.organisation = *std::move(organisation);
  if (what.needs && !is_allowed(in, *what.needs, {}))
    return refuse(403, "You may not do this.");
  return what.answer(in, asked);
}

/// As in "person/4711"; what names nothing is about the organisation.
std::string target_of(const context& in, const request& asked) {
  std::string made;
  for (const auto& [name, value] : asked.parameters)
    made += (made.empty() ? "" : " ") + name.substr(0, name.rfind("Id")) + "/"
            + value;
  return made.empty() ? "organization/" + in.organisation.id : made;
}

api::outcome outcome_of(const result& what) {
  if (what)
    return api::outcome::done;
  return what.error().status < 500 ? api::outcome::refused
                                   : api::outcome::failed;
}

} // namespace

reply perform(const operation& what, const services& with, const caller& who,
              const request& asked, const occasion& at) {
  touched changed;
  context in{
    with,        who,    {}, at.now, "CALLFORK_" + to_string(random_uuid()),
    at.base_url, changed};
  auto made = attempt(what, in, asked);
  if (!what.what.empty())
    if (const auto noted = note(in, what.what, target_of(in, asked),
                                outcome_of(made));
        !noted)
      made = make_unexpected(noted.error());
  if (!made)
    return tell(made.error(), in.tracking_id);
  made->headers.emplace_back("trackingId", in.tracking_id);
  return *std::move(made);
}

std::vector<operation> all_operations() {
  std::vector<operation> made;
  for (const auto theme :
       {settings_operations, person_operations, vendor_operations,
        job_operations, call_operations, recording_operations,
        recording_change_operations, own_organisation_operations,
        own_people_operations, own_provider_operations,
        own_recording_operations, own_node_operations})
    for (auto& one : theme())
      made.push_back(std::move(one));
  return made;
}

} // namespace callfork::api
