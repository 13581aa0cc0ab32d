#include "media/srtp/cipher_types.hpp"
#include "media/srtp/evp.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace callfork::srtp {

namespace {

/// AES in Galois counter mode (RFC 7714). The salt never comes here: libsrtp
/// mixes it into the IV itself.
struct aes_gcm {
  srtp_cipher_t shell{};
  evp_context context;
  int tag_size = 0;
};

aes_gcm& self(void* state) noexcept {
  return *static_cast<aes_gcm*>(state);
}

const EVP_CIPHER* algorithm(int key_size) noexcept {
  static const evp_cipher aes_128 = fetch("AES-128-GCM");
  static const evp_cipher aes_256 = fetch("AES-256-GCM");
  return key_size == SRTP_AES_128_KEY_LEN ? aes_128.get() : aes_256.get();
}

template <const srtp_cipher_type_t& Type, int KeyLength>
srtp_err_status_t
allocate(srtp_cipher_pointer_t* made, int key_length, int tag_length) noexcept {
  if (key_length != KeyLength || (tag_length != 16 && tag_length != 8))
    return srtp_err_status_bad_param;
  auto cipher = std::unique_ptr<aes_gcm>{new (std::nothrow) aes_gcm};
  if (!cipher)
    return srtp_err_status_alloc_fail;
  cipher->context.reset(EVP_CIPHER_CTX_new());
  if (!cipher->context)
    return srtp_err_status_alloc_fail;
  cipher->tag_size = tag_length;
  cipher->shell = {&Type, cipher.get(), key_length, static_cast<int>(Type.id)};
  *made = &cipher.release()->shell;
  return srtp_err_status_ok;
}

srtp_err_status_t release(srtp_cipher_pointer_t cipher) noexcept {
  const std::unique_ptr<aes_gcm> owned{&self(cipher->state)};
  return srtp_err_status_ok;
}

srtp_err_status_t set_key(void* state, const std::uint8_t* key) noexcept {
  auto& cipher = self(state);
  const auto key_size = cipher.shell.key_len - SRTP_AEAD_SALT_LEN;
  return EVP_CipherInit_ex2(cipher.context.get(), algorithm(key_size), key,
                            nullptr, 1, nullptr)
             == 1
           ? srtp_err_status_ok
           : srtp_err_status_init_fail;
}

srtp_err_status_t set_iv(void* state, std::uint8_t* iv,
                         srtp_cipher_direction_t towards) noexcept {
  const auto encrypts = towards == srtp_direction_encrypt ? 1 : 0;
  return EVP_CipherInit_ex2(self(state).context.get(), nullptr, nullptr, iv,
                            encrypts, nullptr)
             == 1
           ? srtp_err_status_ok
           : srtp_err_status_cipher_fail;
}

srtp_err_status_t set_aad(void* state, const std::uint8_t* bytes,
                          std::uint32_t size) noexcept {
  return EVP_Cipher(self(state).context.get(), nullptr, bytes, size)
             == static_cast<int>(size)
           ? srtp_err_status_ok
           : srtp_err_status_algo_fail;
}

srtp_err_status_t encrypt(void* state, std::uint8_t* buffer,
                          unsigned int* size) noexcept {
  if (*size == 0)
    return srtp_err_status_ok;
  return EVP_Cipher(self(state).context.get(), buffer, buffer, *size)
             == static_cast<int>(*size)
           ? srtp_err_status_ok
           : srtp_err_status_cipher_fail;
}

srtp_err_status_t tag(void* state, std::uint8_t* to,
                      std::uint32_t* size) noexcept {
  auto& cipher = self(state);
  if (EVP_Cipher(cipher.context.get(), nullptr, nullptr, 0) < 0
      || EVP_CIPHER_CTX_ctrl(cipher.context.get(), EVP_CTRL_AEAD_GET_TAG,
                             cipher.tag_size, to)
           != 1)
    return srtp_err_status_algo_fail;
  *size = static_cast<std::uint32_t>(cipher.tag_size);
  return srtp_err_status_ok;
}

/// Decrypts the text and verifies the tag behind it, which is taken off.
srtp_err_status_t decrypt(void* state, std::uint8_t* buffer,
                          unsigned int* size) noexcept {
  auto& cipher = self(state);
  const auto tag_size = static_cast<unsigned>(cipher.tag_size);
  if (*size < tag_size)
    return srtp_err_status_bad_param;
  const auto text = *size - tag_size;
  auto* const context = cipher.context.get();
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher.tag_size,
                          buffer + text)
      != 1)
    return srtp_err_status_auth_fail;
  if (text > 0
      && EVP_Cipher(context, buffer, buffer, text) != static_cast<int>(text))
    return srtp_err_status_auth_fail;
  if (EVP_Cipher(context, nullptr, nullptr, 0) < 0)
    return srtp_err_status_auth_fail;
  *size = text;
  return srtp_err_status_ok;
}

// The well-known vectors of the GCM specification, cases 4 and 16, with the
// salt's place behind the key left empty.
constexpr std::array<std::uint8_t, 44> test_key{
  0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
  0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
  0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
std::array<std::uint8_t, 12> test_iv{0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce,
                                     0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
constexpr std::array<std::uint8_t, 20> test_aad{
  0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
  0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2};
constexpr std::array<std::uint8_t, 60> test_plain{
  0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5,
  0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda,
  0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95,
  0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
  0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39};
constexpr std::array<std::uint8_t, 76> sealed_128{
  0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84,
  0xd0, 0xd4, 0x9c, 0xe3, 0xaa, 0x21, 0x2f, 0x2c, 0x02, 0xa4, 0xe0, 0x35, 0xc1,
  0x7e, 0x23, 0x29, 0xac, 0xa1, 0x2e, 0x21, 0xd5, 0x14, 0xb2, 0x54, 0x66, 0x93,
  0x1c, 0x7d, 0x8f, 0x6a, 0x5a, 0xac, 0x84, 0xaa, 0x05, 0x1b, 0xa3, 0x0b, 0x39,
  0x6a, 0x0a, 0xac, 0x97, 0x3d, 0x58, 0xe0, 0x91, 0x5b, 0xc9, 0x4f, 0xbc, 0x32,
  0x21, 0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47};
constexpr std::array<std::uint8_t, 76> sealed_256{
  0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a,
  0x84, 0x42, 0x7d, 0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98,
  0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa, 0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb,
  0x3d, 0xa7, 0xb0, 0x8b, 0x10, 0x56, 0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63,
  0x93, 0xba, 0x7a, 0x0a, 0xbc, 0xc9, 0xf6, 0x62, 0x76, 0xfc, 0x6e, 0xce, 0x0f,
  0x4e, 0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b};

constexpr srtp_cipher_test_case_t
vector(int key_length, const std::array<std::uint8_t, 76>& sealed) noexcept {
  return {key_length,
          test_key.data(),
          test_iv.data(),
          static_cast<unsigned>(test_plain.size()),
          test_plain.data(),
          static_cast<unsigned>(sealed.size()),
          sealed.data(),
          static_cast<int>(test_aad.size()),
          test_aad.data(),
          16,
          nullptr};
}

constexpr auto test_128 = vector(SRTP_AES_GCM_128_KEY_LEN_WSALT, sealed_128);
constexpr auto test_256 = vector(SRTP_AES_GCM_256_KEY_LEN_WSALT, sealed_256);

} // namespace

const srtp_cipher_type_t aes_gcm_128{
  allocate<aes_gcm_128, SRTP_AES_GCM_128_KEY_LEN_WSALT>,
  release,
  set_key,
  set_aad,
  encrypt,
  decrypt,
  set_iv,
  tag,
  "AES-128 GCM on OpenSSL",
  &test_128,
  SRTP_AES_GCM_128};

const srtp_cipher_type_t aes_gcm_256{
  allocate<aes_gcm_256, SRTP_AES_GCM_256_KEY_LEN_WSALT>,
  release,
  set_key,
  set_aad,
  encrypt,
  decrypt,
  set_iv,
  tag,
  "AES-256 GCM on OpenSSL",
  &test_256,
  SRTP_AES_GCM_256};

} // namespace callfork::srtp
