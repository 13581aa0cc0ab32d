#include "bus/event_json.hpp"

#include "bus/json_parts.hpp"
#include "bus/partial_document.hpp"
#include "media/base/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callfork::bus {
namespace {

constexpr std::string_view type_prefix = "io.callfork.";
constexpr std::string_view schema_root = "https://callfork.io/schemas/";
constexpr auto replace = json::error_handler_t::replace;

/// Signalling may hand us any bytes; headers and keys must be UTF-8.
std::string clean(const std::string& text) {
  const auto ascii = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x80U;
  };
  if (std::all_of(text.begin(), text.end(), ascii))
    return text;
  return json::parse(json(text).dump(-1, ' ', false, replace))
    .get<std::string>();
}

void write_context(json& into, const event& what) {
  into["region"] = what.header.region;
  into["node"] = what.header.node;
  if (!what.context)
    return;
  into["callId"] = what.context->call_id;
  const auto some = [&into](const char* name, const std::string& text) {
    if (!text.empty())
      into[name] = text;
  };
  some("organisation", what.context->organisation);
  some("location", what.context->location);
  some("user", what.context->user);
  for (const auto& [name, value] : what.context->labels)
    into["labels"][name] = value;
}

std::string value_of(const event& what) {
  json made;
  write_data(made, what.data);
  if (what.document)
    made["recording"] = to_json(*what.document);
  else if (const auto part = partial_document(what.header, what.data))
    made["recording"] = to_json(*part);
  write_context(made["context"], what);
  made["clock"]["wallTime"] = to_rfc3339(what.header.time);
  return made.dump(-1, ' ', false, replace);
}

} // namespace

record to_record(const event& what, std::string_view topic) {
  const auto& header = what.header;
  const auto type = type_of(what.data);
  record made;
  made.topic = topic;
  made.key = clean(header.call_key);
  made.time = header.time;
  made.value = value_of(what);
  made.headers = {
    {"content-type", "application/json"},
    {"ce_specversion", "1.0"},
    {"ce_id", clean(cloud_event_id(header))},
    {"ce_source",
     clean(fmt::format("/callfork/{}/{}", header.region, header.node))},
    {"ce_type", std::string{type}},
    {"ce_subject", clean(header.subject)},
    {"ce_time", to_rfc3339(header.time)},
    {"ce_dataschema",
     fmt::format("{}{}.json", schema_root, type.substr(type_prefix.size()))},
    {"ce_sequence", fmt::format("{:012}", header.sequence)},
    {"ce_epoch", fmt::format("{}", header.epoch)},
    {"ce_partitionkey", made.key},
    {"ce_region", clean(header.region)},
  };
  return made;
}

std::string cloud_event_id(const event_header& header) {
  return fmt::format("{}-{:012}", header.subject, header.sequence);
}

std::string to_rfc3339(wall_time time) {
  return time_text(time, time_detail::microseconds);
}

} // namespace callfork::bus
