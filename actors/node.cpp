#include "actors/node.hpp"

#include "actors/node_core.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <utility>

namespace callfork::actors {

namespace {

std::vector<endpoint> bound(const std::vector<net::file_descriptor>& sockets) {
  std::vector<endpoint> all;
  for (const auto& one : sockets)
    all.push_back(net::bound_to(one.number()));
  return all;
}

} // namespace

struct node::parts {
  std::unique_ptr<node_core> core;
  bool stopped = false;
};

expected<std::unique_ptr<node>, std::string>
node::start(node_settings settings) {
  auto core = node_core::start(std::move(settings), {});
  if (!core)
    return make_unexpected(core.error());
  return std::unique_ptr<node>{
    new node{std::make_unique<parts>(parts{std::move(*core)})}};
}

node::node(std::unique_ptr<parts> what)
  : parts_(std::move(what)) {
}

node::~node() {
  if (parts_->stopped || stop(std::chrono::seconds{10}))
    return;
  spdlog::critical("the node does not stop, leaving the process");
  std::_Exit(EXIT_FAILURE);
}

void node::drain() {
  parts_->core->drain();
}

bool node::stop(duration within) {
  if (!parts_->stopped)
    parts_->stopped = parts_->core->stop(within);
  return parts_->stopped;
}

node_status node::status() const {
  return parts_->core->status();
}

std::vector<call_status> node::calls(std::size_t limit) const {
  return parts_->core->directory().list(limit);
}

std::shared_ptr<api::call_desk> node::desk() const {
  return parts_->core->board();
}

std::vector<endpoint> node::ng_udp() const {
  return bound(parts_->core->sockets().udp);
}

std::vector<endpoint> node::ng_tcp() const {
  return bound(parts_->core->sockets().tcp);
}

} // namespace callfork::actors
