#include "bus/vault_json.hpp"

#include "media/base/time_text.hpp"

#include <nlohmann/json.hpp>

namespace callfork::bus {

namespace {

using json = nlohmann::ordered_json;

std::string timestamp(wall_time when) {
  return time_text(when, time_detail::milliseconds);
}

json json_of(const recorded_stream& stream, const char* party,
             const char* channel) {
  return {{"party", party},
          {"channel", channel},
          {"codec", stream.codec},
          {"packets", stream.packets},
          {"lost", stream.lost},
          {"late", stream.late},
          {"duplicates", stream.duplicates},
          {"unusable", stream.unusable},
          {"concealedMs", stream.concealed.count()}};
}

json json_of(const std::vector<recorded_gap>& gaps) {
  auto list = json::array();
  for (const auto& gap : gaps)
    list.push_back({{"stream", gap.stream},
                    {"fromMs", gap.from.count()},
                    {"toMs", gap.to.count()},
                    {"cause", gap.cause}});
  return list;
}

json json_of(const std::vector<recorded_pause>& pauses) {
  auto list = json::array();
  for (const auto& pause : pauses)
    list.push_back({{"atMs", pause.at.count()},
                    {"lengthMs", pause.length.count()},
                    {"began", timestamp(pause.began)}});
  return list;
}

json object_of(const std::string& text) {
  auto found = json::parse(text, nullptr, false);
  return found.is_object() ? found : json::object();
}

} // namespace

std::string vault_json(const recording_summary& summary) {
  const auto slash = summary.file.rfind('/');
  json text{
    {"schema", "vault.recording.v1"},
    {"recording", summary.id},
    {"call", summary.call_id},
    {"file", slash == std::string::npos ? summary.file
                                        : summary.file.substr(slash + 1)},
    {"started", timestamp(summary.started)},
    {"ended", timestamp(summary.ended)},
    {"durationMs", summary.duration.count()},
    {"rate", summary.rate},
    {"bytes", summary.bytes},
    {"sha256", summary.sha256},
    {"interrupted", summary.interrupted},
    {"failure", summary.failure},
    {"streams", json::array({json_of(summary.streams[0], "caller", "left"),
                             json_of(summary.streams[1], "callee", "right")})},
    {"gaps", json_of(summary.gaps)},
    {"gapsLeftOut", summary.gaps_left_out},
    {"pauses", json_of(summary.pauses)},
    {"about", object_of(summary.about)}};
  return text.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace callfork::bus
