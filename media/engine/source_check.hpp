#pragma once

#include "media/base/endpoint.hpp"
#include "media/engine/plan.hpp"
#include "media/engine/wire.hpp"

#include <optional>

namespace callfork::engine {

/// Decides which sources a leg listens to. Pinned to what signalling said,
/// unless the leg may learn; what was learned changes by signalling alone.
/// Pure.
class source_check {
public:
  /// Takes over what signalling says now. A changed address or rule forgets
  /// what was learned.
  void apply(const leg_plan& plan) noexcept;

  /// Whether a datagram from there may be looked at. For a source yet to be
  /// learned this is not a promise: it still has to prove authentic.
  [[nodiscard]] bool admits(component on, const endpoint& from) const noexcept;

  /// A packet from there was accepted whole: learn it, if the rule says so.
  void accept(component on, const endpoint& from) noexcept;

  /// Where to send to: what was learned, else what signalling said.
  [[nodiscard]] const std::optional<endpoint>&
  remote(component on) const noexcept;

  [[nodiscard]] const std::optional<endpoint>&
  learned(component on) const noexcept {
    return on == component::rtp ? learned_rtp_ : learned_rtcp_;
  }
  /// Takes over what a predecessor has learned.
  void resume(const std::optional<endpoint>& rtp,
              const std::optional<endpoint>& rtcp) noexcept;

private:
  source_rule rule_ = source_rule::pinned;
  std::optional<endpoint> signalled_rtp_;
  std::optional<endpoint> signalled_rtcp_;
  std::optional<endpoint> learned_rtp_;
  std::optional<endpoint> learned_rtcp_;
};

} // namespace callfork::engine
