#include "control/sip/loop.hpp"

#include <future>
#include <system_error>
#include <utility>

namespace callfork::sip {

namespace {

using work = std::function<void()>;

void run(su_root_magic_t* /*none*/, su_msg_r /*message*/, su_msg_arg_t* what) {
  (**static_cast<work**>(what))();
}

void destroy(su_msg_arg_t* what) {
  delete *static_cast<work**>(what);
}

void say_nothing(void* /*stream*/, const char* /*format*/, va_list /*values*/) {
}

/// Sofia's own log would print what it likes, addresses of people among it.
void prepare_library() {
  static const bool done = [] {
    su_init();
    su_log_redirect(nullptr, say_nothing, nullptr);
    su_log_set_level(nullptr, 0);
    return true;
  }();
  static_cast<void>(done);
}

} // namespace

loop::loop() {
  prepare_library();
  std::promise<su_root_t*> made;
  auto root = made.get_future();
  try {
    thread_ = std::thread([&made] {
      auto* own = su_root_create(nullptr);
      if (own != nullptr)
        su_root_threading(own, 0);
      made.set_value(own);
      if (own == nullptr)
        return;
      su_root_run(own);
      su_root_destroy(own);
    });
    root_ = root.get();
  } catch (const std::system_error&) {
    root_ = nullptr;
  }
}

loop::~loop() {
  join();
}

void loop::join() {
  if (thread_.joinable())
    thread_.join();
}

bool loop::running() const noexcept {
  return root_ != nullptr;
}

void loop::post(std::function<void()> what) {
  su_msg_r message = SU_MSG_R_INIT;
  if (su_msg_create(message, su_root_task(root_), su_task_null, run,
                    sizeof(work*))
      != 0)
    return;
  *static_cast<work**>(su_msg_data(message)) = new work(std::move(what));
  su_msg_deinitializer(message, destroy);
  if (su_msg_send(message) != 0)
    su_msg_destroy(message);
}

void loop::leave() {
  su_root_break(root_);
}

su_root_t* loop::root() const noexcept {
  return root_;
}

alarm::alarm(const loop& where)
  : timer_(su_timer_create(su_root_task(where.root()), 0)) {
}

void alarm::set(duration after, std::function<void()> what) {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  ring_ = std::move(what);
  const auto wait = duration_cast<milliseconds>(after).count();
  su_timer_set_interval(timer_.get(), ring, this,
                        static_cast<su_duration_t>(wait < 1 ? 1 : wait));
}

void alarm::cancel() {
  su_timer_reset(timer_.get());
  ring_ = nullptr;
}

void alarm::ring(su_root_magic_t* /*none*/, su_timer_t* /*timer*/, void* self) {
  const auto what = std::exchange(static_cast<alarm*>(self)->ring_, nullptr);
  if (what)
    what();
}

} // namespace callfork::sip
