#include "control/cluster/vitals.hpp"
#include "tests/support/catch.hpp"

using namespace callfork::cluster;

namespace {

vitals node(const std::string& name) {
  vitals made;
  made.name = name;
  made.region = "eu";
  made.listen = "192.0.2.1:4100";
  return made;
}

} // namespace

TEST_CASE("nodes of one region take each other") {
  CHECK(refusal(node("a"), node("b")).empty());
}

TEST_CASE("strangers are refused, with the reason") {
  auto other = node("b");
  other.region = "us";
  CHECK(refusal(node("a"), other) == "another region: us");
  other = node("b");
  other.protocol = 2;
  CHECK(refusal(node("a"), other) == "another version of the protocol: 2");
  CHECK(refusal(node("a"), node("a")) == "a name that is taken: a");
}

TEST_CASE("vitals that make no sense are refused and not repeated") {
  auto other = node("b\nnode stopped");
  CHECK(refusal(node("a"), other) == "vitals that make no sense");
  CHECK_FALSE(refusal(node("a"), node("")).empty());
  CHECK_FALSE(refusal(node("a"), node(std::string(200, 'x'))).empty());
  other = node("b");
  other.shards = 0;
  CHECK_FALSE(refusal(node("a"), other).empty());
  other = node("b");
  other.calls = ~std::uint64_t{0};
  CHECK_FALSE(refusal(node("a"), other).empty());
  other = node("b");
  other.refusal = "\x1b[2J";
  CHECK_FALSE(refusal(node("a"), other).empty());
}
