#include "tests/component/actors/test_node.hpp"

#include "actors/node_core.hpp"
#include "media/base/bytes.hpp"
#include "media/net/udp_socket.hpp"
#include "tests/support/catch.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace callfork::test {

namespace {

using namespace std::chrono_literals;
using actors::sink_actor;

class memory_log final : public bus::log_writer {
public:
  explicit memory_log(std::shared_ptr<kept_records> to)
    : to_(std::move(to)) {
  }

  expected<void, bus::log_error>
  append(const bus::record& what, std::uint64_t tag, time_point) override {
    const std::lock_guard guard{to_->mutex};
    to_->all.push_back(what);
    tags_.push_back(tag);
    return {};
  }

  bus::log_progress poll(time_point, std::chrono::milliseconds) override {
    return {std::exchange(tags_, {}), {}, false};
  }

  [[nodiscard]] bool reachable() const noexcept override {
    return true;
  }

  [[nodiscard]] std::string trouble() const override {
    return {};
  }

private:
  std::shared_ptr<kept_records> to_;
  std::vector<std::uint64_t> tags_;
};

struct faulty_sink_state {
  static inline const char* name = "faulty_sink";
  std::shared_ptr<faults> what;
  actors::sink_owner_actor owner;
  std::uint32_t number = 0;
  int taps = 0;
  bool finishing = false;
};

using faulty_self = sink_actor::stateful_pointer<faulty_sink_state>;

void finish_if_over(faulty_self self) {
  auto& state = self->state;
  if (!state.finishing || state.taps > 0)
    return;
  ++state.what->finished;
  self->send(state.owner,
             actors::sink_report{state.number, actors::sink_done{1, "", {}}});
  self->quit(caf::exit_reason::user_shutdown);
}

void open(faulty_self self) {
  auto& state = self->state;
  ++state.what->started;
  if (state.what->refuse_starts-- > 0)
    return self->quit(caf::make_error(caf::sec::runtime_error, "refused"));
  if (!state.what->mute)
    self->send(state.owner,
               actors::sink_report{state.number, actors::sink_up{"far"}});
}

void take(faulty_self self, const fork::batch& next,
          actors::batches_in_flight& in_flight) {
  auto& what = *self->state.what;
  ++what.batches;
  if (what.delay_ms > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{what.delay_ms});
  next.for_each([&what](const fork::record& one) {
    what.lost += one.kind == fork::record_kind::lost ? 1 : 0;
    if (one.kind != fork::record_kind::rtp)
      return;
    ++what.packets;
    const std::lock_guard guard{what.mutex};
    what.sequences.at(one.stream).push_back(read_u16(one.bytes, 2));
  });
  --in_flight.count;
  if (what.die_after >= 0 && what.die_after-- == 0)
    throw std::runtime_error("dies on purpose");
}

sink_actor::behavior_type faulty_sink(faulty_self self,
                                      const std::shared_ptr<faults>& what) {
  self->state.what = what;
  return {
    [self](actors::open_atom, actors::sink_owner_actor& owner,
           std::uint32_t number, const actors::recording_facts_ptr&) {
      self->state.owner = owner;
      self->state.number = number;
      open(self);
    },
    [self](actors::batch_atom, const fork::batch_ptr& next,
           const actors::batches_in_flight_ptr& in_flight) {
      take(self, *next, *in_flight);
    },
    [self](actors::attach_atom) {
      ++self->state.taps;
    },
    [self](actors::detach_atom) {
      --self->state.taps;
      finish_if_over(self);
    },
    [self](actors::finish_atom) {
      self->state.finishing = true;
      finish_if_over(self);
    },
    [](actors::crash_atom) {
      throw std::runtime_error("on purpose");
    },
  };
}

} // namespace

std::vector<std::uint16_t> faults::heard(std::uint8_t stream) const {
  const std::lock_guard guard{mutex};
  return sequences.at(stream);
}

std::vector<bus::record> kept_records::copy() const {
  const std::lock_guard guard{mutex};
  return all;
}

std::vector<bus::record> kept_records::of(const std::string& noun_verb) const {
  std::vector<bus::record> found;
  for (auto& one : copy())
    if (bus::header_of(one, "ce_type") == "io.callfork." + noun_verb + ".v1")
      found.push_back(std::move(one));
  return found;
}

void kept_records::write_out() const {
  const auto* path = std::getenv("CALLFORK_TEST_EVENTS");
  if (!path)
    return;
  auto folder = std::string{path} + "/events-XXXXXX";
  const net::file_descriptor made{::mkstemp(folder.data())};
  std::ofstream out{folder};
  for (const auto& one : copy()) {
    nlohmann::json line{{"key", one.key}, {"value", one.value}};
    for (const auto& [name, text] : one.headers)
      line["headers"][name] = text;
    out << line.dump() << '\n';
  }
}

std::size_t kept_records::count(const std::string& noun_verb) const {
  return of(noun_verb).size();
}

bool kept_records::without_gaps() const {
  std::map<std::string, std::uint64_t> last;
  for (const auto& one : copy()) {
    const auto subject = bus::header_of(one, "ce_subject").value_or("");
    const auto sequence
      = std::stoull(bus::header_of(one, "ce_sequence").value_or("0"));
    if (sequence != ++last[subject])
      return false;
  }
  return true;
}

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
  std::unique_ptr<actors::node_core> core;
  bool stopped = false;

  [[nodiscard]] actors::call_actor find(const std::string& call_id) const {
    caf::scoped_actor self{core->system()};
    actors::call_actor found;
    self->request(core->calls(), 10s, actors::find_atom::value, call_id)
      .receive(
        [&found](const actors::call_actor& call) {
          found = call;
        },
        [](const caf::error& fault) {
          FAIL(caf::to_string(fault));
        });
    return found;
  }

  [[nodiscard]] actors::node_settings settings(const options& wanted) const {
    actors::node_settings made;
    made.shards = wanted.shards;
    const auto local = *endpoint::parse("127.0.0.1", 0);
    made.ports.interfaces = {{"default", local, local}};
    made.ports.quarantine = 50ms;
    made.ng.udp = {local};
    made.ng.tcp = {local};
    made.sinks.first_retry = 20ms;
    made.sinks.finish_within = 2s;
    if (wanted.vault)
      made.vault = vault::vault_settings{folder.path() + "/vault"};
    if (wanted.with_log)
      made.publisher = [path = folder.path(), to = records] {
        return bus::publisher::open({path + "/outbox"},
                                    std::make_unique<memory_log>(to));
      };
    if (wanted.change)
      wanted.change(made);
    return made;
  }
};

test_node::test_node(const options& wanted)
  : parts_(std::make_unique<parts>()) {
  std::vector<actors::sink_kind> kinds;
  auto settings = parts_->settings(wanted);
  // The sinks run in the pool of the node that is about to be made.
  auto system = std::make_shared<std::atomic<caf::actor_system*>>(nullptr);
  for (const auto& what : wanted.sinks)
    kinds.push_back({"faulty", bus::transport::siprec,
                     [what, system](std::uint32_t) -> sink_actor {
                       return (*system).load()->spawn(faulty_sink, what);
                     }});
  auto core = actors::node_core::start(std::move(settings), std::move(kinds));
  if (!core)
    FAIL(core.error());
  parts_->core = std::move(*core);
  *system = &parts_->core->system();
}

test_node::~test_node() {
  if (!parts_->stopped && !stop(20s))
    std::abort();
  parts_->records->write_out();
}

ng::dictionary test_node::ask(const ng::request& what) {
  caf::scoped_actor self{parts_->core->system()};
  ng::dictionary reply;
  self
    ->request(parts_->core->calls(), 10s,
              std::make_shared<const ng::request>(what))
    .receive(
      [&reply](const actors::ng_reply_ptr& said) {
        reply = *said;
      },
      [&reply](const caf::error& fault) {
        reply.set("fault", caf::to_string(fault));
      });
  return reply;
}

void test_node::crash_call(const std::string& call_id) {
  caf::anon_send(parts_->find(call_id), actors::crash_atom::value);
}

void test_node::crash_sinks(const std::string& call_id, std::uint32_t kind) {
  caf::anon_send(parts_->find(call_id), actors::crash_atom::value, kind);
}

void test_node::crash_publisher() {
  caf::anon_send(parts_->core->root(), actors::crash_atom::value, false);
}

void test_node::crash_front_door() {
  caf::anon_send(parts_->core->root(), actors::crash_atom::value, true);
}

bool test_node::stop(duration within) {
  parts_->stopped = parts_->core->stop(within);
  return parts_->stopped;
}

actors::node_status test_node::status() const {
  return parts_->core->status();
}

endpoint test_node::ng_udp() const {
  return net::bound_to(parts_->core->sockets().udp.at(0).number());
}

endpoint test_node::ng_tcp() const {
  return net::bound_to(parts_->core->sockets().tcp.at(0).number());
}

const kept_records& test_node::records() const {
  return *parts_->records;
}

std::string test_node::vault() const {
  return parts_->folder.path() + "/vault";
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = clock::now() + 10s;
  while (!condition()) {
    if (clock::now() > until)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

} // namespace callfork::test
