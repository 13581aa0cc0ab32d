#include "app/daemon.hpp"

#include "actors/node.hpp"
#include "app/admin_wiring.hpp"
#include "app/api_wiring.hpp"
#include "app/config/option.hpp"
#include "app/ending_wiring.hpp"
#include "app/log/logging.hpp"
#include "app/machine_check.hpp"
#include "app/siprec_wiring.hpp"
#include "app/vault_keeper.hpp"
#include "app/version.hpp"
#include "app/views/routes.hpp"
#include "app/wiring.hpp"
#include "control/http/server.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <iostream>

namespace callfork {

namespace {

/// How often a draining node looks at its calls and for signals.
constexpr std::chrono::milliseconds drain_step{200};

/// What is left to be told of calls that were to end is told within that.
constexpr std::chrono::seconds ender_grace{1};

std::size_t sinks_up(const actors::node_status& status) {
  std::size_t sum = 0;
  for (const auto& kind : status.sinks)
    sum += kind.up;
  return sum;
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

views::event_place events_of(const config::configuration& settings) {
  const auto& events = settings.events;
  if (events.log == config::event_log::none)
    return {};
  std::error_code fault;
  if (events.log == config::event_log::files)
    return {"files", std::filesystem::absolute(events.folder, fault).string(),
            "", event_topic(settings)};
  return {"kafka", "", fmt::format("{}", fmt::join(events.kafka_brokers, ",")),
          event_topic(settings)};
}

views::sources sources_of(const actors::node& node,
                          const config::configuration& settings) {
  return {[&node] {
            return node.status();
          },
          [&node](std::size_t limit) {
            return node.calls(limit);
          },
          {.version = std::string{callfork_version},
           .region = settings.node.region,
           .node = settings.node.name,
           .started = wall_clock::now()},
          events_of(settings),
          settings.vault.folder};
}

/// Null where there is no vault.
expected<std::unique_ptr<vault_keeper>, std::string>
keep_vault(const actors::node_settings& settings) {
  if (!settings.vault)
    return nullptr;
  return vault_keeper::start({settings.vault->root, settings.vault->keys,
                              settings.admin
                                ? catalogue::terms_in(*settings.admin)
                                : catalogue::terms_of{}});
}

void tell_start(const actors::node& node, const http::server& server) {
  std::string ng;
  for (const auto& each : node.ng_udp())
    ng += fmt::format(" ng_udp={}", to_string(each));
  for (const auto& each : node.ng_tcp())
    ng += fmt::format(" ng_tcp={}", to_string(each));
  spdlog::info("node started version={}{} http={}", callfork_version, ng,
               to_string(server.local()));
}

int failed(const std::string& why) {
  log::stop();
  std::cerr << "callforkd: " << why << "\n";
  return EXIT_FAILURE;
}

int await_signal(const sigset_t& signals) {
  int signal = 0;
  ::sigwait(&signals, &signal);
  return signal;
}

/// True when a signal came within the time.
bool signal_within(const sigset_t& signals, std::chrono::milliseconds time) {
  const auto nanoseconds = std::chrono::nanoseconds{time}.count();
  const timespec limit{nanoseconds / 1'000'000'000,
                       nanoseconds % 1'000'000'000};
  return ::sigtimedwait(&signals, nullptr, &limit) > 0;
}

/// Lets calls go on until there are none, the time is over, or a signal says
/// that nobody wants to wait any more.
void drain(actors::node& node, const sigset_t& signals, duration most) {
  node.drain();
  const auto until = clock::now() + most;
  auto left = node.status().calls;
  if (most > duration::zero() && left > 0)
    spdlog::info("draining, new calls are refused calls={} at_most={}", left,
                 config::to_text(most));
  while (left > 0 && clock::now() < until
         && !signal_within(signals, drain_step)) {
    const auto now = node.status().calls;
    if (now < left)
      spdlog::info("draining calls={}", now);
    left = now;
  }
}

/// Ends the node. False when it did not manage in time.
bool end(actors::node& node, duration grace) {
  const auto calls = node.status().calls;
  spdlog::info("ending calls={} within={}", calls, config::to_text(grace));
  if (node.stop(grace))
    return true;
  const auto left = node.status();
  spdlog::error("node did not stop in time calls={} sinks={} events_waiting={} "
                "outbox_events={}",
                left.calls, sinks_up(left), left.events_waiting,
                left.outbox.pending);
  return false;
}

/// What serves beside the node; what is made last ends first.
struct attendants {
  std::unique_ptr<vault_keeper> keeper;
  api_door door;
  std::unique_ptr<http::server> server;

  attendants() = default;
  attendants(attendants&&) = default;
  attendants& operator=(attendants&& other) noexcept {
    server = std::move(other.server);
    door = std::move(other.door);
    keeper = std::move(other.keeper);
    return *this;
  }
  ~attendants() = default;
};

/// Its answers may outlive the node, and then know nothing of it.
api_sources api_sources_of(const std::shared_ptr<const actors::node>& node,
                           const administration& admin,
                           const vault_keeper* keeper) {
  api_sources made;
  made.book = admin.book;
  if (keeper != nullptr)
    made.recordings = keeper->recordings();
  made.calls = node->desk();
  made.status = [weak = std::weak_ptr{node}] {
    const auto still = weak.lock();
    return still ? std::optional{still->status()} : std::nullopt;
  };
  return made;
}

expected<attendants, std::string>
stand_by(const std::shared_ptr<const actors::node>& node,
         const actors::node_settings& wanted, const administration& admin,
         const config::configuration& settings) {
  attendants made;
  auto keeper = keep_vault(wanted);
  if (!keeper)
    return make_unexpected(keeper.error());
  made.keeper = std::move(*keeper);
  auto door = open_api_door(settings);
  if (!door)
    return make_unexpected(door.error());
  made.door = std::move(*door);
  const auto api = api_sources_of(node, admin, made.keeper.get());
  auto routes = views::routes(sources_of(*node, settings));
  for (auto& each : api_routes(settings, made.door, api))
    routes.push_back(std::move(each));
  auto server = http::server::start(to_http_settings(settings),
                                    std::move(routes),
                                    api_sockets(settings, made.door, api));
  if (!server)
    return make_unexpected(server.error());
  made.server = std::move(*server);
  return made;
}

} // namespace

int run_node(const config::configuration& settings) {
  const auto signals = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // Keys of live calls are in memory: no core file may hold them.
  ::prctl(PR_SET_DUMPABLE, 0);
  log::start(settings.log);
  if (const auto checked = check_machine(settings); !checked)
    return failed(checked.error());
  auto wanted = to_node_settings(settings);
  if (auto siprec = to_siprec_settings(settings); siprec)
    wanted.siprec = std::move(*siprec);
  else
    return failed(siprec.error());
  auto admin = open_administration(settings);
  if (!admin)
    return failed(admin.error());
  wanted.admin = admin->book.get();
  const auto keys = vault_keys(settings);
  if (!keys)
    return failed(keys.error());
  if (wanted.vault)
    wanted.vault->keys = *keys;
  if (auto ender = make_call_ender(settings))
    wanted.ender = std::move(*ender);
  else
    return failed(ender.error());
  auto started = actors::node::start(wanted);
  if (!started)
    return failed(started.error());
  std::shared_ptr<actors::node> node = std::move(*started);
  auto beside = stand_by(node, wanted, *admin, settings);
  if (!beside) {
    node.reset(); // Its threads log until they end.
    return failed(beside.error());
  }
  tell_start(*node, *beside->server);
  const auto signal = await_signal(signals);
  const auto began = clock::now();
  spdlog::info("node stopping signal={}", signal == SIGINT ? "INT" : "TERM");
  drain(*node, signals, settings.shutdown.drain);
  const bool ended = end(*node, settings.shutdown.grace);
  if (wanted.ender)
    wanted.ender->stop(ender_grace);
  *beside = {};
  spdlog::info("node stopped clean={} seconds={:.1f}", ended,
               std::chrono::duration<double>(clock::now() - began).count());
  log::stop();
  if (!ended)
    std::_Exit(EXIT_FAILURE);
  return EXIT_SUCCESS;
}

} // namespace callfork
