#include "control/siprec/metadata_reader.hpp"

#include "control/siprec/xml.hpp"
#include "media/base/time_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace callfork::siprec {

namespace {

namespace md = bus::metadata;

constexpr std::size_t most_oddities = 8;
constexpr std::string_view urn_prefix = "urn:uuid:";

/// Reads one document. Every step adds to what was read; the first fault ends
/// it.
class reader {
public:
  reader(const uuid& space, const metadata_limits& most)
    : space_(space),
      most_(most) {
  }

  expected<peer_metadata, fault> read(pugi::xml_node root) {
    const auto name = xml::local_name(root);
    if (name == "requestsnapshot") {
      made_.snapshot_requested = true;
      made_.snapshot_reason = xml::text_of(xml::child(root, "requestreason"));
      return std::move(made_);
    }
    if (name != "recording" && name != "recording_metadata")
      return make_unexpected(fault{400, "the metadata's root is no recording"});
    made_.written = dialect_of(root);
    for (auto each : root.children())
      read_element(each);
    if (const auto clash = find_clash())
      fail(400, *clash);
    if (fault_)
      return make_unexpected(*fault_);
    return std::move(made_);
  }

private:
  void read_element(pugi::xml_node from) {
    const auto name = xml::local_name(from);
    if (name == "datamode" || name == "dataMode")
      read_mode(from);
    else if (name == "group")
      read_group(from);
    else if (name == "session")
      read_session(from);
    else if (name == "participant")
      read_participant(from);
    else if (name == "stream")
      read_stream(from);
    else if (name == "sessionrecordingassoc")
      read_session_recording(from);
    else if (name == "participantsessionassoc")
      read_participant_session(from);
    else if (name == "participantstreamassoc")
      read_participant_stream(from);
    else if (name == "extensiondata")
      read_broadworks(xml::child(from, "broadWorksRecordingMetadata"));
  }

  dialect dialect_of(pugi::xml_node root) {
    const std::string_view name{root.name()};
    const auto colon = name.find(':');
    const auto key = colon == std::string_view::npos
                       ? std::string{"xmlns"}
                       : "xmlns:" + std::string{name.substr(0, colon)};
    const std::string_view space{root.attribute(key.c_str()).value()};
    if (xml::local_name(root) == "recording_metadata")
      return dialect::broadworks;
    return space == "urn:ietf:params:xml:ns:recording:1" ? dialect::rfc7865
                                                         : dialect::draft;
  }

  void read_mode(pugi::xml_node from) {
    if (xml::local_name(from) == "dataMode")
      odd("dataMode for datamode");
    if (xml::text_of(from) == "partial")
      document().mode = md::completeness::partial;
  }

  void read_group(pugi::xml_node from) {
    if (const auto id = need_id(from, {"group_id", "id"}))
      add(document().groups, {*id, span_of(from)});
  }

  void read_session(pugi::xml_node from) {
    const auto id = need_id(from, {"session_id", "id"});
    if (!id)
      return;
    md::session made;
    made.id = *id;
    auto group = xml::text_of(xml::child(from, "group-ref"));
    if (group.empty())
      group = xml::attribute(from, {"group", "group-ref"});
    if (!group.empty())
      made.group = id_of(group);
    for (auto each : from.children())
      read_session_part(made, each);
    add(document().sessions, std::move(made));
  }

  void read_session_part(md::session& into, pugi::xml_node from) {
    const auto name = xml::local_name(from);
    if (name == "sipSessionID")
      add(into.sip_session_ids, xml::text_of(from));
    else if (name == "start-time" || name == "associate-time")
      into.start = time_of(xml::text_of(from));
    else if (name == "stop-time" || name == "disassociate-time")
      into.stop = time_of(xml::text_of(from));
    else if (name == "reason")
      read_reason(into, from);
    else if (name == "callRecording")
      read_own(from);
  }

  void read_reason(md::session& into, pugi::xml_node from) {
    md::reason made;
    made.cause = static_cast<std::int16_t>(
      std::clamp(from.attribute("cause").as_int(), 0, 999));
    if (const auto protocol = xml::attribute(from, {"protocol"});
        !protocol.empty())
      made.protocol = protocol;
    made.text = xml::text_of(from);
    add(into.reasons, std::move(made));
  }

  void read_participant(pugi::xml_node from) {
    const auto id = need_id(from, {"participant_id", "id"});
    if (!id)
      return;
    md::participant made{*id, {}};
    for (auto each : from.children()) {
      const auto name = xml::local_name(each);
      if (name == "nameID")
        read_name(made, each);
      else if (name == "aor")
        add(made.names, {address_of(xml::text_of(each)), {}});
    }
    add(document().participants, std::move(made));
    if (const auto session = xml::attribute(from, {"session", "session_id"});
        !session.empty())
      add(document().participant_sessions,
          {*id, id_of(session), span_of(from)});
    read_sends(*id, from);
  }

  void read_name(md::participant& into, pugi::xml_node from) {
    std::string address{xml::attribute(from, {"aor"})};
    if (address.empty())
      address = xml::text_of(xml::child(from, "aor"));
    if (address.empty())
      address = xml::text_of(from);
    add(into.names,
        {address_of(address), xml::text_of(xml::child(from, "name"))});
  }

  /// The drafts say of the party itself what it sends and hears.
  void read_sends(const uuid& participant, pugi::xml_node from) {
    md::participant_stream made{participant, {}, {}, {}};
    for (auto each : from.children())
      read_send(made, each);
    if (!made.sends.empty() || !made.receives.empty())
      add(document().participant_streams, std::move(made));
  }

  void read_send(md::participant_stream& into, pugi::xml_node from) {
    const auto name = xml::local_name(from);
    if (name != "send" && name != "recv")
      return;
    auto& where = name == "send" ? into.sends : into.receives;
    auto any = false;
    for (auto each : from.children())
      if (xml::local_name(each) == "id") {
        add(where, id_of(xml::text_of(each)));
        any = true;
      }
    if (const auto text = xml::text_of(from); !any && !text.empty())
      add(where, id_of(text));
  }

  void read_stream(pugi::xml_node from) {
    const auto id = need_id(from, {"stream_id", "id"});
    if (!id)
      return;
    md::stream made{*id, {}, xml::text_of(xml::child(from, "label"))};
    if (const auto session = xml::attribute(from, {"session_id", "session"});
        !session.empty())
      made.session = id_of(session);
    add(document().streams, std::move(made));
  }

  void read_session_recording(pugi::xml_node from) {
    if (const auto id = need_id(from, {"session_id", "session"}))
      add(document().session_recordings, {*id, span_of(from)});
  }

  void read_participant_session(pugi::xml_node from) {
    const auto who = need_id(from, {"participant_id", "participant"});
    const auto where = need_id(from, {"session_id", "session"});
    if (who && where)
      add(document().participant_sessions, {*who, *where, span_of(from)});
  }

  void read_participant_stream(pugi::xml_node from) {
    const auto who = need_id(from, {"participant_id", "participant"});
    if (!who)
      return;
    md::participant_stream made{*who, {}, {}, span_of(from)};
    for (auto each : from.children())
      read_send(made, each);
    add(document().participant_streams, std::move(made));
  }

  void read_broadworks(pugi::xml_node from) {
    if (!from)
      return;
    made_.written = dialect::broadworks;
    auto& to = made_.platform;
    const auto text = [&from](const char* name) {
      return xml::text_of(xml::child(from, name));
    };
    to.tracking_id = text("extTrackingID");
    to.service_provider = text("serviceProviderID");
    to.group = text("groupID");
    to.user = text("userID");
    to.call_id = text("callID");
    const auto type = xml::child(from, "callType");
    auto call = xml::child(type, "origCall");
    if (!call) {
      call = xml::child(type, "termCall");
      to.terminates = static_cast<bool>(call);
    }
    to.calling = xml::text_of(xml::child(call, "callingPartyNumber"));
    to.called = xml::text_of(xml::child(call, "calledPartyNumber"));
    to.dialled = xml::text_of(xml::child(call, "dialedDigits"));
  }

  /// What another callfork said beyond the standard.
  void read_own(pugi::xml_node from) {
    const auto outside = xml::child(from, "externalId");
    auto& to = made_.platform;
    to.service_provider = xml::text_of(xml::child(outside, "serviceProvider"));
    to.group = xml::text_of(xml::child(outside, "group"));
    to.user = xml::text_of(xml::child(outside, "user"));
  }

  md::span_of_time span_of(pugi::xml_node from) {
    return {time_of(xml::text_of(xml::child(from, "associate-time"))),
            time_of(xml::text_of(xml::child(from, "disassociate-time")))};
  }

  std::optional<wall_time> time_of(const std::string& text) {
    if (text.empty())
      return std::nullopt;
    const auto read = read_time(text);
    if (!read) {
      odd("a time that cannot be read");
      return std::nullopt;
    }
    if (!read->zone_is_standard)
      odd("a time without a zone as the standard has it");
    return read->when;
  }

  std::string address_of(std::string text) {
    if (text.empty() || text.find(':') != std::string::npos)
      return text;
    odd("an address without a scheme");
    return "sip:" + text;
  }

  std::optional<uuid> need_id(pugi::xml_node from,
                              std::initializer_list<const char*> names) {
    const auto text = xml::attribute(from, names);
    if (!text.empty())
      return id_of(text);
    odd("an element without its identifier");
    return std::nullopt;
  }

  uuid id_of(std::string_view text) {
    if (const auto standard = uuid_from_base64(text))
      return *standard;
    if (text.starts_with(urn_prefix))
      text.remove_prefix(urn_prefix.size());
    if (const auto plain = parse_uuid(text))
      return *plain;
    odd("an identifier that is no UUID");
    return named_uuid(space_, text);
  }

  /// Two things with one identifier cannot be told apart.
  std::optional<std::string> find_clash() {
    std::vector<uuid> seen;
    const auto note = [&seen](const auto& all) {
      for (const auto& each : all)
        seen.push_back(each.id);
    };
    note(document().groups);
    note(document().sessions);
    note(document().participants);
    note(document().streams);
    std::ranges::sort(seen);
    if (std::ranges::adjacent_find(seen) == seen.end())
      return std::nullopt;
    return "two elements of the metadata have one identifier";
  }

  template <class T>
  void add(std::vector<T>& to, T what) {
    if (to.size() < most_.elements)
      to.push_back(std::move(what));
    else
      fail(413, "the metadata has too many elements of one kind");
  }

  void odd(std::string_view what) {
    auto& all = made_.oddities;
    if (all.size() < most_oddities && std::ranges::find(all, what) == all.end())
      all.emplace_back(what);
  }

  void fail(unsigned status, std::string reason) {
    if (!fault_)
      fault_ = fault{status, std::move(reason)};
  }

  md::document& document() {
    return made_.document;
  }

  uuid space_;
  metadata_limits most_;
  peer_metadata made_;
  std::optional<fault> fault_;
};

/// Entities are declared in a document type only (XML 1.0, section 4.2).
bool has_document_type(const pugi::xml_document& read) {
  return std::ranges::any_of(read.children(), [](const pugi::xml_node& each) {
    return each.type() == pugi::node_doctype;
  });
}

} // namespace

std::string_view to_string(dialect what) noexcept {
  switch (what) {
  case dialect::rfc7865:
    return "rfc7865";
  case dialect::draft:
    return "draft";
  case dialect::broadworks:
    return "broadworks";
  }
  return "";
}

expected<peer_metadata, fault> read_metadata(std::string_view text,
                                             const uuid& space,
                                             const metadata_limits& most) {
  if (text.size() > most.bytes)
    return make_unexpected(fault{413, "the metadata is too long"});
  pugi::xml_document read;
  const auto from = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(std::min(from, text.size()));
  const auto result = read.load_buffer(
    text.data(), text.size(),
    pugi::parse_default | pugi::parse_ws_pcdata_single | pugi::parse_doctype);
  if (!result)
    return make_unexpected(
      fault{400, std::string{"the metadata is not well-formed: "}
                   + result.description()});
  if (has_document_type(read))
    return make_unexpected(
      fault{400, "the metadata has a document type or entities"});
  if (xml::depth_of(read, most.depth + 1) > most.depth)
    return make_unexpected(fault{413, "the metadata is nested too deeply"});
  return reader{space, most}.read(read.document_element());
}

} // namespace callfork::siprec
