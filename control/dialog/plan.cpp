#include "control/dialog/plan.hpp"

#include "control/dialog/state.hpp"

#include <algorithm>
#include <charconv>

namespace callfork::dialog {

namespace {

std::uint8_t read_number(std::string_view text) {
  std::uint8_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// Reads "opus/48000/2" and its payload type.
engine::payload_format format_of(const sdp::codec& from) {
  engine::payload_format out;
  out.type = read_number(from.type);
  out.encoding = from.name();
  std::string_view rest = from.encoding;
  rest.remove_prefix(std::min(out.encoding.size() + 1, rest.size()));
  const auto* const last = rest.data() + rest.size();
  const auto [stop, fault] = std::from_chars(rest.data(), last, out.clock);
  if (fault == std::errc{} && stop != last && *stop == '/')
    out.channels = std::max<std::uint8_t>(
      1, read_number({stop + 1, static_cast<std::size_t>(last - stop - 1)}));
  return out;
}

bool is_relayed(const media_side& side) {
  return side.sockets != nullptr && !side.refused
         && side.transport != sdp::transport::other;
}

/// After a fork without branches several parties answered on one leg: the last
/// one has it.
bool owns_leg(const call_state& call, party_id who, engine::leg_id leg) {
  const auto mine = call.parties[who].answered;
  return std::none_of(
    call.parties.begin(), call.parties.end(), [&](const party& other) {
      return !other.gone && other.answered > mine
             && std::any_of(other.media.begin(), other.media.end(),
                            [leg](const media_side& m) {
                              return m.leg == leg;
                            });
    });
}

void add_listener(std::vector<engine::leg_id>& out, const media_side& side) {
  if (is_relayed(side)
      && std::find(out.begin(), out.end(), side.leg) == out.end())
    out.push_back(side.leg);
}

std::vector<engine::leg_id> listeners_of(const call_state& call, party_id who,
                                         std::size_t index) {
  std::vector<engine::leg_id> out;
  const std::pair source{who, static_cast<std::uint16_t>(index)};
  for (const auto& each : call.parties) {
    if (each.gone || !is_subscribed(each, who))
      continue;
    if (!each.subscriber && index < each.media.size())
      add_listener(out, each.media[index]);
    if (each.subscriber)
      for (const auto& side : each.media)
        if (side.source == source)
          add_listener(out, side);
  }
  return out;
}

std::optional<endpoint> usable(const std::optional<endpoint>& remote) {
  if (!remote || remote->is_wildcard() || remote->port() == 0)
    return std::nullopt;
  return remote;
}

bool is_withheld(const call_state& call, const media_side& side) {
  return side.withheld
         || (side.source && call.parties[side.source->first].withheld);
}

void plan_ways(engine::leg_plan& out, const call_state& call, const party& of,
               const media_side& side) {
  out.receives = side.direction.sends && !of.subscriber;
  out.sends = side.direction.receives && !side.paused
              && !is_withheld(call, side);
}

engine::leg_plan plan_leg(const call_state& call, party_id who,
                          std::size_t index) {
  const auto& of = call.parties[who];
  const auto& side = of.media[index];
  engine::leg_plan out;
  out.id = side.leg;
  out.party = who;
  out.media = static_cast<std::uint16_t>(index);
  out.audio = side.kind == "audio" && side.transport == sdp::transport::rtp;
  out.sockets = side.sockets;
  if (side.described) {
    out.remote_rtp = usable(side.remote_rtp);
    out.remote_rtcp = side.mux.active ? out.remote_rtp
                                      : usable(side.remote_rtcp);
  }
  out.rtcp_mux = side.mux.active;
  out.source = call.settings.source;
  out.secure = sdp::is_secure(side.protocol);
  if (out.secure) {
    out.receive_key = side.sdes.receive_key;
    out.send_key = side.sdes.send_key;
  }
  plan_ways(out, call, of, side);
  out.blocked = call.blocked || of.blocked;
  out.silenced = call.silenced || of.silenced;
  out.digits_blocked = call.digits_blocked || of.digits_blocked;
  out.listeners = listeners_of(call, who, index);
  for (const auto& each : side.codecs)
    out.formats.push_back(format_of(each));
  return out;
}

std::optional<engine::leg_id>
first_audio_leg(const call_state& call, const std::optional<party_id>& who) {
  if (!who || call.parties[*who].gone)
    return std::nullopt;
  for (const auto& side : call.parties[*who].media)
    if (side.kind == "audio" && is_relayed(side)
        && side.transport == sdp::transport::rtp)
      return side.leg;
  return std::nullopt;
}

} // namespace

engine::media_plan plan_call(const call_state& call) {
  engine::media_plan out;
  for (std::size_t who = 0; who < call.parties.size(); ++who) {
    const auto& of = call.parties[who];
    const auto id = static_cast<party_id>(who);
    for (std::size_t i = 0; i < of.media.size(); ++i)
      if (!of.gone && is_relayed(of.media[i])
          && owns_leg(call, id, of.media[i].leg))
        out.legs.push_back(plan_leg(call, id, i));
  }
  return out;
}

audio_streams recorded_streams(const call_state& call) {
  return {first_audio_leg(call, call.caller),
          first_audio_leg(call, call.callee)};
}

expected<std::vector<engine::leg_id>, std::string>
find_play_targets(const call_state& call, const ng::request& what) {
  std::vector<engine::leg_id> out;
  auto add = [&](party_id who) {
    if (const auto leg = first_audio_leg(call, who))
      out.push_back(*leg);
  };
  const auto selected = select_party(call, what);
  if (!selected && !what.concerns_all())
    return make_unexpected(selected.error());
  if (what.concerns_all())
    for (std::size_t i = 0; i < call.parties.size(); ++i) {
      if (!call.parties[i].subscriber)
        add(static_cast<party_id>(i));
    }
  else if (*selected)
    add(**selected);
  else
    return make_unexpected(std::string{"No participant party specified"});
  return out;
}

} // namespace callfork::dialog
