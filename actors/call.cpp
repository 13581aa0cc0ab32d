#include "actors/call.hpp"

#include "actors/call_core.hpp"
#include "actors/pinned.hpp"
#include "media/base/check.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace callfork::actors {

namespace {

/// How long a prompt may take to be read.
constexpr auto prompt_within = std::chrono::seconds{5};

ng_reply_ptr refusal_of(std::string_view reason) {
  return std::make_shared<const ng::dictionary>(dialog::error_reply(reason));
}

ng_reply_ptr reply_of(expected<ng::dictionary, std::string> outcome) {
  if (!outcome)
    return refusal_of(outcome.error());
  return std::make_shared<const ng::dictionary>(std::move(*outcome));
}

/// The way of wishes to a call that may be gone by then.
api::live_board::line wishes_of(const caf::local_actor& to) {
  return [weak = caf::weak_actor_ptr{to.ctrl()}](api::call_wish_ptr what) {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<call_actor>(std::move(strong)),
                     std::move(what));
  };
}

/// The actor: brings messages, packets and timers to the call's core, and says
/// when it is over.
class call final : public pinned<call_actor::base>,
                   public net::readable_handler,
                   public net::timer_handler {
public:
  call(caf::actor_config& config, shard& home, call_world_ptr world,
       call_record_ptr record, call_owner_actor owner)
    : pinned(config, home),
      prompts_(world->prompts),
      world_(std::move(world)),
      record_(std::move(record)),
      owner_(std::move(owner)) {
  }

  behavior_type make_behavior() override {
    set_down_handler([this](caf::down_msg& down) {
      core_->on_down(down, right_now());
      rest();
    });
    // Nobody is left to bring requests or to start a successor.
    set_exit_handler([this](caf::exit_msg&) {
      core_->end(bus::blame::us, "supervisor-died", right_now());
      rest();
    });
    begin();
    return {
      [this](sink_report& report) {
        core_->on_report(std::move(report), right_now());
        rest();
      },
      [this](const ng_request_ptr& what) {
        return handle(*what);
      },
      [this](const api::call_wish_ptr& what) {
        core_->grant(*what, right_now());
        rest();
      },
      [this](end_atom, const std::string& reason) {
        core_->end(bus::blame::none, reason, right_now());
        rest();
      },
      [](crash_atom) {
        throw bug("a fault on purpose");
      },
      [this](crash_atom, const ng_request_ptr& what) {
        core_->crash_amid(*what, right_now());
      },
      [this](crash_atom, std::uint32_t kind) {
        core_->crash_sinks(kind);
      },
    };
  }

  void on_exit() override {
    home().poller().cancel(media_timer_);
    home().poller().cancel(house_timer_);
    core_ = nullptr;
    prompts_ = nullptr;
    owner_ = nullptr;
  }

  void on_readable(int descriptor, time_point now) override {
    run_here([this, descriptor, now] {
      core_->read(descriptor, now);
      arm_media();
    });
  }

  void on_timer(net::timer& which, time_point now) override {
    run_here([this, &which, now] {
      if (&which == &media_timer_)
        core_->tick({now, wall_clock::now()});
      else
        core_->keep_house({now, wall_clock::now()});
      rest();
    });
  }

private:
  [[nodiscard]] instant right_now() {
    return {home().now(), wall_clock::now()};
  }

  void begin();
  caf::result<ng_reply_ptr> handle(const ng::request& what);
  caf::result<ng_reply_ptr> play(const ng::request& what, ng::dictionary reply);
  void read(std::uint32_t number, prompt_wish what);
  void rest();
  void arm_media();

  prompt_library_actor prompts_;
  call_world_ptr world_;   ///< Until the core has it.
  call_record_ptr record_; ///< The same.
  call_owner_actor owner_;
  std::unique_ptr<call_core> core_;
  net::timer media_timer_{*this};
  net::timer house_timer_{*this};
  bool left_ = false;
};

void call::begin() {
  core_of around{home(),
                 *this,
                 [this] {
                   return sink_owner_actor{call_actor{this}};
                 },
                 [this](const sink_actor& sink) {
                   monitor(sink);
                 },
                 [this](std::uint32_t number, prompt_wish what) {
                   read(number, std::move(what));
                 },
                 wishes_of(*this)};
  core_ = std::make_unique<call_core>(std::move(around), std::move(world_),
                                      std::move(record_), right_now());
  rest();
}

caf::result<ng_reply_ptr> call::handle(const ng::request& what) {
  if (core_->ended())
    return refusal_of("Unknown call-id");
  auto reply = core_->handle(what, right_now());
  rest();
  if (reply && what.command == ng::command::play_media)
    return play(what, std::move(*reply));
  return reply_of(std::move(reply));
}

/// The prompt has to be read first; the call does not wait for it.
caf::result<ng_reply_ptr> call::play(const ng::request& what,
                                     ng::dictionary reply) {
  auto order = core_->order(what);
  if (!order)
    return refusal_of(order.error());
  auto promise = make_response_promise<ng_reply_ptr>();
  request(prompts_, caf::duration{prompt_within},
          prompt_wish{what.play.file, what.play.blob, {}})
    .then(
      [this, promise, order = std::move(*order),
       reply = std::move(reply)](const prompt_answer& answer) mutable {
        promise.deliver(
          reply_of(core_->play(order, answer, std::move(reply), right_now())));
        rest();
      },
      [promise](const caf::error&) mutable {
        promise.deliver(refusal_of("The prompt could not be read in time"));
      });
  return promise;
}

/// The same for what the law wants to be heard.
void call::read(std::uint32_t number, prompt_wish what) {
  request(prompts_, caf::duration{prompt_within}, std::move(what))
    .then(
      [this, number](const prompt_answer& answer) {
        core_->on_prompt(number, answer, right_now());
        rest();
      },
      [this, number](const caf::error&) {
        core_->on_prompt(number, {{}, "it could not be read in time", {}},
                         right_now());
        rest();
      });
}

/// After each deed: says that the call is over, leaves when nothing is left to
/// do, and asks to be woken for what is.
void call::rest() {
  if (core_->ended() && !std::exchange(left_, true))
    send(owner_, left_atom::value, core_->call_id());
  if (core_->done())
    return quit(caf::exit_reason::user_shutdown);
  arm_media();
  const auto when = core_->house_due(home().now());
  if (!house_timer_.armed() || when < house_timer_.deadline())
    home().poller().schedule(house_timer_, when);
}

void call::arm_media() {
  const auto due = core_->media_due();
  if (!due)
    return;
  if (!media_timer_.armed() || *due < media_timer_.deadline())
    home().poller().schedule(media_timer_, *due);
}

} // namespace

call_actor start_call(shard& home, call_world_ptr world, call_record_ptr record,
                      call_owner_actor owner) {
  caf::actor_config config{&home};
  return home.system().spawn_class<call, caf::no_spawn_options>(
    config, home, std::move(world), std::move(record), std::move(owner));
}

} // namespace callfork::actors
