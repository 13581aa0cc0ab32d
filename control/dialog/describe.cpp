#include "control/dialog/state.hpp"

#include <algorithm>

namespace callfork::dialog {

namespace {

std::int64_t seconds(wall_time when) {
  return std::chrono::duration_cast<std::chrono::seconds>(
           when.time_since_epoch())
    .count();
}

ng::dictionary describe_endpoint(const std::optional<endpoint>& told) {
  ng::dictionary out;
  if (!told)
    return out;
  const auto& where = *told;
  out.set("family", where.family() == family::ipv6 ? "IPv6" : "IPv4");
  out.set("address", where.address());
  out.set("port", std::int64_t{where.port()});
  return out;
}

ng::dictionary describe_figures(const socket_figures& figures) {
  ng::dictionary out;
  out.set("packets", static_cast<std::int64_t>(figures.packets));
  out.set("bytes", static_cast<std::int64_t>(figures.bytes));
  out.set("errors", static_cast<std::int64_t>(figures.errors));
  return out;
}

ng::list describe_roles(const media_side& side, bool rtcp) {
  ng::list out;
  if (!rtcp)
    out.emplace_back("RTP");
  if (rtcp || side.mux.active)
    out.emplace_back("RTCP");
  if (rtcp && side.mux.active)
    out.emplace_back("fallback RTCP");
  if (side.described)
    out.emplace_back("filled");
  return out;
}

ng::dictionary describe_stream(const media_side& side, const party& of,
                               bool rtcp, const leg_figures& figures) {
  const auto local = side.sockets->local();
  const auto port = static_cast<std::uint16_t>(local.port() + (rtcp ? 1 : 0));
  const auto& counted = rtcp ? figures.rtcp : figures.rtp;
  const auto told = rtcp ? side.remote_rtcp : side.remote_rtp;
  ng::dictionary out;
  out.set("local port", std::int64_t{port});
  out.set("local address", local.address());
  out.set("family", local.family() == family::ipv6 ? "IPv6" : "IPv4");
  const auto here = !rtcp && figures.learned_rtp ? figures.learned_rtp : told;
  out.set("endpoint", describe_endpoint(here));
  out.set("advertised endpoint", describe_endpoint(told));
  const auto& key = side.sdes.receive_key ? side.sdes.receive_key
                                          : side.sdes.send_key;
  if (key)
    out.set("crypto suite", srtp::to_string(key->suite));
  out.set("last packet", seconds(counted.last_packet.value_or(of.created)));
  out.set("flags", describe_roles(side, rtcp));
  if (!rtcp && !figures.sources.empty())
    out.set("SSRC", std::int64_t{figures.sources.back().ssrc});
  out.set("stats", describe_figures(counted));
  return out;
}

ng::list describe_flags(const media_side& side) {
  ng::list out;
  if (side.described)
    out.emplace_back("initialized");
  if (side.hears)
    out.emplace_back("send");
  if (side.sends)
    out.emplace_back("recv");
  if (side.mux.active || (side.mux.offered && !side.agreed.empty()))
    out.emplace_back("rtcp-mux");
  if (side.sdes.receive_key || !side.sdes.ours.empty())
    out.emplace_back("SDES");
  if (side.controlling)
    out.emplace_back("ICE controlling");
  return out;
}

void add(socket_figures& sum, const socket_figures& more) {
  sum.packets += more.packets;
  sum.bytes += more.bytes;
  sum.errors += more.errors;
}

/// Collects what all described parties have in common.
struct totals {
  socket_figures rtp;
  socket_figures rtcp;
  ng::dictionary sources;
};

void add_sources(totals& sum, const leg_figures& figures) {
  for (const auto& each : figures.sources) {
    ng::dictionary one;
    one.set("packets", static_cast<std::int64_t>(each.packets));
    one.set("bytes", static_cast<std::int64_t>(each.bytes));
    sum.sources.set(std::to_string(each.ssrc), std::move(one));
  }
}

ng::dictionary describe_media(const party& of, std::size_t index,
                              const resources& world, totals& sum) {
  const auto& side = of.media[index];
  const auto figures = world.figures(side.leg);
  add(sum.rtp, figures.rtp);
  add(sum.rtcp, figures.rtcp);
  add_sources(sum, figures);
  ng::dictionary out;
  out.set("index", static_cast<std::int64_t>(index + 1));
  out.set("type", side.kind);
  out.set("protocol", side.protocol);
  ng::list streams;
  if (side.sockets != nullptr) {
    streams.emplace_back(describe_stream(side, of, false, figures));
    streams.emplace_back(describe_stream(side, of, true, figures));
  }
  out.set("streams", std::move(streams));
  out.set("flags", describe_flags(side));
  return out;
}

ng::dictionary describe_tie(const party& with, subscription_kind kind) {
  ng::dictionary out;
  out.set("tag", with.tag);
  out.set("type",
          kind == subscription_kind::pub_sub ? "pub/sub" : "offer/answer");
  return out;
}

ng::dictionary describe_party(const call_state& call, party_id who,
                              const resources& world, totals& sum) {
  const auto& of = call.parties[who];
  ng::dictionary out;
  out.set("tag", of.tag);
  if (!of.via_branch.empty())
    out.set("via-branch", of.via_branch);
  if (!of.label.empty())
    out.set("label", of.label);
  out.set("created", seconds(of.created));
  ng::list hears;
  for (const auto& each : of.subscriptions)
    hears.emplace_back(describe_tie(call.parties[each.of], each.kind));
  ng::list heard_by;
  for (const auto& each : call.parties)
    for (const auto& tie : each.subscriptions)
      if (!each.gone && tie.of == who)
        heard_by.emplace_back(describe_tie(each, tie.kind));
  out.set("subscriptions", std::move(hears));
  out.set("subscribers", std::move(heard_by));
  ng::list media;
  for (std::size_t i = 0; i < of.media.size(); ++i)
    media.emplace_back(describe_media(of, i, world, sum));
  out.set("medias", std::move(media));
  return out;
}

/// Whom a query is about: everybody, or one party and whom it hears.
std::vector<party_id> concerned(const call_state& call,
                                const ng::request& what) {
  std::vector<party_id> out;
  const auto& tag = what.to_tag.empty() ? what.from_tag : what.to_tag;
  if (!tag.empty()) {
    const auto who = find_tag(call, tag);
    if (!who)
      return out;
    out.push_back(*who);
    for (const auto& each : call.parties[*who].subscriptions)
      out.push_back(each.of);
    return out;
  }
  for (std::size_t i = 0; i < call.parties.size(); ++i)
    if (!call.parties[i].gone)
      out.push_back(static_cast<party_id>(i));
  return out;
}

} // namespace

ng::dictionary describe_call(const call_state& call, const ng::request& what,
                             const resources& world) {
  totals sum;
  ng::dictionary tags;
  auto untagged = 0;
  for (const auto who : concerned(call, what)) {
    auto key = call.parties[who].tag;
    if (key.empty())
      key = "<untagged " + std::to_string(++untagged) + ">";
    tags.set(key, describe_party(call, who, world, sum));
  }
  const auto since = call.created.wall.time_since_epoch();
  const auto micros
    = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  ng::dictionary totals_of;
  totals_of.set("RTP", describe_figures(sum.rtp));
  totals_of.set("RTCP", describe_figures(sum.rtcp));
  ng::dictionary out;
  out.set("created", seconds(call.created.wall));
  out.set("created_us", std::int64_t{micros % 1'000'000});
  out.set("last signal", seconds(call.last_signal));
  out.set("SSRC", std::move(sum.sources));
  out.set("tags", std::move(tags));
  out.set("totals", std::move(totals_of));
  return out;
}

} // namespace callfork::dialog
