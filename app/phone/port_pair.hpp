#pragma once

#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <string>

namespace callfork::phone {

/// Two UDP sockets on neighbouring ports of 127.0.0.1, the lower one even
/// (RFC 3550 11). Closes them when it goes.
class port_pair {
public:
  /// The error is a sentence.
  [[nodiscard]] static expected<port_pair, std::string> make();

  port_pair(port_pair&& other) noexcept;
  port_pair& operator=(port_pair&& other) noexcept;
  ~port_pair();

  [[nodiscard]] int rtp() const noexcept {
    return rtp_;
  }
  [[nodiscard]] int rtcp() const noexcept {
    return rtcp_;
  }
  /// Where the RTP socket is bound.
  [[nodiscard]] const endpoint& local() const noexcept {
    return local_;
  }

private:
  port_pair(int rtp, int rtcp, endpoint local) noexcept;

  int rtp_ = -1;
  int rtcp_ = -1;
  endpoint local_;
};

} // namespace callfork::phone
