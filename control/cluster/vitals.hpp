#pragma once

#include <cstdint>
#include <string>

namespace callfork::cluster {

/// What nodes say to each other, as a number: nodes of another one are
/// strangers.
inline constexpr std::uint32_t protocol = 1;

/// What a node tells the others of its region about itself, twice a second.
struct vitals {
  std::uint32_t protocol = cluster::protocol;
  std::string name;   ///< Unique in the region.
  std::string region; ///< Calls never leave it.
  std::string listen; ///< Where others reach it, as in "192.0.2.1:4100".
  std::uint64_t incarnation = 0; ///< Another one with each start.
  std::uint64_t calls = 0;       ///< That live there.
  std::uint64_t limit = 0;       ///< How many may; 0 is no limit.
  std::uint64_t shards = 1;
  bool draining = false;
  /// The sender does not know the calls of whom it speaks to: please list them.
  bool wants_calls = false;
  /// In an answer: why the sender does not take the other as a member.
  std::string refusal;
};

/// Whether it is what a node may say: words and numbers within their bounds.
[[nodiscard]] bool is_sane(const vitals& said);

/// Why a node does not take another as a member, in one line; empty if it does.
/// Whatever is strange in what the other says is a reason.
[[nodiscard]] std::string refusal(const vitals& own, const vitals& theirs);

} // namespace callfork::cluster
