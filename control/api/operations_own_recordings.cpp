#include "control/api/operation.hpp"
#include "control/api/paging.hpp"
#include "control/api/recording_access.hpp"
#include "control/api/words.hpp"

namespace callfork::api {

namespace {

struct audio_kind {
  std::string_view name;
  catalogue::audio_format format;
  std::string_view type;
  std::string_view ending;
};

constexpr std::array<audio_kind, 3> audio_kinds{{
  {"mp3", catalogue::audio_format::mp3, "audio/mpeg", ".mp3"},
  {"wav", catalogue::audio_format::wav, "audio/wav", ".wav"},
  {"opus", catalogue::audio_format::opus, "audio/ogg", ".opus"},
}};

/// MP3 where nobody says.
expected<audio_kind, refusal> read_kind(const request& asked) {
  const auto wished = query_of(asked, "format");
  for (const auto& one : audio_kinds)
    if (!wished || *wished == one.name)
      return one;
  return refuse(400, "Invalid request: format is none of mp3, wav and opus.");
}

/// A recording that may be heard: by its link, or by who asks.
expected<catalogue::recording, refusal>
find_audible(const context& in, const request& asked, const audio_kind& as) {
  const auto& id = asked.parameters.at("recordingId");
  const auto signature = query_of(asked, "signature");
  if (!signature)
    return find_recording(in, id, action::play_recording);
  const auto expires = query_of(asked, "expires").value_or("");
  if (!in.with.links->admits(id, as.name, expires, *signature, in.now))
    return refuse(403, "The link has expired, or is none of ours.");
  const auto vault = vault_of(in);
  if (!vault)
    return make_unexpected(vault.error());
  auto found = (*vault)->get(id);
  if (!found)
    return make_unexpected(refusal_for(catalogue::fault::unknown, id));
  return *std::move(found);
}

result listen(const context& in, const request& asked) {
  const auto as = read_kind(asked);
  if (!as)
    return make_unexpected(as.error());
  const auto found = find_audible(in, asked, *as);
  if (!found)
    return make_unexpected(found.error());
  if (found->status != catalogue::status::available)
    return make_unexpected(
      refusal_for(catalogue::fault::wrong_status, found->id));
  auto audio = (*vault_of(in))->audio(found->id, as->format);
  if (!audio)
    return make_unexpected(refusal_for(audio.error(), found->id));
  reply made{200, *std::move(audio), std::string{as->type}, {}};
  made.headers.emplace_back("Content-Disposition",
                            "attachment; filename=\"" + found->id
                              + std::string{as->ending} + "\"");
  return made;
}

template <bool Held>
result hold(const context& in, const request& asked) {
  const auto& id = asked.parameters.at("recordingId");
  const auto found = find_recording(in, id, action::hold_recording);
  if (!found)
    return make_unexpected(found.error());
  if (const auto acted = (*vault_of(in))->hold(id, Held); !acted)
    return make_unexpected(refusal_for(acted.error(), id));
  return done();
}

} // namespace

std::vector<operation> own_recording_operations() {
  return {
    {"POST", "/callfork/v1/recordings/<recordingId>/hold", std::nullopt,
     "recording.hold", hold<true>},
    {"POST", "/callfork/v1/recordings/<recordingId>/unhold", std::nullopt,
     "recording.unhold", hold<false>},
    {"GET", "/callfork/v1/recordings/<recordingId>/audio", std::nullopt,
     "recording.play", listen, scope::link},
  };
}

} // namespace callfork::api
