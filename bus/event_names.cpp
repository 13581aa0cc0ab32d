#include "bus/event_names.hpp"

namespace callfork::bus {

std::string_view to_string(blame value) noexcept {
  switch (value) {
  case blame::none:
    return "none";
  case blame::caller:
    return "caller";
  case blame::provider:
    return "provider";
  case blame::platform:
    return "platform";
  case blame::us:
    return "us";
  case blame::unknown:
    break;
  }
  return "unknown";
}

std::string_view to_string(recording_mode value) noexcept {
  switch (value) {
  case recording_mode::never:
    return "never";
  case recording_mode::always:
    return "always";
  case recording_mode::always_with_pause:
    return "always-with-pause";
  case recording_mode::on_demand:
    break;
  }
  return "on-demand";
}

std::string_view to_string(initiator value) noexcept {
  switch (value) {
  case initiator::policy:
    return "policy";
  case initiator::user:
    return "user";
  case initiator::api:
    return "api";
  case initiator::pci_dtmf:
    return "pci-dtmf";
  case initiator::hold:
    break;
  }
  return "hold";
}

std::string_view to_string(announcement_kind value) noexcept {
  switch (value) {
  case announcement_kind::start:
    return "start";
  case announcement_kind::stop:
    return "stop";
  case announcement_kind::pause:
    return "pause";
  case announcement_kind::resume:
    return "resume";
  case announcement_kind::compliance:
    return "compliance";
  case announcement_kind::failure:
    return "failure";
  case announcement_kind::beep:
    return "beep";
  case announcement_kind::tone:
    return "tone";
  case announcement_kind::other:
    break;
  }
  return "other";
}

std::string_view to_string(gap_cause value) noexcept {
  switch (value) {
  case gap_cause::network_loss:
    return "network-loss";
  case gap_cause::srtp_auth:
    return "srtp-auth";
  case gap_cause::node_failover:
    return "node-failover";
  case gap_cause::sink_overrun:
    return "sink-overrun";
  case gap_cause::ssrc_change:
    return "ssrc-change";
  case gap_cause::no_media:
    return "no-media";
  case gap_cause::provider_refused:
    break;
  }
  return "provider-refused";
}

std::string_view to_string(failure_behavior value) noexcept {
  switch (value) {
  case failure_behavior::proceed:
    return "proceed";
  case failure_behavior::proceed_with_announcement:
    return "proceed-with-announcement";
  case failure_behavior::end_call:
    break;
  }
  return "end-call";
}

std::string_view to_string(stream_layout value) noexcept {
  return value == stream_layout::dual ? "dual" : "mixed";
}

std::string_view to_string(transport value) noexcept {
  switch (value) {
  case transport::siprec:
    return "siprec";
  case transport::websocket:
    return "websocket";
  case transport::file:
    return "file";
  case transport::s3:
    break;
  }
  return "s3";
}

std::string_view to_string(party_role value) noexcept {
  return value == party_role::recorded_user ? "recorded-user" : "remote";
}

} // namespace callfork::bus
