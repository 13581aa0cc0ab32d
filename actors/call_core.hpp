#pragma once

#include "actors/call_announcements.hpp"
#include "actors/call_forks.hpp"
#include "actors/call_halves.hpp"
#include "actors/call_law.hpp"
#include "actors/call_live.hpp"
#include "actors/call_prompts.hpp"
#include "actors/call_record.hpp"
#include "actors/call_recordings.hpp"
#include "actors/call_requests.hpp"
#include "actors/call_sockets.hpp"
#include "actors/call_story.hpp"
#include "actors/call_world.hpp"
#include "actors/shard.hpp"

#include <caf/system_messages.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace callfork::actors {

/// What a call needs of the actor that it lives in.
struct core_of {
  shard& home;
  net::readable_handler& reader;           ///< Hears when a socket is readable.
  std::function<sink_owner_actor()> owner; ///< The actor's own handle.
  std::function<void(const sink_actor&)> watch;
  /// Has a prompt read, for `call_core::on_prompt` with that number.
  std::function<void(std::uint32_t, prompt_wish)> read;
  api::live_board::line wishes; ///< Brings them to `call_core::grant`.
};

/// A call without the actor around it: its parts, and how a deed ends. Each
/// public function that is not const is one deed: it works on a draft of the
/// call's record, and when it is done the draft is put on record, the events
/// are told, and then the world is made to agree. Belongs to the call's shard.
class call_core {
public:
  /// A new call, or the successor of a crashed one if the record has a dialog.
  call_core(core_of around, call_world_ptr world, call_record_ptr record,
            instant now);
  call_core(const call_core&) = delete;
  call_core& operator=(const call_core&) = delete;

  /// Carries out an NG request, as `call_requests`; may end the call.
  [[nodiscard]] expected<ng::dictionary, std::string>
  handle(const ng::request& what, instant now);

  [[nodiscard]] expected<prompt_order, std::string>
  order(const ng::request& what) const;

  [[nodiscard]] expected<ng::dictionary, std::string>
  play(const prompt_order& what, const prompt_answer& answer,
       ng::dictionary reply, instant now);

  /// Carries out what a person asks of the recording, unless nobody waits for
  /// that any more, and answers.
  void grant(api::call_wish& what, instant now);

  /// A prompt that it wanted was read, or could not be.
  void on_prompt(std::uint32_t number, prompt_answer what, instant now);

  void on_report(sink_report report, instant now);
  void on_down(const caf::down_msg& down, instant now);

  /// Takes what waits on a socket.
  void read(int descriptor, time_point now);

  /// Does what is due of media.
  void tick(instant now);

  /// Does what is due of all else, at least every second.
  void keep_house(instant now);

  /// Nothing is left but recordings to deliver.
  void end(bus::blame fault, const std::string& reason, instant now);

  /// When `tick` is wanted, if it is.
  [[nodiscard]] std::optional<time_point> media_due() const {
    return media_->due();
  }

  /// When `keep_house` is wanted.
  [[nodiscard]] time_point house_due(time_point now) const;

  [[nodiscard]] const std::string& call_id() const noexcept {
    return draft_.call_id;
  }

  /// True when it takes no requests any more.
  [[nodiscard]] bool ended() const noexcept {
    return ended_;
  }

  /// True when nothing is left to do.
  [[nodiscard]] bool done() const noexcept {
    return ended_ && recordings_.settled();
  }

  /// Faults on purpose, for tests: dies amid a request; lets sinks die.
  [[noreturn]] void crash_amid(const ng::request& what, instant now);
  void crash_sinks(std::size_t kind) {
    forks_.crash(kind);
  }

private:
  void resume(instant now);
  void commit(instant now);
  void save();
  void catch_up(instant now);
  void count();
  void note_digits(instant now);
  [[nodiscard]] std::optional<std::string> overdue(time_point now) const;

  shard& home_;
  call_world_ptr world_;
  call_record_ptr record_; ///< As of the last deed.
  call_record draft_;      ///< What the deed of now makes of it.
  std::unique_ptr<engine::call_media> media_;
  call_story story_;
  call_recordings recordings_;
  call_prompts prompts_;
  call_announcements announcements_;
  call_tones tones_;
  call_law law_;
  call_halves halves_;
  call_requests requests_;
  call_forks forks_;
  call_live live_;
  call_sockets sockets_;
  time_point last_request_;
  media_totals totals_;
  bool ended_ = false;
  bool odd_second_ = false;
  bool dialling_ = false; ///< Recordings pause for digits.
  time_point last_digit_{};
};

} // namespace callfork::actors
