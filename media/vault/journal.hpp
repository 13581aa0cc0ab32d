#pragma once

#include "media/base/expected.hpp"
#include "media/base/recording_summary.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
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

  /// Makes the file, mode 0640. An existing one is an error, and so is a disk
  /// that does not take the first lines: then nothing is left there.
  [[nodiscard]] static expected<journal, std::string>
  create(const std::string& path, const recording_summary& about);

  /// Adds the gaps and the ended pauses that the last call did not have yet.
  void note(const std::vector<recorded_gap>& gaps,
            const std::vector<recorded_pause>& pauses);

  /// Replaces what the streams went through so far.
  void note(const std::array<recorded_stream, 2>& streams) noexcept;

  /// Adds when the first packet came.
  void note_start(wall_time when);

  /// Replaces what is kept beside the audio; false for what is too long (64
  /// KiB) or has several lines, and when the disk does not take it.
  bool note_about(std::string_view what);

  /// Removes the file.
  void remove() noexcept;

  /// Reads what a dead process noted. A torn last line is ignored, and the
  /// streams are as they were last noted.
  [[nodiscard]] static expected<recording_summary, std::string>
  read(const std::string& path);

private:
  journal(std::string path, int file) noexcept;
  /// Appends; what the disk does not take whole is taken back.
  bool add(std::string_view lines) noexcept;

  std::string path_;
  int file_;
  std::uint64_t end_ = 0;
  std::size_t gaps_ = 0;
  std::size_t pauses_ = 0;
};

} // namespace callfork::vault
