#include "control/ng/bencode.hpp"
#include "tests/support/catch.hpp"

#include <random>

using namespace callfork::ng;

namespace {

bencode_error why(std::string_view text, const limits& most = {}) {
  const auto read = read_bencode(text, most);
  REQUIRE_FALSE(read);
  return read.error();
}

} // namespace

TEST_CASE("bencode keeps the order of keys", "[ng]") {
  const std::string text = "d3:zoo1:a3:barli-5e0:e1:adee";
  const auto read = read_bencode(text + "rest", {});
  REQUIRE(read);
  CHECK(read->used == text.size());
  CHECK(write_bencode(read->what) == text);
  const auto* zoo = read->what.entries()->find("zoo");
  REQUIRE(zoo != nullptr);
  CHECK(*zoo->string() == "a");
}

TEST_CASE("the last of two equal keys counts", "[ng]") {
  const auto read = read_bencode("d1:ai1e1:ai2ee", {});
  REQUIRE(read);
  CHECK(*read->what.entries()->find("a")->integer() == 2);
}

TEST_CASE("bencode that can not become valid is malformed", "[ng]") {
  for (const auto* text :
       {"x", "i1x", "i--1e", "ie", "e", "di1ei2ee", "d1:ae", "d1:a1:b1:ce",
        "dlei1ee", "-1:a", "1x:a", "i99999999999999999999999e",
        "9999999999999999999999:"})
    CHECK(why(text) == bencode_error::malformed);
}

TEST_CASE("every cut of a message is incomplete", "[ng]") {
  const std::string text
    = "d7:command5:offer3:sdp4:v=0\n5:flagsli-12ed1:al1:xeeee";
  REQUIRE(read_bencode(text, {}));
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto cut = std::string_view{text}.substr(0, size);
    CHECK(why(cut) == bencode_error::incomplete);
    CHECK(bencode_size(cut, {}).error() == bencode_error::incomplete);
  }
  CHECK(bencode_size(text + "more", {}) == text.size());
}

TEST_CASE("bencode is bounded in depth, values and bytes", "[ng]") {
  CHECK(read_bencode(std::string(16, 'l') + std::string(16, 'e'), {}));
  CHECK(why(std::string(17, 'l')) == bencode_error::too_big);
  CHECK(why("l" + std::string(5000 * 3, 'x').replace(0, 0, "") + "e")
        == bencode_error::malformed);
  std::string many = "l";
  for (auto i = 0; i < 4095; ++i)
    many += "i1e";
  CHECK(read_bencode(many + "e", {}));
  CHECK(why(many + "i1ee") == bencode_error::too_big);
  CHECK(why("70000:a") == bencode_error::too_big);
  CHECK(why("l" + std::string(65536, '0')) != bencode_error::incomplete);
}

TEST_CASE("whatever is written reads back the same", "[ng]") {
  std::mt19937 random{7};
  auto make = [&random](auto& self, int depth) -> value {
    switch (random() % (depth > 0 ? 4U : 2U)) {
    case 0:
      return value{static_cast<std::int64_t>(random()) - 2'000'000'000};
    case 1:
      return value{std::string(random() % 9, static_cast<char>(random()))};
    case 2: {
      list items;
      for (auto n = random() % 4; n != 0; --n)
        items.push_back(self(self, depth - 1));
      return value{std::move(items)};
    }
    default: {
      dictionary entries;
      for (auto n = random() % 4; n != 0; --n)
        entries.set(std::to_string(random() % 9), self(self, depth - 1));
      return value{std::move(entries)};
    }
    }
  };
  for (auto round = 0; round < 500; ++round) {
    const auto tree = make(make, 6);
    const auto read = read_bencode(write_bencode(tree), {});
    REQUIRE(read);
    REQUIRE(read->what == tree);
  }
}
