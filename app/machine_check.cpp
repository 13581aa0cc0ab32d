#include "app/machine_check.hpp"

#include "app/wiring.hpp"
#include "media/net/udp_socket.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace callfork {

namespace {

namespace fs = std::filesystem;
using done = expected<void, std::string>;

std::string words_of(int error) {
  return std::error_code{error, std::generic_category()}.message();
}

done check_folder(const char* option, const std::string& folder) {
  const auto wrong = [&](const std::string& why) -> done {
    return make_unexpected(fmt::format("{}: {}: {}", option, folder, why));
  };
  if (folder.empty())
    return {};
  std::error_code fault;
  const auto made = fs::create_directories(folder, fault);
  if (fault)
    return wrong(fault.message());
  // Recordings and the numbers of those who called are nobody else's business.
  if (made)
    fs::permissions(folder,
                    fs::perms::owner_all | fs::perms::group_read
                      | fs::perms::group_exec,
                    fault);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return wrong(words_of(errno));
  return {};
}

done check_interface(const config::media_interface& one) {
  const auto wrong = [&](const std::string& why) -> done {
    return make_unexpected(
      fmt::format("media.interfaces: {}: {}: {}", one.name, one.address, why));
  };
  const auto address = endpoint::parse(one.address, 0);
  if (!address)
    return wrong("not an address");
  const auto kind = address->family() == family::ipv4 ? AF_INET : AF_INET6;
  const net::file_descriptor probe{
    ::socket(kind, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (probe.number() < 0
      || ::bind(probe.number(), address->native(), address->native_size()) != 0)
    return wrong(words_of(errno));
  return {};
}

} // namespace

done check_machine(const config::configuration& settings) {
  const auto& events = settings.events;
  const auto has_log = events.log != config::event_log::none;
  const auto in_files = events.log == config::event_log::files;
  for (const auto& one : settings.media.interfaces)
    if (auto checked = check_interface(one); !checked)
      return checked;
  if (auto checked = check_folder("vault.folder", settings.vault.folder);
      !checked)
    return checked;
  if (const auto keys = vault_keys(settings); !keys)
    return make_unexpected(keys.error());
  if (auto checked = check_folder("events.outbox",
                                  has_log ? events.outbox : std::string{});
      !checked)
    return checked;
  const auto in_kafka = events.log == config::event_log::kafka;
  if (auto checked = check_folder(
        "admin.folder", in_kafka ? std::string{} : settings.admin.folder);
      !checked)
    return checked;
  return check_folder("events.folder",
                      in_files ? events.folder : std::string{});
}

} // namespace callfork
