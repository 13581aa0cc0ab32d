#include "app/audit/file_audit.hpp"
#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"

#include <iostream>

namespace callfork::ctl {

namespace {

json to_json(const audit_findings& found) {
  auto faults = json::array();
  for (const auto& each : found.faults)
    faults.push_back(
      {{"from", each.from}, {"to", each.to}, {"text", api::to_string(each)}});
  return {{"sound", found.sound},
          {"unreadable", found.unreadable},
          {"faults", faults}};
}

void print(const audit_findings& found) {
  for (const auto& each : found.faults)
    std::cout << api::to_string(each) << "\n";
  if (found.unreadable > 0)
    std::cout << found.unreadable << " damaged records cannot be read\n";
  std::cout << found.sound << " records are as they were written\n";
}

} // namespace

int verify_audit_log(const audit_choice& which, const manner& how) {
  const auto found = verify_audit(which.folder, which.key);
  if (!found)
    return complain(found.error());
  if (how.json)
    std::cout << to_json(*found) << "\n";
  else
    print(*found);
  return found->faults.empty() && found->unreadable == 0 ? succeeded : failed;
}

} // namespace callfork::ctl
