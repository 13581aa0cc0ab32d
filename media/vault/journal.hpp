#pragma once

#include "media/base/expected.hpp"
#include "media/base/recording_summary.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::vault {

/// The file <id>.open beside a WAV that is being written: what only the writing
/// process knows, line by line, for the process that may have to complete the
/// recording. One thread at a time.
class journal {
public:
  journal(journal&& other) noexcept;
  journal& operator=(journal&& other) noexcept;
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;
  ~journal();

  /// Makes the file, mode 0640. An existing one is an error.
  [[nodiscard]] static expected<journal, std::string>
  create(const std::string& path, const recording_summary& about);

  /// Adds the gaps and the ended pauses that the last call did not have yet.
  void note(const std::vector<recorded_gap>& gaps,
            const std::vector<recorded_pause>& pauses);

  /// Adds when the first packet came.
  void note_start(wall_time when);

  /// Removes the file.
  void remove() noexcept;

  /// Reads what a dead process noted. A torn last line is ignored.
  [[nodiscard]] static expected<recording_summary, std::string>
  read(const std::string& path);

private:
  journal(std::string path, int file) noexcept;
  void add(std::string_view lines) noexcept;

  std::string path_;
  int file_;
  std::size_t gaps_ = 0;
  std::size_t pauses_ = 0;
};

} // namespace callfork::vault
