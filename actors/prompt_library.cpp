#include "actors/prompt_library.hpp"

#include "media/net/udp_socket.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

/// A prompt is about 1 MiB a minute: this bounds the library's memory.
constexpr std::size_t most_kept = 32;

prompt_answer answer(const expected<audio::prompt_ptr, std::string>& loaded) {
  if (!loaded)
    return {nullptr, loaded.error()};
  return {*loaded, {}};
}

/// Reads a prompt from bytes by way of a file that exists in memory alone.
prompt_answer read_blob(const std::string& blob) {
  const net::file_descriptor file{memfd_create("prompt", MFD_CLOEXEC)};
  if (file.number() < 0)
    return {nullptr, "no memory for the prompt"};
  for (std::size_t done = 0; done < blob.size();) {
    const auto count = ::write(file.number(), blob.data() + done,
                               blob.size() - done);
    if (count <= 0)
      return {nullptr, "no memory for the prompt"};
    done += static_cast<std::size_t>(count);
  }
  return answer(
    audio::prompt::load("/proc/self/fd/" + std::to_string(file.number())));
}

bool lies_below(const std::filesystem::path& path,
                const std::filesystem::path& folder) {
  const auto [left, right] = std::mismatch(folder.begin(), folder.end(),
                                           path.begin(), path.end());
  return left == folder.end() && right != path.end();
}

} // namespace

prompt_answer prompt_library_state::find(const prompt_wish& wish) {
  if (!wish.any_of.empty())
    return find_any(wish.any_of);
  return wish.file.empty() ? read_blob(wish.blob) : find_file(wish.file);
}

/// The fault is that of the first one, which was wanted most.
prompt_answer
prompt_library_state::find_any(const std::vector<std::string>& files) {
  if (folder.empty())
    return {nullptr, "no folder of prompts is configured"};
  std::string fault;
  for (const auto& file : files) {
    auto found = find_file(file);
    found.file = file;
    if (found.prompt)
      return found;
    if (fault.empty())
      fault = std::move(found.fault);
  }
  return {nullptr, std::move(fault)};
}

prompt_answer prompt_library_state::find_file(const std::string& file) {
  const auto known = std::find_if(recent_.begin(), recent_.end(),
                                  [&file](const kept& one) {
                                    return one.file == file;
                                  });
  if (known == recent_.end())
    return load(file);
  recent_.splice(recent_.begin(), recent_, known);
  return {known->prompt, {}};
}

prompt_answer prompt_library_state::load(const std::string& file) {
  const auto path = locate(file);
  if (!path)
    return {nullptr, path.error()};
  auto loaded = answer(audio::prompt::load(path->string()));
  if (!loaded.prompt)
    return loaded;
  recent_.push_front({file, loaded.prompt});
  if (recent_.size() > most_kept)
    recent_.pop_back();
  return loaded;
}

expected<std::filesystem::path, std::string>
prompt_library_state::locate(const std::string& file) const {
  if (folder.empty())
    return std::filesystem::path{file};
  std::error_code fault;
  const auto root = std::filesystem::weakly_canonical(folder, fault);
  const auto path = std::filesystem::weakly_canonical(root / file, fault);
  if (fault || !lies_below(path, root))
    return make_unexpected(std::string{"no such prompt: "} + file);
  return path;
}

prompt_library_actor::behavior_type prompt_library(
  prompt_library_actor::stateful_pointer<prompt_library_state> self,
  std::filesystem::path folder) {
  self->state.folder = std::move(folder);
  return {
    [self](const prompt_wish& wish) {
      return self->state.find(wish);
    },
  };
}

} // namespace callfork::actors
