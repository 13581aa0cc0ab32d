#include "control/dialog/state.hpp"

#include <algorithm>

namespace callfork::dialog {

namespace {

using found = expected<std::optional<party_id>, std::string>;

found by_label(const call_state& call, std::string_view label) {
  for (std::size_t i = 0; i < call.parties.size(); ++i)
    if (!call.parties[i].gone && call.parties[i].label == label)
      return std::optional{static_cast<party_id>(i)};
  return fault{"No monologue matching the given label"};
}

bool is_at(const party& who, const endpoint& address) {
  return std::any_of(
    who.media.begin(), who.media.end(), [&address](const media_side& side) {
      return side.remote_rtp && side.remote_rtp->same_address(address);
    });
}

found by_address(const call_state& call, std::string_view text) {
  const auto address = endpoint::parse(text, 0);
  if (!address)
    return fault{"Failed to parse network address"};
  for (std::size_t i = 0; i < call.parties.size(); ++i)
    if (!call.parties[i].gone && is_at(call.parties[i], *address))
      return std::optional{static_cast<party_id>(i)};
  return fault{"Failed to match address to any tag"};
}

/// What a blocking command switches, for the whole call or for one party.
struct gate {
  bool call_state::*of_call;
  bool party::*of_party;
  bool closes;
};

std::optional<gate> gate_of(ng::command what) {
  using enum ng::command;
  if (what == block_media || what == unblock_media)
    return gate{&call_state::blocked, &party::blocked, what == block_media};
  if (what == silence_media || what == unsilence_media)
    return gate{&call_state::silenced, &party::silenced, what == silence_media};
  if (what == block_digits || what == unblock_digits)
    return gate{&call_state::digits_blocked, &party::digits_blocked,
                what == block_digits};
  return std::nullopt;
}

/// The subscriber that the to-tag names: one flow of media is meant.
party* named_subscriber(call_state& call, const ng::request& what) {
  const auto who = find_tag(call, what.to_tag);
  if (!who || !call.parties[*who].subscriber)
    return nullptr;
  return &call.parties[*who];
}

/// What of the selected party, or of all, goes to one subscriber.
void withhold_flow(party& subscriber, const std::optional<party_id>& from,
                   bool closes) {
  for (auto& side : subscriber.media)
    if (!from || (side.source && side.source->first == *from))
      side.withheld = closes;
}

/// What of the selected party, or of all, goes to any subscriber.
void withhold(call_state& call, const std::optional<party_id>& from,
              bool closes) {
  for (std::size_t i = 0; i < call.parties.size(); ++i)
    if (!from || i == *from)
      call.parties[i].withheld = closes;
}

bool is_for_subscribers(const ng::request& what) {
  return what.flags.has("all-except-offer-answer")
         || what.flags.has("all-not-offer-answer")
         || what.flags.has("all-non-offer-answer");
}

} // namespace

expected<std::optional<party_id>, std::string>
select_party(const call_state& call, const ng::request& what) {
  const auto& label = what.label.empty() ? what.from_label : what.label;
  if (!label.empty())
    return by_label(call, label);
  if (!what.address.empty())
    return by_address(call, what.address);
  if (what.from_tag.empty())
    return std::optional<party_id>{};
  const auto tagged = find_tag(call, what.from_tag);
  if (!tagged)
    return fault{"From-tag given, but no such tag exists"};
  return tagged;
}

reply handle_gate(call_state& call, const ng::request& what) {
  const auto which = gate_of(what.command);
  if (!which)
    return fault{"Unrecognized command"};
  const auto& [of_call, of_party, closes] = *which;
  if (what.concerns_all()) {
    call.*of_call = closes;
    for (auto& each : call.parties) {
      each.*of_party = closes;
      each.withheld = each.withheld && closes;
    }
    return ok_reply();
  }
  const auto selected = select_party(call, what);
  if (!selected)
    return make_unexpected(selected.error());
  const bool is_of_media = of_party != &party::digits_blocked;
  if (is_for_subscribers(what) && is_of_media)
    withhold(call, *selected, closes);
  else if (auto* const only = named_subscriber(call, what);
           only != nullptr && is_of_media)
    withhold_flow(*only, *selected, closes);
  else if (*selected)
    call.parties[**selected].*of_party = closes;
  else
    call.*of_call = closes;
  return ok_reply();
}

} // namespace callfork::dialog
