#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "app/ctl/event_place.hpp"
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

constexpr std::string_view default_topic = "callfork.local.events.v1";
/// How long no event means the end: files answer at once, brokers do not.
constexpr std::chrono::milliseconds file_patience{50};
constexpr std::chrono::milliseconds kafka_patience{5000};
/// How soon brokers that are away, or a topic not made yet, are tried again.
constexpr std::chrono::seconds try_again{1};

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

reader_ptr open_files(const event_source& from) {
  return std::make_unique<bus::file_log_reader>(from.folder / from.topic,
                                                bus::read_from::beginning);
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

/// Ids may be cut short, as people copy them.
bool concerns(const bus::record& record, const std::string& call) {
  return record.key.starts_with(call)
         || bus::header_of(record, "ce_subject").value_or("").starts_with(call);
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

/// Prints events, and the day once it changes: their lines have the time alone.
class printer {
public:
  explicit printer(const manner& how)
    : how_{how} {
  }

  void print(const bus::stored_record& what) {
    if (how_.json) {
      std::cout << to_json_line(what) << "\n" << std::flush;
      return;
    }
    const auto time = bus::header_of(what.record, "ce_time").value_or("");
    const auto day = time.substr(0, std::min(time.find('T'), time.size()));
    if (day != day_ && day.find_first_not_of("0123456789-") == day.npos)
      std::cout << (how_.colors ? "\x1b[1m" : "") << day << " (UTC)"
                << (how_.colors ? "\x1b[0m" : "") << "\n";
    day_ = day;
    std::cout << bus::to_line(what.record, how_.colors ? bus::colors::ansi
                                                       : bus::colors::none)
              << "\n"
              << std::flush;
  }

private:
  manner how_;
  std::string day_;
};

/// Says on the error output why there is nothing to show, once per reason.
void tell_waiting(std::string& told, const std::string& why) {
  if (std::exchange(told, why) != why)
    std::cerr << "callforkctl: waiting: " << why << "\n";
}

int print_all(bus::log_reader& reader, const event_source& from,
              const manner& how) {
  const auto patience = from.brokers.empty() ? file_patience : kafka_patience;
  printer printing{how};
  std::string told;
  bool any = false;
  while (std::cout) {
    const auto next = reader.next(patience);
    if (!next && !from.follow)
      return complain(next.error().text);
    if (!next) {
      tell_waiting(told, next.error().text);
      std::this_thread::sleep_for(try_again);
      continue;
    }
    if (!*next && !from.follow) {
      if (!any && !how.json)
        std::cout << "no events\n";
      return succeeded;
    }
    if (!*next || !concerns((*next)->record, from.call))
      continue;
    any = true;
    printing.print(**next);
  }
  return failed;
}

} // namespace

int show_events(const event_source& wanted, const node_choice& node,
                const manner& how) {
  const auto from = find_events(wanted, node);
  if (!from)
    return complain(from.error());
  if (from->brokers.empty())
    return print_all(*open_files(*from), *from, how);
  const auto reader = open_kafka(*from);
  return reader ? print_all(**reader, *from, how) : complain(reader.error());
}

} // namespace callfork::ctl
