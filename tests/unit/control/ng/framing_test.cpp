#include "control/ng/framing.hpp"
#include "control/ng/json.hpp"
#include "tests/support/catch.hpp"

using namespace callfork::ng;

namespace {

std::vector<std::string> cut(std::string_view stream, std::size_t piece) {
  stream_splitter splitter{limits{}};
  std::vector<std::string> out;
  while (!stream.empty()) {
    splitter.push(stream.substr(0, piece));
    stream.remove_prefix(std::min(piece, stream.size()));
    while (true) {
      const auto next = splitter.next();
      REQUIRE(next);
      if (!*next)
        break;
      out.emplace_back(**next);
    }
  }
  return out;
}

framing_error failure(std::string_view datagram) {
  auto read = read_message(datagram, {});
  REQUIRE_FALSE(read);
  return read.error();
}

} // namespace

TEST_CASE("a message is a cookie, a space and a dictionary", "[ng]") {
  const auto read = read_message("0_31032_1 d7:command4:pinge", {});
  REQUIRE(read);
  CHECK(read->cookie == "0_31032_1");
  CHECK(read->encoding == encoding::bencode);
  CHECK(*read->body.find("command")->string() == "ping");
}

TEST_CASE("a reply is written in the encoding of its request", "[ng]") {
  const auto read = read_message(R"(7 {"command":"ping","n":[1,true,null]})",
                                 {});
  REQUIRE(read);
  CHECK(read->encoding == encoding::json);
  dictionary body;
  body.set("result", "pong").set("n", list{value{std::int64_t{1}}});
  CHECK(write_message("7", read->encoding, body)
        == R"(7 {"result":"pong","n":[1]})");
  CHECK(write_message("7", encoding::bencode, body)
        == "7 d6:result4:pong1:nli1eee");
}

TEST_CASE("errors carry the cookie that they answer", "[ng]") {
  CHECK(failure("c i1e").reason == "Invalid NG data format");
  CHECK(failure("c ").reason == "Invalid data (no payload)");
  CHECK(failure("c d7:command4:pi").reason
        == "Could not decode bencode dictionary");
  CHECK(failure(R"(c {"command":)").reason == "Failed to parse JSON document");
  CHECK(failure("c i1e").cookie == "c");
  CHECK(failure("nocookie").cookie.empty());
  CHECK(failure(" d7:command4:pinge").cookie.empty());
  CHECK(failure(std::string(300, 'c') + " de").cookie.empty());
}

TEST_CASE("JSON is bounded in depth, values and bytes", "[ng]") {
  const limits most;
  CHECK(read_json(std::string(16, '[') + std::string(16, ']'), most));
  CHECK(read_json(std::string(17, '[') + std::string(17, ']'), most).error()
        == json_error::too_big);
  CHECK(read_json("\"" + std::string(most.bytes, 'x') + "\"", most).error()
        == json_error::too_big);
  std::string many = "[0";
  for (auto i = 0; i < 4094; ++i)
    many += ",0";
  CHECK(read_json(many + "]", most));
  CHECK(read_json(many + ",0]", most).error() == json_error::too_big);
}

TEST_CASE("text that is no UTF-8 does not break a JSON reply", "[ng]") {
  const auto text = write_json(value{std::string{"a\xff\"\n"}});
  CHECK(read_json(text, {}));
}

TEST_CASE("a TCP stream is cut into messages wherever it breaks", "[ng]") {
  const std::vector<std::string> messages{"1 d7:command4:pinge",
                                          R"(2 {"command":"ping","a":"}\"{"})",
                                          "3 d4:listli1ei2ee3:sdp5:a b\nce"};
  std::string stream;
  for (const auto& each : messages)
    stream += each;
  for (const auto piece : {1, 2, 3, 7, 20, 1000})
    CHECK(cut(stream, static_cast<std::size_t>(piece)) == messages);
  CHECK(cut("1 d1:a1:be\r\n2 de\n", 4)
        == std::vector<std::string>{"1 d1:a1:be", "2 de"});
}

TEST_CASE("a TCP stream that is no NG is given up", "[ng]") {
  for (const std::string_view bad :
       {"GET / HTTP/1.1\r\n", "1 d1:x-", "1 d99999999:x"}) {
    stream_splitter splitter{limits{}};
    splitter.push(bad);
    CHECK_FALSE(splitter.next());
  }
  stream_splitter idle{limits{}};
  for (int count = 0; count < 1000; ++count) {
    idle.push("\r\n\r\n");
    const auto next = idle.next();
    CHECK((next && !*next));
    CHECK(idle.waiting() == 0);
  }
  stream_splitter endless{limits{}};
  endless.push(std::string(1000, 'c'));
  CHECK_FALSE(endless.next());
}
