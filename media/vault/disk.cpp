#include "media/vault/disk.hpp"

#include <unistd.h>

#include <cerrno>

namespace callfork::vault {

bool write_all(int file, bytes_view bytes, std::uint64_t at) noexcept {
  while (!bytes.empty()) {
    const auto written = pwrite(file, bytes.data(), bytes.size(),
                                static_cast<off_t>(at));
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      if (written == 0)
        errno = ENOSPC;
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  return true;
}

} // namespace callfork::vault
