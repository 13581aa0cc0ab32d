#include "control/ng/bencode.hpp"
#include "control/ng/json.hpp"
#include "control/ng/node_reply.hpp"
#include "control/ng/request.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace callfork::ng;
using namespace std::chrono_literals;

namespace {

request from_json(std::string_view text) {
  auto tree = read_json(text, {});
  REQUIRE(tree);
  auto read = read_request(*tree->entries());
  REQUIRE(read);
  return *read;
}

} // namespace

TEST_CASE("every command has its name", "[ng]") {
  for (std::size_t i = 0; i < command_count; ++i) {
    const auto what = static_cast<command>(i);
    CHECK(parse_command(to_string(what)) == what);
  }
  CHECK_FALSE(parse_command("Ping"));
}

TEST_CASE("what Kamailio sends for an offer is understood", "[ng]") {
  const std::string text
    = "d8:supportsl10:load limite3:sdp5:v=0\r\n7:replacel6:origin18:session-"
      "connectione18:transport-protocol8:RTP/SAVP4:DTLS3:off7:call-id11:"
      "cap1@a.com.13:received-froml3:IP49:127.0.0.1e8:from-tag3:ft17:"
      "command5:offere";
  const auto tree = read_bencode(text, {});
  REQUIRE(tree);
  const auto read = read_request(*tree->what.entries());
  REQUIRE(read);
  CHECK(read->command == command::offer);
  CHECK(read->sdp == "v=0\r\n");
  CHECK(read->supports.has("load-limit"));
  CHECK(read->replace.has("origin"));
  CHECK(read->transport_protocol == "RTP/SAVP");
  CHECK(read->dtls == dtls_wish::off);
  CHECK(read->received_from == std::vector<std::string>{"IP4", "127.0.0.1"});
  CHECK(read->from_tag == "ft1");
  CHECK(read->to_tag.empty());
}

TEST_CASE("spaces and hyphens mean the same", "[ng]") {
  const auto read = from_json(R"({"command":"offer","call-id":"x",
    "from tag":"a","record call":"on","address family":"IP6",
    "delete delay":"7","flags":["trust address","SDES no NULL"]})");
  CHECK(read.from_tag == "a");
  CHECK(read.record_call == true);
  CHECK(read.address_family == family::ipv6);
  CHECK(read.delete_delay == 7s);
  CHECK(read.flags.has("trust-address"));
  CHECK(read.sdes.has("no-NULL"));
}

TEST_CASE("a subscription may name its interface", "[ng]") {
  using names = std::vector<std::string>;
  CHECK(from_json(R"({"command":"subscribe request","interface":"outside"})")
          .direction
        == names{"outside"});
  CHECK(from_json(R"({"command":"offer","direction":["one","two"],
                      "interface":"three"})")
          .direction
        == names{"one", "two"});
}

TEST_CASE("metadata is a list of keys and values", "[ng]") {
  const auto read = from_json(
    R"({"command":"start recording","metadata":"org:acme|user:sip:7@x||bad|k:"})");
  REQUIRE(read.metadata.size() == 3);
  CHECK(read.metadata[0] == std::pair<std::string, std::string>{"org", "acme"});
  CHECK(read.metadata[1].second == "sip:7@x");
  CHECK(read.metadata[2].second.empty());
}

TEST_CASE("codecs may be named in lists and in flags", "[ng]") {
  const auto read = from_json(R"({"command":"offer",
    "codec":{"strip":["PCMA"],"mask":"G722"},
    "flags":["codec-except-opus","codec-offer-PCMU","transcode-PCMA"]})");
  CHECK(read.codec.strip == std::vector<std::string>{"PCMA"});
  CHECK(read.codec.mask == std::vector<std::string>{"G722"});
  CHECK(read.codec.except == std::vector<std::string>{"opus"});
  CHECK(read.codec.offer == std::vector<std::string>{"PCMU"});
  CHECK(read.codec.transcode == std::vector<std::string>{"PCMA"});
}

TEST_CASE("unknown keys are our extension channel", "[ng]") {
  const auto read = from_json(
    R"({"command":"offer","recording-policy":"always","x":{"y":1},"n":5})");
  CHECK(read.extra("recording-policy") == "always");
  CHECK(read.extra("n") == "5");
  CHECK(read.extra("x").empty());
}

TEST_CASE("a full node sends on whoever understands it", "[ng]") {
  const auto plain = no_room_reply(from_json(R"({"command":"offer"})"));
  CHECK(plain.find("result")->string()->compare("error") == 0);
  CHECK(plain.find("error-reason") != nullptr);
  const auto told = no_room_reply(
    from_json(R"({"command":"offer","supports":["load limit"]})"));
  CHECK(told.find("result")->string()->compare("load limit") == 0);
  CHECK(told.find("message") != nullptr);
}

TEST_CASE("values of the wrong kind do no harm", "[ng]") {
  const auto read = from_json(R"({"command":"play media","call-id":5,
    "flags":{"a":1},"codec":"x","direction":7,"TOS":99999999999,
    "repeat-times":"many","start-pos":9223372036854775807,"delete-delay":-3})");
  CHECK(read.call_id == "5");
  CHECK(read.flags.empty());
  CHECK(read.play.repeat_times == 1);
  CHECK(read.play.start_pos <= 2147483648ms);
  CHECK_FALSE(read.delete_delay);
}

TEST_CASE("a dictionary without a known command is refused", "[ng]") {
  CHECK(read_request(dictionary{}).error()
        == "Dictionary contains no key \"command\"");
  dictionary unknown;
  unknown.set("command", "explode");
  CHECK(read_request(unknown).error() == "Unrecognized command");
}
