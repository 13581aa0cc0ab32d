#pragma once

#include "actors/call_world.hpp"
#include "control/dialog/resources.hpp"
#include "media/engine/call_media.hpp"

#include <optional>

namespace callfork::actors {

/// The world as the signalling of one call sees it, during one request.
class call_resources final : public dialog::resources {
public:
  call_resources(const call_world& world, const engine::call_media& media,
                 std::optional<sdp::record_state> recording, instant now)
    : world_(world),
      media_(media),
      recording_(recording),
      now_(now) {
  }

  [[nodiscard]] const std::vector<dialog::interface_address>&
  interfaces() const override {
    return world_.interfaces;
  }

  [[nodiscard]] expected<net::media_sockets_ptr, std::string>
  lease(std::string_view interface, enum family family) override;

  [[nodiscard]] dialog::leg_figures figures(engine::leg_id leg) const override;

  [[nodiscard]] std::optional<sdp::record_state> recording() const override {
    return recording_;
  }

  void random(bytes_span out) override;

private:
  const call_world& world_;
  const engine::call_media& media_;
  std::optional<sdp::record_state> recording_;
  instant now_;
};

/// Fills `out` from the kernel's cryptographic generator.
void fill_random(bytes_span out);

} // namespace callfork::actors
