#pragma once

#include "actors/call_record.hpp"
#include "actors/call_world.hpp"
#include "control/api/live_board.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace callfork::actors {

/// Shows a call on the node's board of live calls: the half of each person of
/// its two ends, recorded or not. Belongs to the call's shard; the references
/// outlive it.
class call_live {
public:
  /// `wishes` brings the call what people ask of it.
  call_live(const call_world& world, const call_record& record,
            api::live_board::line wishes);

  /// After each deed: makes the board agree, if what people see has changed.
  void show(wall_time now);

private:
  /// All that makes a difference, cheap to compare.
  struct half_look {
    const kept_decision* decided = nullptr;
    recording::mode mode = recording::mode::never;
    recording::phase phase = recording::phase::idle;
    std::uint32_t recordings = 0;
    recording::controls buttons;
    friend bool operator==(const half_look&, const half_look&) = default;
  };
  struct look {
    uuid session;
    bool over = false;
    bool answered = false;
    bool governed = false;
    std::uint64_t revision = 0;
    std::size_t count = 0;
    std::array<half_look, 2> halves;
    friend bool operator==(const look&, const look&) = default;
  };

  [[nodiscard]] look look_of() const;
  [[nodiscard]] std::vector<api::live_call> halves() const;
  [[nodiscard]] api::live_call half_of(std::uint16_t party) const;
  void name(api::live_call& half, const admin::book& in) const;

  const call_world& world_;
  const call_record& record_;
  api::live_board::line wishes_;
  look shown_;
  bool listed_ = false;              ///< Somebody has a half.
  std::array<wall_time, 2> since_{}; ///< Of the halves' phases.
};

} // namespace callfork::actors
