#include "actors/siprec_client.hpp"

#include "actors/call_requests.hpp"
#include "control/siprec/metadata_writer.hpp"

#include <chrono>
#include <utility>

namespace callfork::actors {

namespace {

void add(ng::request& to, std::string key, const std::string& value) {
  if (!value.empty())
    to.metadata.emplace_back(std::move(key), value);
}

/// What the law and the story shall know of the call. A certificate counts more
/// than what a client claims.
void add_facts(ng::request& to, const siprec_client& of) {
  const auto& said = of.picture.platform();
  add(to, "organisation",
      of.organisation.empty() ? said.service_provider : of.organisation);
  add(to, "location", said.group);
  add(to, "user", said.user);
  add(to, "tracking-id", said.tracking_id);
  add(to, "sip-call-id", of.sip_call_id);
  if (of.group)
    add(to, "group", to_string(*of.group));
}

void add_participants(ng::request& to, const siprec::client_picture& from) {
  if (!from.is_known())
    return;
  to.silenced = from.is_silenced();
  to.participants.emplace();
  for (auto& each : from.speakers())
    to.participants->push_back({to_string(each.id), std::move(each.aor),
                                std::move(each.name), each.line});
}

} // namespace

std::shared_ptr<const ng::request> session_request(const siprec_client& of,
                                                   recording::mode mode,
                                                   std::string sdp) {
  auto made = std::make_shared<ng::request>();
  made->command = ng::command::record_session;
  made->call_id = of.call_id;
  made->sdp = std::move(sdp);
  made->metadata.emplace_back("mode", to_string(mode));
  add_facts(*made, of);
  add_participants(*made, of.picture);
  return made;
}

std::shared_ptr<const ng::request> end_request(const std::string& call_id,
                                               const std::string& reason) {
  auto made = std::make_shared<ng::request>();
  made->command = ng::command::remove;
  made->call_id = call_id;
  made->delete_delay = std::chrono::seconds{0};
  made->extras.emplace_back(end_reason_key, reason);
  return made;
}

siprec::written_body snapshot_body(std::string_view reason) {
  return {std::string{siprec::metadata_type},
          siprec::write_snapshot_request(reason), "recording-session"};
}

} // namespace callfork::actors
