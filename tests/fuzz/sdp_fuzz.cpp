#include "control/dialog/call_dialog.hpp"
#include "control/sdp/rewrite.hpp"

using namespace callfork;

namespace {

class bare_world final : public dialog::resources {
public:
  [[nodiscard]] const std::vector<dialog::interface_address>&
  interfaces() const override {
    return interfaces_;
  }
  [[nodiscard]] expected<net::media_sockets_ptr, std::string>
  lease(std::string_view, enum family family) override {
    const auto* const address = family == family::ipv6 ? "::1" : "127.0.0.1";
    port_ = static_cast<std::uint16_t>(port_ + 2);
    const auto local = *endpoint::parse(address, port_);
    return std::make_shared<net::media_sockets>(-1, -1, local, local);
  }
  [[nodiscard]] dialog::leg_figures figures(engine::leg_id) const override {
    return {};
  }
  void random(bytes_span out) override {
    for (auto& byte : out)
      byte = std::byte{++seed_};
  }

private:
  std::vector<dialog::interface_address> interfaces_{{"default", family::ipv4},
                                                     {"default", family::ipv6}};
  std::uint16_t port_ = 20000;
  std::uint8_t seed_ = 0;
};

} // namespace

/// Any SDP may be offered, answered and offered back; what we write can be
/// read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto cut = text.find('\0');
  bare_world world;
  const instant now{};
  dialog::call_dialog call{"fuzz", {}, now};
  ng::request offer;
  offer.command = ng::command::offer;
  offer.call_id = "fuzz";
  offer.from_tag = "a";
  offer.sdp = text.substr(0, cut);
  offer.transport_protocol = "RTP/SAVP";
  const auto offered = call.handle(offer, world, now);
  auto answer = offer;
  answer.command = ng::command::answer;
  answer.to_tag = "b";
  answer.transport_protocol.clear();
  if (cut != std::string_view::npos)
    answer.sdp = text.substr(cut + 1);
  (void)call.handle(answer, world, now);
  auto back = answer;
  back.command = ng::command::offer;
  std::swap(back.from_tag, back.to_tag);
  (void)call.handle(back, world, now);
  ng::request subscribe;
  subscribe.command = ng::command::subscribe_request;
  subscribe.call_id = "fuzz";
  subscribe.flags.add("all");
  (void)call.handle(subscribe, world, now);
  (void)call.plan();
  if (offered) {
    sdp::description_limits wide;
    wide.bytes *= 16;
    wide.lines *= 16;
    if (!sdp::read_description(*offered->find("sdp")->string(), wide))
      __builtin_trap();
  }
  return 0;
}
