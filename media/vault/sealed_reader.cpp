#include "media/vault/sealed_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace callfork::vault {

namespace {

constexpr std::size_t read_ahead = 4 * largest_record;

unexpected<std::string> damaged() {
  return unexpected{std::string{"a record is damaged or torn"}};
}

template <class Array>
Array piece(bytes_view from) noexcept {
  Array made;
  std::memcpy(made.data(), from.data(), made.size());
  return made;
}

} // namespace

sealed_reader::sealed_reader(const open_file& file, unwrapped held,
                             gcm box) noexcept
  : file_{&file},
    held_{std::move(held)},
    box_{std::move(box)} {
}

expected<sealed_reader, std::string>
sealed_reader::open(const open_file& file, const std::optional<uuid>& id,
                    const key_ring& keys) {
  sealed_header header{};
  const auto got = file.read_at(0, header);
  if (!got)
    return unexpected{got.error()};
  if (got->size() != header.size())
    return unexpected{std::string{"the header is torn"}};
  auto held = unwrap(header, keys);
  if (!held)
    return unexpected{held.error()};
  if (id && held->id != *id)
    return unexpected{std::string{"it is another recording"}};
  auto box = gcm::make(held->data_key, gcm::direction::open);
  if (!box)
    return unexpected{std::string{"no AES-256-GCM"}};
  return sealed_reader{file, std::move(*held), std::move(*box)};
}

/// Sees to it that `wanted` bytes from where it stands are at hand, if the file
/// has so many; returns all that are.
expected<bytes_view, std::string> sealed_reader::look(std::size_t wanted) {
  if (held_bytes_ - begin_ < wanted && !at_end_) {
    room_.resize(read_ahead);
    std::memmove(room_.data(), room_.data() + begin_, held_bytes_ - begin_);
    held_bytes_ -= std::exchange(begin_, 0);
    const auto got = file_->read_at(at_ + held_bytes_,
                                    bytes_span{room_}.subspan(held_bytes_));
    if (!got)
      return unexpected{got.error()};
    held_bytes_ += got->size();
    at_end_ = held_bytes_ < room_.size();
  }
  return bytes_view{room_}.subspan(begin_, held_bytes_ - begin_);
}

expected<std::span<const std::int16_t>, std::string> sealed_reader::next() {
  samples_.clear();
  // One byte more than the end tells whether something is behind it.
  const auto got = look(record_cost + largest_record + 1);
  if (!got)
    return unexpected{got.error()};
  if (ended_ || got->empty())
    return samples_;
  const auto head = got->size() < record_head_size ? std::nullopt
                                                   : read_head(*got);
  const auto size = head ? record_cost + head->length : 0;
  if (!head || got->size() < size)
    return damaged();
  const auto beside = got->first(record_head_size);
  const auto body = got->subspan(record_head_size, size - record_head_size);
  const bool is_end = head->type == record_type::end;
  if (is_end ? got->size() != size || !check_end(*head, beside, body)
             : !read_audio(*head, beside, body))
    return damaged();
  at_ += size;
  begin_ += size;
  return samples_;
}

bool sealed_reader::read_audio(const record_head& head, bytes_view beside,
                               bytes_view body) {
  if (records_ > 0 && head.rate != rate_)
    return false;
  samples_.resize(head.length / sizeof(std::int16_t));
  if (!box_.open(nonce_of(records_), beside, body.first(head.length),
                 std::as_writable_bytes(std::span{samples_}),
                 piece<gcm_tag>(body.subspan(head.length)))) {
    samples_.clear();
    return false;
  }
  rate_ = head.rate;
  ++records_;
  data_bytes_ += head.length;
  return true;
}

bool sealed_reader::check_end(const record_head& head, bytes_view beside,
                              bytes_view body) {
  const auto nonce = piece<gcm_nonce>(body);
  std::array<std::byte, end_size> plain;
  if (!box_.open(nonce, beside, body.subspan(nonce.size(), end_size), plain,
                 piece<gcm_tag>(body.subspan(nonce.size() + end_size))))
    return false;
  const auto said = read_end(plain);
  if (records_ == 0)
    rate_ = head.rate;
  ended_ = said.records == records_ && said.data_bytes == data_bytes_
           && head.rate == rate_;
  return ended_;
}

} // namespace callfork::vault
