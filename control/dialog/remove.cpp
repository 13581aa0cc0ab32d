#include "control/dialog/state.hpp"

#include <algorithm>

namespace callfork::dialog {

namespace {

reply not_found(const ng::request& what) {
  constexpr auto text = "Call-ID not found or tags didn't match";
  if (what.flags.has("fatal"))
    return fault{text};
  ng::dictionary out;
  out.set("warning", text);
  out.set("result", "ok");
  return out;
}

/// The partner that a branch's delete names, by tag or by via-branch.
std::optional<party_id> named_branch(const call_state& call, party_id from,
                                     const ng::request& what) {
  for (const auto& each : call.parties[from].subscriptions) {
    const auto& other = call.parties[each.of];
    if (each.kind != subscription_kind::offer_answer || other.gone)
      continue;
    if (!what.to_tag.empty()
          ? other.tag == what.to_tag
          : !what.via_branch.empty() && other.via_branch == what.via_branch)
      return each.of;
  }
  return std::nullopt;
}

/// How many parties would be left to talk to `from`.
bool has_other_branches(const call_state& call, party_id from,
                        party_id leaving) {
  const auto& ties = call.parties[from].subscriptions;
  return std::any_of(ties.begin(), ties.end(), [&](const subscription& s) {
    return s.of != leaving && s.kind == subscription_kind::offer_answer
           && !call.parties[s.of].gone;
  });
}

void end_call(call_state& call, const ng::request& what, instant now) {
  const auto delay = what.delete_delay.value_or(call.settings.delete_delay);
  call.ends_at = now.steady + delay;
}

void end_branch(call_state& call, party_id leaving) {
  auto& party = call.parties[leaving];
  party.gone = true;
  party.media.clear();
  party.subscriptions.clear();
  for (auto& each : call.parties)
    std::erase_if(each.subscriptions, [leaving](const subscription& s) {
      return s.of == leaving;
    });
}

} // namespace

reply handle_remove(call_state& call, const ng::request& what,
                    const resources& world, instant now) {
  if (what.from_tag.empty()) {
    end_call(call, what, now);
    return ok_reply();
  }
  const auto from = find_tag(call, what.from_tag);
  if (!from)
    return not_found(what);
  const auto branch = named_branch(call, *from, what);
  if (!what.to_tag.empty() && !branch)
    return not_found(what);
  auto out = describe_call(call, what, world);
  out.set("result", "ok");
  if (branch && has_other_branches(call, *from, *branch))
    end_branch(call, *branch);
  else
    end_call(call, what, now);
  return out;
}

} // namespace callfork::dialog
