#include "app/ctl/ask.hpp"
#include "app/ctl/commands.hpp"
#include "app/phone/demo_call.hpp"

#include <fmt/format.h>

#include <iostream>

namespace callfork::ctl {

namespace {

void tell(const char* who, const char* other, const phone::party_report& how) {
  std::cout << fmt::format("  the {} heard the {}: {} packets, {} lost, "
                           "{:.0f} dBFS, likeness {:.2f}\n",
                           who, other, how.figures.received, how.figures.lost,
                           how.heard_level_dbfs, how.likeness);
}

json to_json(const phone::party_report& from) {
  return {{"sent", from.figures.sent},
          {"received", from.figures.received},
          {"lost", from.figures.lost},
          {"refused", from.figures.refused},
          {"heardLevelDbfs", from.heard_level_dbfs},
          {"likeness", from.likeness}};
}

} // namespace

int play_demo(const demo_wish& wish, const manner& how) {
  phone::demo_settings settings;
  settings.node = wish.ng;
  settings.length = std::chrono::seconds{wish.seconds};
  if (wish.plain)
    settings.suite.reset();
  const auto report = phone::play_demo_call(settings);
  if (!report)
    return complain(report.error());
  if (how.json) {
    const json told{{"call", report->call_id},
                    {"good", report->good()},
                    {"caller", to_json(report->caller)},
                    {"callee", to_json(report->callee)}};
    std::cout << told.dump(2) << "\n";
    return report->good() ? succeeded : failed;
  }
  std::cout << fmt::format("Call {} over {}, {} s:\n", report->call_id,
                           wish.plain ? "RTP" : "SRTP", wish.seconds);
  tell("caller", "callee", report->caller);
  tell("callee", "caller", report->callee);
  return report->good() ? succeeded
                        : complain("the parties did not hear each other well");
}

} // namespace callfork::ctl
