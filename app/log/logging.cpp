#include "app/log/logging.hpp"

#include "app/log/json_line.hpp"
#include "app/printable.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace callfork::log {

namespace {

/// Writes each line as a JSON object.
class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& from,
              spdlog::memory_buf_t& to) override {
    const auto level = spdlog::level::to_string_view(from.level);
    const auto text = to_json({from.time,
                               {level.data(), level.size()},
                               {from.payload.data(), from.payload.size()}});
    to.append(text.data(), text.data() + text.size());
    to.push_back('\n');
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }
};

/// Writes each line for people, and never more than one.
class text_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& from,
              spdlog::memory_buf_t& to) override {
    const auto text = printable({from.payload.data(), from.payload.size()});
    auto shown = from;
    shown.payload = text;
    pattern_.format(shown, to);
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<text_formatter>();
  }

private:
  spdlog::pattern_formatter pattern_{"%Y-%m-%dT%H:%M:%S.%fZ level=%l %v",
                                     spdlog::pattern_time_type::utc};
};

spdlog::level::level_enum level_of(config::log_level level) {
  switch (level) {
  case config::log_level::trace:
    return spdlog::level::trace;
  case config::log_level::debug:
    return spdlog::level::debug;
  case config::log_level::info:
    return spdlog::level::info;
  case config::log_level::warn:
    return spdlog::level::warn;
  case config::log_level::error:
    return spdlog::level::err;
  }
  return spdlog::level::info;
}

} // namespace

void start(const config::log_options& options) {
  spdlog::init_thread_pool(8192, 1);
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_sink_st>("main");
  logger->set_level(level_of(options.level));
  logger->flush_on(spdlog::level::info);
  if (options.format == config::log_format::json)
    logger->set_formatter(std::make_unique<json_formatter>());
  else
    logger->set_formatter(std::make_unique<text_formatter>());
  spdlog::set_default_logger(std::move(logger));
}

void stop() {
  spdlog::shutdown();
}

} // namespace callfork::log
