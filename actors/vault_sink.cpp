#include "actors/vault_sink.hpp"

#include "actors/pinned.hpp"
#include "bus/recording_about.hpp"
#include "bus/vault_json.hpp"
#include "media/base/check.hpp"
#include "media/base/uuid.hpp"
#include "media/vault/disk.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <utility>

namespace callfork::actors {

namespace {

caf::error fault(const std::string& text) {
  return caf::make_error(caf::sec::runtime_error, text);
}

class vault_sink final : public pinned<sink_actor::base> {
public:
  vault_sink(caf::actor_config& config, shard& home,
             const vault::vault_settings& settings, std::uint32_t attempt)
    : pinned(config, home),
      settings_(settings),
      attempt_(attempt) {
  }

  behavior_type make_behavior() override {
    return {
      [this](open_atom, sink_owner_actor& owner, std::uint32_t number,
             const recording_facts_ptr& facts) {
        open(std::move(owner), number, *facts);
      },
      [this](batch_atom, const fork::batch_ptr& next,
             const batches_in_flight_ptr& in_flight) {
        take(*next, *in_flight);
      },
      [this](attach_atom) {
        ++taps_;
      },
      [this](detach_atom) {
        --taps_;
        finish_if_over();
      },
      [this](change_atom, const recording_facts_ptr& facts) {
        note(*facts);
      },
      [this](finish_atom) {
        finishing_ = true;
        finish_if_over();
      },
      [](crash_atom) {
        throw bug("a fault on purpose");
      },
    };
  }

  void on_exit() override {
    if (writer_)
      leave_part();
    owner_ = nullptr;
  }

private:
  void open(sink_owner_actor owner, std::uint32_t number,
            const recording_facts& facts) {
    owner_ = std::move(owner);
    number_ = number;
    if (!writer_ && !begin(facts))
      return;
    note(facts);
    caf::anon_send(owner_, sink_report{number_, sink_up{part_}});
  }

  bool begin(const recording_facts& facts) {
    part_ = part_id(facts.id, attempt_);
    auto opened = vault::recording_writer::open(
      settings_, {part_, facts.call_id}, {home().now(), wall_clock::now()});
    if (!opened) {
      fail(opened.error());
      return false;
    }
    writer_.emplace(std::move(*opened));
    return true;
  }

  /// Keeps beside the audio whose it is, and what was played into the call.
  void note(const recording_facts& facts) {
    const auto& all = facts.announcements;
    for (auto fresh = std::min<std::uint64_t>(facts.announced - announced_,
                                              all.size());
         fresh > 0; --fresh)
      keep(all[all.size() - fresh]);
    announced_ = facts.announced;
    about_.mode = facts.mode;
    about_.region = facts.region;
    about_.party = facts.party;
    ended_ = facts.ended;
    about_.context = facts.context.get();
    about_.document = facts.document.get();
    if (writer_)
      writer_->note_about(bus::about_json(about_));
    about_.context = nullptr;
    about_.document = nullptr;
  }

  /// It is told as it ends.
  void keep(const announcement_heard& what) {
    auto& kept = about_.announcements;
    if (kept.size() == most_announcements)
      kept.erase(kept.begin());
    kept.push_back({what.kind, what.prompt, wall_clock::now() - what.lasted,
                    what.offset, what.lasted, what.by});
  }

  void take(const fork::batch& next, batches_in_flight& in_flight) {
    if (writer_)
      settle(writer_->write(next));
    in_flight.done(next, home().now());
  }

  void settle(const expected<void, std::string>& written) {
    if (written)
      return;
    spdlog::error("vault write failed recording={} reason=\"{}\"", part_,
                  written.error());
    fail(written.error());
  }

  /// The disk's fault: said ahead of the news of the end.
  void fail(const std::string& why) {
    if (owner_)
      caf::anon_send<caf::message_priority::high>(
        owner_, sink_report{number_, sink_trouble{bus::blame::platform, why}});
    quit(fault(why));
  }

  /// This sink fails: what it has written becomes a file of its own. Ahead of
  /// all else that waits for the owner, so also ahead of the news of the end.
  void leave_part() {
    sink_report report{number_, sink_part{complete()}};
    if (owner_)
      caf::anon_send<caf::message_priority::high>(owner_, std::move(report));
  }

  void finish_if_over() {
    if (!finishing_ || taps_ > 0)
      return;
    if (writer_)
      caf::anon_send(owner_, sink_report{number_, complete()});
    quit(caf::exit_reason::user_shutdown);
  }

  /// Finishes the file and the JSON beside it.
  sink_done complete() {
    auto summary = writer_->finish(audio_until(home().now()), write_summary);
    writer_.reset();
    sink_done made{summary.bytes, summary.file, {}};
    made.summary = std::move(summary);
    return made;
  }

  /// The audio ends with the recording, though what is announced of its end is
  /// still waited for.
  [[nodiscard]] time_point audio_until(time_point now) const {
    return ended_ ? std::min(now, *ended_) : now;
  }

  vault::vault_settings settings_;
  std::uint32_t attempt_;
  sink_owner_actor owner_;
  std::uint32_t number_ = 0;
  int taps_ = 0;
  bool finishing_ = false;
  std::string part_;
  bus::recording_about about_;
  std::uint64_t announced_ = 0; ///< How many of the facts' are kept.
  std::optional<time_point> ended_;
  std::optional<vault::recording_writer> writer_;
};

} // namespace

sink_kind vault_sinks(const vault::vault_settings& settings,
                      std::vector<shard*> writers) {
  const auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  auto start = [settings, writers = std::move(writers),
                turn](std::uint32_t attempt) -> sink_actor {
    auto& home = *writers[turn->fetch_add(1) % writers.size()];
    caf::actor_config config{&home};
    return home.system().spawn_class<vault_sink, caf::no_spawn_options>(
      config, home, settings, attempt);
  };
  return {"vault", bus::transport::file, std::move(start)};
}

std::string part_id(const std::string& recording, std::uint32_t attempt) {
  const auto id = parse_uuid(recording);
  if (attempt == 1 || !id)
    return recording;
  return to_string(named_uuid(*id, "part-" + std::to_string(attempt)));
}

bool write_summary(const recording_summary& summary) {
  const auto target
    = std::filesystem::path{summary.file}.replace_extension(".json");
  const auto written = vault::replace_file(target.string(),
                                           bus::vault_json(summary));
  if (!written)
    spdlog::error("vault summary not written recording={} reason=\"{}\"",
                  summary.id, written.error());
  return written.has_value();
}

} // namespace callfork::actors
