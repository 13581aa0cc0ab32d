#pragma once

#include "media/base/payload_format.hpp"
#include "media/vault/format_table.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace callfork::provider {

/// What becomes of a voice packet of the call.
struct voice_route {
  payload_format from;
  payload_format to;
  bool converts = false;
  friend bool operator==(const voice_route&, const voice_route&) = default;
};

/// Which of the call's payload types go to the recorder, and as what. One
/// thread; asking allocates nothing.
class format_map {
public:
  format_map();

  /// What the party's payload types mean: lines of a batch.
  void set_formats(std::string_view lines);

  /// What the recorder takes, best first.
  void set_accepted(const std::vector<payload_format>& formats);

  [[nodiscard]] vault::media_kind kind(std::uint8_t type) const noexcept {
    return table_.of(type).kind;
  }

  /// As it is where the recorder takes that, otherwise converted to the best
  /// of what it takes; null when neither can be. Valid until the next change.
  [[nodiscard]] const voice_route* voice(std::uint8_t type) const noexcept;

  /// The recorder's payload type for what accompanies voice, as
  /// telephone-event and CN, that runs on `to` Hz where its voice does and came
  /// on `from` Hz; nothing when it does not take it.
  [[nodiscard]] std::optional<std::uint8_t>
  supplement(std::uint8_t type, std::uint32_t from,
             std::uint32_t to) const noexcept;

private:
  void renew();
  [[nodiscard]] std::optional<voice_route>
  find(const payload_format& from) const;

  vault::format_table table_;
  std::vector<payload_format> accepted_;
  std::vector<voice_route> routes_; ///< One of each payload type.
};

} // namespace callfork::provider
