#include "actors/node_core.hpp"

#include "actors/vault_sink.hpp"
#include "media/srtp/library.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace callfork::actors {

namespace {

/// Under load a media shard serves the packets of so long in one go: a sixth
/// to a fifth less CPU (docs/performance.md), for a delay that no listener and
/// no jitter buffer notices.
constexpr auto media_gather = std::chrono::microseconds{200};

/// Recordings are in no hurry.
constexpr auto writer_gather = std::chrono::milliseconds{5};

/// What an actor of the pool handles before the next one gets its turn.
constexpr std::int64_t messages_per_turn = 100;

/// Of the time that a stop may take, the part that is kept for the outbox.
constexpr auto flush_share = 4;

constexpr auto poll_every = std::chrono::milliseconds{5};

bool covers(const net::media_interface& one, family of) {
  return one.local.family() == of;
}

std::vector<dialog::interface_address>
addresses_of(const std::vector<net::media_interface>& interfaces) {
  std::vector<dialog::interface_address> all;
  for (const auto& one : interfaces)
    all.push_back(
      {one.name, covers(one, family::ipv4) ? family::ipv4 : family::ipv6});
  return all;
}

std::vector<shard*>
pointers(const std::vector<std::unique_ptr<shard>>& shards) {
  std::vector<shard*> all;
  for (const auto& one : shards)
    all.push_back(one.get());
  return all;
}

} // namespace

node_core::node_core(node_settings settings)
  : settings_(std::move(settings)) {
}

node_core::~node_core() {
  root_ = nullptr;
  prompts_ = nullptr;
  world_.calls.reset();
  world_.supervisor = nullptr;
  ng_.calls = nullptr;
  media_.clear();
  control_.reset();
  writers_.clear();
  system_.reset();
}

expected<std::unique_ptr<node_core>, std::string>
node_core::start(node_settings settings, std::vector<sink_kind> more) {
  std::unique_ptr<node_core> made{new node_core{std::move(settings)}};
  if (auto prepared = made->prepare(); !prepared)
    return make_unexpected(prepared.error());
  made->start_threads();
  made->start_actors(std::move(more));
  return made;
}

/// All that can fail, before any thread runs.
expected<void, std::string> node_core::prepare() {
  if (!srtp::start_library())
    return make_unexpected(std::string{"srtp: a cipher failed its self test"});
  auto ports = net::port_pool::make(settings_.ports);
  if (!ports)
    return make_unexpected("media ports: " + ports.error());
  ports_.emplace(std::move(*ports));
  auto allowed = ng::source_allow_list::parse(settings_.ng.allowed);
  if (!allowed)
    return make_unexpected("ng allowed: " + allowed.error());
  auto sockets = ng_sockets::bind(settings_.ng);
  if (!sockets)
    return make_unexpected(sockets.error());
  ng_.settings = settings_.ng;
  ng_.allowed = std::move(*allowed);
  ng_.sockets = std::move(*sockets);
  return {};
}

void node_core::start_threads() {
  config_.config_file_path.clear();
  config_.set("scheduler.policy", caf::atom("sharing"));
  config_.set(
    "scheduler.max-threads",
    static_cast<std::int64_t>(std::max<std::size_t>(settings_.workers, 1)));
  config_.set("scheduler.max-throughput", messages_per_turn);
  system_ = std::make_unique<caf::actor_system>(config_);
  const auto start = [this](const std::string& name, std::size_t index,
                            duration gather) {
    auto made = std::make_unique<shard>(*system_, name, index);
    made->start(gather);
    return made;
  };
  for (std::size_t index = 0;
       index < std::max<std::size_t>(settings_.shards, 1); ++index)
    media_.push_back(
      start("media-" + std::to_string(index), index, media_gather));
  const auto writers = settings_.vault ? settings_.vault_writers : 0;
  for (std::size_t index = 0; index < writers; ++index)
    writers_.push_back(
      start("vault-" + std::to_string(index), index, writer_gather));
  control_ = start("control", 0, duration::zero());
}

void node_core::start_actors(std::vector<sink_kind> kinds) {
  if (settings_.vault && !writers_.empty())
    kinds.insert(kinds.begin(),
                 vault_sinks(*settings_.vault, pointers(writers_)));
  prompts_ = system_->spawn(prompt_library, settings_.prompts);
  events_.node = settings_.name;
  events_.region = settings_.region;
  events_.open = settings_.publisher;
  events_.vault = settings_.vault ? settings_.vault->root : std::string{};
  world_.calls = make_call_world(std::move(kinds));
  world_.media = pointers(media_);
  world_.control = control_.get();
  world_.events = &events_;
  world_.ng = &ng_;
  root_ = system_->spawn(node_root, &world_);
  std::unique_lock lock{world_.mutex};
  world_.changed.wait(lock, [this] {
    return world_.started;
  });
}

call_world_ptr node_core::make_call_world(std::vector<sink_kind> kinds) {
  auto world = std::make_shared<call_world>();
  world->node = settings_.name;
  world->region = settings_.region;
  world->limits = settings_.limits;
  world->dialog = settings_.dialog;
  world->mode = settings_.recording;
  world->tap = settings_.tap;
  world->sinks = settings_.sinks;
  world->kinds = std::move(kinds);
  world->interfaces = addresses_of(settings_.ports.interfaces);
  world->ports = &*ports_;
  world->events = &events_.line;
  world->figures = &figures_;
  world->directory = &directory_;
  world->prompts = prompts_;
  return world;
}

void node_core::drain() {
  draining_ = true;
  caf::anon_send(root_, drain_atom::value);
}

bool node_core::stop(duration within) {
  const auto until = clock::now() + within;
  draining_ = true;
  caf::anon_send(root_, stop_atom::value, caf::timespan{within / flush_share});
  if (!await_root(until))
    return false;
  caf::anon_send_exit(prompts_, caf::exit_reason::user_shutdown);
  if (!await_actors(until))
    return false;
  for (auto& one : media_)
    one->stop();
  for (auto& one : writers_)
    one->stop();
  control_->stop();
  return true;
}

bool node_core::await_root(time_point until) {
  std::unique_lock lock{world_.mutex};
  return world_.changed.wait_until(lock, until, [this] {
    return world_.gone;
  });
}

/// CAF can only wait for its actors without an end.
bool node_core::await_actors(time_point until) {
  while (system_->registry().running() > 0) {
    if (clock::now() >= until) {
      spdlog::critical("actors still run count={}",
                       system_->registry().running());
      return false;
    }
    std::this_thread::sleep_for(poll_every);
  }
  return true;
}

call_supervisor_actor node_core::calls() {
  const std::lock_guard guard{world_.mutex};
  return world_.supervisor;
}

} // namespace callfork::actors
