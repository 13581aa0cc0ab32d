#pragma once

#include "tests/component/actors/conversation.hpp"
#include "tests/component/actors/test_call.hpp"
#include "tests/component/actors/tone_file.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::test {

/// Prompts of 400 ms for everything that may be announced.
class prompts {
public:
  prompts() {
    std::filesystem::create_directory(folder_.path() + "/en");
    for (const auto* name :
         {"start", "stop", "pause", "resume", "compliance", "failure"})
      write_tone(folder_.path() + "/en/" + name + ".wav");
  }

  [[nodiscard]] std::string path() const {
    return folder_.path();
  }

private:
  scratch_folder folder_;
};

inline virtual_node::options with(const recording::rules& by,
                                  const std::shared_ptr<faults>& sink,
                                  const std::string& folder) {
  virtual_node::options made;
  if (sink)
    made.sinks = {sink};
  made.change = [by, folder](actors::node_settings& settings) {
    settings.recording = by;
    settings.prompts = folder;
  };
  return made;
}

/// A call at a node that has these rules, and a sink that can be told to fail.
struct announced_call {
  announced_call(const recording::rules& by, const std::string& id)
    : node{with(by, sink, files.path())},
      call{node, id} {
  }

  prompts files;
  std::shared_ptr<faults> sink = std::make_shared<faults>();
  virtual_node node;
  test_call call;
};

/// The kinds of the announcements that were played, in order.
inline std::vector<std::string> played(const test_node& node) {
  std::vector<std::string> made;
  for (const auto& each : told(node, "announcement.played"))
    made.push_back(each["kind"]);
  return made;
}

using words = std::vector<std::string>;

} // namespace callfork::test
