#include "control/siprec/session_sdp.hpp"
#include "control/siprec/session_sdp_server.hpp"
#include "media/base/check.hpp"

using namespace callfork;

namespace {

siprec::client_sdp_settings ours() {
  siprec::client_sdp_settings settings;
  settings.local = {*endpoint::parse("192.0.2.7", 30'000),
                    *endpoint::parse("192.0.2.7", 30'002)};
  settings.codecs = {{{0, "PCMU", 8000, 1}, ""},
                     {{101, "telephone-event", 8000, 1}, "0-16"}};
  settings.suites = {srtp::suite::aes_cm_128_hmac_sha1_80};
  return settings;
}

} // namespace

/// Descriptions of peers, read on both sides: what we answer must be readable.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  auto plain = ours();
  plain.suites.clear();
  for (const auto& settings : {plain, ours()}) {
    siprec::client_sdp client{settings};
    (void)client.offer({true, true});
    (void)client.read_answer(text);
    if (const auto reply = client.answer(text, {true, true}))
      CALLFORK_EXPECT(sdp::read_description(reply->sdp, {}).has_value());
  }
  const auto offer = siprec::read_client_offer(text);
  if (!offer)
    return 0;
  const std::vector<std::optional<endpoint>> local(
    offer->streams.size(), *endpoint::parse("192.0.2.9", 7000));
  const std::vector<std::string> labels{"1", "2", ""};
  (void)siprec::match_labels(labels, *offer);
  siprec::server_sdp server{1};
  const auto reply = server.answer(*offer, local);
  CALLFORK_EXPECT(sdp::read_description(reply.sdp, {}).has_value());
  return 0;
}
