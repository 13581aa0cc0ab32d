#include "actors/siprec_sink.hpp"

#include "actors/pinned.hpp"
#include "actors/siprec_story.hpp"
#include "control/siprec/metadata_reader.hpp"
#include "media/base/check.hpp"
#include "media/provider/polled_session.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <utility>

namespace callfork::actors {

/// What the SIP thread tells a sink of its session.
struct sip_news {
  sip::session_event what;
};

/// Something at the media side has changed: look.
using look_atom = caf::atom_constant<caf::atom("look")>;

} // namespace callfork::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::sip_news)

namespace callfork::actors {

namespace {

using siprec_sink_actor
  = sink_actor::extend<caf::reacts_to<sip_news>, caf::reacts_to<look_atom>>;

caf::error fault(const std::string& text) {
  return caf::make_error(caf::sec::runtime_error, text);
}

std::string with_status(unsigned status, const std::string& reason) {
  return "sip " + std::to_string(status) + " " + reason;
}

/// The description in a body of any form; empty when there is none.
std::string sdp_in(const siprec::written_body& body) {
  const auto parts = siprec::read_body(body.content_type, body.content, {});
  if (!parts)
    return {};
  const auto at = std::ranges::find(*parts, "application/sdp",
                                    &siprec::body_part::type);
  return at == parts->end() ? std::string{} : at->content;
}

bool wants_snapshot(const siprec::written_body& body) {
  const auto parts = siprec::read_body(body.content_type, body.content, {});
  return parts && std::ranges::any_of(*parts, [](const auto& part) {
           const auto read = siprec::read_metadata(part.content, {}, {});
           return read && read->snapshot_requested;
         });
}

class siprec_sink final : public pinned<siprec_sink_actor::base> {
public:
  siprec_sink(caf::actor_config& config, shard& home,
              std::shared_ptr<const siprec_provider> provider,
              const siprec_world& world)
    : pinned(config, home),
      provider_(std::move(provider)),
      world_(world) {
  }

  behavior_type make_behavior() override {
    return {
      [this](open_atom, sink_owner_actor& owner, std::uint32_t number,
             const recording_facts_ptr& facts) {
        open(std::move(owner), number, facts);
      },
      [this](batch_atom, const fork::batch_ptr& next,
             const batches_in_flight_ptr& in_flight) {
        take(next, in_flight);
      },
      [this](attach_atom) {
        ++taps_;
      },
      [this](detach_atom) {
        --taps_;
        finish_if_over();
      },
      [this](finish_atom) {
        finishing_ = true;
        finish_if_over();
      },
      [](crash_atom) {
        throw bug("a fault on purpose");
      },
      [this](const sip_news& news) {
        std::visit(
          [this](const auto& what) {
            on(what);
          },
          news.what);
      },
      [this](look_atom) {
        look();
      },
    };
  }

  void on_exit() override {
    if (media_)
      media_->close(home().now());
    media_.reset();
    if (session_)
      world_.agent->close(*session_, "SIP;cause=500;text=\"recording lost\"",
                          {});
    session_.reset();
    owner_ = nullptr;
  }

private:
  void open(sink_owner_actor owner, std::uint32_t number,
            const recording_facts_ptr& facts);
  [[nodiscard]] expected<void, std::string>
  begin(const recording_facts_ptr& facts);
  void invite();
  void take(const fork::batch_ptr& next, const batches_in_flight_ptr& from);
  void on_media(time_point now);
  void look();
  void finish_if_over();
  void leave();
  void fail(const std::string& why);

  void on(const sip::progressed&) {
  }
  void on(const sip::target_failed& what);
  void on(const sip::open_failed& what);
  void on(const sip::established& what);
  void on(const sip::acknowledged& what);
  void on(const sip::change_requested& what);
  void on(const sip::metadata_received& what);
  void on(const sip::change_answered& what);
  void on(const sip::ended& what);

  void follow(const expected<siprec::agreed_streams, siprec::fault>& agreed);
  void report_up();
  [[nodiscard]] std::uint64_t sent_bytes() const;

  std::shared_ptr<const siprec_provider> provider_;
  siprec_world world_;
  sink_owner_actor owner_;
  std::uint32_t number_ = 0;
  int taps_ = 0;
  bool finishing_ = false;

  recording_facts_ptr facts_;
  std::optional<siprec_story> story_;
  std::optional<siprec::client_sdp> sdp_;
  std::unique_ptr<provider::polled_session> media_;
  std::optional<sip::session_id> session_;
  std::string remote_;         ///< Set once the session stands.
  std::string target_;         ///< Likewise.
  bool told_paused_ = false;   ///< What the provider was told last.
  bool leaving_ = false;       ///< All is sent: the session is being closed.
  std::pair<bool, bool> seen_; ///< Paused and drained, when it looked last.
  /// The batches that wait at the media side, in order.
  std::deque<std::pair<fork::batch_ptr, batches_in_flight_ptr>> waiting_;
};

void siprec_sink::open(sink_owner_actor owner, std::uint32_t number,
                       const recording_facts_ptr& facts) {
  owner_ = std::move(owner);
  number_ = number;
  if (!media_) {
    if (const auto begun = begin(facts); !begun)
      return fail(begun.error());
    invite();
  }
  if (!remote_.empty())
    report_up();
}

expected<void, std::string>
siprec_sink::begin(const recording_facts_ptr& facts) {
  const auto now = home().now();
  facts_ = facts;
  story_.emplace(facts, provider_->dialect);
  siprec::client_sdp_settings said;
  said.session_id
    = static_cast<std::uint64_t>(facts->opened.wall.time_since_epoch().count());
  said.codecs = provider_->codecs;
  if (provider_->secure)
    said.suites = {srtp::suite::aead_aes_256_gcm,
                   srtp::suite::aes_256_cm_hmac_sha1_80,
                   srtp::suite::aes_cm_128_hmac_sha1_80};
  std::array<provider::stream_means, provider::stream_count> means;
  for (std::size_t stream = 0; stream < means.size(); ++stream) {
    auto leased = world_.ports->lease(provider_->interface, family::ipv4, now);
    if (!leased)
      return make_unexpected(std::string{net::to_string(leased.error())});
    said.local[stream] = (*leased)->advertised();
    means[stream] = {std::move(*leased), provider::make_identity()};
  }
  sdp_.emplace(std::move(said));
  provider::session_settings pace;
  pace.rate = provider_->rate;
  media_ = std::make_unique<provider::polled_session>(
    pace, std::move(means), instant{now, wall_clock::now()},
    provider::polled_session::world{&home().poller(), &home().reader(),
                                    &home().wire()},
    [this](time_point when) {
      run_here([this, when] {
        on_media(when);
      });
    });
  if (!media_->watches())
    return make_unexpected(std::string{"no descriptor can be watched"});
  return {};
}

void siprec_sink::invite() {
  sip::outgoing_session wanted;
  wanted.targets = provider_->targets;
  wanted.login = provider_->login;
  wanted.body = story_->beginning(sdp_->offer({true, true}));
  if (provider_->dialect == siprec::dialect::broadworks) {
    wanted.feature = sip::feature_tag::draft;
    wanted.require_siprec = false;
  }
  session_ = world_.agent->open(
    std::move(wanted), [me = siprec_sink_actor{this}](
                         sip::session_id, const sip::session_event& what) {
      caf::anon_send(me, sip_news{what});
    });
}

void siprec_sink::take(const fork::batch_ptr& next,
                       const batches_in_flight_ptr& from) {
  if (!media_ || !media_->push(next, home().now())) {
    from->done(*next, home().now());
    return;
  }
  waiting_.emplace_back(next, from);
  on_media(home().now());
}

/// Called from the poller too, within the media session: it must not end that.
void siprec_sink::on_media(time_point now) {
  while (waiting_.size() > media_->session().in_flight()) {
    const auto& [what, from] = waiting_.front();
    from->done(*what, now);
    waiting_.pop_front();
  }
  const std::pair seen{media_->session().paused(), media_->session().drained()};
  if (std::exchange(seen_, seen) != seen)
    caf::anon_send(siprec_sink_actor{this}, look_atom::value);
}

void siprec_sink::look() {
  if (!media_ || !session_ || remote_.empty())
    return;
  if (media_->session().drained())
    return leave();
  const auto paused = media_->session().paused();
  if (paused == told_paused_ || finishing_)
    return;
  told_paused_ = paused;
  world_.agent->change(
    *session_, sip::method::invite,
    story_->change(sdp_->offer({!paused, !paused}), paused, wall_clock::now()));
}

void siprec_sink::finish_if_over() {
  if (!finishing_ || taps_ > 0 || !media_)
    return;
  media_->finish(home().now());
  on_media(home().now());
}

/// All is sent: the provider hears that it was all.
void siprec_sink::leave() {
  if (std::exchange(leaving_, true))
    return;
  world_.agent->close(*session_, "SIP;cause=200;text=\"recording ended\"",
                      story_->end(wall_clock::now()));
}

void siprec_sink::fail(const std::string& why) {
  quit(fault(why));
}

void siprec_sink::on(const sip::target_failed& what) {
  spdlog::warn("recorder failed recording={} target={} status={} reason=\"{}\"",
               facts_->id, what.target, what.status, what.reason);
}

void siprec_sink::on(const sip::open_failed& what) {
  session_.reset();
  fail(with_status(what.status, what.reason));
}

void siprec_sink::on(const sip::established& what) {
  if (!media_)
    return;
  remote_ = what.call_id;
  target_ = what.target;
  const auto agreed = sdp_->read_answer(sdp_in(what.body));
  if (!agreed)
    return fail("the answer cannot be used: " + agreed.error().reason);
  follow(agreed);
  report_up();
  look(); // The recording may have been paused while we were ringing.
}

/// The answer to an offer that the provider had asked for.
void siprec_sink::on(const sip::acknowledged& what) {
  if (media_ && !what.body.content.empty())
    follow(sdp_->read_answer(sdp_in(what.body)));
}

void siprec_sink::on(const sip::change_requested& what) {
  if (!media_)
    return;
  const auto sends = !told_paused_;
  const auto text = sdp_in(what.body);
  if (text.empty())
    return world_.agent->accept(what.request,
                                story_->beginning(sdp_->offer({sends, sends})));
  auto reply = sdp_->answer(text, {sends, sends});
  if (!reply)
    return world_.agent->refuse(what.request, reply.error().status,
                                reply.error().reason);
  world_.agent->accept(what.request,
                       {"application/sdp", std::move(reply->sdp)});
  follow(reply->agreed);
}

/// A recorder has nothing to tell but that it wants to hear all again.
void siprec_sink::on(const sip::metadata_received& what) {
  if (session_ && wants_snapshot(what.body))
    world_.agent->change(*session_, sip::method::update,
                         story_->snapshot(told_paused_));
}

void siprec_sink::on(const sip::change_answered& what) {
  if (!media_ || what.by != sip::method::invite)
    return;
  if (what.status >= 300) {
    spdlog::warn("recorder refused a change recording={} status={}", facts_->id,
                 what.status);
    return;
  }
  follow(sdp_->read_answer(sdp_in(what.body)));
}

void siprec_sink::on(const sip::ended& what) {
  session_.reset();
  if (!leaving_)
    return fail(what.by == sip::ended_by::peer
                  ? "the recorder ended the session: " + what.reason
                  : with_status(what.status, what.reason));
  // A recorder that is gone by then has not kept the recording.
  if (what.by == sip::ended_by::us && what.status >= 300)
    return fail("the recorder did not take the end: "
                + with_status(what.status, what.reason));
  caf::anon_send(owner_, sink_report{number_, sink_done{sent_bytes(), target_,
                                                        std::nullopt}});
  quit(caf::exit_reason::user_shutdown);
}

void siprec_sink::follow(
  const expected<siprec::agreed_streams, siprec::fault>& agreed) {
  if (!agreed) {
    spdlog::warn("recorder's description not used recording={} reason=\"{}\"",
                 facts_->id, agreed.error().reason);
    return;
  }
  const auto now = home().now();
  for (std::size_t stream = 0; stream < agreed->plans.size(); ++stream)
    if (!media_->apply(static_cast<fork::stream_index>(stream),
                       agreed->plans[stream], now))
      spdlog::warn("recorder's key not usable recording={} stream={}",
                   facts_->id, stream);
}

void siprec_sink::report_up() {
  caf::anon_send(owner_, sink_report{number_, sink_up{remote_}});
}

std::uint64_t siprec_sink::sent_bytes() const {
  std::uint64_t all = 0;
  for (std::size_t stream = 0; media_ && stream < provider::stream_count;
       ++stream)
    all += media_->session()
             .counters(static_cast<fork::stream_index>(stream))
             .octets;
  return all;
}

} // namespace

sink_kind siprec_sinks(siprec_provider provider, const siprec_world& world,
                       std::vector<shard*> homes) {
  const auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  const auto shared
    = std::make_shared<const siprec_provider>(std::move(provider));
  auto start = [shared, world, homes = std::move(homes),
                turn](std::uint32_t) -> sink_actor {
    auto& home = *homes[turn->fetch_add(1) % homes.size()];
    caf::actor_config config{&home};
    return home.system().spawn_class<siprec_sink, caf::no_spawn_options>(
      config, home, shared, world);
  };
  return {shared->name, bus::transport::siprec, std::move(start)};
}

} // namespace callfork::actors
