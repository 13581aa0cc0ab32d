#include "media/base/uuid.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace callfork;

namespace {

uuid read(std::string_view text) {
  const auto id = parse_uuid(text);
  REQUIRE(id.has_value());
  return *id;
}

} // namespace

TEST_CASE("a named identifier equals the one every other library makes",
          "[base][uuid]") {
  const auto dns = read("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  // RFC 9562 appendix A.4.
  CHECK(to_string(named_uuid(dns, "www.example.com"))
        == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CHECK(named_uuid(callfork_space(), "a") == named_uuid(callfork_space(), "a"));
  CHECK(named_uuid(callfork_space(), "a") != named_uuid(callfork_space(), "b"));
}

TEST_CASE("random identifiers are version 4 and differ", "[base][uuid]") {
  std::set<std::string> seen;
  for (int round = 0; round < 1000; ++round) {
    const auto text = to_string(random_uuid());
    REQUIRE(text[14] == '4');
    REQUIRE(std::string_view{"89ab"}.find(text[19]) != std::string::npos);
    REQUIRE(seen.insert(text).second);
  }
}

TEST_CASE("the base64 form is that of RFC 7865 and reads back",
          "[base][uuid]") {
  const auto id = read("efe3930b-2a31-4e6a-a6ab-203fd7078302");
  CHECK(to_base64(id) == "7+OTCyoxTmqmqyA/1weDAg==");
  for (int round = 0; round < 100; ++round) {
    const auto made = random_uuid();
    REQUIRE(uuid_from_base64(to_base64(made)) == made);
    REQUIRE(parse_uuid(to_string(made)) == made);
  }
}

TEST_CASE("what is no identifier is refused", "[base][uuid]") {
  CHECK_FALSE(parse_uuid(""));
  CHECK_FALSE(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c"));
  CHECK_FALSE(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430cg"));
  CHECK_FALSE(parse_uuid("6ba7b810x9dad-11d1-80b4-00c04fd430c8"));
  CHECK_FALSE(uuid_from_base64("7+OTCyoxTmqmqyA/1weDAg="));
  CHECK_FALSE(uuid_from_base64("7+OTCyoxTmqmqyA/1weDAh=="));
  CHECK_FALSE(uuid_from_base64("7+OTCyoxTmqmqyA!1weDAg=="));
}
