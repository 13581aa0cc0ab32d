#include "control/dialog/state.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace callfork::dialog {

namespace {

using sources = std::vector<party_id>;

bool can_be_heard(const party& who) {
  return !who.gone && !who.subscriber
         && std::any_of(who.media.begin(), who.media.end(),
                        [](const media_side& m) {
                          return m.described;
                        });
}

expected<sources, std::string> find_sources(const call_state& call,
                                            const ng::request& what) {
  sources out;
  if (what.concerns_all()) {
    for (std::size_t i = 0; i < call.parties.size(); ++i)
      if (can_be_heard(call.parties[i]))
        out.push_back(static_cast<party_id>(i));
  } else if (!what.from_tags.empty()) {
    for (const auto& tag : what.from_tags) {
      const auto who = find_tag(call, tag);
      if (!who)
        return fault{"From-tag given, but no such tag exists"};
      if (std::find(out.begin(), out.end(), *who) == out.end())
        out.push_back(*who);
    }
  } else {
    const auto who = select_party(call, what);
    if (!who)
      return make_unexpected(who.error());
    if (*who)
      out.push_back(**who);
  }
  if (out.empty())
    return fault{"No monologues matched"};
  return out;
}

std::string random_hex(std::size_t bytes, resources& world) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::byte, 32> random{};
  const auto used = bytes_span{random}.first(std::min(bytes, random.size()));
  world.random(used);
  std::string out;
  for (const auto byte : used) {
    out += digits[std::to_integer<unsigned>(byte) >> 4U];
    out += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return out;
}

std::string random_number(resources& world) {
  std::array<std::byte, 8> random{};
  world.random(random);
  const auto high = std::uint64_t{read_u32(random, 0)} << 32U;
  return std::to_string((high | read_u32(random, 4)) >> 1U);
}

/// The next whole number; one where `text` is none.
std::string counted_up(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::to_string(number + 1);
}

party_id subscriber_for(call_state& call, const ng::request& what,
                        resources& world, instant now) {
  if (const auto known = find_tag(call, what.to_tag))
    return *known;
  const auto tag = what.to_tag.empty() ? random_hex(32, world) : what.to_tag;
  const auto added = add_party(call, tag, now);
  call.parties[added].subscriber = true;
  return added;
}

void subscribe(call_state& call, party_id subscriber, const sources& to) {
  auto& ties = call.parties[subscriber].subscriptions;
  std::erase_if(ties, [&to](const subscription& s) {
    return std::find(to.begin(), to.end(), s.of) == to.end();
  });
  for (const auto each : to)
    if (!is_subscribed(call.parties[subscriber], each))
      ties.push_back({each, subscription_kind::pub_sub});
}

using section_result = expected<sdp::section_change, std::string>;

void settle_side(media_side& side, const media_side& source,
                 const ng::request& what, const resources& world) {
  side.kind = source.kind;
  side.transport = source.transport;
  side.protocol = source.protocol;
  if (sdp::transport_of(what.transport_protocol) == sdp::transport::rtp)
    side.protocol = what.transport_protocol;
  side.paused = what.flags.has("inactive");
  if (!side.family_known)
    side.family = what.address_family.value_or(source.family);
  side.family_known = true;
  choose_interface(side, what.direction, what.direction.size() > 1 ? 1 : 0,
                   world);
}

/// Offers one m-line of a party to the subscriber.
section_result offer_section(call_state& call, party_id subscriber,
                             std::size_t index,
                             std::pair<party_id, std::uint16_t> from,
                             const ng::request& what, resources& world) {
  (void)side_of(call, subscriber, index);
  const auto& source = call.parties[from.first].media[from.second];
  auto& side = call.parties[subscriber].media[index];
  side.source = from;
  sdp::section_change change;
  if (source.transport != sdp::transport::rtp)
    return change;
  settle_side(side, source, what, world);
  change.protocol = side.protocol;
  change.mid = source.mid;
  if (source.refused) {
    change.what = sdp::section_change::refuse;
    return change;
  }
  change.what = sdp::section_change::relay;
  if (side.sockets == nullptr)
    if (auto done = choose_ports(side, std::nullopt, what, world); !done)
      return fault{std::move(done.error())};
  offer_keys(side, media_side{}, what, world);
  change.crypto = write_keys(side, what);
  change.local = side.sockets->advertised();
  change.codecs = offered_codecs(
    source.agreed.empty() ? source.codecs : source.agreed, what);
  // Who is on hold says nothing: the recorder need not wait for it.
  change.direction = {!side.paused && source.direction.sends, false};
  if (what.flags.has("siprec"))
    change.label = std::to_string(source.label);
  if (!what.flags.has("no-rtcp-attribute"))
    change.rtcp = static_cast<std::uint16_t>(change.local.port() + 1);
  change.full_rtcp = what.flags.has("full-rtcp-attribute");
  change.ptime = source.ptime;
  side.sends = false;
  return change;
}

/// The version of the subscriber's next description: higher by one where it
/// says something else than the last one (RFC 3264 section 8).
std::string next_version(party& subscriber, std::string_view first,
                         std::string body) {
  auto& last = subscriber.told_version;
  if (last.empty())
    last = first;
  else if (body != subscriber.told_body)
    last = counted_up(last);
  subscriber.told_body = std::move(body);
  return last;
}

/// One party: its own SDP, rewritten.
std::string write_single(const party& source, party& subscriber,
                         const ng::request& what,
                         std::vector<sdp::section_change> sections) {
  sdp::description_change change;
  for (const auto& each : sections)
    if (each.what == sdp::section_change::relay && !change.connection)
      change.connection = each.local;
  if (what.replace.has("origin"))
    change.origin = change.connection;
  change.sections = std::move(sections);
  change.version = "0";
  auto body = sdp::rewrite(*source.last, change);
  change.version = next_version(subscriber, sdp::origin_word(*source.last, 2),
                                std::move(body));
  return sdp::rewrite(*source.last, change);
}

/// Several parties: a new SDP with all their m-lines.
std::string write_several(party& subscriber,
                          const std::vector<sdp::section_change>& sections,
                          resources& world) {
  std::vector<std::string> media;
  for (const auto& each : subscriber.media)
    media.push_back(each.kind);
  media.resize(sections.size());
  if (subscriber.told_id.empty())
    subscriber.told_id = random_number(world);
  const auto& id = subscriber.told_id;
  auto body = sdp::compose({id, "0"}, "callfork", media, sections);
  auto version = next_version(subscriber, id, std::move(body));
  return sdp::compose({id, std::move(version)}, "callfork", media, sections);
}

ng::dictionary describe_labelled(const media_side& side, std::size_t index) {
  ng::dictionary out;
  out.set("index", static_cast<std::int64_t>(index + 1));
  out.set("type", side.kind);
  out.set("label", std::to_string(side.label));
  // As seen from us: who only sends is one from whom we only receive.
  out.set("mode",
          sdp::to_string({side.direction.receives, side.direction.sends}));
  return out;
}

/// What a recording client needs to tell the streams apart (RFC 7866).
void add_labels(ng::dictionary& out, const call_state& call,
                const sources& from) {
  ng::list tags;
  ng::dictionary labels;
  for (const auto each : from) {
    const auto& source = call.parties[each];
    ng::list media;
    for (std::size_t i = 0; i < source.media.size(); ++i) {
      auto one = describe_labelled(source.media[i], i);
      media.emplace_back(one);
      ng::dictionary by_label;
      by_label.set("tag", source.tag);
      if (!source.label.empty())
        by_label.set("label", source.label);
      for (const auto* key : {"index", "type", "mode"})
        by_label.set(key, *one.find(key));
      labels.set(std::to_string(source.media[i].label), std::move(by_label));
    }
    ng::dictionary tag;
    tag.set("tag", source.tag);
    if (!source.label.empty())
      tag.set("label", source.label);
    tag.set("medias", std::move(media));
    tags.emplace_back(std::move(tag));
  }
  out.set("tag-medias", std::move(tags));
  out.set("media-labels", std::move(labels));
}

ng::dictionary subscription_reply(const call_state& call, const sources& from,
                                  const ng::request& what, party_id subscriber,
                                  std::string text) {
  ng::dictionary out;
  out.set("sdp", std::move(text));
  if (what.flags.has("siprec"))
    add_labels(out, call, from);
  if (from.size() == 1)
    out.set("from-tag", call.parties[from[0]].tag);
  ng::list tags;
  for (const auto each : from)
    tags.emplace_back(call.parties[each].tag);
  out.set("from-tags", std::move(tags));
  out.set("to-tag", call.parties[subscriber].tag);
  out.set("result", "ok");
  return out;
}

std::optional<party_id> find_subscriber(const call_state& call,
                                        std::string_view tag) {
  const auto who = find_tag(call, tag);
  if (!who || !call.parties[*who].subscriber)
    return std::nullopt;
  return who;
}

} // namespace

reply handle_subscribe_request(call_state& call, const ng::request& what,
                               resources& world, instant now) {
  const auto from = find_sources(call, what);
  if (!from)
    return make_unexpected(from.error());
  if (call.parties.size() == most_parties && !find_tag(call, what.to_tag))
    return fault{"Too many parties in call"};
  const auto subscriber = subscriber_for(call, what, world, now);
  if (!call.parties[subscriber].subscriber)
    return fault{"To-tag belongs to a party of the call"};
  subscribe(call, subscriber, *from);
  std::vector<sdp::section_change> sections;
  for (const auto each : *from) {
    const auto count = call.parties[each].media.size();
    for (std::size_t i = 0; i < count; ++i) {
      auto section = offer_section(call, subscriber, sections.size(),
                                   {each, static_cast<std::uint16_t>(i)}, what,
                                   world);
      if (!section)
        return make_unexpected(std::move(section.error()));
      sections.push_back(std::move(*section));
    }
  }
  auto& told = call.parties[subscriber];
  auto text = from->size() == 1 ? write_single(call.parties[from->front()],
                                               told, what, std::move(sections))
                                : write_several(told, sections, world);
  call.last_signal = now.wall;
  return subscription_reply(call, *from, what, subscriber, std::move(text));
}

reply handle_subscribe_answer(call_state& call, const ng::request& what,
                              instant now) {
  if (what.to_tag.empty())
    return fault{"No to-tag in message"};
  if (what.sdp.empty())
    return fault{"No SDP body in message"};
  const auto who = find_subscriber(call, what.to_tag);
  if (!who)
    return fault{"To-tag not found"};
  auto read = sdp::read_description(what.sdp, {});
  if (!read)
    return make_unexpected(std::move(read.error()));
  auto& subscriber = call.parties[*who];
  if (read->sections.size() > subscriber.media.size())
    return fault{"Failed to process subscription answer"};
  for (std::size_t i = 0; i < read->sections.size(); ++i) {
    const auto& of = read->sections[i];
    auto& side = subscriber.media[i];
    side.protocol = of.protocol;
    describe_side(side, what, *read, of);
    side.refused = of.port == 0;
    take_answered_keys(side);
  }
  subscriber.answered = ++call.answers;
  call.last_signal = now.wall;
  return ok_reply();
}

reply handle_unsubscribe(call_state& call, const ng::request& what) {
  if (what.to_tag.empty())
    return fault{"No to-tag in message"};
  const auto who = find_subscriber(call, what.to_tag);
  if (!who)
    return ok_reply();
  auto& subscriber = call.parties[*who];
  subscriber.gone = true;
  subscriber.subscriptions.clear();
  subscriber.media.clear();
  return ok_reply();
}

} // namespace callfork::dialog
