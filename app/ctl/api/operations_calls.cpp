#include "app/ctl/api/operation.hpp"

namespace callfork::ctl {

namespace {

const view call_list{
  .columns = {{"CALL", "/id"},
              {"SINCE", "/created", look::time},
              {"STATE", "/state"},
              {"WITH", "/remoteParty/name /remoteParty/number"},
              {"RECORDING", "/recordingState"},
              {"SESSION", "/callSessionId"}},
  .nothing = "calls"};

const view live_list{
  .columns = {{"CALL", "/callId"},
              {"SINCE", "/created", look::time},
              {"PERSON", "/personId"},
              {"WITH", "/remoteParty/name /remoteParty/number"},
              {"MODE", "/recordingMode"},
              {"RECORDING", "/state"},
              {"ALLOWS", "/buttons"}},
  .nothing = "calls"};

const view sink_view{.heads = {{"Node", "/node"}, {"Region", "/region"}},
                     .columns = {{"PROVIDER", "/provider"},
                                 {"STREAMS", "/openStreams"},
                                 {"FAILURES", "/failures"},
                                 {"LAG (MS)", "/lagMilliseconds"}},
                     .items = "/sinks",
                     .nothing = "sinks"};

std::vector<parameter> which_call() {
  return {
    {.name = "--call",
     .says = "Which one; the only one, or that which was answered last, where "
             "it is not given.",
     .to = "/callId"},
    {.name = "--person",
     .says = "Whose, by identifier or e-mail; the key's own where it is not "
             "given.",
     .to = "/lineOwnerId",
     .is = value_kind::person},
  };
}

operation control(std::string_view verb, std::string_view says,
                  std::string_view path, std::string_view done) {
  return {.group = "calls",
          .verb = verb,
          .says = says,
          .method = "POST",
          .path = path,
          .takes = which_call(),
          .done = done,
          .how = {.of_organisation = false}};
}

} // namespace

std::vector<operation> call_operations() {
  return {
    {.group = "calls",
     .verb = "list",
     .says = "Show calls of somebody, on any node.",
     .method = "GET",
     .path = "/v1/telephony/calls",
     .takes = {{.name = "--person",
                .says = "Whose, by identifier or e-mail; the key's own where "
                        "it is not given.",
                .goes = place::path,
                .to = "memberId",
                .is = value_kind::person}},
     .shows = call_list,
     .how = {.of_organisation = false,
             .other_with = "--person",
             .other_path = "/v1/telephony/calls/members/{memberId}/calls"}},
    {"calls",
     "all",
     "Show those of all people that this node handles.",
     "GET",
     "/callfork/v1/calls",
     {},
     live_list,
     {},
     {.pages = true}},
    {"sinks",
     "list",
     "Show how well recordings go out from this node.",
     "GET",
     "/callfork/v1/sinks",
     {},
     sink_view},
    control("start", "Start recording a call.",
            "/v1/telephony/calls/startRecording", "the recording starts"),
    control("stop", "Stop recording a call.",
            "/v1/telephony/calls/stopRecording", "the recording stops"),
    control("pause", "Pause the recording of a call.",
            "/v1/telephony/calls/pauseRecording", "the recording pauses"),
    control("resume", "Resume the recording of a call.",
            "/v1/telephony/calls/resumeRecording", "the recording goes on"),
  };
}

} // namespace callfork::ctl
