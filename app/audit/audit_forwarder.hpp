#pragma once

#include "bus/cursor_file.hpp"
#include "bus/log.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace callfork {

/// Brings the audit log of a folder to another log, as Kafka, record by record
/// in order, and goes on after a restart where that one had got to (a few may
/// come twice: their sequence tells). Whoever notes deeds never waits for it.
class audit_forwarder {
public:
  /// `on_notice` hears of trouble, one line for people, on a thread of its own.
  [[nodiscard]] static expected<std::unique_ptr<audit_forwarder>, std::string>
  start(const std::filesystem::path& folder,
        std::unique_ptr<bus::log_writer> to,
        std::function<void(const std::string&)> on_notice);

  audit_forwarder(const audit_forwarder&) = delete;
  audit_forwarder& operator=(const audit_forwarder&) = delete;
  ~audit_forwarder();

  /// Records below this one have arrived.
  [[nodiscard]] std::uint64_t arrived() const noexcept {
    return arrived_;
  }

private:
  audit_forwarder(std::filesystem::path folder, bus::cursor_file cursor,
                  std::unique_ptr<bus::log_writer> to,
                  std::function<void(const std::string&)> on_notice);
  void run();
  void offer(bus::log_reader& from);
  [[nodiscard]] bool settle();
  void arrive(std::uint64_t tag);
  void tell(const std::string& trouble);

  std::filesystem::path folder_;
  bus::cursor_file cursor_;
  std::unique_ptr<bus::log_writer> to_;
  std::function<void(const std::string&)> on_notice_;
  std::optional<bus::stored_record> next_; ///< Read, but not taken yet.
  std::set<std::uint64_t> early_;          ///< Arrived before one before them.
  std::string told_;
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace callfork
