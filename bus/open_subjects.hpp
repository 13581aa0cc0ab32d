#pragma once

#include "bus/log.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::bus {

enum class subject_kind : std::uint8_t { call, recording };

/// A call or recording whose story has begun and not ended.
struct open_subject {
  subject_kind kind = subject_kind::call;
  std::string subject;
  std::string call_key;
  std::uint64_t last_sequence = 0;
  std::uint32_t epoch = 1;
  friend bool operator==(const open_subject&, const open_subject&) = default;
};

/// Which calls and recordings never ended, as read from event records in
/// order. Opened by any event of theirs; closed by `session.ended`,
/// `recording.stopped` or `recording.failed`.
class open_subjects {
public:
  /// Takes a record of the log. Anything that is no event changes nothing.
  void apply(const record& from);

  [[nodiscard]] std::vector<open_subject> of(subject_kind kind) const;

  /// As text, and back. Lines that do not read are left out.
  [[nodiscard]] std::string save() const;
  [[nodiscard]] static open_subjects load(std::string_view text);

private:
  std::map<std::string, open_subject> open_;
};

} // namespace callfork::bus
