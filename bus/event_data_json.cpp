#include "bus/json_parts.hpp"

#include <string>

namespace callfork::bus {
namespace {

void write_some(json& into, const char* name, const std::string& text) {
  if (!text.empty())
    into[name] = text;
}

json ids(const std::vector<uuid>& from) {
  auto made = json::array();
  for (const auto& id : from)
    made.push_back(to_base64(id));
  return made;
}

void write(json& into, const stream_facts& facts) {
  into["stream"] = to_base64(facts.stream);
  into["participant"] = to_base64(facts.participant);
  write_some(into, "label", facts.label);
  into["codec"] = facts.codec;
  into["clockHz"] = facts.clock_hz;
  into["channels"] = facts.channels;
  into["secure"] = !facts.srtp_suite.empty();
  write_some(into, "srtpSuite", facts.srtp_suite);
  if (facts.ssrc)
    into["ssrc"] = *facts.ssrc;
}

void write(json& into, const announcement_facts& facts) {
  into["kind"] = to_string(facts.kind);
  write_some(into, "prompt", facts.prompt);
  into["playedTo"] = ids(facts.played_to);
  into["streamOffsetMs"] = facts.offset.count();
  into["inRecording"] = false;
}

void write(json& into, const provider_facts& facts) {
  into["provider"] = facts.provider;
  into["transport"] = to_string(facts.transport);
  into["attempt"] = facts.attempt;
}

json to_json(const stream_result& from) {
  json made;
  made["stream"] = to_base64(from.stream);
  write_some(made, "label", from.label);
  made["received"] = from.received;
  made["delivered"] = from.delivered;
  made["lost"] = from.lost;
  made["gaps"] = from.gaps;
  return made;
}

/// One overload per type of event.
struct data_writer {
  json& into;

  void operator()(const session_started& data) const {
    into["session"] = to_base64(data.session);
    into["frontDoor"] = data.front_door;
  }
  void operator()(const session_updated& data) const {
    into["session"] = to_base64(data.session);
    into["change"] = data.change;
  }
  void operator()(const session_ending& data) const {
    into["session"] = to_base64(data.session);
    into["reason"] = data.reason;
    write_some(into, "recordingId", data.recording);
  }
  void operator()(const session_ended& data) const {
    into["session"] = to_base64(data.session);
    into["blame"] = to_string(data.fault);
    into["reason"] = data.reason;
    into["durationMs"] = data.lasted.count();
  }
  void operator()(const session_restarted& data) const {
    into["session"] = to_base64(data.session);
    into["blame"] = to_string(data.fault);
    into["reason"] = data.reason;
    into["attempt"] = data.attempt;
  }
  void operator()(const participant_joined& data) const {
    into["participant"] = to_base64(data.participant);
    into["role"] = to_string(data.role);
    into["party"] = data.party;
    write_some(into, "aor", data.aor);
    write_some(into, "name", data.name);
  }
  void operator()(const participant_left& data) const {
    into["participant"] = to_base64(data.participant);
    into["reason"] = data.reason;
  }
  void operator()(const stream_added& data) const {
    write(into, data.facts);
  }
  void operator()(const stream_updated& data) const {
    write(into, data.facts);
    into["change"] = data.change;
  }
  void operator()(const stream_removed& data) const {
    into["stream"] = to_base64(data.stream);
    into["reason"] = data.reason;
  }
  void operator()(const recording_requested& data) const {
    into["mode"] = to_string(data.mode);
    into["trigger"] = to_string(data.trigger);
    write_some(into, "policy", data.policy);
    into["providers"] = data.providers;
  }
  void operator()(const recording_started& data) const {
    into["mode"] = to_string(data.mode);
    into["trigger"] = to_string(data.trigger);
    into["sinks"] = data.sinks;
    into["codec"] = data.codec;
    if (!data.codecs.empty())
      into["codecs"] = data.codecs;
    into["streams"] = to_string(data.layout);
    into["startOffsetMs"] = data.start_offset.count();
  }
  void operator()(const recording_paused& data) const {
    into["by"] = to_string(data.by);
    into["reason"] = data.reason;
    into["streamOffsetMs"] = data.offset.count();
  }
  void operator()(const recording_resumed& data) const {
    into["by"] = to_string(data.by);
    into["reason"] = data.reason;
    into["streamOffsetMs"] = data.offset.count();
    into["pausedMs"] = data.paused_for.count();
  }
  void operator()(const recording_stopped& data) const {
    into["blame"] = to_string(data.fault);
    into["by"] = to_string(data.by);
    into["reason"] = data.reason;
    into["durationMs"] = data.lasted.count();
    into["pausedMs"] = data.paused.count();
    into["bytes"] = data.bytes;
    into["streamResults"] = json::array();
    for (const auto& result : data.streams)
      into["streamResults"].push_back(to_json(result));
    write_some(into, "sha256", data.sha256);
  }
  void operator()(const recording_failed& data) const {
    into["blame"] = to_string(data.fault);
    into["errorCode"] = data.error;
    into["reason"] = data.reason;
    into["failureBehaviorApplied"] = to_string(data.applied);
  }
  void operator()(const recording_gap& data) const {
    into["stream"] = to_base64(data.stream);
    write_some(into, "label", data.label);
    into["fromOffsetMs"] = data.from.count();
    into["toOffsetMs"] = data.to.count();
    into["cause"] = to_string(data.cause);
    into["filledWithSilence"] = data.filled_with_silence;
    write_some(into, "provider", data.provider);
  }
  void operator()(const recording_snapshot& data) const {
    into["state"] = data.state;
    into["cause"] = data.cause;
    into["streamOffsetMs"] = data.offset.count();
  }
  void operator()(const announcement_started& data) const {
    write(into, data.facts);
  }
  void operator()(const announcement_played& data) const {
    write(into, data.facts);
    into["durationMs"] = data.duration.count();
  }
  void operator()(const announcement_failed& data) const {
    write(into, data.facts);
    into["blame"] = to_string(data.fault);
    into["reason"] = data.reason;
  }
  void operator()(const provider_delivery_requested& data) const {
    write(into, data.facts);
  }
  void operator()(const provider_delivery_accepted& data) const {
    write(into, data.facts);
    write_some(into, "remoteId", data.remote_id);
  }
  void operator()(const provider_delivery_completed& data) const {
    write(into, data.facts);
    into["bytes"] = data.bytes;
    write_some(into, "location", data.location);
  }
  void operator()(const provider_delivery_failed& data) const {
    write(into, data.facts);
    into["blame"] = to_string(data.fault);
    into["reason"] = data.reason;
    if (data.sip_status != 0)
      into["sipStatus"] = data.sip_status;
  }
  void operator()(const provider_delivery_retrying& data) const {
    write(into, data.facts);
    into["blame"] = to_string(data.fault);
    into["reason"] = data.reason;
    if (data.sip_status != 0)
      into["sipStatus"] = data.sip_status;
    into["delayMs"] = data.delay.count();
  }
};

} // namespace

void write_data(json& into, const event_data& data) {
  std::visit(data_writer{into}, data);
}

} // namespace callfork::bus
