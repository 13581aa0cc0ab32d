#include "actors/siprec_news.hpp"

#include <utility>

namespace callfork::actors {

namespace {

/// Some for each session that an agent may have.
constexpr std::size_t most_waiting = 8192;

bool is_end(const siprec_news& what) {
  const auto* news = std::get_if<client_news>(&what);
  return news != nullptr
         && (std::holds_alternative<sip::ended>(news->what)
             || std::holds_alternative<sip::open_failed>(news->what));
}

} // namespace

bool siprec_news_line::push(siprec_news what) {
  const std::lock_guard guard{mutex_};
  if (waiting_.size() >= most_waiting && !is_end(what))
    return false;
  waiting_.push_back(std::move(what));
  return true;
}

std::optional<siprec_news> siprec_news_line::take() {
  const std::lock_guard guard{mutex_};
  if (waiting_.empty())
    return std::nullopt;
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

} // namespace callfork::actors
