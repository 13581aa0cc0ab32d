#pragma once

#include "bus/file_log.hpp"
#include "control/api/audit_chain.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace callfork {

struct file_audit_settings {
  /// Of the log, made when missing. One process at a time has it.
  std::filesystem::path folder;
  std::filesystem::path key_file; ///< What `api::audit_key::read` reads.
  std::string node = "callfork";
  std::string topic = "callfork.local.audit.v1";
};

/// A node's audit log in files, each deed synced before it counts. Nothing of
/// it is ever removed. Beside the log is its head, sealed like a record.
class file_audit final : public api::audit {
public:
  /// Goes on where the log ends. Where log and head do not fit, records are
  /// gone: then it goes on behind them, so that they stay missing for good, and
  /// notes that. The error is one line for people.
  [[nodiscard]] static expected<std::unique_ptr<file_audit>, std::string>
  open(const file_audit_settings& settings, wall_time now);

  [[nodiscard]] expected<void, std::string>
  note(const api::deed& what) override;

  /// What was not right at the start, one line for people; empty: all well.
  [[nodiscard]] const std::string& trouble() const noexcept {
    return trouble_;
  }

private:
  file_audit(file_audit_settings settings, api::audit_key key,
             bus::file_log log);
  [[nodiscard]] expected<void, std::string> resume(wall_time now);
  [[nodiscard]] std::optional<api::audit_place> last_in_log() const;
  [[nodiscard]] expected<void, std::string> write(const api::deed& what);

  file_audit_settings settings_;
  api::audit_key key_;
  std::string trouble_;
  std::mutex mutex_; ///< Guards what follows.
  bus::file_log log_;
  api::audit_place at_;
};

/// What a look at a whole audit log found.
struct audit_findings {
  std::uint64_t sound = 0; ///< Records.
  std::vector<api::audit_fault> faults;
  std::uint64_t unreadable = 0; ///< Damaged by the disk, or by a clumsy hand.
};

/// Reads the log of a folder from its beginning, also while a node writes it.
[[nodiscard]] expected<audit_findings, std::string>
verify_audit(const std::filesystem::path& folder,
             const std::filesystem::path& key_file);

/// The key in a file. The error names the file and nothing of the key.
[[nodiscard]] expected<api::audit_key, std::string>
read_audit_key(const std::filesystem::path& file);

} // namespace callfork
