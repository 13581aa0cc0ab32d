#include "tests/support/catch.hpp"

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string_view>
#include <utility>

TEST_CASE("keys find the partition that Java's clients give them",
          "[bus][kafka]") {
  // The hashes of Kafka's own tests for Java's murmur2.
  const std::pair<std::string_view, std::int32_t> hashes[] = {
    {"21", -973932308},
    {"foobar", -790332482},
    {"a-little-bit-long-string", -985981536},
    {"a-little-bit-longer-string", -1486304829},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    {"abc", 479470107},
  };
  for (const auto& [key, hash] : hashes)
    for (const std::int32_t partitions : {3, 24, 1000})
      CHECK(rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(),
                                             partitions, nullptr, nullptr)
            == (hash & 0x7fffffff) % partitions);
}
