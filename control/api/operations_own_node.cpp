#include "control/api/live_json.hpp"
#include "control/api/operation.hpp"
#include "control/api/paging.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t usual_calls = 100;

json call_json(const live_call& of) {
  auto made = live_json(of);
  made["personId"] = of.person;
  return made;
}

/// All live calls of the organisation's people, the newest first. The desk is
/// asked for one after the other, so that no call waits for a long answer.
std::vector<live_call> calls_in(const context& in) {
  const auto people = in.with.book->read([&](const admin::book& book) {
    std::vector<admin::identifier> made;
    for (const auto* one : book.people_of(in.organisation.id))
      made.push_back(one->id);
    return made;
  });
  std::vector<live_call> made;
  for (const auto& one : people)
    for (auto& call : in.with.calls->calls_of(one))
      made.push_back(std::move(call));
  std::ranges::stable_sort(made, std::ranges::greater{}, &live_call::created);
  return made;
}

result see_calls(const context& in, const request& asked) {
  if (in.with.calls == nullptr)
    return refuse(503, "This node does not serve calls.");
  const auto shown = read_page(asked, usual_calls);
  if (!shown)
    return make_unexpected(shown.error());
  const auto found = calls_in(in);
  auto items = json::array();
  for (const auto& one : part_of(found, *shown))
    items.push_back(call_json(one));
  auto made = document(json{{"items", std::move(items)}});
  if (shown->ends_before(found.size()))
    add_next(made, asked, *shown, in.base_url);
  return made;
}

result see_sinks(const context& in, const request&) {
  if (!in.with.sinks)
    return refuse(503, "This node does not tell of its sinks.");
  const auto health = in.with.sinks();
  auto sinks = json::array();
  for (const auto& one : health.sinks)
    sinks.push_back(
      {{"provider", one.provider},
       {"openStreams", one.open},
       {"failures", one.failures},
       {"lagMilliseconds",
        std::chrono::ceil<std::chrono::milliseconds>(one.lag).count()}});
  auto recorders = json::array();
  for (const auto& [address, answers] : health.recorders)
    recorders.push_back({{"address", address}, {"answers", answers}});
  return document(json{{"node", health.node},
                       {"region", health.region},
                       {"sinks", std::move(sinks)},
                       {"recorders", std::move(recorders)}});
}

} // namespace

std::vector<operation> own_node_operations() {
  return {
    {"GET", "/callfork/v1/calls", action::see_calls, "", see_calls},
    {"GET", "/callfork/v1/sinks", action::see_settings, "", see_sinks},
  };
}

} // namespace callfork::api
