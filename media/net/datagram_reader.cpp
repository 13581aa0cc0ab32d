#include "media/net/datagram_reader.hpp"

namespace callfork::net {

datagram_reader::datagram_reader()
  : buffers_{std::make_unique<buffers>()} {
  for (std::size_t index = 0; index < batch; ++index) {
    buffers_->parts[index] = {buffers_->bytes[index].data(), rtp::max_datagram};
    auto& head = buffers_->messages[index].msg_hdr;
    head.msg_name = &buffers_->from[index];
    head.msg_iov = &buffers_->parts[index];
    head.msg_iovlen = 1;
  }
}

std::size_t datagram_reader::receive(int socket) noexcept {
  for (auto& each : buffers_->messages)
    each.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const auto count = ::recvmmsg(socket, buffers_->messages.data(), batch,
                                MSG_DONTWAIT, nullptr);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

datagram datagram_reader::at(std::size_t index) noexcept {
  const auto& message = buffers_->messages[index];
  const auto truncated = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0;
  return {bytes_span{buffers_->bytes[index]}.first(message.msg_len),
          endpoint::from(buffers_->from[index]), truncated};
}

} // namespace callfork::net
