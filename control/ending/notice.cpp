#include "control/ending/notice.hpp"

#include "bus/event_json.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace callfork::ending {

namespace {

using json = nlohmann::ordered_json;

/// No answer that matters is longer.
constexpr std::size_t most_answer_bytes = std::size_t{64} << 10U;
/// Of somebody else's words, in the log.
constexpr std::size_t most_told = 100;

/// Signalling may hand us any bytes; JSON is UTF-8.
std::string written(const json& what) {
  return what.dump(-1, ' ', false, json::error_handler_t::replace);
}

http::question post(const std::string& target, const json& body) {
  http::question made;
  made.target = target;
  made.method = "POST";
  made.body = written(body);
  made.most_bytes = most_answer_bytes;
  return made;
}

bool is_passing(unsigned status) noexcept {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

verdict judge_status(unsigned status) {
  if (status / 100 == 2)
    return {outcome::told, ""};
  return {is_passing(status) ? outcome::failed : outcome::refused,
          "it answered " + std::to_string(status)};
}

/// What Kamailio's error means. All of them have code 500 up to version 5.8.
verdict judge_error(const json& error) {
  const auto text = error.value("message", json{});
  const auto message = text.is_string() ? text.get<std::string>()
                                        : std::string{"an error"};
  const auto why = "it said " + message.substr(0, most_told);
  if (message.find("find callid") != std::string::npos)
    return {outcome::gone, why};
  if (message == "Method Not Found")
    return {outcome::refused, why};
  return {outcome::failed, why};
}

/// What a remote procedure said; nothing if that is no JSON-RPC.
std::optional<verdict> judge_procedure(const std::string& body) {
  const auto said = json::parse(body, nullptr, false);
  if (!said.is_object())
    return std::nullopt;
  if (said.contains("result"))
    return verdict{outcome::told, ""};
  const auto error = said.find("error");
  if (error == said.end() || !error->is_object())
    return std::nullopt;
  return judge_error(*error);
}

} // namespace

http::question webhook_question(const std::string& target,
                                const std::string& token, const notice& what) {
  json body{{"id", what.id},
            {"type", "io.callfork.session.ending.v1"},
            {"callId", what.call_id},
            {"fromTag", what.from_tag},
            {"toTag", what.to_tag},
            {"reason", what.reason},
            {"sessionId", what.session}};
  const auto some = [&body](const char* name, const std::string& text) {
    if (!text.empty())
      body[name] = text;
  };
  some("recordingId", what.recording);
  some("organisation", what.organisation);
  some("location", what.location);
  some("user", what.user);
  body["region"] = what.region;
  body["node"] = what.node;
  body["at"] = bus::to_rfc3339(what.at);
  auto made = post(target, body);
  if (!token.empty())
    made.headers.emplace_back("Authorization", "Bearer " + token);
  return made;
}

verdict judge_webhook(const answer& heard) {
  if (!heard)
    return {outcome::failed, heard.error()};
  if (heard->status == 404 || heard->status == 410)
    return {outcome::gone, "it answered " + std::to_string(heard->status)};
  return judge_status(heard->status);
}

http::question kamailio_question(const std::string& target,
                                 const notice& what) {
  return post(target, {{"jsonrpc", "2.0"},
                       {"method", "dlg.terminate_dlg"},
                       {"params", {what.call_id, what.from_tag, what.to_tag}},
                       {"id", what.id}});
}

verdict judge_kamailio(const answer& heard) {
  if (!heard)
    return {outcome::failed, heard.error()};
  if (auto said = judge_procedure(heard->body))
    return *said;
  auto judged = judge_status(heard->status);
  if (judged.what == outcome::told)
    return {outcome::refused, "what it answered is no JSON-RPC"};
  return judged;
}

} // namespace callfork::ending
