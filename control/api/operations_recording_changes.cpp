#include "control/api/fields.hpp"
#include "control/api/operation.hpp"
#include "control/api/recording_access.hpp"

#include <algorithm>

namespace callfork::api {

namespace {

constexpr std::size_t most_ids = 100;
constexpr std::size_t batch = 1000;

/// Which recordings a request means: all of an owner, or those that it names.
struct selection {
  bool all = false;
  std::optional<std::string> owner_email;
  std::optional<std::string> owner_id;
  std::vector<std::string> ids;
  std::string new_owner; ///< E-mail; of a reassignment.
};

using one_act = expected<void, catalogue::fault> (*)(catalogue::catalogue&,
                                                     const std::string&,
                                                     wall_time);

/// What is done to recordings.
struct way {
  action use;
  std::optional<catalogue::status> needs;
  std::string_view what; ///< As the audit log calls it, of each recording.
  std::string_view all;  ///< The field that asks for all of an owner.
  one_act act;
};

selection read_selection(fields& body, std::string_view all) {
  selection made;
  made.all = body.flag(all).value_or(false);
  made.owner_email = body.text("ownerEmail");
  made.ids = body.texts("recordingIds", most_ids).value_or(made.ids);
  if (made.all && !made.ids.empty())
    body.wrong("recordingIds", "cannot be with " + std::string{all});
  if (!made.all && made.ids.empty())
    body.wrong("recordingIds", "is missing");
  return made;
}

/// An owner by e-mail or identifier, the caller where neither is named. Others
/// than the caller only for those who administer recordings.
expected<admin::identifier, refusal>
owner_of(const context& in, const selection& from, action use) {
  return in.with.book->read(
    [&](const admin::book& book) -> expected<admin::identifier, refusal> {
      auto owner = from.owner_id.value_or(in.who.id);
      if (from.owner_email) {
        const auto* found = book.person_by_email(*from.owner_email);
        if (!found || found->organisation != in.organisation.id)
          return refuse(404, "Nobody has the e-mail of ownerEmail.");
        owner = found->id;
      }
      if (owner.empty())
        return refuse(400, "Invalid request: ownerEmail is missing.");
      if (!is_allowed(in, use, owner))
        return refuse(403, "You may not name another owner.");
      return owner;
    });
}

/// All recordings of an owner with this status that the caller may change.
std::vector<catalogue::recording> all_of(const context& in,
                                         const catalogue::catalogue& vault,
                                         catalogue::wish what, action use) {
  std::vector<catalogue::recording> made;
  what.organisation = in.organisation.id;
  what.limit = batch;
  for (bool more = true; more; what.skip += batch) {
    auto found = vault.find(what);
    more = found.size() == batch;
    for (auto& one : found)
      if (may_use(in, one, use))
        made.push_back(std::move(one));
  }
  return made;
}

/// Those that a request means. One that is named and is not the caller's to
/// change refuses all; of all of an owner, those under hold are left out.
expected<std::vector<catalogue::recording>, refusal>
select(const context& in, catalogue::catalogue& vault, const selection& from,
       const way& how) {
  std::vector<catalogue::recording> made;
  if (from.all) {
    const auto owner = owner_of(in, from, how.use);
    if (!owner)
      return make_unexpected(owner.error());
    catalogue::wish what;
    what.owner = *owner;
    what.status = how.needs;
    made = all_of(in, vault, what, how.use);
    std::erase_if(made, [](const auto& one) {
      return one.held;
    });
    return made;
  }
  for (const auto& id : from.ids) {
    auto found = find_recording(in, id, how.use);
    if (!found)
      return make_unexpected(found.error());
    if (how.needs && found->status != *how.needs)
      return make_unexpected(refusal_for(catalogue::fault::wrong_status, id));
    made.push_back(*std::move(found));
  }
  return made;
}

/// Reads a selection, and does it to each.
result act_on(const context& in, const request& asked, const way& how) {
  const auto vault = vault_of(in);
  if (!vault)
    return make_unexpected(vault.error());
  const auto meant = read_body(asked, [&](fields& body) {
    return read_selection(body, how.all);
  });
  if (!meant)
    return make_unexpected(meant.error());
  const auto chosen = select(in, **vault, *meant, how);
  if (!chosen)
    return make_unexpected(chosen.error());
  for (const auto& one : *chosen) {
    if (const auto acted = how.act(**vault, one.id, in.now); !acted)
      return make_unexpected(refusal_for(acted.error(), one.id));
    const auto noted = note(in, how.what, "recording/" + one.id,
                            api::outcome::done);
    if (!noted)
      return make_unexpected(noted.error());
  }
  return done();
}

result soft_delete(const context& in, const request& asked) {
  return act_on(in, asked,
                {action::delete_recording, catalogue::status::available,
                 "recording.delete", "trashAll",
                 [](auto& vault, const auto& id, wall_time now) {
                   return vault.soft_delete(id, now);
                 }});
}

result restore(const context& in, const request& asked) {
  return act_on(in, asked,
                {action::restore_recording, catalogue::status::deleted,
                 "recording.restore", "restoreAll",
                 [](auto& vault, const auto& id, wall_time) {
                   return vault.restore(id);
                 }});
}

result purge(const context& in, const request& asked) {
  return act_on(in, asked,
                {action::purge_recording, catalogue::status::deleted,
                 "recording.purge", "purgeAll",
                 [](auto& vault, const auto& id, wall_time now) {
                   return vault.purge(id, now);
                 }});
}

/// Deletes softly. Whoever deletes what others own says why.
result delete_recording(const context& in, const request& asked) {
  struct reasons {
    std::optional<std::string> reason;
    std::optional<std::string> comment;
  };
  const auto why = read_body(asked, [](fields& body) {
    return reasons{body.text("reason"), body.text("comment", 1024)};
  });
  if (!why)
    return make_unexpected(why.error());
  const auto& id = asked.parameters.at("recordingId");
  const auto found = find_recording(in, id, action::delete_recording);
  if (!found)
    return make_unexpected(found.error());
  if (found->owner != in.who.id && !why->reason)
    return refuse(400, "Invalid request: reason is missing: it is somebody "
                       "else's recording.");
  const auto acted = (*vault_of(in))->soft_delete(id, in.now);
  if (!acted)
    return make_unexpected(refusal_for(acted.error(), id));
  return done();
}

selection read_reassignment(fields& body) {
  selection made;
  made.new_owner = body.required_text("reassignOwnerEmail");
  made.owner_email = body.text("ownerEmail");
  made.owner_id = body.text("ownerID");
  made.ids = body.texts("recordingIds", most_ids).value_or(made.ids);
  made.all = made.ids.empty();
  if (made.all && !made.owner_email && !made.owner_id)
    body.wrong("recordingIds", "is missing, and so is ownerEmail");
  return made;
}

result reassign(const context& in, const request& asked) {
  const auto vault = vault_of(in);
  if (!vault)
    return make_unexpected(vault.error());
  const auto meant = read_body(asked, read_reassignment);
  if (!meant)
    return make_unexpected(meant.error());
  const auto to = owner_of(in, {true, meant->new_owner, {}, {}, {}},
                           action::reassign_recording);
  if (!to)
    return make_unexpected(to.error());
  const auto chosen = select(in, **vault, *meant,
                             {action::reassign_recording, {}, {}, {}, nullptr});
  if (!chosen)
    return make_unexpected(chosen.error());
  for (const auto& one : *chosen) {
    if (const auto acted = (*vault)->reassign(one.id, *to); !acted)
      return make_unexpected(refusal_for(acted.error(), one.id));
    const auto noted = note(in, "recording.reassign", "recording/" + one.id,
                            api::outcome::done);
    if (!noted)
      return make_unexpected(noted.error());
  }
  return done();
}

} // namespace

std::vector<operation> recording_change_operations() {
  return {
    {"DELETE", "/v1/convergedRecordings/<recordingId>", std::nullopt,
     "recording.delete", delete_recording},
    {"POST", "/v1/convergedRecordings/reassign", action::reassign_recording,
     "recording.reassign", reassign},
    {"POST", "/v1/convergedRecordings/softDelete", std::nullopt,
     "recording.delete", soft_delete},
    {"POST", "/v1/convergedRecordings/restore", std::nullopt,
     "recording.restore", restore},
    {"POST", "/v1/convergedRecordings/purge", std::nullopt, "recording.purge",
     purge},
  };
}

} // namespace callfork::api
