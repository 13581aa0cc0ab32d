#include "actors/node_core.hpp"

#include "actors/region.hpp"
#include "actors/vault_sink.hpp"
#include "media/srtp/library.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

/// Under load a media shard serves the packets of so long in one go: a sixth
/// to a fifth less CPU (docs/performance.md), for a delay that no listener and
/// no jitter buffer notices.
constexpr auto media_gather = std::chrono::microseconds{200};

/// Recordings are in no hurry.
constexpr auto writer_gather = std::chrono::milliseconds{5};

/// What waits for a provider goes at its own time; this is how exact it is.
constexpr auto sender_gather = std::chrono::milliseconds{1};

/// Of the time that a stop may take, the part that is kept for the outbox.
constexpr auto flush_share = 4;

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

node_core::node_core(node_settings settings, std::unique_ptr<node_drive> drive)
  : settings_(std::move(settings)),
    drive_(std::move(drive)) {
}

node_core::~node_core() {
  board_->close();
  root_ = nullptr;
  prompts_ = nullptr;
  world_.calls.reset();
  world_.supervisor = nullptr;
  world_.region_actor = nullptr;
  ng_.calls = nullptr;
  siprec_.reset();
  region_.reset();
  links_.reset();
  media_.clear();
  control_.reset();
  writers_.clear();
  senders_.clear();
  system_.reset();
}

expected<std::unique_ptr<node_core>, std::string>
node_core::start(node_settings settings, std::vector<sink_kind> more) {
  return start(std::move(settings), std::move(more), drive_by_threads());
}

expected<std::unique_ptr<node_core>, std::string>
node_core::start(node_settings settings, std::vector<sink_kind> more,
                 std::unique_ptr<node_drive> drive) {
  std::unique_ptr<node_core> made{
    new node_core{std::move(settings), std::move(drive)}};
  if (auto prepared = made->prepare(); !prepared)
    return make_unexpected(prepared.error());
  made->start_shards();
  if (auto opened = made->open_cluster(); !opened)
    return make_unexpected(opened.error());
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
  if (settings_.siprec) {
    auto siprec = siprec_side::start(*settings_.siprec, directory_);
    if (!siprec)
      return make_unexpected(siprec.error());
    siprec_ = std::move(*siprec);
  }
  if (settings_.cluster && settings_.cluster->links == nullptr) {
    auto secured = secured_links::prepare(*settings_.cluster, config_);
    if (!secured)
      return make_unexpected(secured.error());
    secured_ = std::move(*secured);
  }
  return {};
}

/// What the region needs, if there is to be one.
expected<void, std::string> node_core::open_cluster() {
  if (!settings_.cluster)
    return {};
  if (secured_) {
    auto links = secured_->make(*system_);
    if (!links)
      return make_unexpected(links.error());
    links_ = std::move(*links);
  }
  ng_.settings.keep_text = true;
  region_ = std::make_unique<region_world>();
  region_->self.name = settings_.name;
  region_->self.region = settings_.region;
  region_->self.limit = settings_.limits.calls;
  region_->self.shards = std::max<std::size_t>(settings_.shards, 1);
  region_->answer_within = settings_.ng.answer_within;
  region_->links = secured_ ? links_.get() : settings_.cluster->links;
  region_->foreign = &figures_.foreign;
  world_.region = region_.get();
  return {};
}

void node_core::start_shards() {
  config_.config_file_path.clear();
  system_ = drive_->make_system(config_,
                                std::max<std::size_t>(settings_.workers, 1));
  const auto start = [this](const std::string& name, std::size_t index,
                            duration gather) {
    auto made = std::make_unique<shard>(*system_, name, index);
    drive_->start(*made, gather);
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
  const auto sends = settings_.siprec && !settings_.siprec->providers.empty();
  for (std::size_t index = 0; sends && index < settings_.siprec->senders;
       ++index)
    senders_.push_back(
      start("siprec-" + std::to_string(index), index, sender_gather));
  control_ = start("control", 0, duration::zero());
}

void node_core::start_actors(std::vector<sink_kind> kinds) {
  if (settings_.vault && !writers_.empty())
    kinds.insert(kinds.begin(),
                 vault_sinks(*settings_.vault, pointers(writers_)));
  if (siprec_)
    for (auto& kind : siprec_->kinds(*ports_, pointers(senders_)))
      kinds.push_back(std::move(kind));
  prompts_ = system_->spawn(prompt_library, settings_.prompts);
  events_.node = settings_.name;
  events_.region = settings_.region;
  events_.open = settings_.publisher;
  events_.vault = settings_.vault ? settings_.vault->root : std::string{};
  events_.vault_keys = settings_.vault ? settings_.vault->keys : nullptr;
  world_.calls = make_call_world(std::move(kinds));
  world_.media = pointers(media_);
  world_.control = control_.get();
  world_.events = &events_;
  world_.ng = &ng_;
  world_.siprec = siprec_.get();
  world_.threads = drive_->threads();
  root_ = system_->spawn(node_root, &world_);
  const auto started = [this] {
    const std::lock_guard guard{world_.mutex};
    return world_.started;
  };
  static_cast<void>(await(started, time_point::max()));
}

call_world_ptr node_core::make_call_world(std::vector<sink_kind> kinds) {
  auto world = std::make_shared<call_world>();
  world->node = settings_.name;
  world->region = settings_.region;
  world->limits = settings_.limits;
  world->dialog = settings_.dialog;
  world->rules = settings_.recording;
  world->tap = settings_.tap;
  world->sinks = settings_.sinks;
  world->admin = settings_.admin;
  world->ender = settings_.ender.get();
  world->kinds = std::move(kinds);
  world->interfaces = addresses_of(settings_.ports.interfaces);
  world->ports = &*ports_;
  world->events = &events_.line;
  world->figures = &figures_;
  world->directory = &directory_;
  world->board = board_.get();
  world->prompts = prompts_;
  return world;
}

void node_core::drain() {
  draining_ = true;
  caf::anon_send(root_, drain_atom::value);
}

bool node_core::stop(duration within) {
  const auto until = system_->clock().now() + within;
  draining_ = true;
  caf::anon_send(root_, stop_atom::value, caf::timespan{within / flush_share});
  const auto gone = [this] {
    const std::lock_guard guard{world_.mutex};
    return world_.gone;
  };
  if (!await(gone, until))
    return false;
  board_->close();
  caf::anon_send_exit(prompts_, caf::exit_reason::user_shutdown);
  // CAF can only wait for its actors without an end.
  const auto ended = [this] {
    return system_->registry().running() == 0;
  };
  if (!await(ended, until)) {
    spdlog::critical("actors still run count={}",
                     system_->registry().running());
    return false;
  }
  siprec_.reset(); // Says BYE to what is left.
  for (auto& one : media_)
    one->stop();
  for (auto& one : senders_)
    one->stop();
  for (auto& one : writers_)
    one->stop();
  control_->stop();
  return true;
}

bool node_core::await(const std::function<bool()>& condition,
                      time_point until) {
  while (!condition()) {
    if (system_->clock().now() >= until)
      return false;
    drive_->pass();
  }
  return true;
}

region_child node_core::region() {
  const std::lock_guard guard{world_.mutex};
  return world_.region_actor;
}

call_supervisor_actor node_core::calls() {
  const std::lock_guard guard{world_.mutex};
  return world_.supervisor;
}

} // namespace callfork::actors
