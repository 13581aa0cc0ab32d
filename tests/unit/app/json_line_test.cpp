#include "app/log/json_line.hpp"
#include "tests/support/catch.hpp"

using namespace callfork;
using namespace std::chrono_literals;

namespace {

std::string json_of(std::string_view text) {
  return log::to_json({wall_time{} + 1'700'000'000s + 42us, "info", text});
}

std::string with(const std::string& members) {
  return R"({"ts":"2023-11-14T22:13:20.000042Z","level":"info",)" + members
         + "}";
}

} // namespace

TEST_CASE("a log line becomes one JSON object with a member for each key") {
  CHECK(json_of("call ended call_id=a@b reason=timeout")
        == with(R"("msg":"call ended","call_id":"a@b","reason":"timeout")"));
  CHECK(
    json_of(R"(sink down reason="No space \"left\"" path=/x)")
    == with(R"("msg":"sink down","reason":"No space \"left\"","path":"/x")"));
  CHECK(json_of("a=b=c") == with(R"("msg":"","a":"b=c")"));
}

TEST_CASE("text that only looks like a key stays text") {
  CHECK(json_of("what? =x A=1 a") == with(R"("msg":"what? =x A=1 a")"));
  CHECK(json_of("") == with(R"("msg":"")"));
  CHECK(json_of("open=\"quote") == with(R"("msg":"","open":"\"quote")"));
}

TEST_CASE("a log line can neither forge a member nor break the line") {
  CHECK(json_of("a level=fatal ts=1 msg=x") == with(R"("msg":"a")"));
  CHECK(json_of("call_id=\"a\nb\" x=\xff")
        == with("\"msg\":\"\",\"call_id\":\"a\\nb\",\"x\":\"\xef\xbf\xbd\""));
}
