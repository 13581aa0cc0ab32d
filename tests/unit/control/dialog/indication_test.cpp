#include "tests/unit/control/dialog/fixture.hpp"

/// Who is told of recording, and in which lines (RFC 7866 7.1.2).

using namespace callfork;
using namespace callfork::test;

namespace {

/// A call of which the world says that it is recorded.
struct recorded : conversation {
  recorded() {
    world.record = sdp::record_state::on;
  }

  std::string sdp(const ng::request& what) {
    return text_of(must(what), "sdp");
  }
};

int count(const std::string& in, std::string_view what) {
  auto found = 0;
  for (auto at = in.find(what); at != std::string::npos;
       at = in.find(what, at + 1))
    ++found;
  return found;
}

const std::string wish = "a=recordpref:off\r\n";

} // namespace

TEST_CASE("only who understands it is told of recording", "[dialog]") {
  recorded with;
  SECTION("nobody does") {
    CHECK(count(with.sdp(with.offer()), "a=record") == 0);
    CHECK(count(with.sdp(with.answer()), "a=record") == 0);
    CHECK_FALSE(with.call.has_record_aware());
  }
  SECTION("the caller, who has a wish") {
    const auto offered
      = with.sdp(with.offer(sdp_of("198.51.100.1", 49170, wish)));
    CHECK(count(offered, "a=record:") == 0);
    CHECK(count(with.sdp(with.answer()), "a=record:on\r\n") == 1);
    CHECK(with.call.has_record_aware());
  }
  SECTION("the callee, as signalling says, from then on") {
    with.must(with.offer());
    auto answer = with.answer();
    answer.metadata = {{"record-aware", "yes"}};
    CHECK(count(with.sdp(answer), "a=record:") == 0);
    with.world.record = sdp::record_state::paused;
    CHECK(count(with.sdp(with.offer()), "a=record:paused\r\n") == 1);
    CHECK(count(with.sdp(with.answer()), "a=record:") == 0);
  }
  SECTION("whoever gets a description with the flag") {
    auto offer = with.offer();
    offer.flags.add("recording-indication");
    CHECK(count(with.sdp(offer), "a=record:on\r\n") == 1);
    CHECK(count(with.sdp(with.answer()), "a=record:") == 0);
  }
}

TEST_CASE("it stands in each audio section, and nowhere else", "[dialog]") {
  recorded with;
  auto offer
    = with.offer(sdp_of("198.51.100.1", 49170,
                        "m=video 49180 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
                        "m=image 49190 udptl t38\r\nm=audio 49200 RTP/AVP 0\r\n"
                        "m=audio 0 RTP/AVP 0\r\n"));
  offer.flags.add("recording-indication");
  const auto told = with.sdp(offer);
  CHECK(count(told, "a=record:on\r\n") == 2);
  CHECK(told.find("a=record") > told.find("m=audio"));
  CHECK(count(told.substr(told.find("m=video"),
                          told.rfind("m=audio", told.rfind("m=audio") - 1)
                            - told.find("m=video")),
              "a=record")
        == 0);
}

TEST_CASE("what a party says of recording is not passed on", "[dialog]") {
  recorded with;
  auto lying = sdp_of("198.51.100.1", 49170, "a=record:off\r\na=odd:thing\r\n");
  lying.insert(lying.find("m=audio"), "a=record:paused\r\n");
  const auto told = with.sdp(with.offer(lying));
  CHECK(count(told, "a=record") == 0);
  CHECK(count(told, "a=odd:thing") == 1);
}
