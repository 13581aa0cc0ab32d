#pragma once

#include "bus/log.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace callfork::test {

/// A log in memory that several writers and readers share, as nodes share a
/// topic.
class shared_log {
public:
  void append(const bus::record& what) {
    const std::lock_guard lock{mutex_};
    records_.push_back(what);
    grown_.notify_all();
  }

  [[nodiscard]] std::optional<bus::record> at(std::size_t place,
                                              std::chrono::milliseconds wait) {
    std::unique_lock lock{mutex_};
    const bool there = grown_.wait_for(lock, wait, [&] {
      return place < records_.size();
    });
    return there ? std::optional{records_[place]} : std::nullopt;
  }

  /// What Kafka's compaction leaves in the end.
  void compact() {
    const std::lock_guard lock{mutex_};
    std::map<std::string, std::size_t> last;
    for (std::size_t place = 0; place < records_.size(); ++place)
      last[records_[place].key] = place;
    std::vector<bus::record> left;
    for (std::size_t place = 0; place < records_.size(); ++place)
      if (last[records_[place].key] == place && !records_[place].value.empty())
        left.push_back(records_[place]);
    records_ = std::move(left);
  }

  [[nodiscard]] std::vector<bus::record> records() const {
    const std::lock_guard lock{mutex_};
    return records_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<bus::record> records_;
};

/// Can be told to lose what it is given.
class shared_log_writer final : public bus::log_writer {
public:
  explicit shared_log_writer(std::shared_ptr<shared_log> to)
    : to_(std::move(to)) {
  }

  expected<void, bus::log_error>
  append(const bus::record& what, std::uint64_t tag, time_point) override {
    if (what.key.find(loses) != std::string::npos && !loses.empty()) {
      lost_ = true;
      return {};
    }
    to_->append(what);
    durable_.push_back(tag);
    return {};
  }

  bus::log_progress poll(time_point, std::chrono::milliseconds) override {
    bus::log_progress made;
    made.start_over = std::exchange(lost_, false);
    made.durable = std::exchange(durable_, {});
    return made;
  }

  [[nodiscard]] bool reachable() const noexcept override {
    return true;
  }
  [[nodiscard]] std::string trouble() const override {
    return {};
  }

  std::string loses; ///< Part of a key; set before use.

private:
  std::shared_ptr<shared_log> to_;
  std::vector<std::uint64_t> durable_;
  bool lost_ = false;
};

class shared_log_reader final : public bus::log_reader {
public:
  explicit shared_log_reader(std::shared_ptr<shared_log> from)
    : from_(std::move(from)) {
  }

  expected<std::optional<bus::stored_record>, bus::log_error>
  next(std::chrono::milliseconds wait) override {
    auto found = from_->at(place_, wait);
    if (!found)
      return std::nullopt;
    return bus::stored_record{std::move(*found), 0,
                              static_cast<std::int64_t>(place_++)};
  }

private:
  std::shared_ptr<shared_log> from_;
  std::size_t place_ = 0;
};

} // namespace callfork::test
