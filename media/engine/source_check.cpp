#include "media/engine/source_check.hpp"

namespace callfork::engine {

namespace {

/// What one can send to: neither a held stream (0.0.0.0) nor a refused one.
std::optional<endpoint> usable(const std::optional<endpoint>& from) noexcept {
  if (!from || from->is_wildcard() || from->port() == 0)
    return std::nullopt;
  return from;
}

} // namespace

void source_check::apply(const leg_plan& plan) noexcept {
  const auto rtp = usable(plan.remote_rtp);
  const auto rtcp = usable(plan.remote_rtcp);
  if (plan.source == rule_ && rtp == signalled_rtp_ && rtcp == signalled_rtcp_)
    return;
  rule_ = plan.source;
  signalled_rtp_ = rtp;
  signalled_rtcp_ = rtcp;
  learned_rtp_.reset();
  learned_rtcp_.reset();
}

bool source_check::admits(component on, const endpoint& from) const noexcept {
  const auto& known = learned(on);
  if (known)
    return from == *known;
  // Once RTP has a source, its RTCP comes from the same address.
  if (learned_rtp_ && !from.same_address(*learned_rtp_))
    return false;
  const auto& signalled = on == component::rtp ? signalled_rtp_
                                               : signalled_rtcp_;
  switch (rule_) {
  case source_rule::pinned:
    return signalled && from == *signalled;
  case source_rule::learn_port:
    return signalled && from.same_address(*signalled);
  case source_rule::learn_address:
    return true;
  }
  return false;
}

void source_check::accept(component on, const endpoint& from) noexcept {
  auto& known = on == component::rtp ? learned_rtp_ : learned_rtcp_;
  if (rule_ != source_rule::pinned && !known)
    known = from;
}

const std::optional<endpoint>&
source_check::remote(component on) const noexcept {
  if (on == component::rtp)
    return learned_rtp_ ? learned_rtp_ : signalled_rtp_;
  return learned_rtcp_ ? learned_rtcp_ : signalled_rtcp_;
}

void source_check::resume(const std::optional<endpoint>& rtp,
                          const std::optional<endpoint>& rtcp) noexcept {
  if (rule_ == source_rule::pinned)
    return;
  learned_rtp_ = rtp;
  learned_rtcp_ = rtcp;
}

} // namespace callfork::engine
