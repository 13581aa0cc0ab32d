#pragma once

#include "bus/event.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace callfork::test {

/// The events' time in tests: 2026-11-21 04:50:00 UTC.
inline constexpr wall_time sample_time{
  std::chrono::microseconds{1795236600123456}};

/// One event with a plain header.
[[nodiscard]] inline bus::event
sample(std::string subject, std::uint64_t sequence, bus::event_data data) {
  bus::event made;
  made.header.subject = std::move(subject);
  made.header.call_key = "call-1@192.0.2.1";
  made.header.sequence = sequence;
  made.header.time = sample_time;
  made.header.region = "us";
  made.header.node = "callfork-0";
  made.data = std::move(data);
  return made;
}

/// A whole picture of a call with two parties.
[[nodiscard]] std::shared_ptr<const bus::metadata::document> sample_document();

/// One event of every type, in an order that makes sense, of one call and one
/// recording.
[[nodiscard]] std::vector<bus::event> one_of_each();

} // namespace callfork::test
