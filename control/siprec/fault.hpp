#pragma once

#include <string>

namespace callfork::siprec {

/// Why a request of a peer cannot be followed: what SIP answers, and why.
struct fault {
  unsigned status = 400; ///< As in 400, 413, 415, 488.
  std::string reason;    ///< One line for the log and the reason phrase.
};

} // namespace callfork::siprec
