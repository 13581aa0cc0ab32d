#include "media/vault/sealed_format.hpp"

#include <algorithm>
#include <cstring>

namespace callfork::vault {

namespace {

constexpr std::string_view magic = "callfork-sealed\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t version_at = magic.size();
constexpr std::size_t id_at = version_at + 4;
constexpr std::size_t key_at = id_at + 16;
constexpr std::size_t nonce_at = key_at + key_ring::longest_id;
constexpr std::size_t secret_at = nonce_at + std::tuple_size_v<gcm_nonce>;
constexpr std::size_t tag_at = secret_at + secret::size;
static_assert(tag_at + std::tuple_size_v<gcm_tag> == sealed_header_size);
static_assert(nonce_at == wrapped_at
              && nonce_at + wrapped_size == sealed_header_size);

void put_u64(bytes_span to, std::size_t at, std::uint64_t value) noexcept {
  write_u32(to, at, static_cast<std::uint32_t>(value >> 32U));
  write_u32(to, at + 4, static_cast<std::uint32_t>(value));
}

std::uint64_t read_u64(bytes_view from, std::size_t at) noexcept {
  return std::uint64_t{read_u32(from, at)} << 32U | read_u32(from, at + 4);
}

template <class Array>
Array piece(const sealed_header& from, std::size_t at) noexcept {
  Array made;
  std::memcpy(made.data(), from.data() + at, made.size());
  return made;
}

} // namespace

std::array<std::byte, record_head_size>
to_bytes(const record_head& head) noexcept {
  std::array<std::byte, record_head_size> made;
  write_u32(made, 0, head.length);
  write_u32(made, 4,
            static_cast<std::uint32_t>(head.type) << 24U
              | (head.rate & 0xffffffU));
  return made;
}

std::optional<record_head> read_head(bytes_view bytes) noexcept {
  const auto second = read_u32(bytes, 4);
  const record_head made{read_u32(bytes, 0),
                         static_cast<record_type>(second >> 24U),
                         second & 0xffffffU};
  const bool is_audio = made.type == record_type::audio && made.length > 0
                        && made.length <= largest_record
                        && made.length % 4 == 0;
  const bool is_end = made.type == record_type::end
                      && made.length == end_record_size - record_cost;
  if (made.rate == 0 || (!is_audio && !is_end))
    return std::nullopt;
  return made;
}

gcm_nonce nonce_of(std::uint64_t number) noexcept {
  gcm_nonce made{};
  put_u64(made, 4, number);
  return made;
}

std::optional<gcm_nonce> end_nonce() noexcept {
  gcm_nonce made;
  if (!randomize(made))
    return std::nullopt;
  made[0] |= std::byte{0x80};
  return made;
}

std::array<std::byte, end_size> to_bytes(const sealed_end& end) noexcept {
  std::array<std::byte, end_size> made;
  put_u64(made, 0, end.records);
  put_u64(made, 8, end.data_bytes);
  return made;
}

sealed_end read_end(bytes_view bytes) noexcept {
  return {read_u64(bytes, 0), read_u64(bytes, 8)};
}

std::optional<sealed_header> wrap(const secret& data_key, const uuid& id,
                                  const key_ring::key& under) {
  sealed_header made{};
  std::memcpy(made.data(), magic.data(), magic.size());
  write_u32(made, version_at, version);
  std::memcpy(made.data() + id_at, id.bytes.data(), id.bytes.size());
  std::memcpy(made.data() + key_at, under.id.data(), under.id.size());
  gcm_nonce nonce;
  auto box = gcm::make(under.bytes, gcm::direction::seal);
  if (!box || !randomize(nonce))
    return std::nullopt;
  std::memcpy(made.data() + nonce_at, nonce.data(), nonce.size());
  const auto all = bytes_span{made};
  const auto tag
    = box->seal(nonce, all.first(nonce_at),
                std::as_bytes(std::span{data_key.data(), secret::size}),
                all.subspan(secret_at, secret::size));
  if (!tag)
    return std::nullopt;
  std::memcpy(made.data() + tag_at, tag->data(), tag->size());
  return made;
}

expected<unwrapped, std::string> unwrap(const sealed_header& header,
                                        const key_ring& keys) {
  if (!is_sealed(header))
    return unexpected{std::string{"not a sealed recording of the vault"}};
  const auto name
    = as_text(bytes_view{header}.subspan(key_at, key_ring::longest_id));
  const std::string key_id{name.substr(0, name.find('\0'))};
  const auto* key = keys.find(key_id);
  if (!key)
    return unexpected{"its key is not in the key file"
                      + (key_ring::is_id(key_id) ? ": " + key_id : "")};
  unwrapped made;
  std::memcpy(made.id.bytes.data(), header.data() + id_at,
              made.id.bytes.size());
  auto box = gcm::make(key->bytes, gcm::direction::open);
  const auto all = bytes_view{header};
  if (!box
      || !box->open(
        piece<gcm_nonce>(header, nonce_at), all.first(nonce_at),
        all.subspan(secret_at, secret::size),
        std::as_writable_bytes(std::span{made.data_key.data(), secret::size}),
        piece<gcm_tag>(header, tag_at)))
    return unexpected{
      std::string{"its data key does not open: damaged, or another key of "
                  "this identifier"}};
  return made;
}

bool is_sealed(bytes_view beginning) noexcept {
  return beginning.size() >= sealed_header_size
         && as_text(beginning.first(magic.size())) == magic
         && read_u32(beginning, version_at) == version;
}

} // namespace callfork::vault
