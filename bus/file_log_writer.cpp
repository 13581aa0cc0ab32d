#include "bus/file_log.hpp"

#include <map>
#include <utility>

namespace callfork::bus {
namespace {

constexpr std::chrono::minutes retain_interval{1};

/// One file log per topic, each in a folder of the topic's name.
class file_log_writer final : public log_writer {
public:
  explicit file_log_writer(file_log_settings settings)
    : settings_(std::move(settings)) {
  }

  expected<void, log_error> append(const record& what, std::uint64_t tag,
                                   time_point now) override {
    const auto log = log_of(what.topic);
    if (!log)
      return fail(log.error());
    const auto offset = (*log)->append(what);
    if (!offset)
      return fail(offset.error());
    if (undurable_.empty())
      waiting_since_ = now;
    undurable_.push_back(tag);
    return {};
  }

  log_progress poll(time_point now, std::chrono::milliseconds wait) override {
    log_progress made;
    const bool due = now - waiting_since_ >= settings_.sync_interval;
    if (!undurable_.empty() && (due || wait.count() > 0))
      sync(made);
    if (now - retained_ >= retain_interval)
      retain(now);
    return made;
  }

  [[nodiscard]] bool reachable() const noexcept override {
    return trouble_.empty();
  }

  [[nodiscard]] std::string trouble() const override {
    return trouble_;
  }

private:
  expected<file_log*, log_error> log_of(const std::string& topic) {
    const auto known = logs_.find(topic);
    if (known != logs_.end())
      return &known->second;
    if (topic.empty() || topic.front() == '.'
        || topic.find('/') != std::string::npos)
      return make_unexpected(
        log_error{log_error_code::settings, "no topic's name: " + topic});
    auto settings = settings_;
    settings.folder /= topic;
    auto opened = file_log::open(std::move(settings));
    if (!opened)
      return make_unexpected(opened.error());
    return &logs_.emplace(topic, std::move(*opened)).first->second;
  }

  expected<void, log_error> fail(const log_error& why) {
    if (why.code != log_error_code::too_large)
      trouble_ = why.text;
    return make_unexpected(why);
  }

  void sync(log_progress& made) {
    for (auto& [topic, log] : logs_) {
      const auto done = log.sync();
      if (done)
        continue;
      // After a failed sync the kernel may have dropped what it held.
      trouble_ = done.error().text;
      undurable_.clear();
      made.start_over = true;
      return;
    }
    trouble_.clear();
    made.durable = std::exchange(undurable_, {});
  }

  void retain(time_point now) {
    retained_ = now;
    for (auto& [topic, log] : logs_)
      log.retain(wall_clock::now());
  }

  file_log_settings settings_;
  std::map<std::string, file_log> logs_;
  std::vector<std::uint64_t> undurable_;
  time_point waiting_since_;
  time_point retained_;
  std::string trouble_;
};

} // namespace

std::unique_ptr<log_writer> make_file_log_writer(file_log_settings settings) {
  return std::make_unique<file_log_writer>(std::move(settings));
}

} // namespace callfork::bus
