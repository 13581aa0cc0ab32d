#pragma once

#include "media/base/endpoint.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callfork::sip {

/// Addresses by names in lower case, in the order of the file.
using known_hosts = std::unordered_map<std::string, std::vector<endpoint>>;

/// Reads the text of a file like /etc/hosts; what is no address is passed over.
[[nodiscard]] known_hosts read_hosts(std::string_view text);

/// A file like /etc/hosts, read again when it has changed. Of one thread.
class hosts_file {
public:
  /// Nothing is known if there is no such file, nor beyond its first MiB.
  explicit hosts_file(std::string path);

  /// The addresses of a name, in any case, of one family.
  [[nodiscard]] std::vector<endpoint> find(std::string name,
                                           enum family family);

private:
  void look();

  std::string path_;
  std::int64_t changed_at_ = 0; ///< In ns, or 0: there is no file.
  known_hosts known_;
};

} // namespace callfork::sip
