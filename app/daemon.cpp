#include "app/daemon.hpp"

#include "actors/node.hpp"
#include "app/log/logging.hpp"
#include "app/version.hpp"
#include "app/views/health.hpp"
#include "app/views/lists.hpp"
#include "app/views/metrics.hpp"
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

/// Calls that one list shows at most.
constexpr std::size_t list_limit = 10'000;

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

http::response metrics_page(const actors::node& node,
                            views::process_figures process) {
  views::read_kernel(process);
  return {200, views::metrics(node.status(), process),
          "text/plain; version=0.0.4; charset=utf-8"};
}

std::vector<http::route> routes(const actors::node& node,
                                const config::configuration& settings,
                                const views::process_figures& process) {
  using http::request;
  const std::filesystem::path vault{settings.vault.folder};
  return {
    {"/livez",
     [&node](const request& asked) {
       return views::live(node.status(), asked);
     }},
    {"/readyz",
     [&node](const request& asked) {
       return views::ready(node.status(), asked);
     }},
    // Everything is bound before the first request can come.
    {"/startupz",
     [&node](const request& asked) {
       return views::live(node.status(), asked);
     }},
    {"/version",
     [](const request&) {
       return views::version();
     }},
    {"/metrics",
     [&node, process](const request&) {
       return metrics_page(node, process);
     }},
    {"/calls",
     [&node](const request&) {
       return views::calls(node.calls(list_limit));
     }},
    {"/calls/<id>",
     [&node](const request& asked) {
       return views::call(node.calls(list_limit), asked.parameters.at("id"));
     }},
    {"/recordings",
     [vault](const request& asked) {
       return views::recordings(vault, asked);
     }},
    {"/recordings/<id>",
     [vault](const request& asked) {
       return views::recording(vault, asked.parameters.at("id"));
     }},
  };
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

/// Ends the node. False when it did not manage in time.
bool end(actors::node& node, duration grace) {
  node.drain();
  if (node.stop(grace))
    return true;
  spdlog::error("node did not stop within the grace period");
  return false;
}

} // namespace

int run_node(const config::configuration& settings) {
  const auto signals = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // Keys of live calls are in memory: no core file may hold them.
  ::prctl(PR_SET_DUMPABLE, 0);
  log::start(settings.log);
  auto node = actors::node::start(to_node_settings(settings));
  if (!node)
    return failed(node.error());
  views::process_figures process{
    std::string{callfork_version},
    settings.node.region,
    static_cast<std::size_t>(settings.node.max_calls),
    0,
    0,
    0,
    wall_clock::now()};
  auto server = http::server::start(
    {settings.http.listen, static_cast<std::size_t>(settings.http.connections),
     settings.http.idle_timeout},
    routes(**node, settings, process));
  if (!server)
    return failed(server.error());
  tell_start(**node, **server);
  int signal = 0;
  ::sigwait(&signals, &signal);
  spdlog::info("node stopping signal={}", signal == SIGINT ? "INT" : "TERM");
  const bool ended = end(**node, settings.shutdown.grace);
  server->reset();
  spdlog::info("node stopped");
  log::stop();
  if (!ended)
    std::_Exit(EXIT_FAILURE);
  return EXIT_SUCCESS;
}

} // namespace callfork
