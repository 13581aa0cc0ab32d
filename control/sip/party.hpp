#pragma once

#include "control/sip/sofia.hpp"

#include <memory>

namespace callfork::sip {

struct tls_fault;

/// What Sofia tells about a handle: valid during the call only.
struct happening {
  nua_event_t what{};
  unsigned status = 0;
  const char* phrase = "";
  const sip_t* sip = nullptr; ///< The request or response, if there is one.
  nua_handle_t* handle = nullptr;
  listener* where = nullptr;
};

/// Whoever a handle of Sofia's belongs to.
class party {
public:
  party() = default;
  party(const party&) = delete;
  party& operator=(const party&) = delete;
  virtual ~party() = default;
  virtual void on(const happening& it) = 0;
  /// The user agent stops: whatever is not needed for that ends now.
  virtual void hurry() {
  }
  /// A TLS connection is of no use.
  virtual void lost(const tls_fault& /*fault*/) {
  }
};

struct end_handle {
  void operator()(nua_handle_t* handle) const {
    nua_handle_destroy(handle);
  }
};

/// A handle that is ours. Nothing is heard of it once it is gone.
using call_handle = std::unique_ptr<nua_handle_t, end_handle>;

struct end_message {
  void operator()(msg_t* message) const {
    msg_destroy(message);
  }
};

/// A message that is kept beyond the call that brought it.
using kept_message = std::unique_ptr<msg_t, end_message>;

} // namespace callfork::sip
