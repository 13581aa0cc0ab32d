#include "actors/region.hpp"
#include "control/ng/bencode.hpp"
#include "control/ng/node_reply.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace callfork::actors {

namespace {

using namespace std::chrono_literals;

/// Requests to one node, and of one node, that are not answered yet: what CAF
/// keeps for a node that hangs has no bound of its own.
constexpr std::size_t most_open = 256;

/// Of a reply, in bytes; requests have the front door's limits.
constexpr std::size_t longest_reply = 256 * 1024;

/// Of the time that the front door waits: what a new call waits for a node
/// before another one gets it, and what the own node is left at least.
constexpr auto tries_in_time = 4;

/// How long others may take to say whose a call is.
constexpr auto inquire_within = 250ms;

/// How long before the front door we give up.
constexpr auto spare = 100ms;

ng_reply_ptr reply_of(ng::dictionary body) {
  return std::make_shared<const ng::dictionary>(std::move(body));
}

ng_reply_ptr away() {
  return reply_of(dialog::error_reply("The node of this call does not answer"));
}

ng_reply_ptr read_reply(const std::string& text) {
  ng::limits most;
  most.bytes = longest_reply;
  auto read = ng::read_bencode(text, most);
  if (!read || read->what.entries() == nullptr)
    return nullptr;
  return reply_of(std::move(*read->what.entries()));
}

ng_request_ptr read_request(const std::string& text) {
  const auto read = ng::read_bencode(text, ng::limits{});
  if (!read || read->what.entries() == nullptr)
    return nullptr;
  auto made = ng::read_request(*read->what.entries());
  if (!made)
    return nullptr;
  return std::make_shared<const ng::request>(std::move(*made));
}

bool is_about_a_call(const ng::request& what) {
  return what.command != ng::command::list_calls
         && what.command != ng::command::statistics && !what.text.empty()
         && !what.call_id.empty()
         && what.call_id.size() <= cluster::longest_call_id;
}

} // namespace

caf::result<ng_reply_ptr> region_state::handle(const ng_request_ptr& what) {
  const auto local = !is_about_a_call(*what);
  const auto owner = local ? std::nullopt : owners_.find(what->call_id);
  if (local || owner == cluster::own_node || (!owner && members() == 0))
    return self_->delegate(world_->calls, what);
  auto promise = self_->make_response_promise<ng_reply_ptr>();
  const auto number = ++last_errand_;
  auto& made = errands_[number];
  made.what = what;
  made.reply = promise;
  made.until = self_->clock().now() + world_->answer_within - spare;
  made.begins = !owner && what->command == ng::command::offer;
  if (made.begins)
    place(number);
  else if (!owner)
    inquire(number);
  else if (auto* whose = find(*owner))
    pass(number, *whose);
  else
    finish(number, away());
  return promise;
}

/// A proxy may be faster than the news of a call: the answer to an offer may
/// come in here before its owner's word does. So the others are asked before a
/// call counts as unknown.
void region_state::inquire(std::uint64_t number) {
  auto& which = errands_.at(number);
  for (auto& [with, each] : peers_) {
    if (!each.member || each.open >= most_open)
      continue;
    ++each.open;
    ++which.asked;
    const auto settle = [this, with = with] {
      auto* still = find(with);
      if (still != nullptr)
        --still->open;
      return still;
    };
    self_
      ->request(each.handle, caf::duration{inquire_within}, whose_atom::value,
                which.what->call_id)
      .then(
        [this, number, settle](bool theirs) {
          auto* who = settle();
          if (theirs && who != nullptr && errands_.contains(number))
            return pass(number, *who);
          on_not_theirs(number);
        },
        [this, number, settle](const caf::error&) {
          settle();
          on_not_theirs(number);
        });
  }
  if (which.asked == 0)
    ask_own(number);
}

void region_state::on_not_theirs(std::uint64_t number) {
  const auto known = errands_.find(number);
  if (known != errands_.end() && --known->second.asked == 0
      && known->second.with == cluster::own_node)
    ask_own(number);
}

bool region_state::owns(const std::string& call_id) const {
  return owners_.find(call_id) == cluster::own_node;
}

/// Gives a new call to the node with the most room; when none is left, to the
/// own one, which says what it thinks of that.
void region_state::place(std::uint64_t number) {
  auto& which = errands_.at(number);
  which.with = choose(which);
  owners_.place(which.with, which.what->call_id, self_->clock().now());
  auto* other = find(which.with);
  if (other == nullptr) {
    ++world_->figures.placed_here;
    return ask_own(number);
  }
  ++world_->figures.placed_elsewhere;
  pass(number, *other);
}

cluster::member region_state::choose(const errand& which) const {
  std::vector<cluster::candidate> among;
  std::vector<cluster::member> numbers;
  const auto add = [&](cluster::member who, const cluster::vitals& last) {
    if (which.tried.contains(who))
      return;
    const auto told = owners_.calls_of(who);
    numbers.push_back(who);
    among.push_back({.calls = std::max<std::size_t>(told, last.calls),
                     .placed = owners_.placed_with(who),
                     .limit = last.limit,
                     .shards = last.shards,
                     .draining = last.draining,
                     .own = who == cluster::own_node});
  };
  add(cluster::own_node, own_);
  const auto left = which.until - self_->clock().now();
  const auto in_time = left * 2 >= world_->answer_within;
  for (const auto& [who, each] : peers_)
    if (in_time && each.member && each.open < most_open)
      add(who, each.last);
  const auto best = cluster::place(among);
  return best ? numbers[*best] : cluster::own_node;
}

void region_state::ask_own(std::uint64_t number) {
  const auto& which = errands_.at(number);
  const auto left = std::max<duration>(which.until - self_->clock().now(),
                                       spare);
  self_->request(world_->calls, caf::duration{left}, which.what)
    .then(
      [this, number](const ng_reply_ptr& reply) {
        on_reply(number, reply);
      },
      [this, number](const caf::error& fault) {
        const auto known = errands_.extract(number);
        if (known.empty())
          return;
        owners_.unplace(cluster::own_node, known.mapped().what->call_id);
        // The front door knows what to do about a call that crashed.
        auto reply = std::move(known.mapped().reply);
        reply.deliver(fault);
      });
}

void region_state::pass(std::uint64_t number, peer& to) {
  auto& which = errands_.at(number);
  which.with = to.number;
  if (!to.member || to.open >= most_open) {
    ++world_->figures.to_others.refused;
    return on_failure(number, "too many requests wait for it");
  }
  const auto left = which.until - self_->clock().now();
  const auto within = which.begins ? world_->answer_within / tries_in_time
                                   : left;
  ++to.open;
  const auto with = to.number;
  const auto settle = [this, with] {
    if (auto* still = find(with))
      --still->open;
  };
  self_
    ->request(to.handle, caf::duration{within}, forward_atom::value,
              which.what->text)
    .then(
      [this, number, settle](const std::string& text) {
        settle();
        on_passed(number, text);
      },
      [this, number, settle](const caf::error& fault) {
        settle();
        ++world_->figures.to_others.failed;
        on_failure(number, caf::to_string(fault));
      });
}

void region_state::on_passed(std::uint64_t number, const std::string& text) {
  if (!errands_.contains(number))
    return;
  const auto reply = read_reply(text);
  if (!reply)
    return on_failure(number, "a reply that cannot be read");
  ++world_->figures.to_others.answered;
  on_reply(number, reply);
}

/// A node that has no room after all, or is to end, refuses: another one may
/// still have some.
void region_state::on_reply(std::uint64_t number, const ng_reply_ptr& reply) {
  const auto known = errands_.find(number);
  if (known == errands_.end())
    return;
  auto& which = known->second;
  const bool refused = which.begins && ng::says_no_room(*reply);
  if (!refused || !which.tried.insert(which.with).second)
    return finish(number, reply);
  owners_.unplace(which.with, which.what->call_id);
  const auto next = choose(which);
  if (which.tried.contains(next))
    return finish(number, reply);
  place(number);
}

/// A call that lives there has to wait for its node; a new one need not.
void region_state::on_failure(std::uint64_t number, const std::string& why) {
  const auto known = errands_.find(number);
  if (known == errands_.end())
    return;
  auto& which = known->second;
  spdlog::warn("cluster: a node did not answer call=\"{}\" command=\"{}\" "
               "reason=\"{}\"",
               which.what->call_id, to_string(which.what->command), why);
  if (!which.begins)
    return finish(number, away());
  owners_.unplace(which.with, which.what->call_id);
  which.tried.insert(which.with);
  if (auto* slow = find(which.with))
    withdraw(*which.what, *slow);
  place(number);
}

/// Whatever a node makes of a call that another one has got by now, it is to
/// end it.
void region_state::withdraw(const ng::request& what, peer& from) {
  ng::dictionary body;
  body.set("command", "delete")
    .set("call-id", what.call_id)
    .set("from-tag", what.from_tag)
    .set("delete-delay", std::int64_t{0});
  if (from.open >= most_open)
    return;
  ++from.open;
  const auto settle = [this, with = from.number] {
    if (auto* still = find(with))
      --still->open;
  };
  self_
    ->request(from.handle, caf::duration{world_->answer_within},
              forward_atom::value,
              ng::write_bencode(ng::value{std::move(body)}))
    .then(
      [settle](const std::string&) {
        settle();
      },
      [settle](const caf::error&) {
        settle();
      });
}

/// What waits for a node that is out waits no longer.
void region_state::give_up(cluster::member gone) {
  std::vector<std::uint64_t> waiting;
  for (const auto& [number, each] : errands_)
    if (each.with == gone)
      waiting.push_back(number);
  for (const auto number : waiting)
    on_failure(number, "it is out");
}

void region_state::finish(std::uint64_t number, const ng_reply_ptr& reply) {
  auto known = errands_.extract(number);
  if (!known.empty())
    known.mapped().reply.deliver(reply);
}

/// Whether this node stood still a moment ago: the others may have put it out,
/// and have given what it finds now to somebody else.
bool region_state::is_late() const {
  const auto now = self_->clock().now();
  return now < distrusted_until_ || now - turned_ > 1s;
}

/// For another node's front door. Never passed on again, whoever owns the call.
caf::result<std::string> region_state::on_forward(const std::string& text) {
  auto* who = sender();
  const auto refuse = [this](const char* why) {
    ++world_->figures.from_others.refused;
    return caf::make_error(caf::sec::invalid_argument, why);
  };
  if (who == nullptr || !who->taken())
    return refuse("not a member");
  if (text.size() > ng::limits{}.bytes || who->served >= most_open)
    return refuse("too much");
  const auto what = read_request(text);
  if (!what)
    return refuse("not a request");
  if (what->command == ng::command::offer && is_late())
    return refuse("late");
  ++who->served;
  auto promise = self_->make_response_promise<std::string>();
  const auto settle = [this, from = who->number] {
    if (auto* still = find(from))
      --still->served;
  };
  self_->request(world_->calls, caf::duration{world_->answer_within}, what)
    .then(
      [this, promise, settle](const ng_reply_ptr& reply) mutable {
        settle();
        ++world_->figures.from_others.answered;
        promise.deliver(ng::write_bencode(ng::value{*reply}));
      },
      [this, promise, settle](const caf::error& fault) mutable {
        settle();
        ++world_->figures.from_others.failed;
        promise.deliver(fault);
      });
  return promise;
}

} // namespace callfork::actors
