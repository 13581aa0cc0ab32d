#include "media/fork/recording_tap.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/media/vault/studio.hpp"

#include <deque>

/// What threads that stand still do to a recording: nothing.

using namespace callfork;
using namespace callfork::test;

namespace {

constexpr milliseconds packet_time{20};

/// Gives batches straight to a writer.
class direct_outlet final : public fork::outlet {
public:
  explicit direct_outlet(vault::recording_writer& to)
    : to_{to} {
  }
  bool offer(const fork::batch_ptr& next) noexcept override {
    return to_.write(*next).has_value();
  }
  [[nodiscard]] std::size_t in_flight() const noexcept override {
    return 0;
  }

private:
  vault::recording_writer& to_;
};

/// Two parties, their sockets, the thread that reads them, tap and vault.
class stage {
public:
  stage() {
    tap_.attach(std::make_shared<direct_outlet>(studio_.writer()), start);
    tap_.no_more_outlets(start);
  }

  /// Both send a packet, which waits in the sockets from then on.
  void say(milliseconds at) {
    sockets_[0].push_back(
      {start + at, 0, caller_.say(studio_.low(caller_).take(160))});
    sockets_[1].push_back(
      {start + at, 1, callee_.say(studio_.high(callee_).take(160))});
    ++said_;
  }

  /// Reads all that waits on one socket.
  void read(std::size_t socket) {
    for (; !sockets_.at(socket).empty(); sockets_.at(socket).pop_front()) {
      const auto& next = sockets_.at(socket).front();
      tap_.append(next.stream, next.bytes, next.arrival);
    }
  }
  void read_all(milliseconds at) {
    read(0);
    read(1);
    tap_.tick(start + at, start + at);
  }
  void tick(milliseconds at, milliseconds read_until) {
    tap_.tick(start + at, start + read_until);
  }

  void check_whole(milliseconds at) {
    tap_.close(start + at);
    const auto summary = studio_.writer().finish(start + at, keep);
    CHECK(summary.gaps.empty());
    for (const auto& stream : summary.streams) {
      CHECK(stream.packets == said_);
      CHECK(stream.late == 0);
      CHECK(stream.lost == 0);
    }
    const auto what = listen(studio_.path());
    REQUIRE(what.left.size() >= said_ * 160);
    for (std::size_t tenth = 1; tenth * 800 < said_ * 160; ++tenth) {
      const auto part = [&](const auto& channel) {
        return std::span{channel}.subspan((tenth - 1) * 800, 800);
      };
      CHECK(tone_in(part(what.left), 8000, 440) > 0.2);
      CHECK(tone_in(part(what.right), 8000, 660) > 0.2);
    }
  }

private:
  studio studio_;
  talker caller_{pcmu, 1};
  talker callee_{pcmu, 2};
  fork::batch_pool pool_;
  fork::recording_tap tap_{{}, pool_, start};
  std::array<std::deque<event>, 2> sockets_;
  std::uint64_t said_ = 0;
};

} // namespace

TEST_CASE("a stall of one second of the reading thread loses nothing",
          "[vault]") {
  const auto first = GENERATE(std::size_t{0}, std::size_t{1});
  constexpr milliseconds from{2000};
  constexpr milliseconds to{3000};
  stage call;
  for (milliseconds at{0}; at < milliseconds{5000}; at += packet_time) {
    call.say(at);
    if (at < from || at >= to)
      call.read_all(at);
    if (at != to - packet_time)
      continue;
    // One party's packets are all read before the other's first.
    call.read(first);
    call.tick(at, from);
    call.read(1 - first);
    call.tick(at, from + packet_time);
  }
  call.check_whole(milliseconds{5000});
}

TEST_CASE("a sender that stands still for three seconds loses nothing",
          "[vault]") {
  const auto rate = GENERATE(1, 2, 20);
  const auto from = GENERATE(milliseconds{0}, milliseconds{2000});
  const auto to = from + milliseconds{3000};
  studio room;
  talker caller{pcmu, 1};
  talker callee{pcmu, 2};
  for (milliseconds at{0}; at < milliseconds{16'000}; at += packet_time) {
    // What waited goes out at once, or little by little.
    const auto late = at < from ? at : std::max(at, to + (at - from) / rate);
    const auto sent = rate == 1 && at >= from ? at + (to - from) : late;
    room.add(sent, 0, caller.say(room.low(caller).take(160)));
    room.add(sent, 1, callee.say(room.high(callee).take(160)));
  }
  for (milliseconds at{0}; at < milliseconds{19'000}; at += packet_time)
    room.say(at, fork::record_kind::formats);
  const auto summary = room.finish();
  // But for the silence behind the end, which comes a little sooner where what
  // was late at first is brought back to its time.
  for (const auto& gap : summary.gaps)
    CHECK(gap.from >= milliseconds{15'500});
  CHECK(summary.streams[0].packets == 800);
  CHECK(summary.streams[0].late == 0);
  CHECK(summary.streams[1].late == 0);
  CHECK(summary.duration >= milliseconds{16'000});
}

TEST_CASE("parties who come in haste at first lose nothing of their beginning",
          "[vault]") {
  const milliseconds later{GENERATE(5, 20, 60, 200)};
  studio room;
  std::array<talker, 2> parties{talker{pcmu, 1}, talker{pcmu, 2}};
  for (fork::stream_index stream = 0; stream < 2; ++stream)
    for (int number = 0; number < 400; ++number) {
      // Four times as fast as they were spoken, until there is no backlog.
      const auto at = std::max(number * packet_time / 4,
                               number * packet_time - milliseconds{960});
      auto& its = parties.at(stream);
      const std::vector<std::int16_t> loud(160, 8000);
      room.add(at + stream * later, stream, its.say(loud));
    }
  static_cast<void>(room.finish());
  const auto what = listen(room.path());
  for (const auto* channel : {&what.left, &what.right})
    CHECK(std::ranges::count_if(*channel,
                                [](auto sample) {
                                  return sample > 7000;
                                })
          >= 400 * 160);
}
