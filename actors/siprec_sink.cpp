#include "actors/siprec_sink.hpp"

#include "actors/pinned.hpp"
#include "actors/siprec_body.hpp"
#include "actors/siprec_media.hpp"
#include "actors/siprec_story.hpp"
#include "actors/siprec_trouble.hpp"
#include "media/base/check.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <utility>

namespace callfork::actors {

/// What the SIP thread tells a sink of its session.
struct sip_news {
  sip::session_event what;
};

/// Something may be worth a word to the recorder: look.
using look_atom = caf::atom_constant<caf::atom("look")>;

} // namespace callfork::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::sip_news)

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

using siprec_sink_actor
  = sink_actor::extend<caf::reacts_to<sip_news>, caf::reacts_to<look_atom>>;

constexpr auto look_again = 250ms;

constexpr unsigned not_allowed = 405;
constexpr unsigned not_implemented = 501;

class siprec_sink final : public pinned<siprec_sink_actor::base> {
public:
  siprec_sink(caf::actor_config& config, shard& home,
              std::shared_ptr<const siprec_provider> provider,
              siprec_world world, std::shared_ptr<sink_figures> figures)
    : pinned(config, home),
      provider_(std::move(provider)),
      world_(std::move(world)),
      figures_(std::move(figures)) {
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
      [this](change_atom, const recording_facts_ptr& facts) {
        learn(facts);
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
    report_missed();
    media_.reset();
    if (session_)
      world_.line->close(*session_, lost_reason, {});
    session_.reset();
    owner_ = nullptr;
  }

private:
  void open(sink_owner_actor owner, std::uint32_t number,
            const recording_facts_ptr& facts);
  [[nodiscard]] expected<void, sink_trouble> begin();
  void invite();
  void take(const fork::batch_ptr& next, const batches_in_flight_ptr& from);
  void learn(const recording_facts_ptr& facts);
  void look();
  void tell();
  void finish_if_over();
  void leave();
  void fail(sink_trouble why);

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

  void ask(sip::method by, siprec::written_body body);
  void on_refused(const sip::change_answered& what);
  void follow(const siprec::written_body& body);
  void report(sink_report what);
  void report_missed();
  [[nodiscard]] bool is_up() const noexcept {
    return media_ && session_ && !remote_.empty();
  }

  std::shared_ptr<const siprec_provider> provider_;
  siprec_world world_;
  std::shared_ptr<sink_figures> figures_;
  sink_owner_actor owner_;
  std::uint32_t number_ = 0;
  int taps_ = 0;
  bool finishing_ = false;

  recording_facts_ptr facts_;
  std::optional<siprec_story> story_;
  std::unique_ptr<siprec_media> media_;
  std::optional<sip::session_id> session_;
  std::string remote_;         ///< Set once the session stands.
  std::string target_;         ///< Likewise.
  bool takes_update_ = true;   ///< As far as is known.
  bool asking_ = false;        ///< A change of ours is not answered yet.
  bool asks_snapshot_ = false; ///< The recorder wants to hear all again.
  bool leaving_ = false;       ///< All is sent: the session is being closed.
};

void siprec_sink::open(sink_owner_actor owner, std::uint32_t number,
                       const recording_facts_ptr& facts) {
  owner_ = std::move(owner);
  number_ = number;
  if (media_) {
    learn(facts);
  } else {
    facts_ = facts;
    if (auto begun = begin(); !begun)
      return fail(std::move(begun.error()));
    invite();
  }
  if (is_up())
    report({number_, sink_up{remote_}});
}

expected<void, sink_trouble> siprec_sink::begin() {
  story_.emplace(facts_, provider_->dialect);
  auto opened = siprec_media::open(
    {provider_, *world_.ports, home(), facts_, figures_,
     [this] {
       caf::anon_send(siprec_sink_actor{this}, look_atom::value);
     },
     [this](const std::function<void()>& deed) {
       run_here(deed);
     }});
  if (!opened)
    return make_unexpected(std::move(opened.error()));
  media_ = std::move(*opened);
  return {};
}

void siprec_sink::invite() {
  sip::outgoing_session wanted;
  wanted.targets = provider_->targets;
  wanted.login = provider_->login;
  wanted.body = story_->whole(media_->offer(), false, facts_->opened.wall);
  if (provider_->dialect == siprec::dialect::broadworks) {
    wanted.feature = sip::feature_tag::draft;
    wanted.require_siprec = false;
  }
  session_ = world_.line->open(
    std::move(wanted), [me = siprec_sink_actor{this}](
                         sip::session_id, const sip::session_event& what) {
      caf::anon_send(me, sip_news{what});
    });
}

void siprec_sink::take(const fork::batch_ptr& next,
                       const batches_in_flight_ptr& from) {
  if (media_)
    media_->take(next, from);
  else
    from->done(*next, home().now());
}

void siprec_sink::learn(const recording_facts_ptr& facts) {
  if (!media_)
    return;
  facts_ = facts;
  story_->learn(facts);
  media_->learn(*facts);
  look();
}

void siprec_sink::look() {
  if (!is_up() || leaving_)
    return;
  if (media_->drained())
    return leave();
  if (asking_ || finishing_)
    return;
  if (media_->holds_back())
    delayed_send(siprec_sink_actor{this}, look_again, look_atom::value);
  else
    tell();
}

/// Says what is new, if anything is: one change at a time, so that those which
/// come in quick succession become one. What changes the streams needs a
/// description, and so does a recorder that takes no UPDATE.
void siprec_sink::tell() {
  const auto paused = media_->paused();
  const auto now = wall_clock::now();
  if (media_->wants_offer())
    return ask(sip::method::invite,
               story_->change(media_->offer(), paused, now));
  if (std::exchange(asks_snapshot_, false))
    return ask(takes_update_ ? sip::method::update : sip::method::invite,
               takes_update_ ? story_->snapshot()
                             : story_->whole(media_->offer(), paused, now));
  if (!story_->has_news(paused))
    return;
  if (takes_update_)
    return ask(sip::method::update, story_->change({}, paused, now));
  ask(sip::method::invite, story_->change(media_->offer(), paused, now));
}

void siprec_sink::ask(sip::method by, siprec::written_body body) {
  asking_ = true;
  world_.line->change(*session_, by, std::move(body));
}

void siprec_sink::finish_if_over() {
  if (!finishing_ || taps_ > 0 || !media_)
    return;
  media_->finish();
  look();
}

/// All is sent: the provider hears that it was all.
void siprec_sink::leave() {
  if (std::exchange(leaving_, true))
    return;
  report_missed();
  world_.line->close(*session_, ended_reason, story_->end(wall_clock::now()));
}

/// Says why before it dies, ahead of all else that waits for the owner and so
/// ahead of the news of the end.
void siprec_sink::fail(sink_trouble why) {
  auto reason = caf::make_error(caf::sec::runtime_error, why.reason);
  if (owner_)
    caf::anon_send<caf::message_priority::high>(
      owner_, sink_report{number_, std::move(why)});
  quit(std::move(reason));
}

void siprec_sink::on(const sip::target_failed& what) {
  spdlog::warn("recorder failed recording={} provider={} target={} status={} "
               "reason=\"{}\"",
               facts_->id, provider_->name, what.target, what.status,
               what.reason);
}

void siprec_sink::on(const sip::open_failed& what) {
  session_.reset();
  fail(trouble_of(what));
}

void siprec_sink::on(const sip::established& what) {
  if (!media_)
    return;
  remote_ = what.call_id;
  target_ = what.target;
  takes_update_ = what.takes_update;
  if (const auto read = media_->read_answer(sdp_in(what.body)); !read)
    return fail(unusable_answer(read.error()));
  report({number_, sink_up{remote_}});
  report_missed();
  look(); // Something may have changed while we were ringing.
}

/// The answer to an offer that the provider had asked for.
void siprec_sink::on(const sip::acknowledged& what) {
  if (media_ && !what.body.content.empty())
    follow(what.body);
}

void siprec_sink::on(const sip::change_requested& what) {
  if (!media_)
    return;
  const auto text = sdp_in(what.body);
  if (text.empty())
    return world_.line->accept(
      what.request,
      story_->whole(media_->offer(), media_->paused(), wall_clock::now()));
  report_missed();
  auto reply = media_->answer(text);
  if (!reply)
    return world_.line->refuse(what.request, reply.error().status,
                               reply.error().reason);
  world_.line->accept(what.request, {"application/sdp", std::move(*reply)});
}

/// A recorder has nothing to tell but that it wants to hear all again.
void siprec_sink::on(const sip::metadata_received& what) {
  if (!wants_snapshot(what.body))
    return;
  asks_snapshot_ = true;
  look();
}

void siprec_sink::on(const sip::change_answered& what) {
  asking_ = false;
  if (!media_)
    return;
  if (what.status >= 300)
    return on_refused(what);
  if (what.by == sip::method::invite)
    follow(what.body);
  look();
}

/// A recorder that takes no UPDATE hears the same by re-INVITE. One that does
/// not let audio go on, or knows nothing of the session, is of no use any more.
void siprec_sink::on_refused(const sip::change_answered& what) {
  ++figures_->delivery.refused_changes;
  spdlog::warn("recorder refused a change recording={} provider={} status={} "
               "reason=\"{}\"",
               facts_->id, provider_->name, what.status, what.reason);
  if (is_end_of_dialog(what.status) || media_->awaits_answer())
    return fail(trouble_of(what));
  const auto no_update = what.status == not_allowed
                         || what.status == not_implemented;
  if (what.by == sip::method::update && no_update) {
    takes_update_ = false;
    story_->take_back();
  }
  look();
}

void siprec_sink::on(const sip::ended& what) {
  session_.reset();
  if (!leaving_)
    return fail(trouble_of(what));
  // A recorder that is gone by then has not kept the recording.
  if (what.by == sip::ended_by::us && what.status >= 300)
    return fail(end_not_taken(what));
  report({number_, sink_done{media_->sent_bytes(), target_, std::nullopt}});
  quit(caf::exit_reason::user_shutdown);
}

void siprec_sink::follow(const siprec::written_body& body) {
  report_missed();
  if (const auto read = media_->read_answer(sdp_in(body)); !read)
    spdlog::warn("recorder's description not used recording={} provider={} "
                 "reason=\"{}\"",
                 facts_->id, provider_->name, read.error().reason);
}

void siprec_sink::report(sink_report what) {
  if (owner_)
    caf::anon_send(owner_, std::move(what));
}

/// What the recorder did not take of a stream until now.
void siprec_sink::report_missed() {
  for (std::uint16_t stream = 0; media_ && stream < provider::stream_count;
       ++stream)
    if (const auto missed
        = media_->take_missed(static_cast<fork::stream_index>(stream)))
      report({number_, sink_missed{stream, missed->from, missed->to}});
}

} // namespace

sink_kind siprec_sinks(siprec_provider provider, const siprec_world& world,
                       std::vector<shard*> homes) {
  const auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  const auto shared
    = std::make_shared<const siprec_provider>(std::move(provider));
  sink_kind made{shared->name, bus::transport::siprec, {}};
  made.start = [shared, world, homes = std::move(homes), turn,
                figures = made.figures](std::uint32_t) -> sink_actor {
    auto& home = *homes[turn->fetch_add(1) % homes.size()];
    caf::actor_config config{&home};
    return home.system().spawn_class<siprec_sink, caf::no_spawn_options>(
      config, home, shared, world, figures);
  };
  return made;
}

} // namespace callfork::actors
