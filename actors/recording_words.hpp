#pragma once

#include "actors/call_record.hpp"
#include "bus/event.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace callfork::actors {

/// Where a recording stands in its own audio, which holds no pauses, at a
/// moment of now or since its last pause.
[[nodiscard]] std::chrono::milliseconds offset_of(const kept_recording& what,
                                                  time_point when);

/// How a party's stream is labelled in recordings: "1" is the caller, "2" the
/// callee.
[[nodiscard]] std::string label_of(std::uint16_t party);

/// The complete metadata of a recording by RFC 7865.
[[nodiscard]] bus::metadata::document
document_of(const kept_story& story, const kept_recording& of, wall_time now);

/// What the sinks of a recording that is open hear of it, as of now.
[[nodiscard]] recording_facts_ptr
facts_of(const kept_story& story, const kept_recording& of, instant now,
         std::shared_ptr<const bus::event_context> context);

/// The same of one that is over: when it was, and what was announced, is news,
/// nothing else.
[[nodiscard]] recording_facts_ptr facts_after(const kept_recording& of,
                                              instant now);

/// What of that metadata an event is about; null if it is about none.
[[nodiscard]] std::shared_ptr<const bus::metadata::document>
part_of(const kept_story& story, const kept_recording& of,
        const bus::event_data& what, wall_time now);

/// What is told of a recording that ended as planned. Of several parts, those
/// of the first provider that knows the audio count, and no single checksum is
/// named.
[[nodiscard]] bus::recording_stopped stopped(const kept_recording& what);

} // namespace callfork::actors
