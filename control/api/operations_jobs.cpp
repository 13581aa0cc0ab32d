#include "control/api/operation.hpp"
#include "control/api/paging.hpp"
#include "control/api/times.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t usual_jobs = 50;
constexpr std::size_t usual_errors = 1000;

/// A number for clients that want one (FNV-1a, 31 bit).
std::uint32_t number_of(std::string_view id) {
  std::uint32_t made = 2166136261U;
  for (const char c : id)
    made = (made ^ static_cast<unsigned char>(c)) * 16777619U;
  return made & 0x7fffffffU;
}

std::string_view exit_code(const admin::job& of) {
  switch (of.where) {
  case admin::job::state::starting:
  case admin::job::state::started:
    return "UNKNOWN";
  case admin::job::state::completed:
    return of.faults.empty() ? "COMPLETED" : "COMPLETED_WITH_ERRORS";
  case admin::job::state::failed:
    return "FAILED";
  }
  return "UNKNOWN";
}

json execution(const admin::job& of) {
  json made{{"id", number_of(of.id)}};
  if (of.started)
    made["startTime"] = to_text(*of.started);
  if (of.ended)
    made["endTime"] = to_text(*of.ended);
  const auto begin = of.started.value_or(of.created);
  const auto took = of.ended.value_or(of.updated) - begin;
  made["lastUpdated"] = to_text(of.updated);
  made["statusMessage"] = word_for(words::job_state, of.where);
  made["exitCode"] = exit_code(of);
  made["createdTime"] = to_text(of.created);
  made["timeElapsed"]
    = to_text(std::chrono::floor<std::chrono::milliseconds>(took));
  auto step = made;
  step.erase("createdTime");
  step["id"] = number_of(of.id + "/move");
  step["name"] = "moveusersvalidateAndMove";
  made["stepExecutionStatuses"] = json::array({std::move(step)});
  return made;
}

json counts(const admin::job& of) {
  const auto failed = static_cast<std::uint32_t>(of.faults.size());
  const auto dealt_with = of.moved + of.skipped + failed;
  return {
    {"totalMoves", of.total},
    {"moved", of.moved},
    {"failed", failed},
    {"pending", of.total > dealt_with ? of.total - dealt_with : 0},
    {"skipped", of.skipped},
  };
}

json job_json(const admin::book& book, const admin::job& of) {
  const auto* by = book.find_person(of.asked_by);
  json made{
    {"name", "managecallrecordingprovider"},
    {"id", of.id},
    {"trackingId", of.tracking_id},
    {"sourceUserId", of.asked_by},
    {"sourceCustomerId", by ? by->organisation : of.organisation},
    {"targetCustomerId", of.organisation},
    {"instanceId", number_of(of.id + "/instance")},
    {"jobExecutionStatus", json::array({execution(of)})},
    {"latestExecutionStatus", word_for(words::job_state, of.where)},
  };
  if (of.location)
    made["locationId"] = *of.location;
  made["vendorId"] = of.provider;
  made["counts"] = counts(of);
  return made;
}

result list_jobs(const context& in, const request& asked) {
  const auto shown = read_page(asked, usual_jobs);
  if (!shown)
    return make_unexpected(shown.error());
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    auto jobs = book.jobs_of(of.id);
    std::sort(jobs.begin(), jobs.end(), [](const auto* a, const auto* b) {
      return std::tie(b->created, b->id) < std::tie(a->created, a->id);
    });
    auto items = json::array();
    for (const auto* one : part_of(jobs, *shown))
      items.push_back(job_json(book, *one));
    auto made = document(json{{"items", std::move(items)}});
    if (shown->ends_before(jobs.size()))
      add_next(made, asked, *shown, in.base_url);
    return made;
  });
}

expected<const admin::job*, refusal> find_job(const admin::book& book,
                                              const admin::organisation& of,
                                              const request& asked) {
  const auto* found = book.find_job(asked.parameters.at("jobId"));
  if (found == nullptr || found->organisation != of.id)
    return refuse(404, "There is no such job.");
  return found;
}

result see_job(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto found = find_job(book, of, asked);
    if (!found)
      return make_unexpected(found.error());
    return document(job_json(book, **found));
  });
}

json error_json(const admin::job& of, std::size_t at) {
  const auto& fault = of.faults[at];
  json message{{"description", fault.description}, {"code", fault.code}};
  if (of.location)
    message["locationId"] = *of.location;
  return {
    {"item", fault.item},
    {"itemNumber", at + 1},
    {"trackingId", of.tracking_id},
    {"error",
     {{"key", fault.code}, {"message", json::array({std::move(message)})}}},
  };
}

result list_errors(const context& in, const request& asked) {
  const auto shown = read_page(asked, usual_errors);
  if (!shown)
    return make_unexpected(shown.error());
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto found = find_job(book, of, asked);
    if (!found)
      return make_unexpected(found.error());
    const auto& faults = (*found)->faults;
    auto items = json::array();
    for (const auto& one : part_of(faults, *shown))
      items.push_back(
        error_json(**found, static_cast<std::size_t>(&one - faults.data())));
    auto made = document(json{{"items", std::move(items)}});
    if (shown->ends_before(faults.size()))
      add_next(made, asked, *shown, in.base_url);
    return made;
  });
}

} // namespace

std::vector<operation> job_operations() {
  return {
    {"GET", "/v1/telephony/config/jobs/callRecording", action::see_settings, "",
     list_jobs},
    {"GET", "/v1/telephony/config/jobs/callRecording/<jobId>",
     action::see_settings, "", see_job},
    {"GET", "/v1/telephony/config/jobs/callRecording/<jobId>/errors",
     action::see_settings, "", list_errors},
  };
}

} // namespace callfork::api
