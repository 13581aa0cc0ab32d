#include "media/vault/sealed_file.hpp"

#include "media/vault/sealed_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace callfork::vault {

namespace {

/// So much at the end of a file may be torn by a death: what a machine's kernel
/// had not yet written.
constexpr std::uint64_t most_torn = std::uint64_t{4} << 20U;

/// Less than this is not worth a record of its own.
constexpr std::size_t least_room = record_cost + 64 * frame_size;

std::optional<secret> new_data_key() noexcept {
  secret made;
  if (!randomize(std::as_writable_bytes(std::span{made.data(), secret::size})))
    return std::nullopt;
  return made;
}

unexpected<std::string> no_cipher() {
  return unexpected{std::string{"no AES-256-GCM"}};
}

} // namespace

sealed_file::sealed_file(open_file file, gcm box) noexcept
  : file_{std::move(file)},
    box_{std::move(box)} {
}

expected<sealed_file, std::string> sealed_file::create(const std::string& path,
                                                       const uuid& id,
                                                       const key_ring& keys) {
  const auto data_key = new_data_key();
  const auto header = data_key ? wrap(*data_key, id, keys.newest())
                               : std::nullopt;
  auto box = data_key ? gcm::make(*data_key, gcm::direction::seal)
                      : std::nullopt;
  if (!header || !box)
    return no_cipher();
  auto file = open_file::create(path);
  if (!file)
    return unexpected{file.error()};
  sealed_file made{std::move(*file), std::move(*box)};
  if (write_all(made.file_.number(), *header, 0))
    return made;
  auto why = failed("cannot write " + path);
  unlink(path.c_str());
  return why;
}

expected<sealed_file, std::string> sealed_file::adopt(const std::string& path,
                                                      const uuid& id,
                                                      const key_ring& keys) {
  auto file = open_file::adopt(path);
  if (!file)
    return unexpected{file.error()};
  auto reader = sealed_reader::open(*file, id, keys);
  if (!reader)
    return unexpected{path + ": " + reader.error()};
  auto audio = reader->next();
  while (audio && !audio->empty())
    audio = reader->next();
  const auto size = file->size();
  if (!size)
    return unexpected{size.error()};
  const auto torn = *size - reader->position();
  if (torn > most_torn)
    return unexpected{path + ": damaged at byte "
                      + std::to_string(reader->position())};
  auto box = gcm::make(reader->data_key(), gcm::direction::seal);
  if (!box)
    return no_cipher();
  if (torn > 0 && !file->cut(reader->position()))
    return failed("cannot write " + path);
  sealed_file found{std::move(*file), std::move(*box)};
  if (reader->rate() != 0)
    found.rate_ = reader->rate();
  found.records_ = reader->records();
  found.data_bytes_ = reader->data_bytes();
  found.bytes_ = reader->position();
  found.ended_ = reader->complete();
  found.closed_ = true;
  return found;
}

expected<void, std::string>
sealed_file::append(std::span<const std::int16_t> samples) {
  if (closed_)
    return unexpected{std::string{"cannot write: the recording has ended"}};
  for (auto bytes = std::as_bytes(samples); !bytes.empty();) {
    const auto count
      = std::min({bytes.size(), frames_to_page() * frame_size, largest_record});
    if (auto done = append_record(bytes.first(count)); !done)
      return done;
    bytes = bytes.subspan(count);
  }
  return {};
}

expected<void, std::string> sealed_file::append_record(bytes_view audio) {
  thread_local std::array<std::byte, 2 * disk_page> room;
  const auto head = to_bytes(
    {static_cast<std::uint32_t>(audio.size()), record_type::audio, rate_});
  const auto all = bytes_span{room}.first(record_cost + audio.size());
  std::memcpy(all.data(), head.data(), head.size());
  const auto tag = box_.seal(nonce_of(records_), head, audio,
                             all.subspan(head.size(), audio.size()));
  if (!tag) {
    closed_ = true;
    return unexpected{std::string{"cannot encrypt"}};
  }
  std::memcpy(all.data() + head.size() + audio.size(), tag->data(),
              tag->size());
  if (auto done = write(all); !done)
    return done;
  ++records_;
  data_bytes_ += audio.size();
  last_audio_ = audio.size();
  return {};
}

/// After an error nothing may be sealed again: it would bear a nonce that is
/// partly on the disk.
expected<void, std::string> sealed_file::write(bytes_view record) {
  if (write_all(file_.number(), record, bytes_)) {
    bytes_ += record.size();
    return {};
  }
  const auto why = failed("cannot write");
  closed_ = true;
  static_cast<void>(file_.cut(bytes_));
  return why;
}

std::size_t sealed_file::frames_to_page() const noexcept {
  auto room = disk_page - bytes_ % disk_page;
  if (room < least_room)
    room += disk_page;
  return (room - record_cost) / frame_size;
}

std::size_t sealed_file::frames_per_page() const noexcept {
  return (disk_page - record_cost) / frame_size;
}

expected<void, std::string> sealed_file::write_end() {
  const auto nonce = end_nonce();
  if (!nonce)
    return no_cipher();
  std::array<std::byte, end_record_size> record;
  const auto all = bytes_span{record};
  const auto head
    = to_bytes({end_record_size - record_cost, record_type::end, rate_});
  auto body = all.subspan(head.size());
  std::memcpy(all.data(), head.data(), head.size());
  std::memcpy(body.data(), nonce->data(), nonce->size());
  body = body.subspan(nonce->size());
  const auto tag = box_.seal(*nonce, head, to_bytes({records_, data_bytes_}),
                             body.first(end_size));
  if (!tag)
    return no_cipher();
  std::memcpy(body.data() + end_size, tag->data(), tag->size());
  return write(record);
}

void sealed_file::drop_last_record() noexcept {
  const auto size = record_cost + last_audio_;
  if (last_audio_ == 0 || !file_.cut(bytes_ - size))
    return;
  bytes_ -= size;
  data_bytes_ -= last_audio_;
  --records_;
  last_audio_ = 0;
}

expected<std::string, std::string> sealed_file::seal() {
  closed_ = true;
  if (!ended_ && !write_end()) {
    drop_last_record();
    if (auto again = write_end(); !again)
      return unexpected{again.error()};
  }
  ended_ = true;
  return file_.sync_and_hash();
}

} // namespace callfork::vault
