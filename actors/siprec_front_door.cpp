#include "actors/siprec_front_door.hpp"

#include "actors/call_directory.hpp"
#include "actors/pinned.hpp"
#include "media/base/check.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace callfork::actors {

namespace {

using std::chrono::seconds;

constexpr unsigned forbidden = 403;
constexpr unsigned merged = 482;
constexpr unsigned unacceptable = 488;
constexpr unsigned trouble = 500;
constexpr unsigned no_room = 503;

/// How often sessions are looked after.
constexpr auto rounds = seconds{1};

/// A client is asked for a snapshot at most so often, and not all at once.
constexpr auto snapshot_pause = seconds{10};
constexpr int snapshots_per_round = 50;

/// Documents of one session in the long run, and how far it may run ahead: each
/// may bring dozens of parties, and as many events. What is beyond is skipped,
/// and made up for by a snapshot.
constexpr auto document_pace = std::chrono::milliseconds{500};
constexpr auto document_lead = seconds{10};

/// More than SIP itself waits for an answer (RFC 3261 17.1.1.2).
constexpr auto answer_limit = seconds{40};

/// So many answers in a row that say it cannot be reached end a session.
constexpr unsigned most_unreachable = 2;

constexpr auto client_gone = "client-gone";

class siprec_front_door final : public pinned<siprec_front_door_actor::base> {
public:
  siprec_front_door(caf::actor_config& config, shard& home,
                    siprec_door_world& world)
    : pinned(config, home),
      world_(world),
      calls_(world.calls) {
  }

  void on_exit() override {
    calls_ = nullptr;
  }

  behavior_type make_behavior() override {
    adopt();
    return {
      [this](news_atom) {
        take_news();
      },
      [this](work_atom) {
        look_after_all();
      },
      [](crash_atom) {
        throw bug("a fault on purpose");
      },
    };
  }

private:
  void adopt();
  void take_news();
  void on_invitation(const sip::incoming_session& what);
  [[nodiscard]] expected<siprec::client_words, siprec::fault>
  judge(const sip::incoming_session& what) const;
  void on_news(const client_news& news);
  void on_event(sip::session_id session, siprec_client& from,
                const sip::change_requested& what);
  void on_event(sip::session_id session, siprec_client& from,
                const sip::metadata_received& what);
  void on_event(sip::session_id session, siprec_client& from,
                const sip::change_answered& what);
  void on_event(sip::session_id session, siprec_client& from,
                const sip::acknowledged& what);
  void on_event(sip::session_id session, siprec_client& from,
                const sip::ended& what);
  template <class Other>
  void on_event(sip::session_id, siprec_client&, const Other&) {
  }
  void offer(siprec_client& from, sip::request_id request,
             siprec::client_words words);
  void settle(sip::request_id request, const std::string& call_id,
              const ng::dictionary& reply);
  void learn(siprec_client& of, siprec::client_words& words,
             const siprec::client_offer* placed);
  [[nodiscard]] bool is_in_time(siprec_client& client);
  void tell_call(const siprec_client& of, std::string sdp);
  void refuse(sip::request_id request, const siprec::fault& why);
  [[nodiscard]] bool knows(const std::string& call_id) const;
  void look_after_all();
  [[nodiscard]] bool is_silent(const siprec_client& client);
  [[nodiscard]] std::string look_after(sip::session_id session,
                                       siprec_client& client);
  void ask_for_snapshot(sip::session_id session, siprec_client& client);
  void give_up(sip::session_id session, const std::string& reason);
  void forget(sip::session_id session, const std::string& reason);
  void end(const std::string& call_id, const std::string& reason);
  template <class Request>
  void ask(Request what);

  siprec_door_world& world_;
  call_supervisor_actor calls_;
  int snapshots_ = 0; ///< Asked for in this round.
};

siprec::fault fault_of(unsigned status, std::string reason) {
  return {status, std::move(reason)};
}

/// What a predecessor was doing is over: what it knew may be old.
void siprec_front_door::adopt() {
  if (world_.opened++ > 0)
    for (auto& [session, client] : world_.clients)
      client.snapshot_wanted = true;
  send(this, news_atom::value);
  delayed_send(this, rounds, work_atom::value);
}

/// A piece of news that lets a door die is not there for the next one.
void siprec_front_door::take_news() {
  while (const auto next = world_.news.take()) {
    if (const auto* news = std::get_if<client_news>(&*next))
      on_news(*news);
    else
      on_invitation(std::get<sip::incoming_session>(*next));
  }
}

void siprec_front_door::on_invitation(const sip::incoming_session& what) {
  const sip::request_id request{what.session, 0};
  auto words = judge(what);
  auto& from = world_.clients[what.session];
  from.sip_call_id = what.call_id;
  from.from = to_string(what.source);
  from.session_header = what.session_header;
  from.organisation = world_.settings.owners.of(what.certificate_names);
  from.alive = from.heard = home().now();
  if (!words)
    return refuse(request, words.error());
  from.call_id = "siprec/" + what.call_id;
  offer(from, request, std::move(*words));
}

expected<siprec::client_words, siprec::fault>
siprec_front_door::judge(const sip::incoming_session& what) const {
  const auto& owners = world_.settings.owners;
  if (!owners.empty() && owners.of(what.certificate_names).empty())
    return make_unexpected(fault_of(forbidden, "the client is a stranger"));
  if (knows("siprec/" + what.call_id))
    return make_unexpected(fault_of(merged, "the session stands"));
  auto words = siprec::read_client_words(
    what.body, named_uuid(callfork_space(), what.call_id));
  if (words && words->sdp.empty())
    return make_unexpected(
      fault_of(unacceptable, "a recording session needs a description"));
  return words;
}

void siprec_front_door::on_news(const client_news& news) {
  const auto known = world_.clients.find(news.session);
  if (known == world_.clients.end())
    return;
  known->second.alive = home().now();
  std::visit(
    [&](const auto& what) {
      on_event(news.session, known->second, what);
    },
    news.what);
}

void siprec_front_door::on_event(sip::session_id, siprec_client& from,
                                 const sip::change_requested& what) {
  auto words = siprec::read_client_words(
    what.body, named_uuid(callfork_space(), from.sip_call_id));
  if (!words)
    return refuse(what.request, words.error());
  if (!words->sdp.empty())
    return offer(from, what.request, std::move(*words));
  // A re-INVITE without an offer wants ours: what stands (RFC 3261 14.2).
  learn(from, *words, nullptr);
  tell_call(from, {});
  world_.line->accept(what.request, {"application/sdp", from.last_answer});
}

void siprec_front_door::on_event(sip::session_id, siprec_client& from,
                                 const sip::metadata_received& what) {
  auto words = siprec::read_client_words(
    what.body, named_uuid(callfork_space(), from.sip_call_id));
  if (!words) {
    spdlog::warn("recording metadata not readable call=\"{}\" from={} "
                 "reason=\"{}\"",
                 from.call_id, from.from, words.error().reason);
    return;
  }
  learn(from, *words, nullptr);
  tell_call(from, {});
}

/// Any answer shows that somebody is there, but for those that say the
/// contrary (RFC 3261 12.2.1.2).
void siprec_front_door::on_event(sip::session_id session, siprec_client& from,
                                 const sip::change_answered& what) {
  constexpr unsigned timeout = 408;
  constexpr unsigned no_session = 481;
  constexpr unsigned not_allowed = 405;
  constexpr unsigned not_implemented = 501;
  from.asked.reset();
  if (what.status == no_session || (what.status == timeout && is_silent(from)))
    return give_up(session, client_gone);
  from.unreachable = what.status == no_room ? from.unreachable + 1 : 0;
  if (from.unreachable >= most_unreachable && is_silent(from))
    return give_up(session, client_gone);
  if (what.status == not_allowed || what.status == not_implemented
      || what.status == timeout)
    from.takes_update = false;
  // The call's own limit shall not end what lives.
  auto alive = std::make_shared<ng::request>();
  alive->command = ng::command::query;
  alive->call_id = from.call_id;
  ask(ng_request_ptr{std::move(alive)});
}

/// The answer to an offer of ours, which was no other than what stood.
void siprec_front_door::on_event(sip::session_id, siprec_client& from,
                                 const sip::acknowledged& what) {
  if (what.body.content.empty())
    return;
  auto words = siprec::read_client_words(
    what.body, named_uuid(callfork_space(), from.sip_call_id));
  if (words && !words->sdp.empty() && siprec::read_client_offer(words->sdp))
    tell_call(from, std::move(words->sdp));
}

void siprec_front_door::on_event(sip::session_id session, siprec_client&,
                                 const sip::ended& what) {
  forget(session, what.by == sip::ended_by::peer ? "bye" : client_gone);
}

void siprec_front_door::offer(siprec_client& from, sip::request_id request,
                              siprec::client_words words) {
  const auto read = siprec::read_client_offer(words.sdp);
  if (!read)
    return refuse(request, read.error());
  for (const auto& oddity : read->oddities)
    spdlog::warn("recording session is odd call=\"{}\" from={} what=\"{}\"",
                 from.sip_call_id, from.from, oddity);
  learn(from, words, &*read);
  this
    ->request(calls_, caf::duration{world_.settings.answer_within},
              session_request(from, world_.settings.mode, std::move(words.sdp)))
    .then(
      [this, request, call_id = from.call_id](const ng_reply_ptr& reply) {
        settle(request, call_id, *reply);
      },
      [this, request](const caf::error&) {
        refuse(request, {trouble, "no answer in time"});
      });
}

void siprec_front_door::settle(sip::request_id request,
                               const std::string& call_id,
                               const ng::dictionary& reply) {
  const auto* sdp = reply.find("sdp");
  if (sdp == nullptr || sdp->string() == nullptr) {
    const auto* why = reply.find("error-reason");
    const auto* text = why ? why->string() : nullptr;
    return refuse(request, {no_room, text ? *text : "no room"});
  }
  const auto known = world_.clients.find(request.session);
  if (known == world_.clients.end()) // Gone in the meantime.
    return end(call_id, client_gone);
  auto& client = known->second;
  client.last_answer = *sdp->string();
  world_.line->accept(request, {"application/sdp", client.last_answer});
  if (std::exchange(client.accepted, true))
    return;
  ++world_.figures.accepted;
  ++world_.figures.live;
  spdlog::info("recording session accepted call=\"{}\" from={} organisation={} "
               "parties={}",
               client.call_id, client.from, client.organisation,
               client.picture.speakers().size());
}

void siprec_front_door::learn(siprec_client& of, siprec::client_words& words,
                              const siprec::client_offer* placed) {
  if (placed != nullptr
      && std::ranges::count_if(placed->streams,
                               &siprec::client_stream::is_usable)
           > 2)
    spdlog::warn("recording session with more streams than are recorded "
                 "call=\"{}\" from={} streams={} recorded=2",
                 of.call_id, of.from, placed->streams.size());
  if (words.metadata && !words.metadata->snapshot_requested) {
    if (!is_in_time(of) || !of.picture.take(std::move(*words.metadata)))
      of.snapshot_wanted = true;
    if (placed != nullptr)
      of.picture.place(*placed);
  }
  auto keys = siprec::correlation_keys(of.picture, of.session_header);
  // Nobody gets into a group of another organisation's.
  for (auto& key : keys)
    key += "\n" + of.organisation;
  std::erase_if(keys, [&of](const auto& key) {
    return std::ranges::find(of.group_keys, key) != of.group_keys.end();
  });
  const auto now = home().now();
  if (of.group) {
    world_.groups.add(keys, *of.group, now);
  } else {
    const auto own = of.picture.group();
    of.group = world_.groups.join(keys, own ? *own : random_uuid(), now);
  }
  of.group_keys.insert(of.group_keys.end(), keys.begin(), keys.end());
}

/// False for a document that comes too soon after too many others.
bool siprec_front_door::is_in_time(siprec_client& client) {
  const auto now = home().now();
  if (client.paced - now > document_lead)
    return false;
  client.paced = std::max(client.paced, now) + document_pace;
  return true;
}

void siprec_front_door::tell_call(const siprec_client& of, std::string sdp) {
  ask(session_request(of, world_.settings.mode, std::move(sdp)));
}

/// Nothing is heard any more of a session whose beginning is refused.
void siprec_front_door::refuse(sip::request_id request,
                               const siprec::fault& why) {
  world_.line->refuse(request, why.status, why.reason);
  const auto known = world_.clients.find(request.session);
  if (known != world_.clients.end())
    spdlog::warn("recording session {} call=\"{}\" from={} status={} "
                 "reason=\"{}\"",
                 request.number == 0 ? "refused" : "change refused",
                 known->second.sip_call_id, known->second.from, why.status,
                 why.reason);
  if (request.number != 0)
    return;
  ++world_.figures.refused[std::min<std::size_t>(why.status / 100, 6)];
  forget(request.session, "refused");
}

bool siprec_front_door::knows(const std::string& call_id) const {
  return std::ranges::any_of(world_.clients, [&call_id](const auto& one) {
    return one.second.call_id == call_id;
  });
}

void siprec_front_door::look_after_all() {
  delayed_send(this, rounds, work_atom::value);
  snapshots_ = 0;
  std::vector<std::pair<sip::session_id, std::string>> over;
  for (auto& [session, client] : world_.clients)
    if (auto reason = look_after(session, client); !reason.empty())
      over.emplace_back(session, std::move(reason));
  for (const auto& [session, reason] : over)
    give_up(session, reason);
}

/// Its media have stopped, or never began.
bool siprec_front_door::is_silent(const siprec_client& client) {
  return home().now() - client.heard >= world_.settings.silent_after;
}

/// Why the session is over; empty if it is not.
std::string siprec_front_door::look_after(sip::session_id session,
                                          siprec_client& client) {
  const auto now = home().now();
  if (!client.accepted)
    return now - client.alive > answer_limit ? "not-answered" : std::string{};
  const auto gauge = world_.directory->find(client.call_id);
  if (!gauge)
    return "call-ended";
  const auto packets = gauge->packets.load();
  if (std::exchange(client.packets, packets) != packets)
    client.alive = client.heard = now;
  if (client.asked && now - *client.asked > answer_limit) {
    client.asked.reset();
    if (is_silent(client))
      return client_gone;
  }
  if (client.asked)
    return {};
  if (client.snapshot_wanted && client.takes_update)
    ask_for_snapshot(session, client);
  else if (now - client.alive >= world_.settings.silent_after) {
    client.asked = now;
    world_.line->change(session, sip::method::update, {});
  }
  return {};
}

/// An answer to this tells as well that the client is there.
void siprec_front_door::ask_for_snapshot(sip::session_id session,
                                         siprec_client& client) {
  const auto now = home().now();
  const auto soon = client.snapshot_asked
                    && now - *client.snapshot_asked < snapshot_pause;
  if (soon || snapshots_ >= snapshots_per_round)
    return;
  ++snapshots_;
  client.snapshot_wanted = false;
  client.snapshot_asked = client.asked = now;
  spdlog::info("recording metadata asked for call=\"{}\" from={}",
               client.call_id, client.from);
  world_.line->change(session, sip::method::update,
                      snapshot_body("The metadata are not complete"));
}

void siprec_front_door::give_up(sip::session_id session,
                                const std::string& reason) {
  const auto known = world_.clients.find(session);
  if (known == world_.clients.end())
    return;
  spdlog::warn("recording session ended by us call=\"{}\" from={} reason={}",
               known->second.call_id, known->second.from, reason);
  world_.line->close(session, "SIP;cause=200;text=\"" + reason + "\"", {});
  forget(session, reason);
}

void siprec_front_door::forget(sip::session_id session,
                               const std::string& reason) {
  const auto gone = world_.clients.extract(session);
  if (gone.empty())
    return;
  const auto& client = gone.mapped();
  world_.groups.leave(client.group_keys, home().now());
  if (client.accepted) {
    ++world_.figures.ended;
    --world_.figures.live;
  }
  if (!client.call_id.empty())
    end(client.call_id, reason);
}

void siprec_front_door::end(const std::string& call_id,
                            const std::string& reason) {
  ask(end_request(call_id, reason));
}

/// Asks our call for something that needs no answer.
template <class Request>
void siprec_front_door::ask(Request what) {
  request(calls_, caf::duration{world_.settings.answer_within}, std::move(what))
    .then([](const ng_reply_ptr&) {}, [](const caf::error&) {});
}

} // namespace

siprec_front_door_actor start_siprec_front_door(shard& home,
                                                siprec_door_world& world) {
  caf::actor_config config{&home};
  return home.system().spawn_class<siprec_front_door, caf::no_spawn_options>(
    config, home, world);
}

} // namespace callfork::actors
