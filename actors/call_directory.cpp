#include "actors/call_directory.hpp"

#include <utility>

namespace callfork::actors {

namespace {

call_status status_of(const call_gauge& call) {
  call_status said;
  said.call_id = call.call_id;
  said.shard = call.shard;
  said.created = call.created;
  const auto phase = call.phase.load();
  said.recording_state = recording::to_string(phase);
  if (phase == recording::phase::recording || phase == recording::phase::paused)
    said.recording = to_string(recording_id(
      call.session,
      call.party < 0 ? std::nullopt
                     : std::optional{static_cast<std::uint16_t>(call.party)},
      call.recordings));
  said.packets = call.packets;
  said.legs = call.legs;
  said.restarts = call.restarts;
  return said;
}

} // namespace

void call_directory::add(std::shared_ptr<const call_gauge> call) {
  const std::lock_guard guard{mutex_};
  calls_[call->call_id] = std::move(call);
}

void call_directory::remove(const std::string& call_id) {
  const std::lock_guard guard{mutex_};
  calls_.erase(call_id);
}

std::shared_ptr<const call_gauge>
call_directory::find(const std::string& call_id) const {
  const std::lock_guard guard{mutex_};
  const auto known = calls_.find(call_id);
  return known == calls_.end() ? nullptr : known->second;
}

std::size_t call_directory::size() const {
  const std::lock_guard guard{mutex_};
  return calls_.size();
}

std::vector<call_status> call_directory::list(std::size_t limit) const {
  std::vector<call_status> all;
  const std::lock_guard guard{mutex_};
  for (const auto& [id, call] : calls_) {
    if (all.size() >= limit)
      break;
    all.push_back(status_of(*call));
  }
  return all;
}

} // namespace callfork::actors
