#include "bus/partial_document.hpp"

#include <utility>

namespace callfork::bus {
namespace {

using metadata::document;

document empty() {
  document made;
  made.mode = metadata::completeness::partial;
  return made;
}

document session_alone(metadata::session about) {
  auto made = empty();
  made.sessions.push_back(std::move(about));
  return made;
}

/// One overload per type of event that belongs to a call.
struct partial_writer {
  const event_header& header;

  /// The subject of a call's events is the session.
  [[nodiscard]] uuid session() const {
    return parse_uuid(header.subject).value_or(uuid{});
  }

  std::optional<document> operator()(const session_started& data) const {
    return session_alone(
      {data.session, std::nullopt, {}, {}, header.time, std::nullopt});
  }
  std::optional<document> operator()(const session_updated& data) const {
    return session_alone({data.session, std::nullopt, {}, {}, {}, {}});
  }
  std::optional<document> operator()(const session_ending& data) const {
    return session_alone({data.session, std::nullopt, {}, {}, {}, {}});
  }
  std::optional<document> operator()(const session_ended& data) const {
    return session_alone(
      {data.session, std::nullopt, {}, {}, std::nullopt, header.time});
  }
  std::optional<document> operator()(const session_restarted& data) const {
    return session_alone({data.session, std::nullopt, {}, {}, {}, {}});
  }
  std::optional<document> operator()(const participant_joined& data) const {
    auto made = empty();
    if (!data.aor.empty())
      made.participants.push_back({data.participant, {{data.aor, data.name}}});
    made.participant_sessions.push_back(
      {data.participant, session(), {header.time, std::nullopt}});
    return made;
  }
  std::optional<document> operator()(const participant_left& data) const {
    auto made = empty();
    made.participant_sessions.push_back(
      {data.participant, session(), {std::nullopt, header.time}});
    return made;
  }
  std::optional<document> operator()(const stream_added& data) const {
    auto made = empty();
    made.streams.push_back({data.facts.stream, session(), data.facts.label});
    made.participant_streams.push_back({data.facts.participant,
                                        {data.facts.stream},
                                        {},
                                        {header.time, std::nullopt}});
    return made;
  }
  std::optional<document> operator()(const stream_updated& data) const {
    auto made = empty();
    made.streams.push_back({data.facts.stream, session(), data.facts.label});
    return made;
  }
  std::optional<document> operator()(const stream_removed& data) const {
    auto made = empty();
    made.streams.push_back({data.stream, session(), {}});
    return made;
  }
  template <class OfRecording>
  std::optional<document> operator()(const OfRecording&) const {
    return std::nullopt;
  }
};

} // namespace

std::optional<document> partial_document(const event_header& header,
                                         const event_data& data) {
  return std::visit(partial_writer{header}, data);
}

} // namespace callfork::bus
