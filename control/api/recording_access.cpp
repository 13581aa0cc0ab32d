#include "control/api/recording_access.hpp"

namespace callfork::api {

bool may_use(const context& in, const catalogue::recording& what, action use) {
  return what.organisation == in.organisation.id
         && may(in.who, use, in.organisation, what.owner, what.plan)
              == verdict::allowed;
}

expected<catalogue::catalogue*, refusal> vault_of(const context& in) {
  if (in.with.recordings == nullptr)
    return refuse(503, "This node does not serve recordings.");
  return in.with.recordings.get();
}

expected<catalogue::recording, refusal>
find_recording(const context& in, const std::string& id, action use) {
  const auto vault = vault_of(in);
  if (!vault)
    return make_unexpected(vault.error());
  auto found = (*vault)->get(id);
  if (!found || !may_use(in, *found, action::see_recording))
    return make_unexpected(refusal_for(catalogue::fault::unknown, id));
  if (!may_use(in, *found, use))
    return refuse(403, "You may not do this to recording '" + id + "'.");
  return *std::move(found);
}

refusal refusal_for(catalogue::fault why, const std::string& id) {
  switch (why) {
  case catalogue::fault::unknown:
    return {404, "There is no such recording: '" + id + "'.", {}};
  case catalogue::fault::held:
    return {409, "Recording '" + id + "' is under legal hold.", {}};
  case catalogue::fault::wrong_status:
    return {409, "The status of recording '" + id + "' does not allow it.", {}};
  case catalogue::fault::unreadable:
    return {500, "Recording '" + id + "' cannot be read.", {}};
  }
  return {500, "Recording '" + id + "' cannot be read.", {}};
}

} // namespace callfork::api
