#include "control/http/client.hpp"
#include "tests/support/catch.hpp"

namespace callfork::test {

TEST_CASE("only names and addresses that cannot be others' are this machine") {
  for (const auto* here : {"http://localhost", "http://127.0.0.1:8080/",
                           "https://127.9.9.9", "http://[::1]:8080/calls"})
    CHECK(http::is_this_machine(http::read_url(here).value().server));
  for (const auto* elsewhere :
       {"http://127.evil.example", "http://127.0.0.1.evil.example",
        "http://localhost.evil.example", "http://127.1", "http://10.0.0.1",
        "http://[::2]:8080"})
    CHECK(!http::is_this_machine(http::read_url(elsewhere).value().server));
}

} // namespace callfork::test
