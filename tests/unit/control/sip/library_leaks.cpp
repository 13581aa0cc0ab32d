// Sofia-SIP 1.12.11 forgets the parsed subjectAltName of a peer's certificate:
// some 300 bytes of OpenSSL's per TLS connection with one.
#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libcrypto.so";
}
#endif
