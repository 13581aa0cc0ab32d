#include "app/ctl/api/operation.hpp"

#include <iterator>

namespace callfork::ctl {

const std::vector<group>& groups() {
  static const std::vector<group> all{
    {"organisations", "Customers, each with its own settings and people.",
     "Organisations, locations and people", "organizations"},
    {"locations", "Sites of an organisation.",
     "Organisations, locations and people"},
    {"people", "Users, workspaces and virtual lines.",
     "Organisations, locations and people"},
    {"recording-settings", "How a person's calls are recorded.",
     "What is recorded"},
    {"settings", "Whether an organisation records at all.", "What is recorded"},
    {"announcements", "What callers hear, of an organisation or location.",
     "What is recorded"},
    {"vendor", "Who keeps the recordings of an organisation or location.",
     "Who keeps recordings"},
    {"terms", "The vendors' terms of service.", "Who keeps recordings"},
    {"regions", "Where recordings can be kept.", "Who keeps recordings"},
    {"providers", "The definitions of vendors.", "Who keeps recordings"},
    {"accounts", "An organisation's accounts at providers.",
     "Who keeps recordings"},
    {"jobs", "Long work, as moving people to another vendor.",
     "Who keeps recordings"},
    {"calls", "Calls of now; without a second word, those of this node.",
     "Calls and recordings"},
    {"recordings", "What was recorded; without a second word, on this node.",
     "Calls and recordings"},
    {"sinks", "Whatever takes recordings from a node.", "Calls and recordings"},
  };
  return all;
}

parameter named(std::string_view name, std::string_view to) {
  return {.name = name,
          .says = "Its identifier.",
          .goes = place::path,
          .to = to,
          .required = true};
}

const std::vector<operation>& operations() {
  static const auto all = [] {
    std::vector<operation> made;
    for (auto part :
         {organisation_operations(), people_operations(), settings_operations(),
          provider_operations(), call_operations(), recording_operations()})
      made.insert(made.end(), std::make_move_iterator(part.begin()),
                  std::make_move_iterator(part.end()));
    return made;
  }();
  return all;
}

} // namespace callfork::ctl
