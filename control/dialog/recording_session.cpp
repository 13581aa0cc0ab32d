#include "control/dialog/state.hpp"

#include <algorithm>
#include <array>

namespace callfork::dialog {

namespace {

/// Caller and callee are there even when one stream holds both.
constexpr std::size_t fewest_parties = 2;

std::string tag_of(std::size_t index) {
  return "stream-" + std::to_string(index + 1);
}

party_id party_at(call_state& call, std::size_t index, instant now) {
  while (call.parties.size() <= index)
    (void)add_party(call, tag_of(call.parties.size()), now);
  return static_cast<party_id>(index);
}

/// The first m-line that can be taken and is not `other`; nothing if there is
/// none.
std::optional<party_id> next_usable(const siprec::client_offer& offer,
                                    const std::optional<party_id>& other) {
  for (std::size_t i = 0; i < offer.streams.size(); ++i)
    if (offer.streams[i].is_usable() && other != static_cast<party_id>(i))
      return static_cast<party_id>(i);
  return std::nullopt;
}

bool is_usable(const siprec::client_offer& offer,
               const std::optional<party_id>& line) {
  return line && *line < offer.streams.size()
         && offer.streams[*line].is_usable();
}

/// Who is recorded as whom stays so while its m-line is there.
void choose_recorded(call_state& call, const siprec::client_offer& offer) {
  if (!is_usable(offer, call.caller))
    if (const auto next = next_usable(offer, call.callee); next || !call.caller)
      call.caller = next.value_or(party_id{0});
  if (!is_usable(offer, call.callee) || call.callee == call.caller)
    if (const auto next = next_usable(offer, call.caller); next || !call.callee)
      call.callee = next.value_or(call.caller == party_id{0} ? party_id{1}
                                                             : party_id{0});
}

/// Takes over what the offer says of one m-line.
expected<void, std::string>
take_stream(media_side& side, const siprec::client_stream& from,
            const sdp::section& of, const ng::request& what, resources& world) {
  side.kind = of.media;
  side.protocol = of.protocol;
  side.transport = sdp::transport_of(of.protocol);
  if (side.refused) {
    side.sockets = nullptr;
    side.leases.clear();
    return {};
  }
  side.family = from.rtp ? from.rtp->family() : family::ipv4;
  side.family_known = true;
  choose_interface(side, what.direction, 0, world);
  if (side.sockets == nullptr)
    if (auto done = choose_ports(side, from.rtp, what, world); !done)
      return done;
  side.described = true;
  side.remote_rtp = from.rtp;
  side.remote_rtcp = from.rtcp;
  side.mux.active = from.rtcp_mux;
  side.direction = {from.sends, false};
  side.codecs = of.codecs;
  return {};
}

std::optional<endpoint> local_of(const media_side& side) {
  if (side.refused || side.sockets == nullptr)
    return std::nullopt;
  return side.sockets->advertised();
}

siprec::server_sdp new_recorder(resources& world) {
  std::array<std::byte, 8> random{};
  world.random(random);
  const auto high = std::uint64_t{read_u32(random, 0)} << 32U;
  return siprec::server_sdp{(high | read_u32(random, 4)) >> 1U};
}

} // namespace

reply handle_record_session(call_state& call, const ng::request& what,
                            resources& world, instant now) {
  if (!call.recorder && !call.parties.empty())
    return fault{"The call belongs to a proxy"};
  call.last_signal = now.wall;
  if (call.recorder && what.sdp.empty())
    return ok_reply();
  const auto offer = siprec::read_client_offer(what.sdp);
  if (!offer)
    return fault{offer.error().reason};
  choose_recorded(call, *offer);
  (void)party_at(call, fewest_parties - 1, now);
  std::vector<std::optional<endpoint>> local;
  for (std::size_t i = 0; i < offer->streams.size(); ++i) {
    const auto who = party_at(call, i, now);
    auto& side = side_of(call, who, 0);
    side.refused = !offer->streams[i].is_usable()
                   || (call.caller != who && call.callee != who);
    if (auto taken = take_stream(side, offer->streams[i],
                                 offer->description.sections[i], what, world);
        !taken)
      return fault{std::move(taken.error())};
    local.push_back(local_of(side));
  }
  if (!call.recorder)
    call.recorder = new_recorder(world);
  auto answer = call.recorder->answer(*offer, local);
  for (std::size_t i = 0; i < answer.keys.size(); ++i) {
    auto& side = call.parties[i].media.front();
    side.sdes.receive_key = std::move(answer.keys[i].receive_key);
    side.sdes.send_key = std::move(answer.keys[i].send_key);
  }
  auto out = ok_reply();
  out.set("sdp", std::move(answer.sdp));
  return out;
}

recorded_lines lines_of(const call_state& call) {
  if (!call.recorder)
    return {};
  const auto line = [&call](const std::optional<party_id>& who) {
    const auto there = who && !call.parties[*who].media.empty()
                       && !call.parties[*who].media.front().refused;
    return there ? std::optional<std::size_t>{*who} : std::nullopt;
  };
  return {line(call.caller), line(call.callee)};
}

} // namespace callfork::dialog
