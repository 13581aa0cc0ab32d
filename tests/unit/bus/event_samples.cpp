#include "tests/unit/bus/event_samples.hpp"

namespace callfork::test {
namespace {

using namespace bus;
using namespace std::chrono_literals;

uuid id_of(std::string_view name) {
  return named_uuid(callfork_space(), name);
}

std::vector<event_data> call_story() {
  const stream_facts facts{id_of("stream"),
                           id_of("caller"),
                           "1",
                           "PCMA",
                           8000,
                           1,
                           "AES_CM_128_HMAC_SHA1_80",
                           4711};
  return {
    session_started{id_of("session"), "ng"},
    session_updated{id_of("session"), "hold"},
    session_restarted{id_of("session"), blame::us, "crash", 1},
    participant_joined{id_of("caller"), party_role::recorded_user, 0,
                       "sip:alice@example.com", "Alice \"Al\" \xC3\x84"},
    participant_left{id_of("callee"), "bye"},
    stream_added{facts},
    stream_updated{facts, "rekey"},
    stream_removed{id_of("stream"), "bye"},
    session_ending{id_of("session"), "provider-unreachable",
                   to_string(id_of("recording"))},
    session_ended{id_of("session"), blame::none, "delete", 61'000ms},
  };
}

std::vector<event_data> recording_story() {
  const announcement_facts spoken{
    announcement_kind::start, "start-en", {id_of("caller")}, 0ms};
  const provider_facts vault{"vault", transport::file, 1};
  return {
    recording_requested{
      recording_mode::always_with_pause, initiator::policy, "gold", {"vault"}},
    provider_delivery_requested{vault},
    provider_delivery_retrying{vault, "refused", 500ms, blame::provider, 603},
    provider_delivery_accepted{vault, "r-1"},
    announcement_started{spoken},
    announcement_played{spoken, 2500ms},
    announcement_failed{spoken, blame::us, "no such prompt"},
    recording_started{recording_mode::always_with_pause,
                      initiator::policy,
                      {"vault"},
                      "PCMA",
                      stream_layout::dual,
                      2500ms},
    recording_paused{initiator::pci_dtmf, "card data", 1000ms},
    recording_resumed{initiator::user, "", 1000ms, 4200ms},
    recording_gap{id_of("stream"), "1", 1200ms, 1260ms, gap_cause::network_loss,
                  true},
    recording_snapshot{"recording", "interval", 2000ms},
    recording_stopped{blame::none,
                      initiator::policy,
                      "call-ended",
                      60'000ms,
                      4200ms,
                      960'044,
                      {{id_of("stream"), "1", 3000, 2997, 3, 1}},
                      std::string(64, 'a')},
    provider_delivery_completed{vault, 960'044, "/var/lib/callfork/r-1.wav"},
    provider_delivery_failed{vault, blame::provider, "disk full", 486},
  };
}

bool wants_document(const event_data& data) {
  return std::holds_alternative<recording_started>(data)
         || std::holds_alternative<recording_stopped>(data)
         || std::holds_alternative<recording_snapshot>(data);
}

} // namespace

std::shared_ptr<const bus::metadata::document> sample_document() {
  using namespace bus::metadata;
  const span_of_time since{sample_time, std::nullopt};
  document made;
  made.groups = {{id_of("group"), since}};
  made.sessions = {{id_of("session"),
                    id_of("group"),
                    {"ab30317f1a784dc48ff824d0d3715d86"},
                    {{16, "Q.850", "normal"}},
                    sample_time,
                    sample_time + 61s}};
  made.participants = {{id_of("caller"), {{"sip:alice@example.com", "Alice"}}},
                       {id_of("callee"), {{"sip:bob@example.com", ""}}}};
  made.streams = {{id_of("stream"), id_of("session"), "1"},
                  {id_of("other"), id_of("session"), "2"}};
  made.session_recordings = {{id_of("session"), since}};
  made.participant_sessions = {{id_of("caller"), id_of("session"), since},
                               {id_of("callee"), id_of("session"), since}};
  made.participant_streams
    = {{id_of("caller"), {id_of("stream")}, {id_of("other")}, {}},
       {id_of("callee"), {id_of("other")}, {id_of("stream")}, {}}};
  return std::make_shared<const document>(std::move(made));
}

std::vector<bus::event> one_of_each() {
  const auto context = std::make_shared<const event_context>(event_context{
    "call-1@192.0.2.1", "acme", "berlin", "alice", {{"queue", "sales"}}});
  std::vector<event> made;
  const auto tell = [&](const std::string& subject,
                        std::vector<event_data> story) {
    for (auto& data : story) {
      const bool whole = wants_document(data);
      const auto sequence = made.empty()
                                || made.back().header.subject != subject
                              ? 1
                              : made.back().header.sequence + 1;
      made.push_back(sample(subject, sequence, std::move(data)));
      made.back().context = context;
      if (whole)
        made.back().document = sample_document();
    }
  };
  tell("call-1@192.0.2.1", call_story());
  tell(to_string(id_of("recording")), recording_story());
  made.push_back(
    sample(to_string(id_of("second")), 1,
           recording_failed{blame::us, "node-restarted", "the node ended",
                            failure_behavior::proceed}));
  return made;
}

} // namespace callfork::test
