#include "media/base/base64.hpp"
#include "tests/support/catch.hpp"

#include <array>

using namespace callfork;

TEST_CASE("the vectors of RFC 4648 10 are written and read") {
  struct vector {
    std::string_view plain;
    std::string_view padded;
    std::string_view bare;
  };
  for (const auto& [plain, padded, bare] :
       {vector{"", "", ""}, vector{"f", "Zg==", "Zg"},
        vector{"fo", "Zm8=", "Zm8"}, vector{"foo", "Zm9v", "Zm9v"},
        vector{"foob", "Zm9vYg==", "Zm9vYg"},
        vector{"fooba", "Zm9vYmE=", "Zm9vYmE"},
        vector{"foobar", "Zm9vYmFy", "Zm9vYmFy"}}) {
    CHECK(base64::encode(as_bytes(plain), base64::padding::filled) == padded);
    CHECK(base64::encode(as_bytes(plain), base64::padding::none) == bare);
    CHECK(as_text(base64::decode(padded).value()) == plain);
    CHECK(as_text(base64::decode(bare).value()) == plain);
  }
}

TEST_CASE("what is not base64 is refused") {
  for (const auto* const text :
       {"Z", "Zg=", "Z===", "====", "=", "Zg==Zg==", "Zm9 v", "Zm9-", "Zm9v\n",
        "Zm9vY", "\xff\xff\xff\xff", "Zg==="})
    CHECK_FALSE(base64::decode(text));
}

TEST_CASE("base64 is not written beyond its room") {
  std::array<std::byte, 3> room{};
  CHECK(base64::decode_into("Zm9v", room)->size() == 3);
  CHECK_FALSE(base64::decode_into("Zm9vYg", room));
}
