#include "app/admin_wiring.hpp"

#include "app/wiring.hpp"
#include "bus/file_log.hpp"
#include "bus/kafka_log.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

namespace callfork {

namespace {

using namespace std::chrono_literals;
using opened = expected<std::unique_ptr<actors::config_log>, bus::log_error>;

constexpr auto read_within = 5s;
constexpr auto topic_within = 5s;

opened open_files(actors::config_log_settings settings,
                  const std::filesystem::path& folder) {
  bus::file_log_settings files;
  files.folder = folder;
  files.keep_for = {};
  files.keep_bytes = 0;
  auto reader = std::make_unique<bus::file_log_reader>(
    folder / settings.topic, bus::read_from::beginning);
  return actors::config_log::start(
    std::move(settings), bus::make_file_log_writer(files), std::move(reader));
}

opened open_kafka(actors::config_log_settings settings,
                  const bus::kafka_settings& kafka) {
  settings.compacted = true;
  settings.prepare = [kafka, topic = settings.topic] {
    return bus::make_compacted_topic(kafka, topic, topic_within);
  };
  auto writer = bus::make_kafka_writer(kafka);
  if (!writer)
    return make_unexpected(writer.error());
  auto reader = bus::make_kafka_reader(kafka, settings.topic,
                                       bus::read_from::beginning);
  if (!reader)
    return make_unexpected(reader.error());
  return actors::config_log::start(std::move(settings), std::move(*writer),
                                   std::move(*reader));
}

} // namespace

expected<administration, std::string>
open_administration(const config::configuration& from) {
  actors::config_log_settings settings;
  settings.topic = from.events.topic_prefix + ".config.v1";
  settings.node = from.node.name;
  const bool in_kafka = from.events.log == config::event_log::kafka;
  if (!in_kafka && from.admin.folder.empty())
    return administration{};
  auto book = in_kafka
                ? open_kafka(settings, kafka_of(from.events, from.node.name))
                : open_files(settings, from.admin.folder);
  if (!book)
    return make_unexpected(
      (in_kafka ? "events.kafka_settings: " : "admin.folder: ")
      + book.error().text);
  if (!(*book)->await_complete(read_within))
    spdlog::warn("the config log is not read to its end yet: {}",
                 (*book)->figures().trouble);
  auto jobs = std::make_unique<actors::job_runner>(**book);
  return administration{std::move(*book), std::move(jobs)};
}

} // namespace callfork
