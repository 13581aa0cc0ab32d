#include "actors/siprec_front_door.hpp"

#include "actors/pinned.hpp"
#include "control/siprec/metadata_reader.hpp"
#include "control/siprec/session_sdp_server.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace callfork::actors {

namespace {

constexpr unsigned merged = 482;
constexpr unsigned unacceptable = 488;
constexpr unsigned no_room = 503;
constexpr unsigned trouble = 500;

/// What a client's request says, taken apart.
struct client_words {
  std::string sdp;
  std::optional<siprec::peer_metadata> metadata;
};

bool is_metadata(const siprec::body_part& part) {
  return part.type.starts_with("application/rs-metadata")
         || part.disposition == "recording-session";
}

/// Reads a body. A part that nobody knows and that must be understood is 415.
expected<client_words, siprec::fault>
read_words(const siprec::written_body& body, const uuid& space) {
  const auto parts = siprec::read_body(body.content_type, body.content, {});
  if (!parts)
    return make_unexpected(parts.error());
  client_words made;
  for (const auto& part : *parts) {
    if (is_metadata(part)) {
      auto read = siprec::read_metadata(part.content, space, {});
      if (!read)
        return make_unexpected(read.error());
      made.metadata = std::move(*read);
    } else if (part.type == "application/sdp") {
      made.sdp = part.content;
    } else if (!part.optional && parts->size() == 1) {
      return make_unexpected(
        siprec::fault{415, "a body of type " + part.type + " is not known"});
    }
  }
  return made;
}

/// The addresses of those who send the first stream and the second.
std::vector<std::string> speakers_of(const bus::metadata::document& from,
                                     const siprec::client_offer& offer) {
  std::vector<std::string> labels;
  for (const auto& stream : from.streams)
    labels.push_back(stream.label);
  const auto lines = siprec::match_labels(labels, offer);
  std::vector<std::string> made(offer.streams.size());
  for (std::size_t at = 0; at < from.streams.size(); ++at)
    for (const auto& sends : from.participant_streams) {
      const auto who = std::ranges::find(from.participants, sends.participant,
                                         &bus::metadata::participant::id);
      if (lines[at] && who != from.participants.end() && !who->names.empty()
          && std::ranges::find(sends.sends, from.streams[at].id)
               != sends.sends.end()
          && made[*lines[at]].empty())
        made[*lines[at]] = who->names.front().aor;
    }
  return made;
}

void add(ng::request& to, std::string key, const std::string& value) {
  if (!value.empty())
    to.metadata.emplace_back(std::move(key), value);
}

/// What the law and the story shall know of the call.
void add_facts(ng::request& to, const siprec::peer_metadata& from,
               const siprec::client_offer& offer) {
  const auto speakers = speakers_of(from.document, offer);
  if (!speakers.empty())
    add(to, "caller", speakers[0]);
  if (speakers.size() > 1)
    add(to, "callee", speakers[1]);
  add(to, "organisation", from.platform.service_provider);
  add(to, "location", from.platform.group);
  add(to, "user", from.platform.user);
  add(to, "tracking-id", from.platform.tracking_id);
}

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
    return {
      [this](const invitation_ptr& what) {
        on_invitation(*what);
      },
      [this](const client_news& news) {
        on_news(news);
      },
    };
  }

private:
  struct client {
    std::string call_id; ///< Of our call: none that a proxy could have.
    std::string sip_call_id;
  };

  void on_invitation(const sip::incoming_session& what);
  void on_news(const client_news& news);
  void on_change(client& from, const sip::change_requested& what);
  void offer(client& from, sip::request_id request, client_words words);
  void settle(sip::request_id request, const ng::dictionary& reply);
  void refuse(sip::request_id request, const siprec::fault& why);
  [[nodiscard]] bool knows(const std::string& call_id) const;
  void end(const std::string& call_id);

  siprec_door_world& world_;
  call_supervisor_actor calls_;
  std::map<sip::session_id, client> clients_;
};

void siprec_front_door::on_invitation(const sip::incoming_session& what) {
  const sip::request_id request{what.session, 0};
  auto words = read_words(what.body,
                          named_uuid(callfork_space(), what.call_id));
  const auto call_id = "siprec/" + what.call_id;
  if (knows(call_id))
    words = make_unexpected(siprec::fault{merged, "the session stands"});
  else if (words && words->sdp.empty())
    words = make_unexpected(
      siprec::fault{unacceptable, "a recording session needs a description"});
  if (!words) {
    spdlog::warn("recording session refused call={} from={} status={} "
                 "reason=\"{}\"",
                 what.call_id, to_string(what.source), words.error().status,
                 words.error().reason);
    return refuse(request, words.error());
  }
  auto& from = clients_[what.session];
  from = {call_id, what.call_id};
  offer(from, request, std::move(*words));
}

void siprec_front_door::on_news(const client_news& news) {
  const auto known = clients_.find(news.session);
  if (known == clients_.end())
    return;
  if (const auto* change = std::get_if<sip::change_requested>(&news.what)) {
    on_change(known->second, *change);
  } else if (std::holds_alternative<sip::ended>(news.what)
             || std::holds_alternative<sip::open_failed>(news.what)) {
    ++world_.figures.ended;
    end(known->second.call_id);
    clients_.erase(known);
  }
}

void siprec_front_door::on_change(client& from,
                                  const sip::change_requested& what) {
  auto words = read_words(what.body,
                          named_uuid(callfork_space(), from.sip_call_id));
  if (!words)
    return refuse(what.request, words.error());
  if (words->sdp.empty())
    return world_.agent->accept(what.request, {});
  offer(from, what.request, std::move(*words));
}

void siprec_front_door::offer(client& from, sip::request_id request,
                              client_words words) {
  const auto read = siprec::read_client_offer(words.sdp);
  if (!read)
    return refuse(request, read.error());
  auto made = std::make_shared<ng::request>();
  made->command = ng::command::record_session;
  made->call_id = from.call_id;
  made->sdp = std::move(words.sdp);
  made->metadata.emplace_back("mode", "always");
  add(*made, "sip-call-id", from.sip_call_id);
  if (words.metadata)
    add_facts(*made, *words.metadata, *read);
  this
    ->request(calls_, caf::duration{world_.answer_within},
              ng_request_ptr{std::move(made)})
    .then(
      [this, request](const ng_reply_ptr& reply) {
        settle(request, *reply);
      },
      [this, request](const caf::error&) {
        refuse(request, {trouble, "no answer in time"});
      });
}

void siprec_front_door::settle(sip::request_id request,
                               const ng::dictionary& reply) {
  const auto* sdp = reply.find("sdp");
  if (sdp == nullptr || sdp->string() == nullptr) {
    const auto* why = reply.find("error-reason");
    const auto* text = why ? why->string() : nullptr;
    return refuse(request, {no_room, text ? *text : "no room"});
  }
  if (request.number == 0)
    ++world_.figures.sessions;
  world_.agent->accept(request, {"application/sdp", *sdp->string()});
}

/// Nothing is heard any more of a session whose beginning is refused.
void siprec_front_door::refuse(sip::request_id request,
                               const siprec::fault& why) {
  world_.agent->refuse(request, why.status, why.reason);
  if (request.number != 0)
    return;
  ++world_.figures.refused;
  if (const auto gone = clients_.extract(request.session))
    end(gone.mapped().call_id);
}

bool siprec_front_door::knows(const std::string& call_id) const {
  return std::ranges::any_of(clients_, [&call_id](const auto& one) {
    return one.second.call_id == call_id;
  });
}

void siprec_front_door::end(const std::string& call_id) {
  auto made = std::make_shared<ng::request>();
  made->command = ng::command::remove;
  made->call_id = call_id;
  made->delete_delay = std::chrono::seconds{0};
  this
    ->request(calls_, caf::duration{world_.answer_within},
              ng_request_ptr{std::move(made)})
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
