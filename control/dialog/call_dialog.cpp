#include "control/dialog/call_dialog.hpp"

#include "control/dialog/plan.hpp"
#include "control/dialog/state.hpp"

#include <algorithm>

namespace callfork::dialog {

namespace {

using ng::command;

/// What is to be played must be said; whether it can be is found out later.
reply check_play(const call_state& call, const ng::request& what) {
  const auto targets = find_play_targets(call, what);
  if (!targets)
    return make_unexpected(targets.error());
  const auto& play = what.play;
  if (what.command == command::play_media && play.file.empty()
      && play.blob.empty() && play.db_id <= 0)
    return fault{"No media file specified"};
  return ok_reply();
}

reply describe(const call_state& call, const ng::request& what,
               const resources& world) {
  auto out = describe_call(call, what, world);
  out.set("result", "ok");
  return out;
}

reply carry_out(call_state& call, const ng::request& what, resources& world,
                instant now) {
  switch (what.command) {
  case command::offer:
    return handle_offer(call, what, world, now);
  case command::answer:
    return handle_answer(call, what, world, now);
  case command::remove:
    return handle_remove(call, what, world, now);
  case command::query:
    return describe(call, what, world);
  case command::start_recording:
  case command::stop_recording:
  case command::pause_recording:
    return ok_reply();
  case command::block_media:
  case command::unblock_media:
  case command::silence_media:
  case command::unsilence_media:
  case command::block_digits:
  case command::unblock_digits:
    return handle_gate(call, what);
  case command::play_media:
  case command::stop_media:
    return check_play(call, what);
  case command::subscribe_request:
    return handle_subscribe_request(call, what, world, now);
  case command::subscribe_answer:
    return handle_subscribe_answer(call, what, now);
  case command::unsubscribe:
    return handle_unsubscribe(call, what);
  case command::record_session:
    return handle_record_session(call, what, world, now);
  case command::ping:
  case command::list_calls:
  case command::statistics:
    break;
  }
  return fault{"Unrecognized command"};
}

} // namespace

call_dialog::call_dialog(std::string call_id, const dialog_settings& settings,
                         instant now) {
  auto made = std::make_shared<call_state>();
  made->call_id = std::move(call_id);
  made->settings = settings;
  made->created = now;
  made->last_signal = now.wall;
  state_ = std::move(made);
}

reply call_dialog::handle(const ng::request& what, resources& world,
                          instant now) {
  auto next = std::make_shared<call_state>(*state_);
  auto out = carry_out(*next, what, world, now);
  if (out)
    state_ = std::move(next);
  return out;
}

engine::media_plan call_dialog::plan() const {
  return plan_call(*state_);
}

audio_streams call_dialog::recorded() const {
  return recorded_streams(*state_);
}

dialog_tags call_dialog::tags() const {
  const auto& call = *state_;
  if (!call.caller || !call.callee || call.recorder)
    return {};
  return {call.parties[*call.caller].tag, call.parties[*call.callee].tag};
}

recorded_lines call_dialog::lines() const {
  return lines_of(*state_);
}

expected<std::vector<engine::leg_id>, std::string>
call_dialog::play_targets(const ng::request& what) const {
  return find_play_targets(*state_, what);
}

const std::string& call_dialog::call_id() const noexcept {
  return state_->call_id;
}

bool call_dialog::has_record_aware() const noexcept {
  return std::ranges::any_of(state_->parties, &party::record_aware);
}

bool call_dialog::answered() const noexcept {
  return state_->callee.has_value();
}

std::optional<time_point> call_dialog::ends_at() const noexcept {
  return state_->ends_at;
}

ng::dictionary error_reply(std::string_view reason) {
  ng::dictionary out;
  out.set("result", "error");
  out.set("error-reason", reason);
  return out;
}

reply reply_without_call(const ng::request& what) {
  if (what.command == command::answer) {
    if (what.sdp.empty())
      return fault{"No SDP body in message"};
    if (what.call_id.empty())
      return fault{"No call-id in message"};
    if (what.from_tag.empty())
      return fault{"No from-tag in message"};
    if (what.to_tag.empty())
      return fault{"No to-tag in message"};
    return fault{"Unknown call-id"};
  }
  if (what.call_id.empty())
    return fault{"No call-id in message"};
  if (what.command == command::remove) {
    constexpr auto text = "Call-ID not found or tags didn't match";
    if (what.flags.has("fatal"))
      return fault{text};
    ng::dictionary out;
    out.set("warning", text);
    out.set("result", "ok");
    return out;
  }
  const auto of_call = what.command == command::query
                       || what.command == command::start_recording
                       || what.command == command::stop_recording
                       || what.command == command::pause_recording;
  return fault{of_call ? "Unknown call-id" : "Unknown call-ID"};
}

} // namespace callfork::dialog
