#pragma once

#include "media/vault/disk.hpp"
#include "media/vault/sealed_format.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace callfork::vault {

/// Reads an encrypted recording record by record; each is authentic, in its
/// place. One thread at a time.
class sealed_reader {
public:
  /// `id` is the recording that it has to be, if that is known. Errors: not one
  /// of ours, another recording, its key is not there, damage.
  [[nodiscard]] static expected<sealed_reader, std::string>
  open(const open_file& file, const std::optional<uuid>& id,
       const key_ring& keys);

  /// The next samples, interleaved, left first; none at the end. Valid until
  /// the next call. An error says that a record is damaged or torn.
  [[nodiscard]] expected<std::span<const std::int16_t>, std::string> next();

  /// After the last one: the end is there, so nothing is missing.
  [[nodiscard]] bool complete() const noexcept {
    return ended_;
  }
  /// Of the audio read so far; 0 before any.
  [[nodiscard]] std::uint32_t rate() const noexcept {
    return rate_;
  }
  [[nodiscard]] std::uint64_t records() const noexcept {
    return records_;
  }
  [[nodiscard]] std::uint64_t data_bytes() const noexcept {
    return data_bytes_;
  }
  /// Where in the file it stands: behind the last record that was read.
  [[nodiscard]] std::uint64_t position() const noexcept {
    return at_;
  }
  [[nodiscard]] const secret& data_key() const noexcept {
    return held_.data_key;
  }

private:
  sealed_reader(const open_file& file, unwrapped held, gcm box) noexcept;
  [[nodiscard]] bool read_audio(const record_head& head, bytes_view beside,
                                bytes_view body);
  [[nodiscard]] bool check_end(const record_head& head, bytes_view beside,
                               bytes_view body);
  [[nodiscard]] expected<bytes_view, std::string> look(std::size_t wanted);

  const open_file* file_;
  unwrapped held_;
  gcm box_;
  std::vector<std::byte> room_;
  std::size_t begin_ = 0;      ///< Of what is in the room and not yet read.
  std::size_t held_bytes_ = 0; ///< Its end.
  bool at_end_ = false;        ///< The file has no more.
  std::vector<std::int16_t> samples_;
  std::uint64_t at_ = sealed_header_size;
  std::uint64_t records_ = 0;
  std::uint64_t data_bytes_ = 0;
  std::uint32_t rate_ = 0;
  bool ended_ = false;
};

} // namespace callfork::vault
