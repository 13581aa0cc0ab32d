#include "app/ctl/event_place.hpp"

#include "app/ctl/ask.hpp"

#include <fmt/format.h>

namespace callfork::ctl {

namespace {

namespace fs = std::filesystem;

constexpr auto usual_folder = "events";
constexpr std::string_view topic_end = ".events.v1";

/// The one topic of events in a folder; empty when there is none yet.
expected<std::string, std::string> topic_in(const fs::path& folder) {
  std::string found;
  std::error_code fault;
  for (fs::directory_iterator each{folder, fault}, end; !fault && each != end;
       each.increment(fault)) {
    const auto name = each->path().filename().string();
    if (!name.ends_with(topic_end))
      continue;
    if (!found.empty())
      return make_unexpected(fmt::format("{} holds several topics, as {} and "
                                         "{}: choose one with --topic",
                                         folder.string(), found, name));
    found = name;
  }
  return found;
}

expected<event_source, std::string> as_told(event_source wanted,
                                            const json& told) {
  const auto log = text_of(told, "log");
  if (log == "none")
    return make_unexpected(
      std::string{"this node keeps no events: its events.log is none"});
  if (log == "kafka")
    wanted.brokers = text_of(told, "brokers");
  else
    wanted.folder = text_of(told, "folder");
  if (wanted.topic.empty())
    wanted.topic = text_of(told, "topic");
  return wanted;
}

} // namespace

expected<event_source, std::string> find_events(event_source wanted,
                                                const node_choice& node) {
  if (!wanted.brokers.empty())
    return wanted;
  std::error_code fault;
  if (wanted.folder.empty()) {
    if (const auto told = ask(node, "/events"))
      return as_told(std::move(wanted), *told);
    if (!fs::is_directory(usual_folder, fault))
      return make_unexpected(fmt::format(
        "no node answers at {} to say where its events are, and there is no "
        "folder '{}' here (--folder and --kafka say where they are)",
        to_string(node.http), usual_folder));
    wanted.folder = usual_folder;
  }
  if (!fs::is_directory(wanted.folder, fault))
    return make_unexpected(fmt::format("there is no folder {} (it is the "
                                       "node's events.folder)",
                                       wanted.folder.string()));
  if (!wanted.topic.empty())
    return wanted;
  auto topic = topic_in(wanted.folder);
  if (!topic)
    return make_unexpected(topic.error());
  if (topic->empty())
    return make_unexpected(fmt::format("there are no events in {} (it should "
                                       "be the node's events.folder)",
                                       wanted.folder.string()));
  wanted.topic = *topic;
  return wanted;
}

} // namespace callfork::ctl
