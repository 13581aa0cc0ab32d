#include "actors/siprec_media.hpp"

#include "media/audio/codec.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;
using provider::stream_count;

constexpr duration count_every = 1s;
/// Where no audio comes at all, nothing from before a hold comes after so long.
constexpr duration quiet = 1s;

sink_trouble trouble(bus::blame whose, std::string why) {
  return {whose, std::move(why), 0};
}

bool is_ipv6(const std::string& target) {
  return target.find('[') != std::string::npos;
}

/// The family of the first target's address, as far as the interface has it; a
/// name may be of either, so then of what the interface has.
family family_for(const siprec_provider& from, const net::port_pool& ports) {
  const auto wanted = !from.targets.empty() && is_ipv6(from.targets.front())
                        ? family::ipv6
                        : family::ipv4;
  const auto other = wanted == family::ipv6 ? family::ipv4 : family::ipv6;
  return ports.has(from.interface, wanted) ? wanted : other;
}

siprec::client_sdp_settings description_of(const siprec_provider& from,
                                           const recording_facts& facts) {
  siprec::client_sdp_settings made;
  made.session_id
    = static_cast<std::uint64_t>(facts.opened.wall.time_since_epoch().count());
  made.codecs = from.codecs;
  if (from.secure)
    made.suites = {srtp::suite::aead_aes_256_gcm,
                   srtp::suite::aes_256_cm_hmac_sha1_80,
                   srtp::suite::aes_cm_128_hmac_sha1_80};
  return made;
}

} // namespace

siprec_media::siprec_media(means with)
  : with_(std::move(with)) {
}

siprec_media::~siprec_media() {
  if (!session_)
    return;
  session_->close(with_.home.now());
  count();
}

expected<std::unique_ptr<siprec_media>, sink_trouble>
siprec_media::open(means with) {
  std::unique_ptr<siprec_media> made{new siprec_media{std::move(with)}};
  if (auto begun = made->begin(); !begun)
    return make_unexpected(std::move(begun.error()));
  return made;
}

expected<void, sink_trouble> siprec_media::begin() {
  const auto now = with_.home.now();
  const auto& from = *with_.provider;
  auto said = description_of(from, *with_.facts);
  std::array<provider::stream_means, stream_count> ends;
  for (std::size_t stream = 0; stream < stream_count; ++stream) {
    auto leased = with_.ports.lease(from.interface,
                                    family_for(from, with_.ports), now);
    if (!leased)
      return make_unexpected(trouble(
        bus::blame::platform, std::string{net::to_string(leased.error())}));
    said.local[stream] = (*leased)->advertised();
    ends[stream] = {std::move(*leased), provider::make_identity()};
  }
  sdp_.emplace(std::move(said));
  provider::session_settings pace;
  pace.rate = from.rate;
  session_ = std::make_unique<provider::polled_session>(
    pace, std::move(ends), instant{now, wall_clock::now()},
    provider::polled_session::world{&with_.home.poller(), &with_.home.reader(),
                                    &with_.home.wire()},
    [this](time_point when) {
      with_.run([this, when] {
        on_media(when);
      });
    });
  if (!session_->watches())
    return make_unexpected(
      trouble(bus::blame::platform, "no descriptor can be watched"));
  learn(*with_.facts);
  last_take_ = now;
  return {};
}

void siprec_media::take(const fork::batch_ptr& next,
                        const batches_in_flight_ptr& from) {
  const auto now = with_.home.now();
  if (!session_->push(next, now)) {
    from->done(*next, now);
    return;
  }
  last_take_ = now;
  waiting_.emplace_back(next, from);
  on_media(now);
}

/// Called from the poller too, within the session: it must not end that.
void siprec_media::on_media(time_point now) {
  while (waiting_.size() > session_->session().in_flight()) {
    const auto& [what, from] = waiting_.front();
    from->done(*what, now);
    waiting_.pop_front();
  }
  const std::array seen{paused(), drained(), is_held_back() && is_over(since_)};
  if (std::exchange(seen_, seen) != seen)
    with_.look();
  if (now < count_at_)
    return;
  count_at_ = now + count_every;
  count();
}

/// What has grown since the last time goes into the figures of the provider.
void siprec_media::count() {
  if (!with_.figures)
    return;
  auto& to = with_.figures->delivery;
  const auto& session = session_->session();
  for (fork::stream_index stream = 0; stream < stream_count; ++stream) {
    const auto& now = session.counters(stream);
    const auto before = std::exchange(counted_[stream], now);
    to.packets += now.packets - before.packets;
    to.concealed += now.concealed - before.concealed;
    to.reports += now.reports_read - before.reports_read;
    to.ignored += now.datagrams_ignored - before.datagrams_ignored;
    for (std::size_t why = 0; why < now.not_sent.size(); ++why)
      to.unsent[why] += now.not_sent[why] - before.not_sent[why];
    if (session.left(stream) && !std::exchange(left_[stream], true))
      ++to.byes;
    const auto& health = session.health(stream);
    if (!health || health->reported == reported_[stream].reported)
      continue;
    to.jitter.add(health->jitter);
    // RFC 3550 A.3: duplicates make it smaller.
    to.lost += static_cast<std::uint64_t>(
      std::max(health->lost - std::max(reported_[stream].lost, 0), 0));
    const auto most = std::max(health->lost, reported_[stream].lost);
    reported_[stream] = *health;
    reported_[stream].lost = most;
  }
}

void siprec_media::learn(const recording_facts& facts) {
  streams_ = facts.streams;
  since_ = facts.since;
}

std::string siprec_media::known_codec(const std::string& name) const {
  const auto& all = with_.provider->codecs;
  const auto at = std::ranges::find_if(all, [&name](const auto& each) {
    return audio::is_encoding(each.format, name);
  });
  return at == all.end() ? std::string{} : at->format.encoding;
}

/// What arrived before that time is sent.
bool siprec_media::is_over(time_point when) const {
  return session_->session().sent_past(when)
         || with_.home.now() >= std::max(last_take_, when) + quiet;
}

siprec_media::wishes siprec_media::wanted() const {
  wishes made;
  const auto may_stop = offered_ && is_over(since_);
  for (std::size_t stream = 0; stream < stream_count; ++stream) {
    const auto stays = described_[stream].sends && !may_stop;
    made[stream] = {!paused() && (streams_[stream].flows || stays),
                    known_codec(streams_[stream].codec)};
  }
  return made;
}

bool siprec_media::wants_offer() const {
  return wanted() != described_;
}

bool siprec_media::holds_back() const {
  return is_held_back() && !is_over(since_);
}

/// A stream goes whose party is on hold.
bool siprec_media::is_held_back() const {
  for (std::size_t stream = 0; stream < stream_count; ++stream)
    if (!paused() && described_[stream].sends && !streams_[stream].flows)
      return true;
  return false;
}

std::string siprec_media::offer() {
  const auto next = wanted();
  std::array<bool, stream_count> sends{};
  for (std::size_t stream = 0; stream < stream_count; ++stream) {
    sends[stream] = next[stream].sends;
    sdp_->prefer(stream, next[stream].codec);
    if (next[stream].sends && !described_[stream].sends) {
      awaited_[stream] = true;
      session_->await(static_cast<fork::stream_index>(stream));
    }
  }
  described_ = next;
  offered_ = true;
  return sdp_->offer(sends);
}

bool siprec_media::awaits_answer() const noexcept {
  return awaited_[0] || awaited_[1];
}

expected<void, siprec::fault>
siprec_media::read_answer(const std::string& sdp) {
  const auto agreed = sdp_->read_answer(sdp);
  if (!agreed)
    return make_unexpected(agreed.error());
  follow(*agreed);
  return {};
}

expected<std::string, siprec::fault>
siprec_media::answer(const std::string& sdp) {
  auto reply = sdp_->answer(sdp, {described_[0].sends, described_[1].sends});
  if (!reply)
    return make_unexpected(reply.error());
  follow(reply->agreed);
  return std::move(reply->sdp);
}

void siprec_media::follow(const siprec::agreed_streams& agreed) {
  const auto now = with_.home.now();
  for (const auto& each : agreed.oddities)
    spdlog::debug("recorder's description recording={} oddity=\"{}\"",
                  with_.facts->id, each);
  for (std::size_t stream = 0; stream < stream_count; ++stream) {
    const auto& plan = agreed.plans[stream];
    const auto refuses = !plan.is_accepted();
    if (refuses && !refused_[stream]) {
      if (with_.figures)
        ++with_.figures->delivery.refused_streams;
      spdlog::warn("recorder takes no audio of a stream recording={} "
                   "provider={} stream={}",
                   with_.facts->id, with_.provider->name, stream + 1);
    }
    refused_[stream] = refuses;
    awaited_[stream] = false;
    if (!session_->apply(static_cast<fork::stream_index>(stream), plan, now))
      spdlog::warn("recorder's key not usable recording={} stream={}",
                   with_.facts->id, stream + 1);
  }
}

void siprec_media::finish() {
  const auto now = with_.home.now();
  session_->finish(now);
  on_media(now);
}

bool siprec_media::drained() const noexcept {
  return session_->session().drained();
}

bool siprec_media::paused() const noexcept {
  return session_->session().paused();
}

std::optional<provider::missed_audio>
siprec_media::take_missed(fork::stream_index stream) noexcept {
  return session_->take_missed(stream);
}

std::uint64_t siprec_media::sent_bytes() const noexcept {
  std::uint64_t all = 0;
  for (fork::stream_index stream = 0; stream < stream_count; ++stream)
    all += session_->session().counters(stream).octets;
  return all;
}

} // namespace callfork::actors
