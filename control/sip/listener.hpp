#pragma once

#include "control/sip/loop.hpp"
#include "control/sip/party.hpp"
#include "control/sip/settings.hpp"
#include "media/base/expected.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callfork::sip {

/// The SIP stack of one address: UDP, TCP or both of one port, or TLS. Stacks
/// are apart so that each request leaves by the transport, and with the
/// Contact, that it should. On the SIP thread only.
class listener {
public:
  using told = std::function<void(const happening&)>;

  /// The error is one line for people.
  [[nodiscard]] static expected<std::unique_ptr<listener>, std::string>
  open(const loop& where, const settings& wanted,
       const std::vector<listen_address>& together, told tell);

  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// After `shut` has finished.
  ~listener();

  /// Ends what is left; then `closed` and nothing more is called.
  void shut(std::function<void()> closed);

  [[nodiscard]] bool speaks(transport over) const;
  [[nodiscard]] const std::vector<listen_address>& local() const;
  [[nodiscard]] nua_t* native() const;

  /// As in "sip:callfork@192.0.2.1:5060;transport=tcp".
  [[nodiscard]] std::string own_uri(transport over, bool sips) const;

private:
  listener(std::vector<listen_address> together, std::string host, told tell);
  static void on_event(nua_event_t event, int status, const char* phrase,
                       nua_t* stack, listener* self, nua_handle_t* which,
                       party* whose, const sip_t* sip, tagi_t tags[]);
  [[nodiscard]] bool find_port(const loop& where);

  nua_t* stack_ = nullptr;
  std::vector<listen_address> local_;
  std::string host_;
  told tell_;
  std::function<void()> closed_;
};

/// Puts addresses together that one stack can serve: UDP and TCP of the same
/// address and port.
[[nodiscard]] std::vector<std::vector<listen_address>>
in_groups(const std::vector<listen_address>& all);

} // namespace callfork::sip
