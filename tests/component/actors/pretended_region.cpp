#include "tests/component/actors/pretended_region.hpp"

#include <caf/actor_system.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>

namespace callfork::test {

namespace {

using namespace actors;

using node_ptr = std::shared_ptr<pretended_node>;
using behavior = region_peer_actor::behavior_type;

void add(std::vector<std::string>& to, const call_ids& calls) {
  to.insert(to.end(), calls.begin(), calls.end());
}

behavior pretended(region_peer_actor::pointer self, node_ptr node) {
  self->set_default_handler(caf::drop);
  return {
    [=](whole_atom, const call_ids& calls) {
      node->whole = calls;
    },
    [=](began_atom, const call_ids& calls) {
      add(node->began, calls);
    },
    [=](ended_atom, const call_ids& calls) {
      add(node->ended, calls);
    },
    [=](vitals_atom,
        const cluster::vitals& heard) -> caf::result<cluster::vitals> {
      node->heard = heard;
      node->region = caf::actor_cast<region_peer_actor>(self->current_sender());
      if (node->silent)
        return self->make_response_promise<cluster::vitals>();
      return node->says;
    },
    [=](forward_atom, const std::string& text) -> caf::result<std::string> {
      node->passed.push_back(text);
      if (node->silent || node->reply.empty())
        return self->make_response_promise<std::string>();
      return node->reply;
    },
    [=](whose_atom, const std::string& call) {
      return !node->silent && call == node->untold;
    },
  };
}

} // namespace

pretended_links::pretended_links(const std::vector<std::string>& addresses) {
  for (const auto& each : addresses) {
    auto made = std::make_shared<pretended_node>();
    made->says.name = "node-" + each.substr(0, each.find(':'));
    made->says.region = "local";
    made->says.listen = each;
    nodes_[each] = std::move(made);
  }
}

void pretended_links::kill(const std::string& address) {
  auto& node = *nodes_.at(address);
  caf::anon_send_exit(node.actor, caf::exit_reason::kill);
  node.actor = nullptr;
}

void pretended_links::close() {
  for (const auto& [address, node] : nodes_) {
    if (node->actor)
      kill(address);
    node->silent = true;
    node->region = nullptr;
  }
  region = nullptr;
  teller_ = nullptr;
}

void pretended_links::tell_began(const std::string& address,
                                 const std::string& call) {
  const auto& node = *nodes_.at(address);
  caf::send_as(node.actor, region, began_atom::value, call_ids{call});
}

void pretended_links::tell_ended(const std::string& address,
                                 const std::string& call) {
  const auto& node = *nodes_.at(address);
  caf::send_as(node.actor, region, ended_atom::value, call_ids{call});
}

void pretended_links::pass(const std::string& address,
                           const std::string& text) {
  const auto& node = *nodes_.at(address);
  caf::send_as(caf::actor_cast<caf::actor>(node.actor),
               caf::actor_cast<caf::actor>(region), forward_atom::value, text);
}

std::vector<caf::actor>
pretended_links::open(const region_peer_actor& which,
                      const region_dialler_actor& teller) {
  region = which;
  teller_ = teller;
  ++opened;
  return {};
}

void pretended_links::look_up() {
  if (!teller_)
    return;
  std::vector<std::string> others;
  for (const auto& [address, node] : nodes_)
    others.push_back(address);
  caf::anon_send(teller_, found_atom::value, std::string{"m:1"}, others);
}

void pretended_links::dial(const std::vector<std::string>& where) {
  if (!teller_)
    return;
  for (const auto& each : where) {
    auto& node = nodes_.at(each);
    if (!node->actor && !node->silent)
      node->actor = region.home_system().spawn(pretended, node);
    caf::anon_send(teller_, dialled_atom::value, each,
                   caf::actor_cast<caf::strong_actor_ptr>(node->actor),
                   std::string{node->actor ? "" : "nobody"});
  }
}

} // namespace callfork::test
