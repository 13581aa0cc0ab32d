#pragma once

#include "tests/component/actors/test_node.hpp"

namespace callfork::test {

/// A node without threads, with the delays of production, in virtual time: it
/// moves when the test asks it something or lets time pass, and always alike.
/// Datagrams are real.
class virtual_node : public test_node {
public:
  explicit virtual_node(const options& wanted);

  void advance(duration by) {
    pass(by);
  }
};

} // namespace callfork::test
