#include "control/sip/certificate_names.hpp"
#include "tests/support/catch.hpp"

using namespace callfork::sip;

namespace {

certificate_names with_alternatives() {
  certificate_names made;
  made.has_alternatives = true;
  made.common = "common.example";
  return made;
}

} // namespace

TEST_CASE("a certificate speaks for its own hosts alone", "[sip]") {
  auto names = with_alternatives();
  names.hosts = {"rec.example", "*.wild.example"};
  CHECK(names.speak_for("rec.example"));
  CHECK(names.speak_for("REC.Example."));
  CHECK_FALSE(names.speak_for("one.rec.example"));
  CHECK_FALSE(names.speak_for("any.wild.example")); // RFC 5922 7.2
  CHECK_FALSE(names.speak_for("common.example"));
  CHECK_FALSE(names.speak_for(""));
}

TEST_CASE("a SIP URI in a certificate names its domain", "[sip]") {
  auto names = with_alternatives();
  names.uris = {"sip:rec.example", "sips:secure.example",
                "sip:user@person.example", "https://web.example",
                "SIP:other.example;transport=tls"};
  CHECK(names.speak_for("rec.example"));
  CHECK(names.speak_for("other.example"));
  CHECK_FALSE(names.speak_for("secure.example"));
  CHECK_FALSE(names.speak_for("person.example"));
  CHECK_FALSE(names.speak_for("web.example"));
}

TEST_CASE("an address is compared with addresses", "[sip]") {
  auto names = with_alternatives();
  names.addresses = {"192.0.2.7", "2001:db8::7"};
  names.hosts = {"192.0.2.8"};
  CHECK(names.speak_for("192.0.2.7"));
  CHECK(names.speak_for("[2001:0db8:0::7]"));
  CHECK_FALSE(names.speak_for("192.0.2.8"));
}

TEST_CASE("the common name counts where there is nothing else", "[sip]") {
  certificate_names names;
  names.common = "common.example";
  CHECK(names.speak_for("common.example"));
  CHECK_FALSE(names.speak_for("other.example"));
  names.has_alternatives = true;
  CHECK_FALSE(names.speak_for("common.example"));
}
