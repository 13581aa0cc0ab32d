#include "app/phone/demo_call.hpp"

#include "app/phone/likeness.hpp"
#include "app/phone/ng_client.hpp"
#include "media/audio/prompt.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <thread>
#include <utility>

namespace callfork::phone {

namespace {

using namespace std::chrono_literals;

/// How much later than it was said something may be heard: half a second.
constexpr std::size_t most_delay = 4000;

constexpr std::array speech_folders{
  "/usr/share/asterisk/sounds/en_US_f_Allison",
  "/usr/share/asterisk/sounds/en"};
constexpr const char* caller_file = "demo-congrats.wav";
constexpr const char* callee_file = "demo-instruct.wav";

std::string random_word() {
  std::random_device random;
  return std::to_string(random()) + std::to_string(random());
}

/// Without any recording at hand: two seconds of syllable-like bursts.
std::vector<std::int16_t> babble(double pitch_hz) {
  std::vector<std::int16_t> pcm(16'000);
  for (std::size_t at = 0; at < pcm.size(); ++at) {
    const auto time = static_cast<double>(at) / 8000;
    const auto swell = std::abs(std::sin(2 * std::numbers::pi * 1.75 * time));
    const auto glide = pitch_hz * (1 + 0.1 * std::sin(4 * time));
    pcm[at] = static_cast<std::int16_t>(
      9000 * swell * std::sin(2 * std::numbers::pi * glide * time));
  }
  return pcm;
}

expected<std::vector<std::int16_t>, std::string>
load(const std::filesystem::path& file) {
  const auto speech = audio::prompt::load(file.string());
  if (!speech)
    return unexpected{speech.error()};
  const auto pcm = (*speech)->pcm(8000);
  return std::vector<std::int16_t>{pcm.begin(), pcm.end()};
}

/// The file asked for, or a recording that the system has, or a babble.
expected<std::vector<std::int16_t>, std::string>
speech(const std::filesystem::path& wanted, const char* file, double pitch_hz) {
  if (!wanted.empty())
    return load(wanted);
  for (const auto* const folder : speech_folders)
    if (auto found = load(std::filesystem::path{folder} / file))
      return found;
  return babble(pitch_hz);
}

/// Both parties and the node between them.
struct parties {
  ng_client node;
  std::unique_ptr<phone> caller;
  std::unique_ptr<phone> callee;
  std::string call_id;
  std::string caller_tag = random_word();
  std::string callee_tag = random_word();
};

ng::dictionary base_request(const parties& of, std::string_view command,
                            const demo_settings& settings) {
  ng::dictionary request;
  request.set("command", command)
    .set("call-id", of.call_id)
    .set("from-tag", of.caller_tag)
    .set("received-from", ng::list{ng::value{"IP4"}, ng::value{"127.0.0.1"}})
    .set("from-label", settings.caller_number)
    .set("to-label", settings.callee_number);
  return request;
}

void describe(ng::dictionary& request, std::string sdp,
              const demo_settings& settings) {
  request.set("sdp", std::move(sdp))
    .set("replace",
         ng::list{ng::value{"origin"}, ng::value{"session-connection"}})
    .set("transport-protocol", settings.suite ? "RTP/SAVP" : "RTP/AVP")
    .set("ICE", "remove")
    .set("DTLS", "off");
  if (settings.record)
    request.set("record-call", "yes");
  if (!settings.metadata.empty())
    request.set("metadata", settings.metadata);
}

std::string text_of(const ng::dictionary& reply, std::string_view key) {
  const auto* const found = reply.find(key);
  const auto* const text = found ? found->string() : nullptr;
  return text ? *text : std::string{};
}

/// Sends a request and returns its "sdp"; empty is allowed when none is due.
expected<std::string, std::string> ask(parties& of,
                                       const ng::dictionary& request) {
  const auto reply = of.node.request(request);
  if (!reply)
    return unexpected{reply.error()};
  if (text_of(*reply, "result") != "ok")
    return unexpected{"the node refused \"" + text_of(request, "command")
                      + "\": " + text_of(*reply, "error-reason")};
  return text_of(*reply, "sdp");
}

expected<void, std::string> connect(parties& of,
                                    const demo_settings& settings) {
  auto offer = base_request(of, "offer", settings);
  describe(offer, of.caller->offer(), settings);
  const auto offered = ask(of, offer);
  if (!offered)
    return unexpected{offered.error()};
  auto answered = of.callee->answer(*offered);
  if (!answered)
    return unexpected{"the callee cannot answer: " + answered.error()};
  auto answer = base_request(of, "answer", settings);
  answer.set("to-tag", of.callee_tag);
  describe(answer, std::move(*answered), settings);
  const auto accepted = ask(of, answer);
  if (!accepted)
    return unexpected{accepted.error()};
  if (const auto done = of.caller->accept(*accepted); !done)
    return unexpected{"the caller cannot accept: " + done.error()};
  return {};
}

void talk(parties& of, const demo_settings& settings) {
  of.callee->start();
  of.caller->start();
  const auto start = clock::now();
  for (auto second = 1s; second <= settings.length; ++second) {
    std::this_thread::sleep_until(start + second);
    if (settings.progress)
      settings.progress(second);
  }
  std::this_thread::sleep_until(start + settings.length);
  of.caller->stop();
  of.callee->stop();
}

party_report judge(const phone& listener,
                   const std::vector<std::int16_t>& other_said) {
  const auto heard = listener.heard();
  // What was said repeats: compare as much of it as was heard.
  std::vector<std::int16_t> said(heard.size());
  for (std::size_t at = 0; at < said.size(); ++at)
    said[at] = other_said[at % other_said.size()];
  return {
    listener.figures(), level_dbfs(heard),
    compare(said, heard, std::min(most_delay, heard.size() / 8)).correlation};
}

} // namespace

bool demo_report::good() const noexcept {
  const auto fared_well = [](const party_report& party) {
    return party.figures.received > 0 && party.figures.refused == 0
           && party.likeness > 0.5;
  };
  return fared_well(caller) && fared_well(callee);
}

expected<demo_report, std::string>
play_demo_call(const demo_settings& settings) {
  if (settings.length < 100ms || settings.length > 1h)
    return unexpected{std::string{"a demo call lasts 100 ms to 1 h"}};
  auto caller_says = speech(settings.caller_speech, caller_file, 220);
  auto callee_says = speech(settings.callee_speech, callee_file, 330);
  if (!caller_says || !callee_says)
    return unexpected{caller_says ? callee_says.error() : caller_says.error()};
  auto node = ng_client::make(settings.node, {});
  if (!node)
    return unexpected{node.error()};
  auto caller = phone::make(
    {.name = "caller", .suite = settings.suite, .speech = *caller_says});
  auto callee = phone::make(
    {.name = "callee", .suite = settings.suite, .speech = *callee_says});
  if (!caller || !callee)
    return unexpected{caller ? callee.error() : caller.error()};
  parties of{std::move(*node), std::move(*caller), std::move(*callee),
             settings.call_id.empty() ? "demo-" + random_word()
                                      : settings.call_id};
  const auto connected = connect(of, settings);
  if (connected)
    talk(of, settings);
  const auto ended = ask(of, base_request(of, "delete", settings));
  if (!connected)
    return unexpected{connected.error()};
  if (!ended)
    return unexpected{ended.error()};
  return demo_report{of.call_id, judge(*of.caller, *callee_says),
                     judge(*of.callee, *caller_says)};
}

} // namespace callfork::phone
