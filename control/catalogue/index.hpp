#pragma once

#include "control/catalogue/entry.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callfork::catalogue {

/// Where it lies below a vault's folder.
inline constexpr const char* index_name = "/catalogue.sqlite";

/// The entries of a vault for quick search, in SQLite: a view of what lies in
/// its folders, which may be lost at any time. One thread at a time. What the
/// database refuses shows in `broken`, and answers are empty then.
class index {
public:
  /// Opens or makes it. One that is damaged, or of another version, is made
  /// anew, empty, and so is any if `anew` says so. An error: the folder takes
  /// no file.
  [[nodiscard]] static expected<index, std::string>
  open(const std::string& path, bool anew = false);

  /// Changes between these two are one, and fast.
  void begin();
  void commit();

  /// Adds or replaces an entry. `stamp` says of which version of its files.
  void put(const entry& what, std::int64_t stamp);
  void remove(const std::string& id);

  [[nodiscard]] std::vector<recording> find(const wish& what);
  [[nodiscard]] std::optional<entry> get(const std::string& id);

  /// Of those that retention may end: neither purged nor begun after `until`,
  /// unless they were deleted by then.
  [[nodiscard]] std::vector<recording> older_than(wall_time until);

  /// The ids in a day's folder, with their stamps.
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>>
  in_folder(const std::string& folder);

  /// The folders that were read, and the stamp of each at that time.
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> folders();
  void note_folder(const std::string& folder, std::int64_t stamp);
  void forget_folder(const std::string& folder);

  /// Whether the database failed since it was opened.
  [[nodiscard]] bool broken() const noexcept {
    return body_->broken;
  }

private:
  struct body {
    body() = default;
    body(const body&) = delete;
    body& operator=(const body&) = delete;
    ~body();
    void* database = nullptr;
    bool broken = false;
  };
  class statement;

  explicit index(std::unique_ptr<body> what) noexcept
    : body_{std::move(what)} {
  }
  [[nodiscard]] bool run(const char* sql);
  [[nodiscard]] bool prepare();

  std::unique_ptr<body> body_;
};

} // namespace callfork::catalogue
