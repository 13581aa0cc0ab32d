#pragma once

#include "control/api/context.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::api {

/// What an operation is about.
enum class scope : std::uint8_t {
  organisation, ///< One: that of `orgId`, or the caller's own.
  link,         ///< The same, or what a signed link names to anybody.
  everything,   ///< What the operation itself looks up.
};

/// One operation of the API: who may ask for it, and who answers.
struct operation {
  std::string method; ///< As in "PUT".
  std::string path;   ///< As in "/v1/people/<personId>/features/callRecording".
  /// What the caller must be allowed to do in the whole organisation; nothing
  /// where the operation itself looks at whose things they are.
  std::optional<action> needs;
  /// As the audit log has it, as in "person.change"; empty: it is not noted.
  std::string_view what;
  result (*answer)(const context&, const request&);
  scope about = scope::organisation;
};

/// The operations by theme; docs/openapi.yaml describes them.
[[nodiscard]] std::vector<operation> settings_operations();
[[nodiscard]] std::vector<operation> person_operations();
[[nodiscard]] std::vector<operation> vendor_operations();
[[nodiscard]] std::vector<operation> job_operations();
[[nodiscard]] std::vector<operation> call_operations();
[[nodiscard]] std::vector<operation> recording_operations();
[[nodiscard]] std::vector<operation> recording_change_operations();
[[nodiscard]] std::vector<operation> own_organisation_operations();
[[nodiscard]] std::vector<operation> own_people_operations();
[[nodiscard]] std::vector<operation> own_provider_operations();
[[nodiscard]] std::vector<operation> own_recording_operations();
[[nodiscard]] std::vector<operation> own_node_operations();

/// All of them.
[[nodiscard]] std::vector<operation> all_operations();

} // namespace callfork::api
