#pragma once

#include "control/admin/entities.hpp"
#include "media/base/clock.hpp"
#include "media/base/expected.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callfork::catalogue {

enum class status : std::uint8_t {
  available,
  deleted, ///< Softly: it can be restored.
  purged,  ///< Its audio is gone; the entry stays.
};

/// A recording in the vault, as its users know it.
struct recording {
  std::string id; ///< A UUID.
  std::string call_id;
  std::string session_id;
  admin::identifier organisation;
  admin::identifier location;
  admin::identifier owner; ///< A person.
  std::string topic;       ///< For people, as in "Call with +14155550100".
  wall_time created;       ///< When it was complete.
  wall_time began;
  std::chrono::milliseconds lasted{0};
  std::uint64_t bytes = 0;
  std::string storage_region;
  catalogue::status status = status::available;
  admin::plan plan = admin::plan::free;
  bool held = false; ///< Legal hold: nothing deletes it.
  std::optional<wall_time> deleted_at;
  std::string
    metadata; ///< JSON: the API's recording metadata; from `get` only.
};

/// What to look for; what is empty or nothing matches all.
struct wish {
  admin::identifier organisation{};
  admin::identifier owner{};
  admin::identifier location{};
  std::string topic{}; ///< A part of it; case does not matter.
  std::optional<wall_time> from{};
  std::optional<wall_time> to{};
  std::optional<catalogue::status> status{};
  std::size_t skip = 0;
  std::size_t limit = 100; ///< 1 to 1000.
};

enum class fault : std::uint8_t {
  unknown,      ///< No such recording.
  held,         ///< Under legal hold.
  wrong_status, ///< As in restoring what is not deleted.
  unreadable,   ///< The file is damaged, or its key is not here.
};

enum class audio_format : std::uint8_t { wav, mp3, opus };

/// The recordings of the vault. Reads and writes the disk: never on a shard.
/// Any other thread.
class catalogue {
public:
  catalogue() = default;
  catalogue(const catalogue&) = delete;
  catalogue& operator=(const catalogue&) = delete;
  virtual ~catalogue() = default;

  /// The newest first.
  [[nodiscard]] virtual std::vector<recording> find(const wish& what) const = 0;
  [[nodiscard]] virtual std::optional<recording>
  get(const std::string& id) const = 0;

  [[nodiscard]] virtual expected<void, fault>
  soft_delete(const std::string& id, wall_time now) = 0;
  [[nodiscard]] virtual expected<void, fault> restore(const std::string& id)
    = 0;
  /// Destroys the audio: overwrites its key, removes its file.
  [[nodiscard]] virtual expected<void, fault>
  purge(const std::string& id, wall_time now) = 0;
  [[nodiscard]] virtual expected<void, fault>
  reassign(const std::string& id, const admin::identifier& owner) = 0;
  [[nodiscard]] virtual expected<void, fault>
  hold(const std::string& id, bool held) = 0;

  /// The whole audio in this format.
  [[nodiscard]] virtual expected<std::string, fault>
  audio(const std::string& id, audio_format as) const = 0;
};

} // namespace callfork::catalogue
