#pragma once

#include "actors/shard.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/scheduled_actor.hpp>

#include <exception>
#include <utility>

namespace callfork::actors {

/// Makes an actor live on one shard: all its handlers, and all direct calls
/// made through `run_here`, run on the shard's thread. `Base` is an
/// event-based actor class of CAF; the same mechanism serves CAF's brokers.
///
/// An actor of this kind gives up what belongs to the shard (descriptors,
/// timers) in `on_exit`, which runs there; its destructor may run elsewhere.
template <class Base>
class pinned : public Base {
public:
  template <class... Ts>
  pinned(caf::actor_config& config, shard& home, Ts&&... xs)
    : Base(config, std::forward<Ts>(xs)...),
      home_{&home} {
    this->set_exception_handler(on_bug);
  }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    Base::enqueue(std::move(what), home_);
  }

  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(home_, lazy, hide);
  }

  caf::resumable::subtype_t subtype() const override {
    return caf::resumable::io_actor;
  }

protected:
  [[nodiscard]] shard& home() noexcept {
    return *home_;
  }

  /// Calls `deed()` on behalf of this actor from a socket or a timer of the
  /// shard: an exception ends the actor as one in a message handler does. The
  /// actor may be gone for good once this returns.
  template <class Deed>
  void run_here(Deed&& deed) {
    const caf::strong_actor_ptr keep{this->ctrl()};
    if (this->getf(caf::abstract_actor::is_terminated_flag)
        || this->getf(caf::abstract_actor::is_cleaned_up_flag))
      return;
    this->context(home_);
    try {
      deed();
    } catch (...) {
      auto what = std::current_exception();
      this->quit(on_bug(this, what));
    }
    this->finalize();
  }

private:
  static caf::error on_bug(caf::scheduled_actor*, std::exception_ptr& what) {
    try {
      std::rethrow_exception(what);
    } catch (const std::exception& bug) {
      return caf::make_error(caf::sec::runtime_error, bug.what());
    } catch (...) {
      return caf::make_error(caf::sec::runtime_error, "unknown exception");
    }
  }

  shard* home_;
};

} // namespace callfork::actors
