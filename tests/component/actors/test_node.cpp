#include "tests/component/actors/test_node.hpp"

#include "actors/node_core.hpp"
#include "media/net/udp_socket.hpp"
#include "tests/component/actors/faulty_sink.hpp"
#include "tests/component/actors/hand.hpp"
#include "tests/component/actors/scripted_recorder.hpp"
#include "tests/component/actors/virtual_node.hpp"
#include "tests/support/catch.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace callfork::test {

namespace {

using namespace std::chrono_literals;

/// Delays that nobody minds to wait for.
void hurry(actors::node_settings& settings) {
  settings.ports.quarantine = 50ms;
  settings.sinks.first_retry = 20ms;
  settings.sinks.finish_within = 2s;
}

} // namespace

scratch_folder::scratch_folder() {
  auto name
    = (std::filesystem::temp_directory_path() / "callfork-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string scratch_folder::path() const {
  return path_;
}

struct test_node::parts {
  scratch_folder folder;
  std::shared_ptr<kept_records> records = std::make_shared<kept_records>();
  hand* mover = nullptr; ///< The core's; none when there are threads.
  std::unique_ptr<actors::node_core> core;
  std::unique_ptr<actors::shard> sender; ///< For recorders.
  bool stopped = false;

  /// What an actor answers, or the error.
  template <class Reply, class Actor, class... Question>
  [[nodiscard]] expected<Reply, caf::error>
  ask(const Actor& whom, const Question&... what) {
    caf::scoped_actor self{core->system()};
    auto asked = self->request(whom, 10s, what...);
    const auto answered = [&self] {
      return self->has_next_message();
    };
    if (mover && !mover->settle_until(answered))
      FAIL("no answer");
    expected<Reply, caf::error> said = make_unexpected(caf::error{});
    asked.receive(
      [&said](const Reply& reply) {
        said = reply;
      },
      [&said](const caf::error& fault) {
        said = make_unexpected(fault);
      });
    return said;
  }

  [[nodiscard]] actors::call_actor find(const std::string& call_id) {
    auto found = ask<actors::call_actor>(core->calls(),
                                         actors::find_atom::value, call_id);
    if (!found)
      FAIL(caf::to_string(found.error()));
    return *found;
  }

  [[nodiscard]] actors::node_settings settings(const options& wanted) const {
    actors::node_settings made;
    made.shards = wanted.shards;
    const auto local = *endpoint::parse("127.0.0.1", 0);
    made.ports.interfaces = {{"default", local, local}};
    made.ng.udp = {local};
    made.ng.tcp = {local};
    if (!mover)
      hurry(made);
    if (wanted.vault)
      made.vault = vault::vault_settings{folder.path() + "/vault"};
    if (wanted.with_log)
      made.publisher = [path = folder.path(), to = records] {
        return bus::publisher::open({path + "/outbox"}, log_into(to));
      };
    if (wanted.change)
      wanted.change(made);
    return made;
  }

  [[nodiscard]] std::vector<actors::sink_kind> kinds(const options& wanted) {
    std::vector<actors::sink_kind> made;
    for (const auto& what : wanted.sinks)
      made.push_back(faulty_sinks(what, [this]() -> caf::actor_system& {
        return core->system();
      }));
    for (auto* recorder : wanted.recorders)
      made.push_back(recorder->kind([this]() -> actors::shard& {
        return *sender;
      }));
    return made;
  }
};

test_node::test_node(const options& wanted)
  : test_node(wanted, nullptr) {
}

test_node::test_node(const options& wanted, std::unique_ptr<hand> mover)
  : parts_(std::make_unique<parts>()) {
  parts_->mover = mover.get();
  std::unique_ptr<actors::node_drive> drive = std::move(mover);
  if (!drive)
    drive = actors::drive_by_threads();
  auto core = actors::node_core::start(parts_->settings(wanted),
                                       parts_->kinds(wanted), std::move(drive));
  if (!core)
    FAIL(core.error());
  parts_->core = std::move(*core);
  if (!parts_->mover || wanted.recorders.empty())
    return;
  parts_->sender = std::make_unique<actors::shard>(parts_->core->system(),
                                                   "siprec-0", 0);
  parts_->mover->start(*parts_->sender, 1ms);
}

virtual_node::virtual_node(const options& wanted)
  : test_node(wanted, std::make_unique<hand>()) {
}

test_node::~test_node() {
  if (!parts_->stopped && !stop(parts_->mover ? 2min : 20s))
    std::abort();
  parts_->records->write_out();
}

void test_node::settle() {
  if (parts_->mover)
    parts_->mover->settle();
}

bool test_node::settle_until(const std::function<bool()>& condition) {
  return parts_->mover && parts_->mover->settle_until(condition);
}

void test_node::pass(duration by) {
  if (parts_->mover)
    parts_->mover->advance(by);
}

ng::dictionary test_node::ask(const ng::request& what) {
  const auto said = parts_->ask<actors::ng_reply_ptr>(
    parts_->core->calls(), std::make_shared<const ng::request>(what));
  if (said)
    return **said;
  ng::dictionary reply;
  reply.set("fault", caf::to_string(said.error()));
  return reply;
}

void test_node::crash_call(const std::string& call_id) {
  caf::anon_send(parts_->find(call_id), actors::crash_atom::value);
  settle();
}

void test_node::crash_call_amid(const ng::request& what) {
  caf::anon_send(parts_->find(what.call_id), actors::crash_atom::value,
                 std::make_shared<const ng::request>(what));
  settle();
}

void test_node::crash_sinks(const std::string& call_id, std::uint32_t kind) {
  caf::anon_send(parts_->find(call_id), actors::crash_atom::value, kind);
  settle();
}

void test_node::crash_publisher() {
  caf::anon_send(parts_->core->root(), actors::crash_atom::value, false);
  settle();
}

void test_node::crash_front_door() {
  caf::anon_send(parts_->core->root(), actors::crash_atom::value, true);
  settle();
}

void test_node::crash_siprec_door() {
  caf::anon_send(parts_->core->siprec()->door(), actors::crash_atom::value);
  settle();
}

void test_node::crash_region() {
  caf::anon_send_exit(parts_->core->region(),
                      caf::exit_reason::unhandled_exception);
  settle();
}

void test_node::crash_supervisor() {
  caf::anon_send_exit(parts_->core->calls(),
                      caf::exit_reason::unhandled_exception);
  settle();
}

void test_node::drain() {
  parts_->core->drain();
  settle();
}

bool test_node::stop(duration within) {
  parts_->stopped = parts_->core->stop(within);
  return parts_->stopped;
}

actors::node_status test_node::status() const {
  return parts_->core->status();
}

std::shared_ptr<api::call_desk> test_node::desk() const {
  return parts_->core->board();
}

endpoint test_node::ng_udp() const {
  return net::bound_to(parts_->core->sockets().udp.at(0).number());
}

endpoint test_node::ng_tcp() const {
  return net::bound_to(parts_->core->sockets().tcp.at(0).number());
}

endpoint test_node::siprec_udp() const {
  return parts_->core->siprec()->agent().local().at(0).at;
}

const kept_records& test_node::records() const {
  return *parts_->records;
}

std::string test_node::vault() const {
  return parts_->folder.path() + "/vault";
}

} // namespace callfork::test
