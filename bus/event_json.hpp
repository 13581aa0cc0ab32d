#pragma once

#include "bus/event.hpp"
#include "bus/log.hpp"

#include <string>
#include <string_view>

namespace callfork::bus {

/// The event as a record of the log: a CloudEvent 1.0 in Kafka's binary mode.
/// The value is the JSON of docs/schemas; the headers are the attributes. Runs
/// on the publisher's thread. Text that is no UTF-8 has its bad bytes replaced.
[[nodiscard]] record to_record(const event& what, std::string_view topic);

/// The `ce_id`: `<subject>-<sequence>`, the sequence padded to 12 digits.
[[nodiscard]] std::string cloud_event_id(const event_header& header);

/// RFC 3339 in UTC with microseconds, as in "2026-11-21T04:50:00.000000Z".
[[nodiscard]] std::string to_rfc3339(wall_time time);

} // namespace callfork::bus
