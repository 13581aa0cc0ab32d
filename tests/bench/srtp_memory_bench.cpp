#include "media/rtp/packet.hpp"
#include "media/srtp/library.hpp"
#include "media/srtp/sdes.hpp"
#include "media/srtp/session.hpp"

#include <malloc.h>

#include <cstdio>
#include <memory>
#include <vector>

/// How much heap the SRTP of one recording session takes: two streams, each
/// with a key to send and one to receive. Run it without sanitizers.

using namespace callfork;

namespace {

constexpr int sessions = 200;
constexpr int streams = 2 * sessions;

std::size_t used() {
  return mallinfo2().uordblks;
}

std::size_t measure(srtp::suite suite) {
  srtp::keying keys;
  keys.suite = suite;
  keys.key = srtp::make_key(suite);
  std::vector<std::unique_ptr<srtp::protector>> senders(streams);
  std::vector<std::unique_ptr<srtp::unprotector>> receivers(streams);
  std::vector<std::byte> packet(400);
  const auto before = used();
  for (int at = 0; at < streams; ++at) {
    const auto index = static_cast<std::size_t>(at);
    senders[index] = std::make_unique<srtp::protector>(
      std::move(*srtp::protector::make(keys)));
    receivers[index] = std::make_unique<srtp::unprotector>(
      std::move(*srtp::unprotector::make(keys)));
    rtp::write(packet, {false, 0, 100, 1000, 0x1234});
    const auto sent = senders[index]->protect_rtp(packet, 172);
    if (!sent || !receivers[index]->unprotect_rtp(*sent, {}))
      return 0;
  }
  return (used() - before) / sessions;
}

} // namespace

int main() {
  if (!srtp::start_library())
    return 1;
  for (const auto suite :
       {srtp::suite::aead_aes_256_gcm, srtp::suite::aes_256_cm_hmac_sha1_80,
        srtp::suite::aes_cm_128_hmac_sha1_80})
    std::printf("%s: %zu bytes a session\n",
                std::string{srtp::to_string(suite)}.c_str(), measure(suite));
  return 0;
}
