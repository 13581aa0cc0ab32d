#include "tests/unit/control/dialog/fixture.hpp"

using namespace callfork;
using namespace callfork::test;
using ng::command;

namespace {

/// An m-line of a recording client; port 0 removes it.
std::string line(int port, const std::string& kind = "audio") {
  return "m=" + kind + " " + std::to_string(port)
         + (kind == "audio" ? " RTP/AVP 0\r\n" : " RTP/AVP 96\r\n")
         + "a=sendonly\r\na=label:" + std::to_string(port) + "\r\n";
}

/// A recording client's session.
struct recording {
  conversation with;

  std::string offer(const std::string& lines) {
    auto what = conversation::make(command::record_session);
    what.sdp = "v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\n"
               "c=IN IP4 198.51.100.1\r\nt=0 0\r\n"
               + lines;
    return text_of(with.must(what), "sdp");
  }

  /// The remote ports of who is recorded as caller and callee; 0 for nobody.
  [[nodiscard]] std::pair<int, int> recorded() const {
    const auto streams = with.call.recorded();
    const auto plan = with.call.plan();
    const auto port = [&plan](const std::optional<engine::leg_id>& leg) {
      for (const auto& each : plan.legs)
        if (leg == each.id)
          return int{each.remote_rtp->port()};
      return 0;
    };
    return {port(streams.caller), port(streams.callee)};
  }
};

using both = std::pair<int, int>;

std::size_t refused_in(const std::string& sdp) {
  std::size_t count = 0;
  for (auto at = sdp.find(" 0 RTP/"); at != std::string::npos;
       at = sdp.find(" 0 RTP/", at + 1))
    ++count;
  return count;
}

} // namespace

TEST_CASE("the first two m-lines that can be taken are recorded", "[dialog]") {
  recording session;
  const auto answer
    = session.offer(line(5000, "video") + line(4000) + line(4002) + line(4004));
  CHECK(session.recorded() == both{4000, 4002});
  CHECK(refused_in(answer) == 2);
  CHECK(session.with.call.plan().legs.size() == 2);
  const auto lines = session.with.call.lines();
  CHECK(lines.caller == 1);
  CHECK(lines.callee == 2);
}

TEST_CASE("who is recorded stays so until the m-line is removed", "[dialog]") {
  recording session;
  session.offer(line(4000) + line(4002) + line(4004));
  CHECK(session.recorded() == both{4000, 4002});
  session.offer(line(0) + line(4002) + line(4004));
  CHECK(session.recorded() == both{4004, 4002});
  session.offer(line(4000) + line(4002) + line(4004));
  CHECK(session.recorded() == both{4004, 4002});
  session.offer(line(0) + line(4002) + line(0));
  CHECK(session.recorded() == both{0, 4002});
  CHECK(session.with.world.held() == 1);
}

TEST_CASE("one m-line is the caller, and a second one joins", "[dialog]") {
  recording session;
  session.offer(line(4000));
  CHECK(session.with.call.answered());
  CHECK(session.recorded() == both{4000, 0});
  CHECK_FALSE(session.with.call.lines().callee);
  session.offer(line(4000) + line(4002));
  CHECK(session.recorded() == both{4000, 4002});
}

TEST_CASE("metadata alone change nothing of the media", "[dialog]") {
  recording session;
  session.offer(line(4000) + line(4002));
  const auto before = session.with.call.plan();
  const auto reply
    = session.with.must(conversation::make(command::record_session));
  CHECK(reply.find("sdp") == nullptr);
  CHECK(session.with.call.plan().legs.size() == before.legs.size());
  conversation fresh;
  CHECK_FALSE(fresh.call.handle(conversation::make(command::record_session),
                                fresh.world, fresh.now));
}
