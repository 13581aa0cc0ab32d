#pragma once

#include "bus/log.hpp"
#include "control/admin/registry.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace callfork::actors {

/// How a node takes part in the `config` log.
struct config_log_settings {
  std::string topic = "callfork.config.v1";
  std::string node = "callfork"; ///< The writer's name begins with it.
  /// The log forgets a record once a later one has its key, and an empty value
  /// makes it forget the key (Kafka's compaction).
  bool compacted = false;
  /// How long `write` waits for each step of its changes.
  std::chrono::milliseconds write_within{5000};
  /// Makes the topic ready before anything is sent; asked again, until it
  /// succeeds. May be null.
  std::function<expected<void, bus::log_error>()> prepare;
};

/// What became of the log's entries so far.
struct config_log_figures {
  std::uint64_t taken = 0;
  std::uint64_t outdated = 0;   ///< Others were faster; counted on every node.
  std::uint64_t unreadable = 0; ///< Of no version that this node knows.
  bool complete = false;        ///< All that was there at the start is read.
  std::string trouble;          ///< The last one; empty if there is none.
};

/// The registry of a node: all nodes read the same log in the same order, and
/// so come to the same book (decision 10). Has a thread of its own, on which
/// log and reader are used.
///
/// All entries of one `write` have the same writer's name, which no other write
/// has. Once one of them is outdated the others behind it do not count either,
/// on any node.
class config_log final : public admin::registry {
public:
  /// Opens the log and begins to read it. Errors: those of the first record
  /// that is appended, as `in_use`.
  [[nodiscard]] static expected<std::unique_ptr<config_log>, bus::log_error>
  start(config_log_settings settings, std::unique_ptr<bus::log_writer> writer,
        std::unique_ptr<bus::log_reader> reader);

  ~config_log() override;

  /// Waits until everything is read that was on the log at the start, or the
  /// time is over. True if it is.
  [[nodiscard]] bool await_complete(duration within) const;

  [[nodiscard]] expected<void, admin::write_fault>
  write(std::vector<admin::change> what) override;

  [[nodiscard]] config_log_figures figures() const;

private:
  /// A write of this node until all of it came back.
  struct pending {
    std::size_t unread = 0;
    std::size_t undurable = 0;
    std::optional<admin::write_fault> fault;
    std::vector<std::string> refused; ///< Keys on the log.
  };
  using pending_ptr = std::shared_ptr<pending>;

  /// A record on its way to the log, of a write or of none.
  struct parcel {
    bus::record record;
    pending_ptr of;
  };

  config_log(config_log_settings settings,
             std::unique_ptr<bus::log_writer> writer,
             std::unique_ptr<bus::log_reader> reader);

  void run();
  [[nodiscard]] bool prepare();
  void send();
  void note_progress();
  void read_on();
  void on_record(const bus::record& what);
  void on_entry(const admin::entry& what);
  [[nodiscard]] bool counts(const admin::entry& what);
  void tidy(const std::string& replaced, const pending_ptr& mine);
  void forget(const std::string& key);
  void start_over();
  void fail(const pending_ptr& what, const bus::log_error& why);
  [[nodiscard]] bus::record record_of(std::string key, std::string value) const;
  [[nodiscard]] pending_ptr enqueue(std::vector<admin::change> what);

  const config_log_settings settings_;
  const std::string instance_; ///< The node's name and a word of this process.
  std::unique_ptr<bus::log_writer> writer_; ///< The thread's own, as `reader_`.
  std::unique_ptr<bus::log_reader> reader_;
  bool prepared_ = false;
  time_point busy_until_;
  std::uint64_t next_tag_ = 1;
  std::map<std::uint64_t, pending_ptr> sent_; ///< By tag.
  /// Key on the log of each entity's present version, if it is compacted.
  std::unordered_map<std::string, std::string> winners_;
  std::deque<std::string>
    broken_; ///< Writes that were outdated, the last ones.

  mutable std::mutex mutex_; ///< Guards what follows.
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::uint64_t writes_ = 0;
  std::deque<parcel> outgoing_;
  std::map<std::string, pending_ptr, std::less<>> pending_; ///< By writer.
  config_log_figures figures_;
  std::thread thread_;
};

} // namespace callfork::actors
