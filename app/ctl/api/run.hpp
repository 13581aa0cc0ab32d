#pragma once

#include "app/ctl/api/api_client.hpp"
#include "app/ctl/api/operation.hpp"
#include "app/ctl/commands.hpp"

#include <cstddef>

namespace callfork::ctl {

/// How a command is carried out.
struct run_wish {
  std::size_t limit = 1000; ///< Of a list; 0: all.
  bool agreed = false;      ///< Whoever asks knows what it does.
  bool waits = false;       ///< For the job that a command has started.
};

/// Carries out a command and prints what comes of it. Done to several, it goes
/// on behind one that is refused. Returns the exit status.
[[nodiscard]] int run_operation(const operation& what, given_values given,
                                const api_choice& which, const run_wish& wish,
                                const manner& how);

/// Prints what is wrong with a command line; returns `bad_usage`.
int refuse_usage(const std::string& why);

/// Asks whoever sits there whether they mean it; on no terminal, refuses.
[[nodiscard]] int agree(const std::string& to, const run_wish& wish);

} // namespace callfork::ctl
