#pragma once

#include "control/ng/value.hpp"
#include "media/base/expected.hpp"

#include <string>
#include <string_view>

namespace callfork::ng {

/// How a message is written. The reply comes in the request's encoding.
enum class encoding : std::uint8_t { bencode, json };

/// An NG message: the sender's opaque cookie and a dictionary.
struct message {
  std::string cookie;
  ng::encoding encoding = ng::encoding::bencode;
  dictionary body;
};

/// Why there is no message.
struct framing_error {
  /// Where the reply goes; empty when not even a cookie was found, and then
  /// there is no reply.
  std::string cookie;
  ng::encoding encoding = ng::encoding::bencode;
  std::string reason; ///< For `error-reason`, in rtpengine's words.
};

/// Cookies longer than this are not answered. Kamailio's have at most 33 bytes.
inline constexpr std::size_t longest_cookie = 255;

/// Reads `<cookie> SP <dictionary>`, one UDP datagram or one cut of a stream.
[[nodiscard]] expected<message, framing_error>
read_message(std::string_view datagram, const limits& most);

/// Writes a reply under the request's cookie.
[[nodiscard]] std::string write_message(std::string_view cookie, encoding how,
                                        const value& body);

/// Cuts a TCP byte stream into messages.
class stream_splitter {
public:
  explicit stream_splitter(const limits& most)
    : most_(most) {
  }

  /// Takes what was received. Cheap; cutting happens in `next`.
  void push(std::string_view bytes);

  /// The next whole message as text, valid until the next call. Nothing while
  /// more bytes are needed. An error means that the stream can not be cut any
  /// further: answer nothing and close the connection.
  [[nodiscard]] expected<std::optional<std::string_view>, std::string> next();

  /// Bytes that wait for the rest of their message.
  [[nodiscard]] std::size_t waiting() const noexcept {
    return pending_.size() - used_;
  }

private:
  limits most_;
  std::string pending_;
  std::size_t used_ = 0;
};

} // namespace callfork::ng
