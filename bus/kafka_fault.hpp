#pragma once

#include "bus/log.hpp"

namespace callfork::bus {

/// Makes librdkafka declare a Kafka writer's producer broken, as it may do by
/// itself: for tests of what follows. Does nothing to other writers.
void break_producer(log_writer& kafka);

} // namespace callfork::bus
