#include "actors/secured_middleman.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>

#include <chrono>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

using caf::io::network::default_multiplexer;
using caf::io::network::native_socket;
using caf::io::network::rw_state;

constexpr auto connect_within = 2s;

/// How CAF's stream reads and writes. Of the socket the stream disposes.
class tls_policy {
public:
  explicit tls_policy(cluster::tls_stream link)
    : link_(std::move(link)) {
    static_cast<void>(link_.release());
  }

  rw_state read_some(std::size_t& result, native_socket, void* to,
                     std::size_t most) {
    return outcome(result, link_.read(static_cast<char*>(to), most));
  }

  rw_state write_some(std::size_t& result, native_socket, const void* from,
                      std::size_t size) {
    result = 0;
    if (size == 0)
      return rw_state::indeterminate;
    return outcome(result, link_.write(static_cast<const char*>(from), size));
  }

  bool must_read_more(native_socket, std::size_t threshold) const {
    return link_.waiting() >= threshold;
  }

private:
  static rw_state outcome(std::size_t& result,
                          const std::optional<std::size_t>& count) {
    result = count.value_or(0);
    return count ? rw_state::success : rw_state::failure;
  }

  cluster::tls_stream link_;
};

/// A link, as CAF's broker of nodes knows it.
class tls_scribe final : public caf::io::scribe {
public:
  tls_scribe(default_multiplexer& home, native_socket socket,
             cluster::tls_stream&& link)
    : scribe(caf::io::network::conn_hdl_from_socket(socket)),
      stream_(home, socket, tls_policy{std::move(link)}) {
  }

  void configure_read(caf::io::receive_policy::config how) override {
    stream_.configure_read(how);
    if (!std::exchange(started_, true))
      stream_.start(this);
  }

  void ack_writes(bool enable) override {
    stream_.ack_writes(enable);
  }

  std::vector<char>& wr_buf() override {
    return stream_.wr_buf();
  }

  std::vector<char>& rd_buf() override {
    return stream_.rd_buf();
  }

  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }

  void flush() override {
    stream_.flush(this);
  }

  std::string addr() const override {
    return {};
  }

  std::uint16_t port() const override {
    return 0;
  }

  void add_to_loop() override {
    stream_.activate(this);
  }

  void remove_from_loop() override {
    stream_.passivate();
  }

private:
  caf::io::network::stream_impl<tls_policy> stream_;
  bool started_ = false;
};

/// Takes from the gate, a link for each byte that the gate gives notice by.
struct gate_policy {
  cluster::tls_gate* gate;
  std::optional<cluster::tls_stream>* taken;

  bool try_accept(native_socket& result, native_socket notices) const {
    *taken = gate->take(notices);
    if (*taken)
      result = (*taken)->socket();
    return taken->has_value();
  }
};

/// Where CAF's broker of nodes takes links: at the gate.
class gate_doorman final : public caf::io::doorman {
public:
  gate_doorman(default_multiplexer& home,
               std::shared_ptr<cluster::tls_gate> gate, native_socket notices)
    : doorman(caf::io::network::accept_hdl_from_socket(notices)),
      gate_(std::move(gate)),
      acceptor_(home, notices, gate_policy{gate_.get(), &taken_}) {
  }

  bool new_connection() override {
    auto link = std::exchange(taken_, std::nullopt);
    if (detached() || !link)
      return false;
    auto& home = acceptor_.backend();
    const auto socket = link->socket();
    auto made = caf::make_counted<tls_scribe>(home, socket, std::move(*link));
    const auto handle = made->hdl();
    parent()->add_scribe(std::move(made));
    return doorman::new_connection(&home, handle);
  }

  void launch() override {
    acceptor_.start(this);
  }

  void graceful_shutdown() override {
    acceptor_.graceful_shutdown();
    detach(&acceptor_.backend(), false);
  }

  std::string addr() const override {
    return gate_->local().address();
  }

  std::uint16_t port() const override {
    return gate_->local().port();
  }

  void add_to_loop() override {
    acceptor_.activate(this);
  }

  void remove_from_loop() override {
    acceptor_.passivate();
  }

private:
  std::shared_ptr<cluster::tls_gate> gate_;
  std::optional<cluster::tls_stream> taken_;
  caf::io::network::acceptor_impl<gate_policy> acceptor_;
};

class secured_middleman final : public caf::io::middleman_actor_impl {
public:
  secured_middleman(caf::actor_config& config, caf::actor broker,
                    std::shared_ptr<cluster::tls_identity> identity,
                    std::shared_ptr<cluster::tls_gate> gate)
    : middleman_actor_impl(config, std::move(broker)),
      identity_(std::move(identity)),
      gate_(std::move(gate)) {
  }

  const char* name() const override {
    return "secured_middleman";
  }

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host,
                                             std::uint16_t port) override {
    const auto to = callfork::endpoint::parse(host, port);
    auto link = to ? cluster::connect_tls(identity_->context(clock::now()), *to,
                                          connect_within)
                   : make_unexpected(std::string{"not an address"});
    if (!link)
      return caf::make_error(caf::sec::cannot_connect_to_node, link.error());
    const auto socket = link->socket();
    return caf::make_counted<tls_scribe>(home(), socket, std::move(*link));
  }

  caf::expected<caf::io::doorman_ptr> open(std::uint16_t, const char*,
                                           bool) override {
    auto notices = gate_->attend();
    if (notices.number() < 0)
      return caf::make_error(caf::sec::cannot_open_port, "no sockets");
    return caf::make_counted<gate_doorman>(home(), gate_, notices.release());
  }

private:
  default_multiplexer& home() {
    return dynamic_cast<default_multiplexer&>(system().middleman().backend());
  }

  std::shared_ptr<cluster::tls_identity> identity_;
  std::shared_ptr<cluster::tls_gate> gate_;
};

} // namespace

void add_middleman(caf::actor_system_config& config) {
  config.load<caf::io::middleman>();
}

caf::io::middleman_actor
start_secured_middleman(caf::actor_system& system,
                        std::shared_ptr<cluster::tls_identity> identity,
                        std::shared_ptr<cluster::tls_gate> gate) {
  auto broker
    = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  return system.spawn<secured_middleman, caf::detached + caf::hidden>(
    std::move(broker), std::move(identity), std::move(gate));
}

} // namespace callfork::actors
