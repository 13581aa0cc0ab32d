#include "control/sip/name_lookup.hpp"

#include "control/sip/message.hpp"
#include "control/sip/srv_order.hpp"

#include <netinet/in.h>
#include <sofia-resolv/sres_record.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string_view>
#include <utility>

namespace callfork::sip {

namespace {

constexpr std::size_t most_servers = 8;
constexpr std::size_t most_addresses = 8;

std::uint32_t by_chance(std::uint32_t most) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_int_distribution<std::uint32_t>{0, most}(random);
}

std::string service_of(const destination& what) {
  if (what.over == transport::tls)
    return "_sips._tcp." + what.host;
  return "_sip._" + to_string(what.over) + "." + what.host;
}

std::uint16_t usual_port(transport over) {
  return over == transport::tls ? 5061 : 5060;
}

/// Calls with each record of a type; others, and errors, stand beside them.
template <class Each>
void for_each_of(std::uint16_t type, sres_record_t** all, Each each) {
  for (auto** one = all; one != nullptr && *one != nullptr; ++one)
    if ((*one)->sr_record->r_status == SRES_OK
        && (*one)->sr_record->r_type == type)
      each(**one);
}

std::vector<service_record> services_in(sres_record_t** all) {
  std::vector<service_record> made;
  for_each_of(sres_type_srv, all, [&made](const sres_record_t& one) {
    auto host = text_of(one.sr_srv->srv_target);
    if (host.ends_with('.'))
      host.pop_back();
    made.push_back({one.sr_srv->srv_priority, one.sr_srv->srv_weight,
                    one.sr_srv->srv_port, std::move(host)});
  });
  return made;
}

endpoint address_in(const sres_record_t& one) {
  sockaddr_storage made{};
  if (one.sr_record->r_type == sres_type_a) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = one.sr_a->a_addr;
    std::memcpy(&made, &address, sizeof address);
  } else {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, one.sr_aaaa->aaaa_addr.u6_addr,
                sizeof address.sin6_addr);
    std::memcpy(&made, &address, sizeof address);
  }
  return endpoint::from(made);
}

} // namespace

class name_lookup::search
  : public std::enable_shared_from_this<name_lookup::search> {
public:
  search(name_lookup& whole, enum family family, listener found)
    : whole_(whole),
      family_(family),
      found_(std::move(found)) {
  }

  void begin(const destination& what) {
    const auto port = what.port == 0 ? usual_port(what.over) : what.port;
    const service_record alone{0, 0, port, what.host};
    if (what.port != 0)
      return find_hosts({alone});
    whole_.ask(sres_type_srv, service_of(what),
               [self = weak_from_this(), alone](auto** records) {
                 const auto left = self.lock();
                 if (!left)
                   return;
                 auto all = services_in(records);
                 left->find_hosts(all.empty() ? std::vector{alone}
                                              : std::move(all));
               });
  }

private:
  struct server {
    service_record which;
    std::vector<endpoint> addresses;
  };

  void find_hosts(std::vector<service_record> all) {
    for (auto& one : in_service_order(std::move(all), by_chance))
      // RFC 2782: the host "." says that there is none.
      if (servers_.size() < most_servers && !one.host.empty())
        servers_.push_back({std::move(one), {}});
    waiting_ = servers_.size() + 1;
    for (std::size_t at = 0; at < servers_.size(); ++at)
      find_host(at);
    have_one();
  }

  void find_host(std::size_t at) {
    const auto& host = servers_[at].which.host;
    servers_[at].addresses = whole_.hosts_.find(host, family_);
    if (!servers_[at].addresses.empty())
      return have_one();
    const auto type = family_ == family::ipv4 ? sres_type_a : sres_type_aaaa;
    whole_.ask(type, host, [self = weak_from_this(), at, type](auto** records) {
      const auto left = self.lock();
      if (!left)
        return;
      for_each_of(type, records, [&](const sres_record_t& one) {
        left->servers_[at].addresses.push_back(address_in(one));
      });
      left->have_one();
    });
  }

  void have_one() {
    if (--waiting_ != 0)
      return;
    whole_.loop_.post([self = weak_from_this()] {
      if (const auto left = self.lock(); left)
        left->tell();
    });
  }

  void tell() {
    std::vector<endpoint> made;
    for (const auto& one : servers_)
      for (const auto& address : one.addresses)
        if (made.size() < most_addresses)
          made.push_back(address.with_port(one.which.port));
    std::exchange(found_, nullptr)(std::move(made));
  }

  name_lookup& whole_;
  enum family family_;
  listener found_;
  std::vector<server> servers_;
  std::size_t waiting_ = 0;
};

name_lookup::name_lookup(loop& where, const settings& wanted)
  : loop_(where),
    hosts_(wanted.hosts_file),
    resolver_(sres_resolver_create(
      where.root(),
      wanted.resolver_file.empty() ? nullptr : wanted.resolver_file.c_str(),
      TAG_END())) {
}

name_lookup::~name_lookup() {
  if (resolver_ != nullptr)
    sres_resolver_destroy(resolver_);
}

std::shared_ptr<name_lookup::search>
name_lookup::find(const destination& what, enum family family, listener found) {
  auto made = std::make_shared<search>(*this, family, std::move(found));
  made->begin(what);
  return made;
}

void name_lookup::ask(std::uint16_t type, const std::string& name,
                      told answered) {
  if (resolver_ == nullptr)
    return answered(nullptr);
  if (auto** known = sres_cached_answers(resolver_, type, name.c_str());
      known != nullptr) {
    answered(known);
    return sres_free_answers(resolver_, known);
  }
  auto made = std::make_unique<question>(question{this, std::move(answered)});
  auto* which = made.get();
  asked_.emplace(which, std::move(made));
  if (sres_query(resolver_, on_answer, reinterpret_cast<sres_context_t*>(which),
                 type, name.c_str())
      != nullptr)
    return;
  if (const auto unasked = asked_.extract(which); !unasked.empty())
    unasked.mapped()->answered(nullptr);
}

void name_lookup::on_answer(sres_context_t* which, sres_query_t* /*query*/,
                            sres_record_t** records) {
  auto* one = reinterpret_cast<question*>(which);
  auto& self = *one->asker;
  const auto asked = self.asked_.extract(one);
  asked.mapped()->answered(records);
  sres_free_answers(self.resolver_, records);
}

} // namespace callfork::sip
