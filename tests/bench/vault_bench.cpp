/// Measures what a recording costs the vault: memory per open writer and CPU
/// per packet, with both parties sending 20 ms of PCMU in batches of 60 ms.
///
/// usage: vault_bench [writers] [seconds] [folder] [sealed]
#include "media/fork/batch.hpp"
#include "media/vault/recording_writer.hpp"

#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

using namespace callfork;

namespace {

constexpr std::chrono::milliseconds packet_time{20};
constexpr int packets_per_batch = 3;

struct party {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;

  void speak(fork::batch& into, fork::stream_index stream, time_point now) {
    std::array<std::byte, 172> packet;
    packet.fill(std::byte{0x5a});
    packet[0] = std::byte{0x80};
    packet[1] = std::byte{0};
    write_u16(packet, 2, sequence++);
    write_u32(packet, 4, timestamp);
    write_u32(packet, 8, 1000U + stream);
    timestamp += 160;
    static_cast<void>(
      into.append({fork::record_kind::rtp, stream, now, packet}));
  }
};

std::size_t heap_bytes() {
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}

double cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec)
         + static_cast<double>(used.tv_nsec) / 1e9;
}

std::vector<vault::recording_writer>
open_all(const vault::vault_settings& settings, int count, instant now) {
  std::vector<vault::recording_writer> made;
  made.reserve(static_cast<std::size_t>(count));
  for (int index = 0; index < count; ++index) {
    std::array<char, 40> id{};
    std::snprintf(id.data(), id.size(), "c0ffee00-0000-4000-8000-%012d", index);
    auto opened = vault::recording_writer::open(settings, {id.data(), "call"},
                                                now);
    if (!opened) {
      std::fprintf(stderr, "vault_bench: %s\n", opened.error().c_str());
      std::exit(1);
    }
    made.push_back(std::move(*opened));
  }
  return made;
}

/// Feeds all writers for that long.
void feed(std::vector<vault::recording_writer>& writers,
          std::array<party, 2>& parties, time_point& now,
          std::chrono::seconds length) {
  fork::batch batch;
  for (const auto end = now + length; now < end;) {
    batch.clear();
    for (int count = 0; count < packets_per_batch; ++count) {
      parties[0].speak(batch, 0, now);
      parties[1].speak(batch, 1, now + packet_time / 2);
      now += packet_time;
    }
    batch.state_complete_until(now);
    for (auto& writer : writers)
      static_cast<void>(writer.write(batch));
  }
}

} // namespace

int main(int count, char** words) {
  const int writers = count > 1 ? std::atoi(words[1]) : 500;
  const int seconds = count > 2 ? std::atoi(words[2]) : 10;
  std::string root = count > 3 ? words[3] : "/tmp";
  root += "/vault-bench-XXXXXX";
  if (!mkdtemp(root.data()))
    return 1;
  const instant begin{clock::now(), wall_clock::now()};
  const auto empty = heap_bytes();
  vault::vault_settings settings{root};
  if (count > 4)
    settings.keys = std::make_shared<const vault::key_ring>(
      vault::key_ring::parse(std::string(64, '1')).value());
  auto open = open_all(settings, writers, begin);
  const auto opened = heap_bytes();
  std::array<party, 2> parties;
  auto now = begin.steady;
  feed(open, parties, now, std::chrono::seconds{3});
  const auto steady = heap_bytes();
  const auto before = cpu_seconds();
  feed(open, parties, now, std::chrono::seconds{seconds});
  const auto used = cpu_seconds() - before;
  const auto packets = 100.0 * writers * seconds;
  std::printf("{\"writers\": %d, \"bytes_when_opened\": %.0f, "
              "\"bytes_per_writer\": %.0f, \"ns_per_packet\": %.0f}\n",
              writers, static_cast<double>(opened - empty) / writers,
              static_cast<double>(steady - empty) / writers,
              used * 1e9 / packets);
  open.clear();
  std::filesystem::remove_all(root);
}
