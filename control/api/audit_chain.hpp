#pragma once

#include "control/api/audit.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::api {

/// The key of an audit log. Never printed.
class audit_key {
public:
  /// Reads a key file's text: its first line, of 32 to 512 characters.
  [[nodiscard]] static expected<audit_key, std::string>
  read(std::string_view text);

  audit_key(const audit_key&) = default;
  audit_key& operator=(const audit_key&) = default;
  ~audit_key();

  /// HMAC-SHA-256 (RFC 2104) in hex.
  [[nodiscard]] std::string mac(std::string_view text) const;

private:
  explicit audit_key(std::string secret);
  std::string secret_;
};

/// A place in the chain: its last record, or none yet.
struct audit_place {
  std::uint64_t sequence = 0; ///< Of the first record: 1.
  std::string mac;            ///< Hex; empty before the first.
  friend bool operator==(const audit_place&, const audit_place&) = default;
};

/// What is read of a record whose seal fits.
struct audit_record {
  audit_place place;
  std::string previous; ///< The mac of the one before.
  std::string node;
};

/// A record: one line of JSON that ends with its "mac" over all before it.
struct sealed_deed {
  std::string text;
  audit_place place;
};

/// Seals the next deed of a node's chain.
[[nodiscard]] sealed_deed seal(const deed& what, const std::string& node,
                               const audit_place& after, const audit_key& key);

/// Nothing if the seal does not fit.
[[nodiscard]] std::optional<audit_record> unseal(std::string_view text,
                                                 const audit_key& key);

/// How far the chain goes, to be kept beside it and told by nobody else.
[[nodiscard]] std::string
seal_head(const audit_place& at, const std::string& node, const audit_key& key);
[[nodiscard]] std::optional<audit_place> unseal_head(std::string_view text,
                                                     const std::string& node,
                                                     const audit_key& key);

/// What is wrong with a chain, and from which record to which.
struct audit_fault {
  enum class kind : std::uint8_t {
    gap,       ///< They are missing.
    reordered, ///< It stands after later ones.
    repeated,  ///< It stands twice.
    changed,   ///< What stands in its place is not what was written.
    forked,    ///< It follows on another one than that before it.
    truncated, ///< They were there at the end.
    headless,  ///< The head is missing or was changed.
  };
  kind what = kind::gap;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  friend bool operator==(const audit_fault&, const audit_fault&) = default;
};

/// As in "records 5 to 7 are missing".
[[nodiscard]] std::string to_string(const audit_fault& fault);

/// Follows a node's chain from its first record.
class audit_check {
public:
  explicit audit_check(audit_key key);

  /// Takes the next record as it stands in the log.
  void take(std::string_view text);

  /// What was found, by record; `head` is what stands beside the log, if
  /// anything does. An empty log without a head is sound.
  [[nodiscard]] std::vector<audit_fault>
  finish(std::optional<std::string_view> head) const;

  /// Records whose seal fits.
  [[nodiscard]] std::uint64_t sound() const noexcept {
    return sound_;
  }

private:
  void miss(std::uint64_t from, std::uint64_t to);
  void take_late(std::uint64_t sequence);
  [[nodiscard]] std::optional<audit_fault>
  check_head(std::optional<std::string_view> head) const;

  audit_key key_;
  std::string node_;
  audit_place last_;        ///< With the highest sequence, sound or not.
  bool certain_ = true;     ///< `last_` was sound.
  std::uint64_t sound_ = 0; ///< How many were.
  std::map<std::uint64_t, std::uint64_t> missing_; ///< First to last.
  std::vector<audit_fault> faults_;                ///< At most 1000.
};

} // namespace callfork::api
