#pragma once

#include "control/ng/value.hpp"
#include "media/base/clock.hpp"
#include "media/base/endpoint.hpp"
#include "media/base/expected.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace callfork::phone {

/// How patient an NG client is.
struct ng_patience {
  std::chrono::milliseconds wait{500}; ///< For a reply, before repeating.
  unsigned tries = 5;                  ///< Of the same request and cookie.
};

/// Speaks rtpengine's NG protocol over UDP as a proxy does: one request at a
/// time, repeated with its cookie until the reply comes. One thread.
class ng_client {
public:
  /// The error is a sentence.
  [[nodiscard]] static expected<ng_client, std::string>
  make(const endpoint& node, const ng_patience& patience);

  ng_client(ng_client&& other) noexcept;
  ng_client& operator=(ng_client&& other) noexcept;
  ~ng_client();

  /// Sends a request and waits for its reply, whatever its "result". The error
  /// is a sentence: no reply in time, or one that is not NG.
  [[nodiscard]] expected<ng::dictionary, std::string>
  request(const ng::dictionary& what);

private:
  ng_client(int socket, const endpoint& node, const ng_patience& patience);
  [[nodiscard]] bool wait(time_point until) const;

  int socket_ = -1;
  endpoint node_;
  ng_patience patience_;
  std::string cookie_prefix_;
  std::uint64_t sent_ = 0;
};

} // namespace callfork::phone
