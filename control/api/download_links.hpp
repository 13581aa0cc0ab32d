#pragma once

#include "media/base/clock.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace callfork::api {

/// Makes and checks links to the audio of recordings that need no further
/// authentication: whoever has one may fetch the audio until it expires. They
/// are signed with HMAC-SHA256. Any thread.
class download_links {
public:
  /// How long a link is good for.
  static constexpr std::chrono::hours lifetime{3};

  /// Nodes that share the secret honour each other's links; at least 32 bytes.
  explicit download_links(std::string secret);

  /// A secret of 32 random bytes, for a node that shares none.
  [[nodiscard]] static std::string random_secret();

  /// The query of a link that is good until `expires`, as in
  /// "format=mp3&expires=1700000000&signature=...".
  [[nodiscard]] std::string query_for(std::string_view recording,
                                      std::string_view format,
                                      wall_time expires) const;

  /// Whether the signature is ours for exactly this, and still good.
  [[nodiscard]] bool admits(std::string_view recording, std::string_view format,
                            std::string_view expires,
                            std::string_view signature, wall_time now) const;

private:
  [[nodiscard]] std::string sign(std::string_view recording,
                                 std::string_view format,
                                 std::string_view expires) const;
  std::string secret_;
};

} // namespace callfork::api
