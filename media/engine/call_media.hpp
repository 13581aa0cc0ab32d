#pragma once

#include "media/audio/player.hpp"
#include "media/base/bytes.hpp"
#include "media/base/clock.hpp"
#include "media/base/drop_reason.hpp"
#include "media/base/expected.hpp"
#include "media/engine/leg.hpp"
#include "media/engine/leg_counters.hpp"
#include "media/engine/plan.hpp"
#include "media/engine/wire.hpp"
#include "media/fork/recording_tap.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace callfork::engine {

struct media_settings {
  fork::tap_settings tap;
  /// Not 0 in a call that goes on after a restart: every SSRC is sent changed
  /// by it, so that no SRTP key stream is used twice (RFC 3711 9.1). Random,
  /// another one at each restart. RTCP is changed to match.
  std::uint32_t ssrc_mask = 0;
};

/// What a successor of a call must know of one leg beside its plan.
struct leg_snapshot {
  leg_id id = 0;
  std::vector<srtp::source_state> sources; ///< Inbound SRTP, per SSRC.
  std::optional<endpoint> learned_rtp;     ///< With a learning source rule.
  std::optional<endpoint> learned_rtcp;
};

struct media_snapshot {
  std::vector<leg_snapshot> legs;
};

/// Which leg is which stream of a recording.
struct stream_source {
  leg_id leg = 0;
  fork::stream_index stream = 0; ///< 0 is the caller, 1 the callee.
  bool digits = true;            ///< Telephone events are recorded, too.
};

/// All media of one call: relays each leg to its listeners, plays prompts to
/// them and forks what the parties say. Pure but for its wire; `now` is always
/// a parameter. Belongs to the call's shard; a packet allocates nothing.
///
/// The fork gets what the source check, SRTP and the controller let through,
/// before announcements come in: they are never in a recording.
class call_media {
public:
  /// `out` and `pool` outlive the call; both belong to its shard.
  call_media(const media_settings& settings, wire& out, fork::batch_pool& pool);

  /// Goes on where a predecessor ended. What the snapshot says of a leg counts
  /// when a plan with that leg is applied for the first time.
  call_media(const media_settings& settings, wire& out, fork::batch_pool& pool,
             media_snapshot before);

  ~call_media();
  call_media(const call_media&) = delete;
  call_media& operator=(const call_media&) = delete;

  /// Makes the call's legs what the plan says. The same plan twice changes
  /// nothing; a leg that stays keeps its SRTP contexts unless its keys change.
  /// The error names legs whose keys could not be used; they drop all media.
  expected<void, std::vector<leg_id>> apply(const media_plan& plan,
                                            time_point now);

  /// Takes one datagram that a leg's socket received. It is changed in place
  /// and may be longer than `rtp::max_datagram` only to be refused. The error
  /// is why it was not accepted; it has been counted on the leg. What keeps an
  /// accepted packet from a listener is counted on the listener's leg.
  /// `arrival` is when it reached the machine.
  expected<void, drop_reason>
  on_datagram(leg_id from_leg, component on, bytes_span datagram,
              const endpoint& from, time_point arrival);

  /// Sends what is due of prompts and hands out what is due of recordings: with
  /// all packets that came before `read_until` (see `fork::recording_tap`).
  /// Returns the legs whose prompt has ended.
  std::vector<leg_id> on_tick(time_point now, time_point read_until);

  /// When `on_tick` is wanted next; may come nearer with any call.
  [[nodiscard]] std::optional<time_point> due() const noexcept;

  /// Plays a prompt to the party of a leg, in place of what it would hear. A
  /// prompt that plays there already ends. False: no such leg.
  bool play(leg_id to, audio::player what);

  /// Lets the party of a leg hear a tone: mixed into what it hears where that
  /// can be done, else in place of it. False: no such leg, a prompt plays
  /// there, or it hears no codec that we encode.
  bool sound(leg_id to, const audio::prompt_ptr& tone, time_point now);

  /// Ends the prompt of a leg and returns where it stood, if one played.
  std::optional<std::chrono::milliseconds> stop_playing(leg_id to);

  [[nodiscard]] bool is_playing(leg_id to) const noexcept;

  /// Opens a fork of the given legs under a name of its own. From now on their
  /// packets wait for its outlets. The tap lives until `end_recording`. The
  /// name of an open recording gives its tap and only changes its legs.
  fork::recording_tap& open_recording(const std::string& name,
                                      std::span<const stream_source> streams,
                                      time_point now);

  /// Goes on with the tap of a predecessor, and all that it holds, under its
  /// name. `open_recording` gives it its legs again.
  void adopt_recording(const std::string& name,
                       std::shared_ptr<fork::recording_tap> tap);

  /// The tap of an open recording, for who wants to keep it beyond the end of
  /// this object, as for a successor on the same shard. Null if there is none.
  [[nodiscard]] std::shared_ptr<fork::recording_tap>
  share_recording(const std::string& name) const noexcept;

  /// The tap of an open recording; null when there is none of that name.
  [[nodiscard]] fork::recording_tap*
  recording(const std::string& name) const noexcept;

  /// Closes a recording: what its outlets have not taken is still offered to
  /// them for at most the tap's `keep`, then it is gone.
  void end_recording(const std::string& name, time_point now);

  /// True once after telephone events came from a party.
  [[nodiscard]] bool took_digits() noexcept {
    return std::exchange(took_digits_, false);
  }

  /// What happened on a leg; nothing when there is no such leg.
  [[nodiscard]] std::optional<leg_counters> counters(leg_id of) const;

  /// Where the party of a leg was learned to be, against what signalling said;
  /// nothing when nothing was learned.
  [[nodiscard]] std::optional<endpoint> learned(leg_id of) const;

  /// What a successor needs; take it every few seconds.
  [[nodiscard]] media_snapshot snapshot() const;

  /// True when every recording that was ended has handed out all it had.
  [[nodiscard]] bool recordings_drained() const noexcept;

private:
  struct open_fork;

  [[nodiscard]] leg* find(leg_id id) const noexcept;
  [[nodiscard]] open_fork* find_fork(const std::string& name) const noexcept;
  expected<void, drop_reason> take(leg& source, component on,
                                   bytes_span datagram, const endpoint& from,
                                   time_point now);
  expected<void, drop_reason> take_rtp(leg& source, bytes_span datagram,
                                       const endpoint& from, time_point now);
  expected<void, drop_reason> take_rtcp(leg& source, component on,
                                        bytes_span datagram,
                                        const endpoint& from, time_point now);
  [[nodiscard]] bytes_view mix_tone(leg& listener, const leg& source,
                                    bytes_view packet, bytes_span room) const;
  [[nodiscard]] bool can_mix_tone(const leg& listener, time_point now) const;
  void relay(leg& source, component what, bytes_view packet);
  [[nodiscard]] leg& join(leg_id id, std::vector<std::unique_ptr<leg>>& into);
  void resume(leg& joined);
  void connect_listeners();
  void connect_forks(time_point now);
  [[nodiscard]] bool play_due(leg& to, time_point now);
  void forget_ended_forks(time_point now);

  media_settings settings_;
  wire* wire_;
  fork::batch_pool* pool_;
  media_snapshot before_;
  bool took_digits_ = false;
  std::vector<std::unique_ptr<leg>> legs_;
  std::vector<std::unique_ptr<open_fork>> forks_;
};

} // namespace callfork::engine
