#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "app/ctl/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace callfork::ctl {

namespace {

/// "2026-11-21T04:50:00.123456Z" without the fraction.
std::string short_time(const std::string& time) {
  auto text = time.substr(0, time.find_first_of(".Z"));
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

constexpr std::size_t short_id = 8;

/// Enough of an id for `play`.
std::string id_of(const json& from) {
  return text_of(from, "recording").substr(0, short_id);
}

std::string duration_of(const json& recording) {
  const auto found = recording.find("durationMs");
  if (found == recording.end() || !found->is_number_integer())
    return recording.value("open", false) ? "going on" : "?";
  return length_text(found->get<std::int64_t>());
}

bool is_older(const json& left, const json& right) {
  return text_of(left, "created") < text_of(right, "created");
}

std::vector<std::string> row_of_call(const json& call) {
  return {text_of(call, "call"), short_time(text_of(call, "created")),
          text_of(call, "recordingState"), id_of(call),
          text_of(call, "packets")};
}

std::vector<std::string> row_of_recording(const json& recording) {
  return {id_of(recording), short_time(text_of(recording, "started")),
          duration_of(recording), text_of(recording, "call"),
          text_of(recording, "file")};
}

int show(const json& answer, const char* member,
         std::vector<std::string> heading,
         std::vector<std::string> (*row_of)(const json&), const manner& how) {
  if (how.json) {
    std::cout << answer.dump(2) << "\n";
    return succeeded;
  }
  std::vector<std::vector<std::string>> rows{std::move(heading)};
  for (const auto& each : answer.value(member, json::array()))
    rows.push_back(row_of(each));
  if (rows.size() == 1)
    std::cout << "no " << member << "\n";
  else
    std::cout << table(rows, how.colors);
  return succeeded;
}

} // namespace

int show_calls(const node_choice& node, const manner& how) {
  auto answer = ask(node, "/calls");
  if (!answer)
    return complain(answer.error());
  if (auto& calls = (*answer)["calls"]; calls.is_array())
    std::sort(calls.begin(), calls.end(), is_older);
  return show(*answer, "calls",
              {"CALL", "SINCE (UTC)", "RECORDING", "ID", "PACKETS"},
              row_of_call, how);
}

int show_recordings(const node_choice& node, unsigned limit,
                    const manner& how) {
  const auto answer = ask(node, fmt::format("/recordings?limit={}", limit));
  if (!answer)
    return complain(answer.error());
  return show(*answer, "recordings",
              {"ID", "STARTED (UTC)", "LENGTH", "CALL", "FILE"},
              row_of_recording, how);
}

} // namespace callfork::ctl
