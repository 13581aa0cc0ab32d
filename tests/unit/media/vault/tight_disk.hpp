#pragma once

#include <signal.h>
#include <sys/resource.h>

namespace callfork::test {

/// While it lives, no file may grow beyond some bytes.
class tight_disk {
public:
  explicit tight_disk(rlim_t bytes)
    : handler_{signal(SIGXFSZ, SIG_IGN)} {
    getrlimit(RLIMIT_FSIZE, &before_);
    auto tight = before_;
    tight.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &tight);
  }
  ~tight_disk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  tight_disk(const tight_disk&) = delete;
  tight_disk& operator=(const tight_disk&) = delete;

private:
  rlimit before_{};
  void (*handler_)(int);
};

} // namespace callfork::test
