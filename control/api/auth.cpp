#include "control/api/auth.hpp"

#include "control/http/client.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace callfork::api {

namespace {

constexpr std::chrono::seconds fetch_within{10};
constexpr std::chrono::seconds soonest_again{30};
constexpr std::size_t most_bytes = std::size_t{256} << 10U;

using loaded = expected<std::string, std::string>;

bool is_url(const std::string& place) {
  return place.starts_with("http://") || place.starts_with("https://");
}

/// What changes when a file does; empty if there is none.
std::string mark_of(const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0)
    return {};
  std::ostringstream made;
  made << found.st_ino << ' ' << found.st_size << ' ' << found.st_mtim.tv_sec
       << ' ' << found.st_mtim.tv_nsec;
  return made.str();
}

loaded read_file(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  std::string text(most_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(
    static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (!file.is_open() || file.bad())
    return make_unexpected(name + ": cannot be read");
  if (text.size() > most_bytes)
    return make_unexpected(name + ": is too large");
  return text;
}

loaded fetch(const std::string& place, const std::string& authorities) {
  auto from = http::read_url(place);
  if (!from)
    return make_unexpected(place + ": is no URL");
  from->server.authorities = authorities;
  http::question what;
  what.target = from->target;
  what.headers = {{"Accept", "application/jwk-set+json, application/json"}};
  what.most_bytes = most_bytes;
  auto answer = http::ask(from->server, what, fetch_within);
  if (!answer)
    return make_unexpected(answer.error());
  if (answer->status != 200)
    return make_unexpected(place + ": answers "
                           + std::to_string(answer->status));
  return std::move(answer->body);
}

} // namespace

authenticator::authenticator(auth_settings settings)
  : settings_(std::move(settings)) {
  keys_source_.place = settings_.keys;
  set_source_.place = settings_.key_set;
}

expected<std::unique_ptr<authenticator>, std::string>
authenticator::start(const auth_settings& settings) {
  std::unique_ptr<authenticator> made{new authenticator{settings}};
  for (auto [one, load] :
       {std::pair{&made->keys_source_, &authenticator::load_keys},
        std::pair{&made->set_source_, &authenticator::load_key_set}}) {
    if (one->place.empty() || is_url(one->place))
      continue;
    one->mark = mark_of(one->place);
    if (auto good = (made.get()->*load)(); !good)
      return make_unexpected(good.error());
  }
  if (!settings.keys.empty() || !settings.key_set.empty())
    made->thread_ = std::thread{[self = made.get()] {
      self->run();
    }};
  return made;
}

authenticator::~authenticator() {
  {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable())
    thread_.join();
}

expected<caller, std::string> authenticator::identify(std::string_view token,
                                                      wall_time now) const {
  std::unique_lock lock{mutex_};
  const auto keys = keys_;
  const auto set = set_;
  lock.unlock();
  if (keys)
    if (auto known = keys->find(token))
      return std::move(*known);
  if (token.find('.') == std::string_view::npos)
    return make_unexpected(std::string{"the key is not known"});
  if (!set)
    return make_unexpected(std::string{unknown_key});
  auto told = read_token(token, settings_.rules, *set, now);
  if (!told && told.error() == unknown_key) {
    lock.lock();
    wanted_ = true;
  }
  return told;
}

void authenticator::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    lock.unlock();
    look(clock::now());
    lock.lock();
    changed_.wait_for(lock, settings_.look_every, [this] {
      return stopping_;
    });
  }
}

void authenticator::look(time_point now) {
  look_at(keys_source_, now, &authenticator::load_keys);
  look_at(set_source_, now, &authenticator::load_key_set);
}

void authenticator::look_at(
  source& one, time_point now,
  expected<void, std::string> (authenticator::*load)()) {
  if (one.place.empty())
    return;
  if (is_url(one.place)) {
    const std::lock_guard guard{mutex_};
    const bool soon = wanted_ && now >= one.asked + soonest_again;
    if (now < one.next && !soon)
      return;
    wanted_ = false;
    one.asked = now;
    one.next = now + settings_.refresh;
  } else {
    auto mark = mark_of(one.place);
    // One that is just being written is left alone until the next look.
    if (mark == one.mark || std::exchange(one.seen, mark) != mark)
      return;
    one.mark = std::move(mark);
  }
  const auto good = (this->*load)();
  const bool failed_before = std::exchange(one.failed, !good);
  if (!good)
    one.next = now + std::min<duration>(soonest_again, settings_.refresh);
  if (settings_.on_notice && !good)
    settings_.on_notice(good.error());
  else if (settings_.on_notice && (failed_before || !is_url(one.place)))
    settings_.on_notice(one.place + ": is in use");
}

expected<void, std::string> authenticator::load_keys() {
  const auto text = read_file(settings_.keys);
  if (!text)
    return make_unexpected(text.error());
  auto keys = local_keys::read(*text);
  if (!keys)
    return make_unexpected(settings_.keys + ": " + keys.error());
  const std::lock_guard guard{mutex_};
  keys_ = std::make_shared<const local_keys>(std::move(*keys));
  return {};
}

expected<void, std::string> authenticator::load_key_set() {
  const auto& place = settings_.key_set;
  const auto text = is_url(place) ? fetch(place, settings_.authorities)
                                  : read_file(place);
  if (!text)
    return make_unexpected(text.error());
  auto keys = read_key_set(*text);
  if (!keys)
    return make_unexpected(place + ": " + keys.error());
  const std::lock_guard guard{mutex_};
  set_ = std::make_shared<const std::vector<public_key>>(std::move(*keys));
  return {};
}

} // namespace callfork::api
