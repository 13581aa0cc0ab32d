#include "control/siprec/client_picture.hpp"
#include "control/siprec/client_words.hpp"
#include "control/siprec/organisations.hpp"
#include "control/siprec/session_groups.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace std::chrono_literals;
namespace md = bus::metadata;

namespace {

uuid id(int number) {
  uuid made;
  made.bytes[15] = static_cast<std::byte>(number);
  return made;
}

/// Alice (10) sends stream 20, Bob (11) stream 21.
siprec::peer_metadata two_people() {
  siprec::peer_metadata made;
  auto& all = made.document;
  all.sessions.push_back({id(1), id(2), {}, {}, {}, {}});
  all.participants = {{id(10), {{"sip:alice@a", "Alice"}}},
                      {id(11), {{"sip:bob@a", ""}}}};
  all.streams = {{id(20), id(1), "1"}, {id(21), id(1), "2"}};
  all.participant_sessions = {{id(10), id(1), {}}, {id(11), id(1), {}}};
  all.participant_streams = {{id(10), {id(20)}, {id(21)}, {}},
                             {id(11), {id(21)}, {id(20)}, {}}};
  return made;
}

siprec::peer_metadata partial() {
  siprec::peer_metadata made;
  made.document.mode = md::completeness::partial;
  return made;
}

siprec::client_offer offer_of(std::vector<std::string> labels) {
  siprec::client_offer made;
  for (auto& label : labels)
    made.streams.emplace_back().label = std::move(label);
  return made;
}

std::vector<std::string> addresses(const siprec::client_picture& of) {
  std::vector<std::string> made;
  for (const auto& each : of.speakers())
    made.push_back(each.aor);
  return made;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("partial metadata change the picture, complete ones replace it",
          "[siprec]") {
  siprec::client_picture picture;
  CHECK_FALSE(picture.is_known());
  REQUIRE(picture.take(two_people()));
  picture.place(offer_of({"1", "2"}));
  CHECK(addresses(picture) == names{"sip:alice@a", "sip:bob@a"});
  CHECK(picture.speakers()[1].line == 1);
  CHECK(picture.group() == id(2));

  auto transfer = partial();
  transfer.document.participants = {{id(12), {{"sip:carol@a", ""}}}};
  transfer.document.participant_sessions
    = {{id(11), id(1), {{}, wall_time{5s}}}, {id(12), id(1), {}}};
  transfer.document.participant_streams = {{id(12), {id(21)}, {}, {}}};
  CHECK(picture.take(transfer));
  CHECK(addresses(picture) == names{"sip:alice@a", "sip:carol@a"});
  CHECK(picture.speakers()[1].line == 1);

  auto back = partial();
  back.document.participant_sessions = {{id(11), id(1), {wall_time{9s}, {}}},
                                        {id(10), id(1), {{}, wall_time{}}}};
  CHECK(picture.take(back));
  CHECK(addresses(picture) == names{"sip:bob@a", "sip:carol@a"});

  auto alone = two_people();
  alone.document.participants.pop_back();
  alone.document.participant_sessions.pop_back();
  alone.document.participant_streams.pop_back();
  CHECK(picture.take(alone));
  CHECK(addresses(picture) == names{"sip:alice@a"});
  CHECK(picture.speakers()[0].line == 0);
}

TEST_CASE("metadata that refer to what was never told want a snapshot",
          "[siprec]") {
  siprec::client_picture early;
  CHECK_FALSE(early.take(partial()));
  siprec::client_picture picture;
  REQUIRE(picture.take(two_people()));
  auto odd = partial();
  odd.document.participant_streams = {{id(99), {id(20)}, {}, {}}};
  CHECK_FALSE(picture.take(odd));
  CHECK(addresses(picture).size() == 2);
}

TEST_CASE("nobody is heard when all were said to send nothing", "[siprec]") {
  siprec::client_picture picture;
  auto first = two_people();
  first.document.participant_streams.clear();
  REQUIRE(picture.take(first));
  CHECK_FALSE(picture.is_silenced()); // The client does not tell.
  REQUIRE(picture.take(two_people()));
  auto hold = partial();
  hold.document.participant_streams = {{id(10), {}, {id(21)}, {}}};
  REQUIRE(picture.take(hold));
  CHECK_FALSE(picture.is_silenced());
  auto mute = partial();
  mute.document.participant_streams = {{id(11), {}, {}, {}}};
  REQUIRE(picture.take(mute));
  CHECK(picture.is_silenced());
  REQUIRE(picture.take(two_people()));
  CHECK_FALSE(picture.is_silenced());
}

TEST_CASE("a picture is bounded, whatever a client tells", "[siprec]") {
  siprec::client_picture picture;
  REQUIRE(picture.take(two_people()));
  for (int round = 0; round < 100; ++round) {
    auto more = partial();
    for (int each = 0; each < 60; ++each) {
      const auto who = named_uuid(id(round), std::to_string(each));
      more.document.participants.push_back({who, {{"sip:x@a", ""}}});
      more.document.participant_sessions.push_back(
        {who, id(1), {{}, wall_time{1s}}});
    }
    static_cast<void>(picture.take(more));
  }
  CHECK(picture.document().participants.size() <= 64);
  CHECK(picture.document().participant_sessions.size() <= 64);
  auto late = partial();
  late.document.participants = {{id(77), {{"sip:late@a", ""}}}};
  late.document.participant_sessions = {{id(77), id(1), {}}};
  CHECK(picture.take(late));
  CHECK(addresses(picture).back() == "sip:late@a");
}

TEST_CASE("sessions with a key in common are of one group", "[siprec]") {
  siprec::session_groups groups{4, 10min};
  const time_point now{};
  CHECK(groups.join({"a", "b"}, id(1), now) == id(1));
  CHECK(groups.join({"b", "c"}, id(2), now) == id(1));
  CHECK(groups.join({"c"}, id(3), now) == id(1));
  CHECK(groups.join({"d"}, id(4), now) == id(4));
  // Full: what is not known gets a group of its own and is not kept.
  CHECK(groups.join({"e"}, id(5), now) == id(5));
  CHECK(groups.size() == 4);
  groups.leave({"d"}, now);
  CHECK(groups.join({"d"}, id(6), now + 9min) == id(4));
  groups.leave({"d"}, now + 9min);
  CHECK(groups.join({"d"}, id(7), now + 20min) == id(7));
}

TEST_CASE("what sessions have in common is read from all its places",
          "[siprec]") {
  siprec::client_picture picture;
  auto told = two_people();
  told.platform.tracking_id = "7:1";
  told.platform.service_provider = "acme";
  told.document.sessions[0].sip_session_ids = {
    "AB30317f1a784dc48ff824d0d3715d86; remote="
    "47755a9de7794ba387653f2099600ef2"};
  REQUIRE(picture.take(told));
  const auto keys = correlation_keys(picture,
                                     "47755a9de7794ba387653f2099600ef2;"
                                     "remote=00000000000000000000000000000000");
  CHECK(keys
        == names{"group " + to_string(id(2)), "tracking acme\n\n7:1",
                 "session 47755a9de7794ba387653f2099600ef2",
                 "session ab30317f1a784dc48ff824d0d3715d86"});
}

TEST_CASE("certificates lead to organisations, exactly or by domain",
          "[siprec]") {
  const auto read = siprec::organisations::read(
    {"*.example.com=wide", "SBC1.example.com=narrow", "203.0.113.1=bare"});
  REQUIRE(read);
  CHECK(read->of({"sbc1.EXAMPLE.com"}) == "narrow");
  CHECK(read->of({"sbc2.example.com", "sbc1.example.com"}) == "narrow");
  CHECK(read->of({"sbc2.example.com"}) == "wide");
  CHECK(read->of({"*.example.com"}) == "wide");
  CHECK(read->of({"203.0.113.1"}) == "bare");
  CHECK(read->of({"a.b.example.com"}).empty());
  CHECK(read->of({"example.com"}).empty());
  CHECK(read->of({".example.com"}).empty());
  CHECK(read->of({}).empty());
  for (const auto* wrong : {"sbc1", "=acme", "sbc1=", "*.=acme", "*=acme",
                            "a.*.b=acme", ".example.com=acme"})
    CHECK_FALSE(siprec::organisations::read({wrong}));
}

TEST_CASE("an unknown part is refused only if it must be known", "[siprec]") {
  const auto with = [](siprec::body_part third) {
    return siprec::read_client_words(
      siprec::write_body(
        {{"application/sdp", "", false, "v=0\r\n"}, std::move(third)},
        "unique"),
      uuid{});
  };
  CHECK(with({"application/gtd", "signal", true, "IAM"}));
  CHECK(with({"application/x-ornament", "", false, "?"}));
  const auto refused = with({"application/gtd", "signal", false, "IAM"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 415);
  const auto alone = siprec::read_client_words({"text/plain", "?"}, uuid{});
  REQUIRE_FALSE(alone);
  CHECK(alone.error().status == 415);
  CHECK(siprec::read_client_words({}, uuid{}));
}
