#include "control/dialog/state.hpp"

#include <algorithm>
#include <charconv>

namespace callfork::dialog {

namespace {

/// Who speaks and who is spoken to.
struct exchange {
  call_state& call;
  const ng::request& what;
  resources& world;
  party_id sender = 0;
  party_id receiver = 0;
  bool is_answer = false;
};

/// The newest partner of `who` for which `wanted` holds.
template <class Predicate>
std::optional<party_id>
partner(const call_state& call, party_id who, Predicate wanted) {
  for (const auto& each : call.parties[who].subscriptions)
    if (each.kind == subscription_kind::offer_answer
        && !call.parties[each.of].gone && wanted(call.parties[each.of]))
      return each.of;
  return std::nullopt;
}

std::optional<party_id> anybody(const call_state& call, party_id who) {
  return partner(call, who, [](const party&) {
    return true;
  });
}

/// A branch of a forked call that nobody answered yet.
std::optional<party_id> open_branch(const call_state& call, party_id who,
                                    std::string_view via_branch) {
  return partner(call, who, [via_branch](const party& p) {
    return p.tag.empty() && (via_branch.empty() || p.via_branch == via_branch);
  });
}

party_id add_branch(call_state& call, const ng::request& what, instant now) {
  const auto added = add_party(call, what.to_tag, now);
  call.parties[added].via_branch = what.via_branch;
  return added;
}

/// Whom an offer is for.
party_id offeree(call_state& call, party_id offerer, const ng::request& what,
                 instant now) {
  auto known = find_tag(call, what.to_tag);
  if (what.to_tag.empty() && what.via_branch.empty())
    known = anybody(call, offerer);
  else if (what.to_tag.empty())
    known = partner(call, offerer, [&what](const party& p) {
      return p.via_branch == what.via_branch;
    });
  return known ? *known : add_branch(call, what, now);
}

/// Whose answer it is. A tag never seen before takes the open branch; when
/// there is none, the call was forked behind our back, and the new branch was
/// made the same offer as the one before it.
party_id answerer(call_state& call, party_id offerer, const ng::request& what,
                  instant now) {
  if (const auto known = find_tag(call, what.to_tag))
    return *known;
  if (const auto open = open_branch(call, offerer, what.via_branch)) {
    call.parties[*open].tag = what.to_tag;
    return *open;
  }
  const auto sibling = anybody(call, offerer);
  const auto added = add_branch(call, what, now);
  if (sibling)
    call.parties[added].media = call.parties[*sibling].media;
  return added;
}

/// Where the sender says that it receives RTP.
endpoint remote_of(const ng::request& what, const sdp::description& from,
                   const sdp::section& of) {
  const auto told = sdp::rtp_endpoint(from, of).value_or(endpoint{});
  const auto& source = what.received_from;
  if (!what.flags.has("SIP-source-address") || source.size() < 2)
    return told;
  return endpoint::parse(source[1], told.port()).value_or(told);
}

/// The sender's protocol becomes the receiver's unless it was chosen
/// otherwise; a sender that changes its protocol renegotiates both.
void settle_protocols(const exchange& in, media_side& from, media_side& to,
                      const sdp::section& of) {
  if (!in.is_answer && from.protocol != of.protocol && !from.protocol.empty())
    to.protocol.clear();
  from.protocol = of.protocol;
  if (to.protocol.empty())
    to.protocol = from.protocol;
  const auto& wish = in.what.transport_protocol;
  if (sdp::transport_of(to.protocol) == sdp::transport::rtp
      && sdp::transport_of(wish) == sdp::transport::rtp)
    to.protocol = wish;
}

void offer_mux(const exchange& in, media_side& from, media_side& to,
               const sdp::section& of) {
  const auto& wish = in.what.rtcp_mux;
  from.mux.offered = of.rtcp_mux;
  to.mux.told = of.rtcp_mux;
  if (wish.has("offer") || wish.has("require"))
    to.mux.told = true;
  else if (wish.has("demux"))
    to.mux.told = false;
  from.mux.forced.reset();
  if (!of.rtcp_mux)
    return;
  if (wish.has("reject"))
    from.mux.forced = false;
  else if (wish.has("accept") || !to.mux.told)
    from.mux.forced = true;
}

void answer_mux(media_side& from, media_side& to, const sdp::section& of) {
  from.mux.offered = of.rtcp_mux;
  from.mux.active = of.rtcp_mux && from.mux.told;
  to.mux.told = to.mux.offered && to.mux.forced.value_or(from.mux.active);
  to.mux.active = to.mux.told;
}

expected<void, std::string> settle_ports(const exchange& in, media_side& from,
                                         media_side& to) {
  if (in.what.address_family)
    to.family = *in.what.address_family;
  else if (!to.family_known)
    to.family = from.family;
  to.family_known = true;
  choose_interface(from, in.what.direction, 0, in.world);
  choose_interface(to, in.what.direction, 1, in.world);
  if (from.sockets == nullptr)
    if (auto done = choose_ports(from, std::nullopt, in.what, in.world); !done)
      return done;
  return choose_ports(to, from.remote_rtp, in.what, in.world);
}

/// The address and port that the receiver is told.
endpoint told_address(const exchange& in, const media_side& from,
                      const media_side& to) {
  auto told = to.sockets->advertised();
  if (!in.what.media_address.empty())
    told = endpoint::parse(in.what.media_address, told.port()).value_or(told);
  if (!from.remote_rtp->is_wildcard() || in.what.replace.has("zero-address"))
    return told;
  const auto* null = told.family() == family::ipv6 ? "::" : "0.0.0.0";
  return endpoint::parse(null, told.port()).value_or(told);
}

std::optional<std::uint16_t> told_rtcp(const exchange& in,
                                       const media_side& to) {
  if (to.transport != sdp::transport::rtp
      || in.what.flags.has("no-rtcp-attribute"))
    return std::nullopt;
  const auto port = to.sockets->advertised().port();
  const auto shared
    = in.is_answer
        ? to.mux.told
        : to.mux.told && (to.mux.active || in.what.rtcp_mux.has("require"));
  return static_cast<std::uint16_t>(shared ? port : port + 1);
}

void settle_codecs(const exchange& in, media_side& from, media_side& to,
                   sdp::section_change& change) {
  if (!in.is_answer) {
    change.codecs = offered_codecs(from.codecs, in.what);
    return;
  }
  change.codecs = answered_codecs(from.codecs, to.codecs, in.what);
  from.agreed = change.codecs;
  to.agreed = change.codecs;
}

void settle_keys(const exchange& in, media_side& from, media_side& to) {
  if (in.is_answer)
    answer_keys(from, to, in.what, in.world);
  else
    offer_keys(to, from, in.what, in.world);
}

std::string told_mid(const exchange& in, media_side& from, media_side& to,
                     const sdp::section& of, std::size_t index) {
  if (in.is_answer)
    return to.mid;
  from.mid = of.mid;
  if (!of.mid.empty() || !in.what.flags.has("generate-mid"))
    return of.mid;
  return std::to_string(index + 1);
}

/// Whether the sender says that it understands `a=record`: by a wish of its
/// own, or signalling says so for it.
bool says_record_aware(const ng::request& what, const sdp::description& from) {
  const auto by_metadata
    = std::ranges::any_of(what.metadata, [](const auto& one) {
        return one.first == "record-aware" && one.second == "yes";
      });
  return by_metadata || from.record_wish
         || std::ranges::any_of(from.sections, [](const sdp::section& one) {
              return one.record_wish.has_value();
            });
}

/// RFC 7866 7.1.2, of the streams that are recorded.
std::optional<sdp::record_state> told_record(const exchange& in,
                                             const sdp::section& of) {
  const auto wanted = in.what.flags.has("recording-indication")
                      || in.call.parties[in.receiver].record_aware;
  if (!wanted || of.media != "audio"
      || sdp::transport_of(of.protocol) != sdp::transport::rtp)
    return std::nullopt;
  return in.world.recording();
}

using section_result = expected<sdp::section_change, std::string>;

/// Takes one m-line from the sender to the receiver.
section_result exchange_section(const exchange& in,
                                const sdp::description& from_sdp,
                                std::size_t index) {
  const auto& of = from_sdp.sections[index];
  (void)side_of(in.call, in.is_answer ? in.sender : in.receiver, index);
  auto& from = side_of(in.call, in.sender, index);
  auto& to = side_of(in.call, in.receiver, index);
  sdp::section_change change;
  from.kind = to.kind = of.media;
  from.transport = to.transport = sdp::transport_of(of.protocol);
  if (from.transport == sdp::transport::other) {
    from.protocol = to.protocol = of.protocol;
    return change;
  }
  settle_protocols(in, from, to, of);
  change.is_rtp = from.transport == sdp::transport::rtp;
  change.protocol = to.protocol;
  change.mid = told_mid(in, from, to, of, index);
  if (of.port == 0) {
    from.refused = to.refused = true;
    change.what = sdp::section_change::refuse;
    return change;
  }
  change.what = sdp::section_change::relay;
  to.refused = false;
  auto& asked = in.is_answer ? from : to;
  asked.controlling = asked.controlling || !asked.described;
  describe_side(from, in.what, from_sdp, of);
  if (auto done = settle_ports(in, from, to); !done)
    return fault{std::move(done.error())};
  if (change.is_rtp) {
    if (in.is_answer)
      answer_mux(from, to, of);
    else
      offer_mux(in, from, to, of);
    settle_keys(in, from, to);
    settle_codecs(in, from, to, change);
    change.crypto = write_keys(to, in.what);
  }
  change.local = told_address(in, from, to);
  change.direction = from.direction;
  change.keep_direction = in.what.flags.has("original-sendrecv");
  change.rtcp = told_rtcp(in, to);
  change.full_rtcp = in.what.flags.has("full-rtcp-attribute");
  change.rtcp_mux = change.is_rtp && to.mux.told;
  change.ptime = from.ptime.empty() ? to.ptime : from.ptime;
  change.record = told_record(in, of);
  from.sends = to.hears = from.direction.sends;
  from.hears = to.sends = from.direction.receives;
  return change;
}

/// `o=` and `s=` as the receiver saw them first, when the controller wants
/// them steady.
void keep_names(const exchange& in, const sdp::description& from,
                sdp::description_change& change) {
  auto& sender = in.call.parties[in.sender];
  if (in.what.replace.has("username")) {
    if (sender.told_username.empty())
      sender.told_username = sdp::origin_word(from, 0);
    change.username = sender.told_username;
  }
  if (in.what.replace.has("session-name")) {
    if (sender.told_session_name.empty())
      sender.told_session_name = sdp::line_text(from, 's');
    change.session_name = sender.told_session_name;
  }
}

/// Raises the version only when something else changed.
std::string rewrite_versioned(const exchange& in, const sdp::description& from,
                              sdp::description_change& change) {
  auto& sender = in.call.parties[in.sender];
  auto text = sdp::rewrite(from, change);
  const auto first = std::min(text.find("o="), text.size());
  auto body = text.substr(std::min(text.find('\n', first), text.size()));
  std::string version{sdp::origin_word(from, 2)};
  if (in.what.replace.has("SDP-version") || in.what.replace.has("sdp-version")
      || in.what.replace.has("force-increment-sdp-ver")) {
    std::uint64_t number = 0;
    const auto& last = sender.told_version;
    std::from_chars(last.data(), last.data() + last.size(), number);
    if (!last.empty())
      version = body == sender.told_body ? last : std::to_string(number + 1);
    change.version = version;
    text = sdp::rewrite(from, change);
  }
  sender.told_body = std::move(body);
  sender.told_version = std::move(version);
  return text;
}

expected<std::string, std::string> exchange_sdp(const exchange& in) {
  auto read = sdp::read_description(in.what.sdp, {});
  if (!read)
    return make_unexpected(std::move(read.error()));
  if (read->sections.empty() && in.call.parties[in.sender].media.empty())
    return make_unexpected(std::string{"Error rewriting SDP"});
  if (says_record_aware(in.what, *read))
    in.call.parties[in.sender].record_aware = true;
  sdp::description_change change;
  for (std::size_t i = 0; i < read->sections.size(); ++i) {
    auto section = exchange_section(in, *read, i);
    if (!section)
      return make_unexpected(std::move(section.error()));
    if (section->what == sdp::section_change::relay) {
      if (!change.connection && !read->sections[i].connection)
        change.connection = section->local;
      if (!change.origin)
        change.origin = side_of(in.call, in.receiver, i).sockets->advertised();
    }
    change.sections.push_back(std::move(*section));
  }
  if (!in.what.replace.has("origin"))
    change.origin.reset();
  keep_names(in, *read, change);
  auto text = rewrite_versioned(in, *read, change);
  in.call.parties[in.sender].last = std::move(*read);
  return text;
}

void name_parties(exchange& in) {
  const auto& what = in.what;
  auto& sender = in.call.parties[in.sender];
  auto& receiver = in.call.parties[in.receiver];
  if (!what.set_label.empty())
    sender.label = what.set_label;
  else if (!what.label.empty())
    sender.label = what.label;
  else if (!what.from_label.empty())
    sender.label = what.from_label;
  if (!what.to_label.empty())
    receiver.label = what.to_label;
}

reply finish(exchange& in, instant now) {
  name_parties(in);
  associate(in.call, in.sender, in.receiver);
  auto text = exchange_sdp(in);
  if (!text)
    return make_unexpected(std::move(text.error()));
  in.call.last_signal = now.wall;
  in.call.ends_at.reset();
  ng::dictionary out;
  out.set("sdp", std::move(*text));
  out.set("result", "ok");
  return out;
}

std::optional<fault> check(const ng::request& what) {
  if (what.sdp.empty())
    return fault{"No SDP body in message"};
  if (what.call_id.empty())
    return fault{"No call-id in message"};
  if (what.from_tag.empty())
    return fault{"No from-tag in message"};
  return std::nullopt;
}

} // namespace

void describe_side(media_side& side, const ng::request& what,
                   const sdp::description& from, const sdp::section& of) {
  const auto remote = remote_of(what, from, of);
  side.remote_rtp = remote;
  side.remote_rtcp
    = remote.with_port(static_cast<std::uint16_t>(remote.port() + 1));
  if (of.rtcp)
    side.remote_rtcp = of.rtcp;
  else if (of.rtcp_port)
    side.remote_rtcp = remote.with_port(*of.rtcp_port);
  side.described = true;
  side.refused = false;
  side.direction
    = of.direction.value_or(from.direction.value_or(sdp::direction{}));
  if (remote.is_wildcard())
    side.direction.receives = false;
  side.family = remote.family();
  side.family_known = true;
  side.codecs = of.codecs;
  if (!of.ptime.empty())
    side.ptime = of.ptime;
  side.sdes.theirs.clear();
  for (const auto& each : of.crypto)
    if (auto read = srtp::parse_crypto(each))
      side.sdes.theirs.push_back(std::move(*read));
}

reply handle_offer(call_state& call, const ng::request& what, resources& world,
                   instant now) {
  if (auto failed = check(what))
    return std::move(*failed);
  if (call.parties.size() + 2 > most_parties)
    return fault{"Too many parties in call"};
  const auto is_first = call.parties.empty();
  const auto known = find_tag(call, what.from_tag);
  const auto offerer = known ? *known : add_party(call, what.from_tag, now);
  const auto other = offeree(call, offerer, what, now);
  if (is_first)
    // An offer that names both parties stands in a response: the call was
    // made without one, by the other party.
    call.caller = what.to_tag.empty() ? offerer : other;
  exchange in{call, what, world, offerer, other, false};
  return finish(in, now);
}

reply handle_answer(call_state& call, const ng::request& what, resources& world,
                    instant now) {
  if (auto failed = check(what))
    return std::move(*failed);
  if (what.to_tag.empty())
    return fault{"No to-tag in message"};
  if (call.parties.empty())
    return fault{"Unknown call-id"};
  if (call.parties.size() + 2 > most_parties)
    return fault{"Too many parties in call"};
  const auto known = find_tag(call, what.from_tag);
  const auto offerer = known ? *known : add_party(call, what.from_tag, now);
  const auto other = answerer(call, offerer, what, now);
  exchange in{call, what, world, other, offerer, true};
  auto out = finish(in, now);
  call.parties[other].answered = ++call.answers;
  call.callee = call.caller == other ? offerer : other;
  return out;
}

} // namespace callfork::dialog
