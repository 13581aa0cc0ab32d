#include "control/http/socket_queue.hpp"

#include "control/http/socket.hpp"

#include <algorithm>
#include <utility>

namespace callfork::http {

namespace {

/// What a text weighs beside its bytes.
constexpr std::size_t overhead = 64;

} // namespace

socket_queue::socket_queue(std::size_t limit, std::function<void()> wake)
  : limit_(limit),
    wake_(std::move(wake)) {
}

bool socket_queue::push(std::string text) {
  const std::lock_guard guard{mutex_};
  if (!wake_ || end_)
    return false;
  const bool full = bytes_ + text.size() + overhead > limit_;
  if (full) {
    waiting_.clear();
    end_ = ending{1013, "too slow", true};
  } else {
    bytes_ += text.size() + overhead;
    waiting_.push_back(std::move(text));
  }
  wake_();
  return !full;
}

void socket_queue::close(std::uint16_t code, std::string why) {
  constexpr std::size_t longest = 123;
  const std::lock_guard guard{mutex_};
  if (!wake_ || end_)
    return;
  why.resize(std::min(why.size(), longest));
  end_ = ending{code, std::move(why), false};
  wake_();
}

std::optional<std::string> socket_queue::next() {
  const std::lock_guard guard{mutex_};
  if (waiting_.empty())
    return std::nullopt;
  auto text = std::move(waiting_.front());
  waiting_.pop_front();
  bytes_ -= text.size() + overhead;
  return text;
}

std::optional<socket_queue::ending> socket_queue::end() const {
  const std::lock_guard guard{mutex_};
  return waiting_.empty() ? end_ : std::nullopt;
}

void socket_queue::shut() {
  const std::lock_guard guard{mutex_};
  wake_ = nullptr;
  waiting_.clear();
}

socket_line::socket_line(std::shared_ptr<socket_queue> to)
  : to_(std::move(to)) {
}

bool socket_line::send(std::string text) const {
  return to_->push(std::move(text));
}

void socket_line::close(std::uint16_t code, std::string why) const {
  to_->close(code, std::move(why));
}

} // namespace callfork::http
