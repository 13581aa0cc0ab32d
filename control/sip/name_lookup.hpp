#pragma once

#include "control/sip/hosts_file.hpp"
#include "control/sip/loop.hpp"
#include "control/sip/settings.hpp"
#include "control/sip/target.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace callfork::sip {

/// Where the names of targets lead (RFC 3263 4.2): a name without a port to the
/// servers that SRV records name, in their order, a name to all of its
/// addresses, of which the hosts file counts more than DNS. Sofia would try a
/// second server only after 32 s of silence. On the SIP thread only.
class name_lookup {
public:
  using listener = std::function<void(std::vector<endpoint>)>;

  name_lookup(loop& where, const settings& wanted);
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;
  ~name_lookup();

  /// One lookup: nothing is heard of it once it is gone.
  class search;

  /// Tells later, once, at most eight addresses of one family in the order in
  /// which to try them; none if the name leads nowhere. How long that takes is
  /// the caller's to watch.
  [[nodiscard]] std::shared_ptr<search>
  find(const destination& what, enum family family, listener found);

private:
  using told = std::function<void(sres_record_t**)>;

  struct question {
    name_lookup* asker;
    told answered;
  };

  /// Tells the records, or nothing, now or later.
  void ask(std::uint16_t type, const std::string& name, told answered);
  static void on_answer(sres_context_t* which, sres_query_t* query,
                        sres_record_t** records);

  loop& loop_;
  hosts_file hosts_;
  sres_resolver_t* resolver_;
  std::unordered_map<question*, std::unique_ptr<question>> asked_;
};

} // namespace callfork::sip
