#include "control/api/auth_token.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/control/api/signing.hpp"

using namespace callfork;
using callfork::test::signer;
using callfork::test::to_base64url;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

const signer& rsa() {
  static const signer made = signer::rsa(2048);
  return made;
}

const signer& curve() {
  static const signer made = signer::curve();
  return made;
}

const api::token_rules rules{"https://issuer.example", "callfork"};
constexpr std::int64_t now_seconds = 1'800'000'000;
const wall_time now{std::chrono::seconds{now_seconds}};

std::vector<api::public_key> keys_of(const json& list) {
  const auto read = api::read_key_set(json{{"keys", list}}.dump());
  return read ? *read : std::vector<api::public_key>{};
}

std::vector<api::public_key> our_keys() {
  return keys_of({rsa().public_half("r1"), curve().public_half("e1")});
}

json head(const signer& by) {
  return {{"alg", by.algorithm()},
          {"typ", "JWT"},
          {"kid", by.algorithm() == "RS256" ? "r1" : "e1"}};
}

json claims() {
  return {{"iss", "https://issuer.example"},
          {"aud", "callfork"},
          {"sub", "person-1"},
          {"email", "Anna@Example.com"},
          {"exp", now_seconds + 300},
          {"nbf", now_seconds - 300},
          {"iat", now_seconds - 300},
          {"callfork_role", "full-administrator"},
          {"callfork_organisation", "o1"}};
}

expected<api::caller, std::string> read(const std::string& token) {
  return api::read_token(token, rules, our_keys(), now);
}

/// Why a token with this head and these claims is refused; empty: it is not.
std::string why(const json& of_head, const json& of_claims) {
  const auto told = read(rsa().token(of_head, of_claims));
  return told ? "" : told.error();
}

json with(json from, const char* name, const json& value) {
  from[name] = value;
  return from;
}

json without(json from, const char* name) {
  from.erase(name);
  return from;
}

std::string hmac(const std::string& secret, const std::string& text) {
  std::array<unsigned char, 32> made{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       made.data(), &size);
  return {reinterpret_cast<const char*>(made.data()), size};
}

} // namespace

TEST_CASE("a token of either algorithm tells who asks") {
  const auto* by = GENERATE(&rsa(), &curve());
  const auto told = read(by->token(head(*by), claims()));
  INFO((told ? "" : told.error()));
  REQUIRE(told);
  CHECK(*told
        == api::caller{"person-1", "anna@example.com",
                       api::role::full_administrator, "o1", ""});
}

TEST_CASE("the audience may be one of several, and the person another name") {
  auto several = with(claims(), "aud", {"other", "callfork"});
  several["callfork_person"] = "p-7";
  several["callfork_role"] = "partner-administrator";
  several["callfork_partner"] = "p1";
  const auto told = read(rsa().token(head(rsa()), several));
  REQUIRE(told);
  CHECK(*told
        == api::caller{"p-7", "anna@example.com",
                       api::role::partner_administrator, "", "p1"});
}

TEST_CASE("times are taken with a minute of leeway") {
  const auto at = [](const char* name, std::int64_t seconds) {
    return why(head(rsa()), with(claims(), name, now_seconds + seconds));
  };
  CHECK(at("exp", -59).empty());
  CHECK(at("exp", -60) == "the token has expired");
  CHECK(at("nbf", 60).empty());
  CHECK(at("nbf", 61) == "the token is not valid yet");
  CHECK(at("iat", 61) == "the token is not valid yet");
  CHECK(why(head(rsa()), without(claims(), "exp"))
        == "the token does not say when it expires");
  for (const json& broken : {json("1800000300"), json(-1), json(1e300),
                             json(nullptr), json::array({now_seconds + 300})})
    CHECK_FALSE(why(head(rsa()), with(claims(), "exp", broken)).empty());
}

TEST_CASE("a token of another issuer or for another audience is refused") {
  CHECK(why(head(rsa()), with(claims(), "iss", "https://evil.example"))
        == "the token is of another issuer");
  CHECK_FALSE(why(head(rsa()), without(claims(), "iss")).empty());
  CHECK(why(head(rsa()), with(claims(), "aud", "other"))
        == "the token is for somebody else");
  CHECK_FALSE(why(head(rsa()), with(claims(), "aud", json::array())).empty());
  CHECK_FALSE(
    why(head(rsa()), with(claims(), "aud", {{"a", "callfork"}})).empty());
  CHECK_FALSE(why(head(rsa()), without(claims(), "aud")).empty());
  const auto good = rsa().token(head(rsa()), with(claims(), "aud", ""));
  CHECK_FALSE(
    api::read_token(good, {"https://issuer.example", ""}, our_keys(), now));
}

TEST_CASE("no algorithm but the key's own is taken") {
  const auto unsigned_one = to_base64url(R"({"alg":"none"})") + "."
                            + to_base64url(claims().dump()) + ".";
  CHECK_FALSE(read(unsigned_one));
  for (const auto* name : {"none", "None", "HS256", "HS512", "RS512", "PS256",
                           "ES384", "EdDSA", "rs256", "RS256 ", ""})
    CHECK(why(with(head(rsa()), "alg", name), claims())
          == "the token is not signed by RS256 or ES256");
  CHECK_FALSE(why(with(head(rsa()), "alg", {"RS256"}), claims()).empty());
  CHECK_FALSE(why(without(head(rsa()), "alg"), claims()).empty());
  // The public key as the secret of a symmetric algorithm.
  for (const auto* alg : {"HS256", "RS256"}) {
    const auto text = to_base64url(with(head(rsa()), "alg", alg).dump()) + "."
                      + to_base64url(claims().dump());
    CHECK_FALSE(read(text + "." + to_base64url(hmac(rsa().pem(), text))));
  }
  // One algorithm's signature under the other's name.
  CHECK_FALSE(why(with(head(rsa()), "alg", "ES256"), claims()).empty());
  CHECK_FALSE(
    why(with(with(head(rsa()), "alg", "ES256"), "kid", "e1"), claims())
      .empty());
}

TEST_CASE("only our own keys count, whatever a token brings or points to") {
  static const signer evil = signer::rsa(2048);
  auto bringing = head(rsa());
  bringing["jwk"] = evil.public_half("r1");
  bringing["jku"] = "https://evil.example/keys";
  bringing["x5u"] = "https://evil.example/certificate";
  CHECK(why(bringing, claims()).empty());
  const auto forged = read(evil.token(bringing, claims()));
  REQUIRE_FALSE(forged);
  CHECK(forged.error() == "the token's signature is wrong");
  for (const auto* id : {"../../dev/null", "r1' OR '1'='1", "e1", "R1", "r1\n"})
    CHECK_FALSE(read(evil.token(with(head(rsa()), "kid", id), claims())));
  CHECK(why(with(head(rsa()), "kid", "unknown"), claims()) == api::unknown_key);
  CHECK_FALSE(why(with(head(rsa()), "kid", 1), claims()).empty());
}

TEST_CASE("a token without a key's name is for the only key of its kind") {
  const auto nameless = rsa().token(without(head(rsa()), "kid"), claims());
  CHECK(read(nameless));
  static const signer second = signer::rsa(2048);
  const auto two = keys_of({rsa().public_half("r1"), second.public_half("r2")});
  CHECK_FALSE(api::read_token(nameless, rules, two, now));
  const auto twins
    = keys_of({rsa().public_half("r1"), second.public_half("r1")});
  CHECK_FALSE(
    api::read_token(rsa().token(head(rsa()), claims()), rules, twins, now));
}

TEST_CASE("a token of another kind is refused") {
  CHECK_FALSE(why(with(head(rsa()), "crit", {"exp"}), claims()).empty());
  CHECK_FALSE(why(with(head(rsa()), "b64", false), claims()).empty());
  CHECK_FALSE(why(with(head(rsa()), "typ", "logout+jwt"), claims()).empty());
  CHECK(why(with(head(rsa()), "typ", "at+JWT"), claims()).empty());
}

TEST_CASE("a token has to say who asks, as what and for whom") {
  CHECK_FALSE(why(head(rsa()), without(claims(), "sub")).empty());
  CHECK_FALSE(why(head(rsa()), without(claims(), "callfork_role")).empty());
  CHECK_FALSE(
    why(head(rsa()), with(claims(), "callfork_role", "root")).empty());
  CHECK_FALSE(
    why(head(rsa()), without(claims(), "callfork_organisation")).empty());
  CHECK_FALSE(why(head(rsa()), with(claims(), "sub", 5)).empty());
  CHECK_FALSE(why(head(rsa()), with(claims(), "sub", "a\nb")).empty());
  CHECK_FALSE(
    why(head(rsa()), with(claims(), "sub", std::string(300, 'a'))).empty());
  const auto partner = with(claims(), "callfork_role", "partner-administrator");
  CHECK_FALSE(why(head(rsa()), partner).empty());
}

TEST_CASE("a token changed anywhere is refused") {
  const auto* by = GENERATE(&rsa(), &curve());
  const auto good = by->token(head(*by), claims());
  REQUIRE(read(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(read(bad));
    if (at % 7 == 0)
      CHECK_FALSE(read(good.substr(0, at)));
  }
  for (const auto* more : {"=", ".", ".a", "\n", " ", "A"})
    CHECK_FALSE(read(good + more));
  CHECK_FALSE(read(""));
  CHECK_FALSE(read(".."));
  CHECK_FALSE(read(std::string(100'000, 'a')));
}

TEST_CASE("signatures that are no numbers of the curve are refused") {
  const auto text = to_base64url(head(curve()).dump()) + "."
                    + to_base64url(claims().dump());
  for (const auto& signature :
       {std::string(64, '\0'), std::string(64, '\xff'), std::string(63, '\1'),
        std::string(65, '\1'), std::string(),
        std::string(32, '\0') + std::string(32, '\1')})
    CHECK_FALSE(read(text + "." + to_base64url(signature)));
}

TEST_CASE("a token that says something twice is refused") {
  const auto text = to_base64url(head(rsa()).dump()) + "."
                    + to_base64url(
                      R"({"iss":"https://issuer.example","aud":"callfork",)"
                      R"("sub":"a","sub":"b","exp":1800000300,)"
                      R"("callfork_role":"user","callfork_organisation":"o"})");
  CHECK_FALSE(read(text + "." + to_base64url(rsa().sign(text))));
}

TEST_CASE("only sound keys for signatures are taken from a set") {
  static const signer small = signer::rsa(1024);
  CHECK(keys_of({small.public_half("s")}).empty());
  CHECK(keys_of({with(rsa().public_half("r"), "use", "enc")}).empty());
  CHECK(keys_of({with(rsa().public_half("r"), "alg", "RS512")}).empty());
  CHECK(keys_of({with(rsa().public_half("r"), "n", "")}).empty());
  CHECK(keys_of({with(curve().public_half("e"), "crv", "P-384")}).empty());
  CHECK(keys_of({with(curve().public_half("e"), "x",
                      to_base64url(std::string(32, '\1')))})
          .empty());
  CHECK(keys_of({json{{"kty", "oct"}, {"k", "c2VjcmV0"}}}).empty());
  CHECK(keys_of({json(5), json::array(), rsa().public_half("r")}).size() == 1);
  for (const auto* broken :
       {"", "{", "[]", "{}", R"({"keys":5})", R"({"keys":[]})"})
    CHECK_FALSE(api::read_key_set(broken));
  CHECK_FALSE(api::read_key_set(std::string(300 * 1024, ' ')));
}
