#pragma once

#include "control/api/call_desk.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::api {

/// What a person asks of a call, on its way there. Whoever drops it without an
/// answer says by that that the call is unavailable. Any thread.
class call_wish {
public:
  struct slot;

  call_wish(recording_action what, live_call whose, std::shared_ptr<slot> to);
  call_wish(const call_wish&) = delete;
  call_wish& operator=(const call_wish&) = delete;
  ~call_wish();

  [[nodiscard]] recording_action what() const noexcept {
    return what_;
  }

  /// The half that it is asked of, as it was then.
  [[nodiscard]] const live_call& whose() const noexcept {
    return whose_;
  }

  /// The call takes it up. False: nobody waits any more, and it must not be
  /// done.
  [[nodiscard]] bool take();

  /// Says what came of it; once.
  void answer(expected<void, desk_refusal> outcome);

private:
  recording_action what_;
  live_call whose_;
  std::shared_ptr<slot> to_;
};

using call_wish_ptr = std::shared_ptr<call_wish>;

/// How much a board may hold.
struct live_limits {
  std::size_t calls = 100'000;   ///< Sessions.
  std::size_t watchers = 20'000; ///< In all.
  duration answer_within = std::chrono::seconds{2};
};

/// The live calls of a node: each writes its halves on it whenever one of them
/// changes, and whoever may sees, watches and steers them. Any thread; a lock
/// is held for microseconds, and while watchers are told.
class live_board final : public call_desk {
public:
  /// Brings a wish to its call; must not block, nor ask the board.
  using line = std::function<void(call_wish_ptr)>;

  explicit live_board(const live_limits& limits = {});

  /// The halves of a session, which bear its name, in place of those it had:
  /// watchers hear of what is different. False if there are too many sessions,
  /// or it is closed.
  bool put(const std::string& session, std::vector<live_call> halves,
           line to_call);

  /// The session is over.
  void remove(const std::string& session);

  /// All is over: there are no calls any more, and nothing is taken.
  void close();

  [[nodiscard]] std::vector<live_call>
  calls_of(const admin::identifier& person) const override;

  /// Of a wish that nobody has taken up in time nothing is done later; of one
  /// that was taken up, and is told as unavailable, it may be.
  [[nodiscard]] expected<void, desk_refusal>
  act(recording_action what, const admin::identifier& person,
      const std::string& call) override;

  [[nodiscard]] std::shared_ptr<void>
  watch(const admin::identifier& person,
        std::function<void(const call_news&)> told) override;

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace callfork::api
