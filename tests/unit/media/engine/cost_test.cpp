#include "tests/unit/media/engine/two_parties.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

using namespace callfork;
using namespace callfork::test;
using engine::component;

namespace {

std::atomic<std::size_t> allocations{0};

void* allocate(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (auto* const block = std::malloc(size == 0 ? 1 : size))
    return block;
  throw std::bad_alloc{};
}

/// Bytes on the heap now, those of OpenSSL and libsrtp included.
std::size_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__)
  return __sanitizer_get_current_allocated_bytes();
#else
  return ::mallinfo2().uordblks;
#endif
}

/// What a conversation of two phones puts on the wire, made beforehand.
struct script {
  struct line {
    engine::leg_id leg;
    component on;
    endpoint from;
    std::size_t size;
    bytes datagram; ///< With room behind `size`.
  };

  script(two_parties& call, int packets) {
    for (int index = 0; index < packets; ++index) {
      add(0, component::rtp, call.caller.rtp, call.caller.speak());
      add(1, component::rtp, call.callee.rtp, call.callee.speak());
      if (index % 50 == 0)
        add(0, component::rtcp, call.caller.rtcp, call.caller.report());
    }
  }

  void add(engine::leg_id leg, component on, const endpoint& from,
           bytes datagram) {
    const auto size = datagram.size();
    datagram.resize(size + rtp::protect_room);
    lines.push_back({leg, on, from, size, std::move(datagram)});
  }

  /// Plays the lines from one to before another, 10 ms each, with ticks.
  void play(engine::call_media& into, std::size_t from, std::size_t to,
            time_point& now) {
    for (auto at = from; at < to; ++at) {
      auto& each = lines[at];
      buffer_.fill(std::byte{});
      std::ranges::copy(each.datagram, buffer_.begin());
      accepted += into.on_datagram(each.leg, each.on,
                                   bytes_span{buffer_}.first(each.size),
                                   each.from, now)
                    ? 1U
                    : 0U;
      now += 10ms;
      if (const auto due = into.due(); due && *due <= now)
        into.on_tick(now, now);
    }
  }

  std::vector<line> lines;
  std::size_t accepted = 0;

private:
  std::array<std::byte, 2048> buffer_{};
};

struct quick_outlet : fork::outlet {
  bool offer(const fork::batch_ptr& next) noexcept override {
    bytes += next->size();
    return true;
  }
  std::size_t bytes = 0;
};

void secure_both(two_parties& call) {
  call.secure(0, srtp::suite::aes_cm_128_hmac_sha1_80, 1);
  call.secure(1, srtp::suite::aead_aes_256_gcm, 9);
  call.wire.keep = false;
}

} // namespace

// All C++ code of this test program allocates here. Never inlined: GCC would
// see free() meet operator new, and warn.
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

TEST_CASE("a packet allocates nothing, forked and between SRTP legs",
          "[engine][cost]") {
  two_parties call;
  secure_both(call);
  auto outlet = std::make_shared<quick_outlet>();
  auto& tap = call.media.open_recording("r", both_streams, call.now);
  tap.attach(outlet, call.now);
  tap.no_more_outlets(call.now);
  script said{call, 2000};
  said.play(call.media, 0, 1000, call.now);
  const auto before = allocations.load();
  said.play(call.media, 1000, said.lines.size(), call.now);
  CHECK(allocations.load() - before == 0);
  CHECK(said.accepted == said.lines.size());
  CHECK(call.wire.count == said.lines.size());
  CHECK(outlet->bytes > 4000 * 160 * 9 / 10);
}

TEST_CASE("a call with two SRTP legs and an open tap takes 32 KiB at most",
          "[engine][cost]") {
  constexpr std::size_t count = 50;
  two_parties model;
  secure_both(model);
  script said{model, 100};
  auto outlet = std::make_shared<quick_outlet>();
  std::vector<std::unique_ptr<engine::call_media>> calls;
  calls.reserve(count);
  time_point now = model.now;
  const auto add = [&] {
    auto media = std::make_unique<engine::call_media>(engine::media_settings{},
                                                      model.wire, model.pool);
    REQUIRE(media->apply(model.plan, model.now));
    auto& tap = media->open_recording("r", both_streams, model.now);
    tap.attach(outlet, model.now);
    tap.no_more_outlets(model.now);
    now = model.now;
    said.play(*media, 0, said.lines.size(), now);
    calls.push_back(std::move(media));
  };
  const auto before = heap_in_use();
  for (std::size_t index = 0; index < count; ++index)
    add();
  const auto per_call = (heap_in_use() - before) / count;
  CAPTURE(per_call);
  CHECK(said.accepted == count * said.lines.size());
  CHECK(per_call <= 32 * 1024);
}
