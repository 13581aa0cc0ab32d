#include "control/sip/digest.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;

namespace {

/// The request of RFC 7616 3.9.1.
std::string answered(const std::string& algorithm, const std::string& qop) {
  return sip::answer(
    {"http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
     "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm, qop},
    {"GET", "/dir/index.html", {}}, {"Mufasa", "Circle of Life"},
    {"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1});
}

} // namespace

TEST_CASE("digests are those of the RFC", "[sip]") {
  const auto strong = answered("SHA-256", "auth, auth-int");
  CHECK(strong.find("response=\"753927fa0e85d155564e2e272a28d1802ca10daf449679"
                    "4697cf8db5856cb6c1\"")
        != std::string::npos);
  CHECK(strong.find("algorithm=SHA-256, ") != std::string::npos);
  CHECK(strong.find("qop=auth, nc=00000001, ") != std::string::npos);
  const auto weak = answered("MD5", "auth-int,auth");
  CHECK(weak.find("response=\"8ca523f5e9506fed4657c9700eebdbec\"")
        != std::string::npos);
}

TEST_CASE("a digest without qop has neither count nor nonce of ours", "[sip]") {
  // The example of RFC 2617 3.5 without its qop, as RFC 2069 has it.
  const auto made = sip::answer(
    {"testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "", ""},
    {"GET", "/dir/index.html", {}}, {"Mufasa", "Circle Of Life"}, {"x", 1});
  CHECK(made.find("response=\"670fd8c2df070c60b045671b8b24ff02\"")
        != std::string::npos);
  CHECK(made.find("nc=") == std::string::npos);
}

TEST_CASE("digests that we do not know are not answered", "[sip]") {
  CHECK(answered("SHA-512-256", "auth").empty());
  CHECK(answered("M", "auth").empty());
  CHECK(answered("SHA-256", "auth-conf").empty());
  CHECK_FALSE(answered("sha-256-SESS", "auth").empty());
}
