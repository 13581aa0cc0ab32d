#include "media/fork/recording_tap.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

/// Takes `room` batches and is full then, until there is room again.
class fake_outlet : public fork::outlet {
public:
  bool offer(const fork::batch_ptr& next) noexcept override {
    if (room == 0)
      return false;
    --room;
    next->for_each([this](const fork::record& each) {
      switch (each.kind) {
      case fork::record_kind::rtp:
        heard.push_back(read_u32(each.bytes, 0));
        streams.push_back(each.stream);
        break;
      case fork::record_kind::formats:
        news.push_back("formats " + std::string{as_text(each.bytes)});
        break;
      case fork::record_kind::paused:
        news.emplace_back("paused");
        break;
      case fork::record_kind::resumed:
        news.emplace_back("resumed");
        break;
      case fork::record_kind::lost:
        news.push_back("lost " + std::string{as_text(each.bytes)});
        break;
      }
    });
    if (keep)
      batches.push_back(next);
    return true;
  }

  std::size_t in_flight() const noexcept override {
    return unconfirmed;
  }

  std::size_t room = 1'000'000;
  std::size_t unconfirmed = 0; ///< Of the last ones taken.
  bool keep = false;
  std::vector<std::uint32_t> heard;
  std::vector<int> streams;
  std::vector<std::string> news;
  std::vector<fork::batch_ptr> batches;
};

/// Two parties that speak a numbered packet each every 20 ms.
struct conversation {
  explicit conversation(const fork::tap_settings& settings = {})
    : tap{settings, pool, now} {
    tap.set_formats(0, "0 PCMU 8000 1\n", now);
    tap.set_formats(1, "0 PCMU 8000 1\n", now);
  }

  void speak(std::chrono::milliseconds how_long) {
    for (const auto until = now + how_long; now < until; now += 20ms) {
      for (fork::stream_index stream = 0; stream < 2; ++stream) {
        std::vector<std::byte> packet(172);
        write_u32(packet, 0, spoken++);
        tap.append(stream, packet, now);
      }
      if (tap.due() && *tap.due() <= now)
        tap.tick(now, now);
    }
  }
  void settle() {
    now += 100ms;
    tap.tick(now, now);
  }

  time_point now{1h};
  std::uint32_t spoken = 0;
  fork::batch_pool pool;
  fork::recording_tap tap;
};

bool in_order(const std::vector<std::uint32_t>& heard, std::uint32_t from,
              std::uint32_t to) {
  if (heard.size() != to - from)
    return false;
  for (std::uint32_t index = 0; index < heard.size(); ++index)
    if (heard[index] != from + index)
      return false;
  return true;
}

} // namespace

TEST_CASE("a late outlet hears 4 s of backlog in order, then follows",
          "[fork]") {
  conversation call;
  call.speak(4s);
  auto late = std::make_shared<fake_outlet>();
  call.tap.attach(late, call.now);
  call.speak(2s);
  call.settle();
  CHECK(in_order(late->heard, 0, call.spoken));
  CHECK(call.spoken == 600);
  CHECK(late->news
        == std::vector<std::string>{"formats 0 PCMU 8000 1\n",
                                    "formats 0 PCMU 8000 1\n"});
  CHECK(late->streams[0] == 0);
  CHECK(late->streams[1] == 1);
}

TEST_CASE("a hanging outlet loses, its neighbours do not", "[fork]") {
  conversation call;
  auto first = std::make_shared<fake_outlet>();
  auto hanging = std::make_shared<fake_outlet>();
  auto third = std::make_shared<fake_outlet>();
  call.tap.attach(first, call.now);
  call.tap.attach(hanging, call.now);
  call.tap.attach(third, call.now);
  call.tap.no_more_outlets(call.now);
  call.speak(1s);
  hanging->room = 0;
  call.speak(60s);
  CHECK(call.tap.held_bytes() < 400 * 1024);
  hanging->room = 1'000'000;
  call.speak(1s);
  call.settle();
  CHECK(in_order(first->heard, 0, call.spoken));
  CHECK(in_order(third->heard, 0, call.spoken));
  CHECK(hanging->heard.size() < first->heard.size());
  CHECK(hanging->heard.back() == call.spoken - 1);
  REQUIRE(hanging->news.size() == 6);
  CHECK(hanging->news[2] == "lost overrun");
  CHECK(hanging->news[4] == "formats 0 PCMU 8000 1\n");
  CHECK(first->news.size() == 2);
  CHECK(call.tap.counters().overruns == 1);
}

TEST_CASE("a slow outlet that stays within the bound misses nothing",
          "[fork]") {
  conversation call;
  auto slow = std::make_shared<fake_outlet>();
  call.tap.attach(slow, call.now);
  call.tap.no_more_outlets(call.now);
  slow->room = 0;
  call.speak(3s);
  slow->room = 1'000'000;
  call.settle();
  call.settle();
  CHECK(in_order(slow->heard, 0, call.spoken));
}

TEST_CASE("a pause wipes what nobody has taken and lets nothing in", "[fork]") {
  conversation call;
  auto outlet = std::make_shared<fake_outlet>();
  outlet->keep = true;
  SECTION("while an outlet follows") {
    call.tap.attach(outlet, call.now);
  }
  SECTION("while it is all in the backlog") {
  }
  SECTION("while an outlet hangs") {
    call.tap.attach(outlet, call.now);
    outlet->room = 0;
  }
  call.speak(1s);
  const auto before = outlet->heard.size();
  call.tap.pause(call.now);
  const auto paused_at = call.spoken;
  CHECK(call.tap.counters().wiped_packets + before == paused_at);
  outlet->room = 1'000'000;
  call.speak(5s);
  const auto resumed_at = call.spoken;
  call.tap.resume(call.now);
  // It was said in the pause and waited in a socket.
  const std::vector<std::byte> late(172);
  call.tap.append(0, late, call.now - 20ms);
  if (outlet->news.empty())
    call.tap.attach(outlet, call.now);
  call.speak(1s);
  call.settle();
  REQUIRE(outlet->heard.size() == before + call.spoken - resumed_at);
  for (auto index = before; index < outlet->heard.size(); ++index)
    REQUIRE(outlet->heard[index] >= resumed_at);
  CHECK(call.tap.counters().gated_packets == resumed_at - paused_at + 1);
  const auto end = outlet->news.end();
  CHECK(*(end - 2) == "paused");
  CHECK(*(end - 1) == "resumed");
}

TEST_CASE("a batch is wiped before its memory is used again", "[fork]") {
  fork::batch_pool pool;
  const std::string marker(100, 'M');
  auto first = pool.make();
  REQUIRE(first->append({fork::record_kind::rtp, 0, {}, as_bytes(marker)}));
  const auto* memory = reinterpret_cast<const char*>(first.get());
  first = nullptr;
  CHECK(pool.spare() == 1);
  const auto again = pool.make();
  REQUIRE(reinterpret_cast<const char*>(again.get()) == memory);
  CHECK(again->empty());
  const std::string_view bytes{memory, sizeof(fork::batch)};
  CHECK(bytes.find("MMMM") == std::string_view::npos);
}

TEST_CASE("changed formats stand between the packets they part", "[fork]") {
  conversation call;
  auto outlet = std::make_shared<fake_outlet>();
  call.tap.attach(outlet, call.now);
  call.speak(1s);
  call.tap.set_formats(0, "0 PCMU 8000 1\n", call.now);
  call.tap.set_formats(0, "9 G722 8000 1\n", call.now);
  call.speak(1s);
  call.settle();
  REQUIRE(outlet->news.size() == 3);
  CHECK(outlet->news.back() == "formats 9 G722 8000 1\n");
}

TEST_CASE("a closed tap hands out the rest and records no more", "[fork]") {
  conversation call;
  call.speak(500ms);
  call.tap.close(call.now);
  const auto until = call.spoken;
  call.speak(500ms);
  CHECK_FALSE(call.tap.drained());
  auto late = std::make_shared<fake_outlet>();
  call.tap.attach(late, call.now);
  call.tap.no_more_outlets(call.now);
  CHECK(in_order(late->heard, 0, until));
  CHECK(call.tap.drained());
  CHECK(call.tap.held_bytes() == 0);
}

TEST_CASE("a tap without expected outlets holds one batch", "[fork]") {
  conversation call;
  auto outlet = std::make_shared<fake_outlet>();
  call.tap.attach(outlet, call.now);
  call.tap.no_more_outlets(call.now);
  call.speak(10s);
  CHECK(call.tap.held_bytes() <= sizeof(fork::batch));
}

TEST_CASE("nobody comes: the backlog stays within its bounds", "[fork]") {
  fork::tap_settings settings;
  settings.keep = 2s;
  conversation call{settings};
  call.speak(30s);
  auto late = std::make_shared<fake_outlet>();
  call.tap.attach(late, call.now);
  call.settle();
  CHECK(late->news.front() == "lost overrun");
  CHECK(late->heard.size() >= 190);
  CHECK(late->heard.size() <= 260);
  CHECK(late->heard.back() == call.spoken - 1);
}

TEST_CASE("a successor goes on where its predecessor was sure", "[fork]") {
  conversation call;
  auto dead = std::make_shared<fake_outlet>();
  auto other = std::make_shared<fake_outlet>();
  const auto place = call.tap.attach(dead, call.now);
  call.tap.attach(other, call.now);
  call.tap.no_more_outlets(call.now);
  call.speak(1s);
  call.settle();
  dead->unconfirmed = 3;
  dead->heard.clear();
  call.speak(180ms); // Three batches, none of them dealt with.
  const auto unsure = call.spoken - 18;
  call.tap.suspend(place, call.now);
  call.speak(4s);
  auto heir = std::make_shared<fake_outlet>();
  call.tap.replace(place, heir, call.now);
  call.speak(1s);
  call.settle();
  REQUIRE_FALSE(heir->heard.empty());
  CHECK(heir->heard.front() <= unsure);
  CHECK(in_order(heir->heard, heir->heard.front(), call.spoken));
  CHECK(heir->news
        == std::vector<std::string>{"formats 0 PCMU 8000 1\n",
                                    "formats 0 PCMU 8000 1\n"});
  CHECK(in_order(other->heard, 0, call.spoken));
  CHECK(call.tap.losses().empty());
}

TEST_CASE("a successor that comes too late finds out what is lost", "[fork]") {
  fork::tap_settings settings;
  settings.keep = 1s;
  conversation call{settings};
  auto dead = std::make_shared<fake_outlet>();
  const auto place = call.tap.attach(dead, call.now);
  call.tap.no_more_outlets(call.now);
  call.speak(1s);
  call.settle();
  const auto died = call.now;
  call.tap.suspend(place, call.now);
  call.speak(5s);
  auto heir = std::make_shared<fake_outlet>();
  call.tap.replace(place, heir, call.now);
  call.settle();
  REQUIRE_FALSE(heir->news.empty());
  CHECK(heir->news.front() == "lost overrun");
  const auto losses = call.tap.losses();
  call.tap.forget_losses();
  REQUIRE(losses.size() == 1);
  CHECK(losses.front().outlet == place);
  CHECK(losses.front().from - died < 100ms);
  CHECK(losses.front().to - died > 3500ms);
  CHECK(losses.front().to - died < 4500ms);
  CHECK(heir->heard.back() == call.spoken - 1);
}

TEST_CASE("by default four seconds without a sink lose nothing", "[fork]") {
  conversation call;
  auto steady = std::make_shared<fake_outlet>();
  const auto place = call.tap.attach(std::make_shared<fake_outlet>(), call.now);
  call.tap.attach(steady, call.now);
  call.tap.no_more_outlets(call.now);
  call.speak(1s);
  call.settle();
  CHECK(call.tap.held_bytes() <= 16 * 1024);
  call.tap.suspend(place, call.now);
  call.speak(4s);
  auto heir = std::make_shared<fake_outlet>();
  call.tap.replace(place, heir, call.now);
  call.settle();
  CHECK(call.tap.losses().empty());
  CHECK(call.tap.counters().overruns == 0);
  CHECK(heir->heard.size() == 400);
  CHECK(call.tap.held_bytes() <= 16 * 1024);
}

TEST_CASE("a closed tap is drained when sinks have dealt with all", "[fork]") {
  conversation call;
  auto outlet = std::make_shared<fake_outlet>();
  outlet->unconfirmed = 2;
  call.tap.attach(outlet, call.now);
  call.tap.no_more_outlets(call.now);
  call.speak(1s);
  call.tap.close(call.now);
  CHECK_FALSE(call.tap.drained());
  CHECK(call.tap.due());
  outlet->unconfirmed = 0;
  call.settle();
  CHECK(call.tap.drained());
}
