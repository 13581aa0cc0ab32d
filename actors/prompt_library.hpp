#pragma once

#include "media/audio/prompt.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::actors {

/// Which prompt is wanted: a file, or its very bytes.
struct prompt_wish {
  std::string file;
  std::string blob; ///< Counts when there is no file.
  /// Counts before both: the first of these that can be had, in the folder of
  /// prompts alone.
  std::vector<std::string> any_of{};
};

/// The prompt, or why there is none.
struct prompt_answer {
  audio::prompt_ptr prompt;
  std::string fault;  ///< Empty with a prompt.
  std::string file{}; ///< Which one of several it is.
};

} // namespace callfork::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::prompt_wish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(callfork::actors::prompt_answer)

namespace callfork::actors {

/// Loads prompts from the disk, so that no shard has to, and keeps those that
/// were played last.
using prompt_library_actor
  = caf::typed_actor<caf::replies_to<prompt_wish>::with<prompt_answer>>;

struct prompt_library_state {
  static inline const char* name = "prompt_library";

  prompt_answer find(const prompt_wish& wish);

  std::filesystem::path folder;

private:
  struct kept {
    std::string file;
    audio::prompt_ptr prompt;
  };

  [[nodiscard]] prompt_answer find_any(const std::vector<std::string>& files);
  [[nodiscard]] prompt_answer find_file(const std::string& file);
  [[nodiscard]] prompt_answer load(const std::string& file);
  [[nodiscard]] expected<std::filesystem::path, std::string>
  locate(const std::string& file) const;

  std::list<kept> recent_; ///< The one played last first.
};

/// Serves prompts below `folder`; relative names are looked up there, and
/// nothing outside it is read. An empty folder means: any file.
prompt_library_actor::behavior_type prompt_library(
  prompt_library_actor::stateful_pointer<prompt_library_state> self,
  std::filesystem::path folder);

} // namespace callfork::actors
