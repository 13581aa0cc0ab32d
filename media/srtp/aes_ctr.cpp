#include "media/srtp/cipher_types.hpp"
#include "media/srtp/evp.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace callfork::srtp {

namespace {

constexpr std::size_t block_size = 16;

/// Key stream made in one go: 512 bytes cover most audio packets.
constexpr std::size_t batch_blocks = 32;

/// AES in counter mode as SRTP uses it (RFC 3711 4.1.1). The counter blocks are
/// laid out here and encrypted as plain blocks: OpenSSL's own counter mode
/// costs another 70 ns per packet to set the IV.
struct aes_ctr {
  srtp_cipher_t shell{};
  evp_context blocks;
  std::array<std::uint8_t, block_size> offset{};  ///< The salt, padded.
  std::array<std::uint8_t, block_size> counter{}; ///< The next block's input.
  bool armed = false; ///< An IV was set and not used yet.

  aes_ctr() = default;
  aes_ctr(const aes_ctr&) = delete;
  aes_ctr& operator=(const aes_ctr&) = delete;
  ~aes_ctr() {
    OPENSSL_cleanse(offset.data(), offset.size());
    OPENSSL_cleanse(counter.data(), counter.size());
  }
};

/// Whether this thread is deriving the keys of an AES-192 suite.
thread_local bool derives_192 = false;

aes_ctr& self(void* state) noexcept {
  return *static_cast<aes_ctr*>(state);
}

const EVP_CIPHER* block_cipher(int key_size) noexcept {
  static const evp_cipher aes_128 = fetch("AES-128-ECB");
  static const evp_cipher aes_192 = fetch("AES-192-ECB");
  static const evp_cipher aes_256 = fetch("AES-256-ECB");
  return key_size == SRTP_AES_128_KEY_LEN   ? aes_128.get()
         : key_size == SRTP_AES_192_KEY_LEN ? aes_192.get()
                                            : aes_256.get();
}

template <const srtp_cipher_type_t& Type, int KeyLength>
srtp_err_status_t
allocate(srtp_cipher_pointer_t* made, int key_length, int) noexcept {
  if (key_length != KeyLength)
    return srtp_err_status_bad_param;
  auto cipher = std::unique_ptr<aes_ctr>{new (std::nothrow) aes_ctr};
  if (!cipher)
    return srtp_err_status_alloc_fail;
  cipher->blocks.reset(EVP_CIPHER_CTX_new());
  if (!cipher->blocks)
    return srtp_err_status_alloc_fail;
  cipher->shell = {&Type, cipher.get(), key_length, static_cast<int>(Type.id)};
  *made = &cipher.release()->shell;
  return srtp_err_status_ok;
}

srtp_err_status_t release(srtp_cipher_pointer_t cipher) noexcept {
  const std::unique_ptr<aes_ctr> owned{&self(cipher->state)};
  return srtp_err_status_ok;
}

srtp_err_status_t set_key(void* state, const std::uint8_t* key) noexcept {
  auto& cipher = self(state);
  const auto key_size = derives_192 ? SRTP_AES_192_KEY_LEN
                                    : cipher.shell.key_len - SRTP_SALT_LEN;
  cipher.offset.fill(0);
  std::copy_n(key + key_size, SRTP_SALT_LEN, cipher.offset.begin());
  cipher.armed = false;
  if (EVP_EncryptInit_ex2(cipher.blocks.get(), block_cipher(key_size), key,
                          nullptr, nullptr)
        != 1
      || EVP_CIPHER_CTX_set_padding(cipher.blocks.get(), 0) != 1)
    return srtp_err_status_init_fail;
  return srtp_err_status_ok;
}

srtp_err_status_t set_iv(void* state, std::uint8_t* iv,
                         srtp_cipher_direction_t) noexcept {
  auto& cipher = self(state);
  for (std::size_t at = 0; at < block_size; ++at)
    cipher.counter[at] = cipher.offset[at] ^ iv[at];
  cipher.armed = true;
  return srtp_err_status_ok;
}

/// Writes counter blocks and moves the counter on; only its last 16 bits
/// count (RFC 3711 4.1.1), enough for a megabyte.
void lay_out(aes_ctr& cipher, std::uint8_t* to, std::size_t blocks) noexcept {
  auto low
    = static_cast<unsigned>(cipher.counter[14] << 8U | cipher.counter[15]);
  for (std::size_t block = 0; block < blocks; ++block, ++low) {
    cipher.counter[14] = static_cast<std::uint8_t>(low >> 8U);
    cipher.counter[15] = static_cast<std::uint8_t>(low);
    std::memcpy(to + block * block_size, cipher.counter.data(), block_size);
  }
  cipher.counter[14] = static_cast<std::uint8_t>(low >> 8U);
  cipher.counter[15] = static_cast<std::uint8_t>(low);
}

void mix(std::uint8_t* into, const std::uint8_t* stream,
         std::size_t size) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t text = 0;
    std::uint64_t key = 0;
    std::memcpy(&text, into + at, 8);
    std::memcpy(&key, stream + at, 8);
    text ^= key;
    std::memcpy(into + at, &text, 8);
  }
  for (; at < size; ++at)
    into[at] ^= stream[at];
}

/// Encrypts or decrypts, which is the same. One packet per IV: a second one
/// would repeat or skip key stream, so it is refused. Before the packet,
/// libsrtp asks for a key stream prefix of no bytes.
srtp_err_status_t crypt(void* state, std::uint8_t* buffer,
                        unsigned int* size) noexcept {
  auto& cipher = self(state);
  if (*size == 0)
    return srtp_err_status_ok;
  if (!std::exchange(cipher.armed, false))
    return srtp_err_status_cipher_fail;
  std::array<std::uint8_t, batch_blocks * block_size> stream;
  for (std::size_t done = 0; done < *size;) {
    const auto part = std::min<std::size_t>(*size - done, stream.size());
    const auto blocks = (part + block_size - 1) / block_size;
    lay_out(cipher, stream.data(), blocks);
    const auto bytes = static_cast<unsigned>(blocks * block_size);
    if (EVP_Cipher(cipher.blocks.get(), stream.data(), stream.data(), bytes)
        != static_cast<int>(bytes))
      return srtp_err_status_cipher_fail;
    mix(buffer + done, stream.data(), part);
    done += part;
  }
  return srtp_err_status_ok;
}

// RFC 3711 B.2 and RFC 6188 7.2, 7.3: key and salt, the IV all zeros, and the
// key stream as the ciphertext of zeros.
constexpr std::array<std::uint8_t, 30> key_128{
  0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
  0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c, 0xf0, 0xf1, 0xf2, 0xf3,
  0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
constexpr std::array<std::uint8_t, 38> key_192{
  0xea, 0xb2, 0x34, 0x76, 0x4e, 0x51, 0x7b, 0x2d, 0x3d, 0x16, 0x0d, 0x58, 0x7d,
  0x8c, 0x86, 0x21, 0x97, 0x40, 0xf6, 0x5f, 0x99, 0xb6, 0xbc, 0xf7, 0xf0, 0xf1,
  0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
constexpr std::array<std::uint8_t, 46> key_256{
  0x57, 0xf8, 0x2f, 0xe3, 0x61, 0x3f, 0xd1, 0x70, 0xa8, 0x5e, 0xc9, 0x3c,
  0x40, 0xb1, 0xf0, 0x92, 0x2e, 0xc4, 0xcb, 0x0d, 0xc0, 0x25, 0xb5, 0x82,
  0x72, 0x14, 0x7c, 0xc4, 0x38, 0x94, 0x4a, 0x98, 0xf0, 0xf1, 0xf2, 0xf3,
  0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
constexpr std::array<std::uint8_t, 32> stream_128{
  0xe0, 0x3e, 0xad, 0x09, 0x35, 0xc9, 0x5e, 0x80, 0xe1, 0x66, 0xb1,
  0x6d, 0xd9, 0x2b, 0x4e, 0xb4, 0xd2, 0x35, 0x13, 0x16, 0x2b, 0x02,
  0xd0, 0xf7, 0x2a, 0x43, 0xa2, 0xfe, 0x4a, 0x5f, 0x97, 0xab};
constexpr std::array<std::uint8_t, 32> stream_192{
  0x35, 0x09, 0x6c, 0xba, 0x46, 0x10, 0x02, 0x8d, 0xc1, 0xb5, 0x75,
  0x03, 0x80, 0x4c, 0xe3, 0x7c, 0x5d, 0xe9, 0x86, 0x29, 0x1d, 0xcc,
  0xe1, 0x61, 0xd5, 0x16, 0x5e, 0xc4, 0x56, 0x8f, 0x5c, 0x9a};
constexpr std::array<std::uint8_t, 32> stream_256{
  0x92, 0xbd, 0xd2, 0x8a, 0x93, 0xc3, 0xf5, 0x25, 0x11, 0xc6, 0x77,
  0xd0, 0x8b, 0x55, 0x15, 0xa4, 0x9d, 0xa7, 0x1b, 0x23, 0x78, 0xa8,
  0x54, 0xf6, 0x70, 0x50, 0x75, 0x6d, 0xed, 0x16, 0x5b, 0xac};
constexpr std::array<std::uint8_t, 32> zeros{};
std::array<std::uint8_t, block_size> zero_iv{}; // libsrtp wants it writable.

template <std::size_t KeyLength>
constexpr srtp_cipher_test_case_t
vector(const std::array<std::uint8_t, KeyLength>& key,
       const std::array<std::uint8_t, 32>& stream) noexcept {
  return {static_cast<int>(KeyLength),
          key.data(),
          zero_iv.data(),
          static_cast<unsigned>(zeros.size()),
          zeros.data(),
          static_cast<unsigned>(stream.size()),
          stream.data(),
          0,
          nullptr,
          0,
          nullptr};
}

constexpr auto test_128 = vector(key_128, stream_128);
constexpr auto test_192 = vector(key_192, stream_192);
constexpr auto test_256 = vector(key_256, stream_256);

} // namespace

derivation_192::derivation_192() noexcept {
  derives_192 = true;
}

derivation_192::~derivation_192() {
  derives_192 = false;
}

const srtp_cipher_type_t aes_ctr_128{
  allocate<aes_ctr_128, SRTP_AES_ICM_128_KEY_LEN_WSALT>,
  release,
  set_key,
  nullptr,
  crypt,
  crypt,
  set_iv,
  nullptr,
  "AES-128 counter mode on OpenSSL",
  &test_128,
  SRTP_AES_ICM_128};

const srtp_cipher_type_t aes_ctr_192{
  allocate<aes_ctr_192, SRTP_AES_ICM_192_KEY_LEN_WSALT>,
  release,
  set_key,
  nullptr,
  crypt,
  crypt,
  set_iv,
  nullptr,
  "AES-192 counter mode on OpenSSL",
  &test_192,
  SRTP_AES_ICM_192};

const srtp_cipher_type_t aes_ctr_256{
  allocate<aes_ctr_256, SRTP_AES_ICM_256_KEY_LEN_WSALT>,
  release,
  set_key,
  nullptr,
  crypt,
  crypt,
  set_iv,
  nullptr,
  "AES-256 counter mode on OpenSSL",
  &test_256,
  SRTP_AES_ICM_256};

} // namespace callfork::srtp
