#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "bus/event_text.hpp"
#include "bus/file_log.hpp"
#include "bus/kafka_log.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <thread>
#include <utility>

namespace callfork::ctl {

namespace {

namespace fs = std::filesystem;
using reader_ptr = std::unique_ptr<bus::log_reader>;

constexpr std::string_view topic_end = ".events.v1";
constexpr std::string_view default_topic = "callfork.local.events.v1";
/// How long no event means the end: files answer at once, brokers do not.
constexpr std::chrono::milliseconds file_patience{50};
constexpr std::chrono::milliseconds kafka_patience{5000};
/// How soon brokers that are away, or a topic not made yet, are tried again.
constexpr std::chrono::seconds try_again{1};

/// The one topic of events in the folder, or why there is none to choose.
expected<std::string, std::string> find_topic(const event_source& from) {
  if (!from.topic.empty())
    return from.topic;
  std::vector<std::string> found;
  std::error_code fault;
  for (fs::directory_iterator each{from.folder, fault}, end;
       !fault && each != end; each.increment(fault))
    if (each->path().filename().string().ends_with(topic_end))
      found.push_back(each->path().filename().string());
  if (found.size() > 1)
    return make_unexpected(fmt::format("there are {} topics in {}: choose one "
                                       "with --topic",
                                       found.size(), from.folder.string()));
  if (found.empty())
    return make_unexpected(fmt::format("there are no events in {} (--folder "
                                       "names the node's events.folder, "
                                       "--kafka a broker)",
                                       from.folder.string()));
  return found.front();
}

/// Reads lines `name=value`; empty lines and those with '#' say nothing.
expected<std::map<std::string, std::string>, std::string>
read_settings(const fs::path& path) {
  std::map<std::string, std::string> settings;
  if (path.empty())
    return settings;
  std::ifstream file{path};
  if (!file)
    return make_unexpected(path.string() + ": cannot be read");
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (line.empty() || line.starts_with('#'))
      continue;
    if (equals == std::string::npos)
      return make_unexpected(path.string() + ": expected lines name=value");
    settings[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return settings;
}

expected<reader_ptr, std::string> open_files(const event_source& from) {
  const auto topic = find_topic(from);
  if (!topic)
    return make_unexpected(topic.error());
  return reader_ptr{std::make_unique<bus::file_log_reader>(
    from.folder / *topic, bus::read_from::beginning)};
}

expected<reader_ptr, std::string> open_kafka(const event_source& from) {
  auto options = read_settings(from.kafka_settings);
  if (!options)
    return make_unexpected(options.error());
  bus::kafka_settings settings;
  settings.brokers = from.brokers;
  settings.client_id = "callforkctl";
  settings.options = std::move(*options);
  auto reader = bus::make_kafka_reader(
    settings, from.topic.empty() ? std::string{default_topic} : from.topic,
    bus::read_from::beginning);
  if (!reader)
    return make_unexpected(reader.error().text);
  return std::move(*reader);
}

bool concerns(const bus::record& record, const std::string& call) {
  return call.empty() || record.key == call
         || bus::header_of(record, "ce_subject").value_or("") == call;
}

std::string to_json_line(const bus::stored_record& from) {
  json headers = json::object();
  for (const auto& [name, value] : from.record.headers)
    headers[name] = value;
  auto value = json::parse(from.record.value, nullptr, false);
  if (value.is_discarded())
    value = from.record.value;
  const json line{{"partition", from.partition},
                  {"offset", from.offset},
                  {"key", from.record.key},
                  {"headers", headers},
                  {"value", value}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

void print(const bus::stored_record& what, const manner& how) {
  const auto colors = how.colors ? bus::colors::ansi : bus::colors::none;
  std::cout << (how.json ? to_json_line(what)
                         : bus::to_line(what.record, colors))
            << "\n"
            << std::flush;
}

/// Says on the error output why there is nothing to show, once per reason.
void tell_waiting(std::string& told, const std::string& why) {
  if (std::exchange(told, why) != why)
    std::cerr << "callforkctl: waiting: " << why << "\n";
}

} // namespace

int show_events(const event_source& from, const manner& how) {
  auto reader = from.brokers.empty() ? open_files(from) : open_kafka(from);
  if (!reader)
    return complain(reader.error());
  const auto patience = from.brokers.empty() ? file_patience : kafka_patience;
  std::string told;
  while (std::cout) {
    const auto next = (*reader)->next(patience);
    if (!next && !from.follow)
      return complain(next.error().text);
    if (!next) {
      tell_waiting(told, next.error().text);
      std::this_thread::sleep_for(try_again);
    } else if (!*next && !from.follow)
      return succeeded;
    else if (*next && concerns((*next)->record, from.call))
      print(**next, how);
  }
  return failed;
}

} // namespace callfork::ctl
