#pragma once

#include "actors/region_links.hpp"
#include "media/base/clock.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace callfork::test {

/// Another node of a region as a script: what it says, and what it is told.
struct pretended_node {
  cluster::vitals says;
  bool silent = false; ///< Answers nothing.
  /// Of requests that it is passed; empty: no answer.
  std::string reply = "d6:result2:oke";

  std::string untold{}; ///< A call of its own that it told nobody of.

  cluster::vitals heard;             ///< What was last said to it.
  std::vector<std::string> passed{}; ///< Requests, in bencode.
  std::vector<std::string> whole{};  ///< The list of calls that it was told.
  std::vector<std::string> began{};
  std::vector<std::string> ended{};

  actors::region_peer_actor actor{};
  actors::region_peer_actor region{}; ///< Who speaks to it.
};

/// Links to pretended nodes, by their addresses, in the node's own actor
/// system. Addresses without a node answer nothing.
class pretended_links final : public actors::region_links {
public:
  /// The tested node is "m:1", and dials those with a greater name at once.
  explicit pretended_links(const std::vector<std::string>& addresses);

  [[nodiscard]] pretended_node& operator[](const std::string& address) {
    return *nodes_.at(address);
  }

  /// A node dies, and its links with it; another one is there when dialled.
  void kill(const std::string& address);

  /// All nodes leave: before the actor system does.
  void close();

  /// The node tells of its calls.
  void tell_began(const std::string& address, const std::string& call);
  void tell_ended(const std::string& address, const std::string& call);
  /// The node passes a request, and does not mind the reply.
  void pass(const std::string& address, const std::string& text);

  [[nodiscard]] std::vector<caf::actor>
  open(const actors::region_peer_actor& region,
       const actors::region_dialler_actor& teller) override;
  void look_up() override;
  void dial(const std::vector<std::string>& where) override;

  /// The region that was opened last.
  actors::region_peer_actor region;
  int opened = 0;

private:
  actors::region_dialler_actor teller_;
  std::map<std::string, std::shared_ptr<pretended_node>> nodes_;
};

} // namespace callfork::test
