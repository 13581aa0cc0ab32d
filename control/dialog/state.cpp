#include "control/dialog/state.hpp"

#include <algorithm>

namespace callfork::dialog {

namespace {

/// How many ports a side may hold for the places its peer has been at.
constexpr std::size_t most_leases = 8;

bool serves(const port_lease& lease, const endpoint& peer, bool latching) {
  if (!lease.peer || latching || *lease.peer == peer)
    return true;
  const auto on_hold = lease.peer->is_wildcard() || peer.is_wildcard();
  return on_hold && lease.peer->port() == peer.port();
}

port_lease* find_lease(media_side& side, const std::optional<endpoint>& peer,
                       const ng::request& what) {
  const auto latching = what.flags.has("port-latching");
  port_lease* found = nullptr;
  for (auto& lease : side.leases) {
    if (lease.interface != side.interface
        || lease.sockets->local().family() != side.family)
      continue;
    if (!peer || serves(lease, *peer, latching))
      found = &lease;
    if (found != nullptr && peer && lease.peer == peer)
      break;
  }
  return found;
}

/// The first interface that has the family, or the first one at all.
std::optional<interface_address> default_interface(const resources& world,
                                                   enum family wanted) {
  const auto& all = world.interfaces();
  const auto at = std::find_if(all.begin(), all.end(),
                               [wanted](const interface_address& i) {
                                 return i.family == wanted;
                               });
  if (at != all.end())
    return *at;
  return all.empty() ? std::nullopt : std::optional{all[0]};
}

bool has_interface(const resources& world, std::string_view name,
                   enum family wanted) {
  const auto& all = world.interfaces();
  return std::any_of(all.begin(), all.end(), [&](const interface_address& i) {
    return i.name == name && i.family == wanted;
  });
}

} // namespace

ng::dictionary ok_reply() {
  ng::dictionary out;
  out.set("result", "ok");
  return out;
}

std::optional<party_id> find_tag(const call_state& call, std::string_view tag) {
  if (tag.empty())
    return std::nullopt;
  for (std::size_t i = 0; i < call.parties.size(); ++i)
    if (!call.parties[i].gone && call.parties[i].tag == tag)
      return static_cast<party_id>(i);
  return std::nullopt;
}

party_id add_party(call_state& call, std::string_view tag, instant now) {
  party added;
  added.tag = tag;
  added.created = now.wall;
  call.parties.push_back(std::move(added));
  return static_cast<party_id>(call.parties.size() - 1);
}

media_side& side_of(call_state& call, party_id who, std::size_t index) {
  auto& media = call.parties[who].media;
  while (media.size() <= index) {
    media_side added;
    added.leg = call.next_leg++;
    added.label = call.next_label++;
    media.push_back(std::move(added));
  }
  return media[index];
}

bool is_subscribed(const party& who, party_id of) {
  return std::any_of(who.subscriptions.begin(), who.subscriptions.end(),
                     [of](const subscription& s) {
                       return s.of == of;
                     });
}

void associate(call_state& call, party_id left, party_id right) {
  for (auto& each : call.parties)
    std::erase_if(each.subscriptions, [&](const subscription& s) {
      return s.kind == subscription_kind::offer_answer
             && (s.of == left || s.of == right);
    });
  auto subscribe = [&call](party_id listener, party_id speaker) {
    auto& list = call.parties[listener].subscriptions;
    list.insert(list.begin(), {speaker, subscription_kind::offer_answer});
  };
  subscribe(left, right);
  subscribe(right, left);
}

void choose_interface(media_side& side, const std::vector<std::string>& names,
                      std::size_t index, const resources& world) {
  if (index < names.size() && has_interface(world, names[index], side.family))
    side.interface = names[index];
  else if (side.interface.empty()
           || !has_interface(world, side.interface, side.family)) {
    const auto found = default_interface(world, side.family);
    if (!found)
      return;
    side.interface = found->name;
    side.family = found->family;
  }
}

expected<void, std::string>
choose_ports(media_side& side, const std::optional<endpoint>& peer,
             const ng::request& what, resources& world) {
  if (auto* known = find_lease(side, peer, what)) {
    if (peer)
      known->peer = peer;
    side.sockets = known->sockets;
    return {};
  }
  auto leased = world.lease(side.interface, side.family);
  if (!leased)
    return fault{std::move(leased.error())};
  if (side.leases.size() == most_leases)
    side.leases.erase(side.leases.begin());
  side.leases.push_back({peer, side.interface, *leased});
  side.sockets = *leased;
  return {};
}

} // namespace callfork::dialog
