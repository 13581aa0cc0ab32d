#include "actors/inheritance.hpp"

#include "actors/vault_sink.hpp"

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

/// Parts of one recording that are looked for: more mean a broken vault.
constexpr std::uint32_t most_attempts = 32;

constexpr auto reason = "the node was restarted";

bus::event event_of(const bus::open_subject& what, std::uint64_t after,
                    bus::event_data data) {
  bus::event next;
  next.header.subject = what.subject;
  next.header.call_key = what.call_key;
  next.header.sequence = what.last_sequence + after;
  next.header.epoch = what.epoch + 1; // Somebody else tells it now.
  next.data = std::move(data);
  auto context = std::make_shared<bus::event_context>();
  context->call_id = what.call_key;
  next.context = std::move(context);
  return next;
}

void end_recording(std::vector<bus::event>& all, const bus::open_subject& what,
                   const std::vector<recording_summary>& summaries) {
  std::uint64_t after = 0;
  for (std::uint32_t attempt = 1; attempt <= most_attempts; ++attempt) {
    const auto file = std::ranges::find(
      summaries, part_id(what.subject, attempt), &recording_summary::id);
    if (file == summaries.end())
      continue;
    bus::provider_delivery_completed found{
      {"vault", bus::transport::file, attempt}, file->bytes, file->file};
    all.push_back(event_of(what, ++after, std::move(found)));
  }
  all.push_back(
    event_of(what, ++after,
             bus::recording_failed{bus::blame::us, "node-restarted", reason,
                                   bus::failure_behavior::proceed}));
}

} // namespace

std::vector<bus::event>
end_of_orphans(const std::vector<bus::open_subject>& recordings,
               const std::vector<bus::open_subject>& calls,
               const std::vector<recording_summary>& summaries,
               const std::string& node, const std::string& region,
               wall_time now) {
  std::vector<bus::event> all;
  for (const auto& one : recordings)
    end_recording(all, one, summaries);
  for (const auto& one : calls)
    all.push_back(
      event_of(one, 1,
               bus::session_ended{parse_uuid(one.subject).value_or(uuid{}),
                                  bus::blame::us,
                                  "node-restarted",
                                  {}}));
  for (auto& one : all) {
    one.header.time = now;
    one.header.node = node;
    one.header.region = region;
  }
  return all;
}

} // namespace callfork::actors
