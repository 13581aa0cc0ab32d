#include "control/api/live.hpp"

#include "control/api/auth_gate.hpp"
#include "control/api/live_json.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

/// A peer says again who it is, as its token may be over by then.
constexpr auto longest = std::chrono::hours{1};

constexpr std::uint16_t not_allowed = 1008; // RFC 6455 7.4.1
constexpr std::uint16_t again_later = 1013;

std::string text_of(const json& what) {
  return what.dump(-1, ' ', false, json::error_handler_t::replace);
}

http::response refused(const http::request& asked, unsigned status,
                       std::string why) {
  return shaped(asked, {status, std::move(why), {}, {}});
}

/// Whose calls are meant.
admin::identifier person_of(const http::request& asked, const caller& who) {
  const auto named = asked.query.find("personId");
  return named == asked.query.end() || named->second.empty() ? who.id
                                                             : named->second;
}

verdict may_watch(const admin::registry& in_book, const caller& who,
                  const admin::identifier& person) {
  return in_book.read([&](const admin::book& book) {
    const auto* known = book.find_person(person);
    const auto* in = known == nullptr
                       ? nullptr
                       : book.find_organisation(known->organisation);
    return in == nullptr ? verdict::hidden
                         : may(who, action::see_calls, *in, person);
  });
}

std::optional<http::response> let_in(const services& with,
                                     http::request& asked) {
  if (with.book == nullptr || with.calls == nullptr)
    return refused(asked, 503, "This node does not serve calls.");
  const auto* who = caller_of(asked);
  if (who == nullptr)
    return refused(asked, 401, "nobody has said who asks");
  switch (may_watch(*with.book, *who, person_of(asked, *who))) {
  case verdict::allowed:
    return std::nullopt;
  case verdict::forbidden:
    return refused(asked, 403, "These are the calls of somebody else.");
  case verdict::hidden:
    break;
  }
  return refused(asked, 404, "There is no such person.");
}

/// One peer that listens.
struct listener {
  std::shared_ptr<const admin::registry> book;
  caller who;
  admin::identifier person;
  std::function<wall_time()> now;
  wall_time until;
  http::socket_line line;

  void tell(const call_news& news) const {
    if (now() >= until)
      return line.close(not_allowed, "say again who you are");
    if (may_watch(*book, who, person) != verdict::allowed)
      return line.close(not_allowed, "not your calls any more");
    if (news.all)
      return tell_all(news.calls);
    for (const auto& one : news.calls) {
      const auto over = one.phase == recording::phase::ended;
      send({{"event", over ? "ended" : "changed"}, {"call", live_json(one)}});
    }
  }

  void tell_all(const std::vector<live_call>& calls) const {
    auto all = json::array();
    for (const auto& one : calls)
      all.push_back(live_json(one));
    send({{"event", "calls"}, {"personId", person}, {"calls", std::move(all)}});
  }

  /// A peer that takes too little is closed by its line.
  void send(const json& what) const {
    static_cast<void>(line.send(text_of(what)));
  }
};

http::socket_events
open(const services& with, const std::function<wall_time()>& now,
     const http::request& asked, const http::socket_line& line) {
  const auto* who = caller_of(asked);
  if (who == nullptr) {
    line.close(not_allowed, "nobody has said who asks");
    return {};
  }
  listener made{with.book,       *who, person_of(asked, *who), now,
                now() + longest, line};
  const auto person = made.person;
  auto watch = with.calls->watch(person,
                                 [made = std::move(made)](const auto& news) {
                                   made.tell(news);
                                 });
  if (watch == nullptr) {
    line.close(again_later, "too many listen");
    return {};
  }
  return {{}, [watch = std::move(watch)]() mutable {
            watch.reset();
          }};
}

} // namespace

http::socket_route live_route(const services& with, const entrance& by) {
  http::socket_route made;
  made.path = "/callfork/v1/live";
  made.protocol = "callfork.live.v1";
  made.at_once = 4096;
  made.message_bytes = 1024;
  made.admit = [with, admit = by.admit](
                 http::request& asked) -> std::optional<http::response> {
    if (!admit)
      return refused(asked, 401, "nobody is let in");
    if (auto stranger = admit(asked))
      return stranger;
    return let_in(with, asked);
  };
  made.opened = [with, now = by.now ? by.now : wall_clock::now](
                  const http::request& asked, const http::socket_line& line) {
    return open(with, now, asked, line);
  };
  return made;
}

} // namespace callfork::api
