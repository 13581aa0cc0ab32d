#pragma once

#include "media/vault/audio_file.hpp"
#include "media/vault/disk.hpp"
#include "media/vault/sealed_format.hpp"

#include <optional>

namespace callfork::vault {

/// A recording that is encrypted as it is written: each append makes records
/// (sealed_format.hpp) which never change again, so nothing needs to follow and
/// what is on the disk can be opened at any time.
class sealed_file final : public audio_file {
public:
  /// Makes a new file, mode 0640, with a data key of its own under the newest
  /// key; an existing one is an error. What the disk does not take leaves
  /// nothing.
  [[nodiscard]] static expected<sealed_file, std::string>
  create(const std::string& path, const uuid& id, const key_ring& keys);

  /// Opens what a dead process left, reads all of it, and cuts off what was
  /// torn at its end. Nothing can be appended. Errors: in use by a living
  /// process, its key is not there, damage that no death explains, the disk.
  [[nodiscard]] static expected<sealed_file, std::string>
  adopt(const std::string& path, const uuid& id, const key_ring& keys);

  sealed_file(sealed_file&& other) noexcept = default;

  [[nodiscard]] expected<void, std::string>
  append(std::span<const std::int16_t> samples) override;
  [[nodiscard]] expected<void, std::string> state_size() override {
    return {};
  }
  void set_rate(std::uint32_t rate) noexcept override {
    rate_ = rate;
  }
  [[nodiscard]] std::uint32_t rate() const noexcept override {
    return rate_;
  }
  [[nodiscard]] std::uint64_t data_bytes() const noexcept override {
    return data_bytes_;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept override {
    return bytes_;
  }
  [[nodiscard]] std::size_t frames_to_page() const noexcept override;
  [[nodiscard]] std::size_t frames_per_page() const noexcept override;

  /// Writes the end first. Where the disk has no room for it, the last record
  /// makes some.
  [[nodiscard]] expected<std::string, std::string> seal() override;

private:
  sealed_file(open_file file, gcm box) noexcept;
  [[nodiscard]] expected<void, std::string> append_record(bytes_view audio);
  [[nodiscard]] expected<void, std::string> write(bytes_view record);
  [[nodiscard]] expected<void, std::string> write_end();
  void drop_last_record() noexcept;

  open_file file_;
  gcm box_;
  std::uint32_t rate_ = 8000;
  std::uint64_t records_ = 0;
  std::uint64_t data_bytes_ = 0;
  std::uint64_t bytes_ = sealed_header_size;
  std::size_t last_audio_ = 0; ///< Bytes of audio in the last record.
  bool closed_ = false;        ///< Takes no more audio.
  bool ended_ = false;
};

} // namespace callfork::vault
