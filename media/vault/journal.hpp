#pragma once

#include "media/base/expected.hpp"
#include "media/base/recording_summary.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace callfork::vault {

/// The file <id>.open beside a WAV that is being written: what only the writing
/// process knows, line by line, for the process that may have to complete the
/// recording. One thread at a time.
class journal {
public:
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
  struct close {
    void operator()(std::FILE* file) const noexcept {
      static_cast<void>(std::fclose(file));
    }
  };

  std::string path_;
  std::unique_ptr<std::FILE, close> file_;
  std::size_t gaps_ = 0;
  std::size_t pauses_ = 0;
};

} // namespace callfork::vault
