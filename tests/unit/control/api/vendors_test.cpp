#include "tests/unit/control/api/stage.hpp"

using namespace callfork;
using json = nlohmann::json;

namespace {

const std::string of_acme = "/v1/telephony/config/callRecording";
const std::string berlin
  = "/v1/telephony/config/locations/berlin/callRecording";
const std::string jobs = "/v1/telephony/config/jobs/callRecording";

} // namespace

TEST_CASE("choosing a vendor makes a job that can be followed",
          "[control][api]") {
  test::stage stage;
  REQUIRE(stage.put(of_acme + "/vendors/dubber/termsOfService",
                    {{"termsOfServiceEnabled", true}})
          == 204);
  REQUIRE(stage.put(of_acme + "/vendor", {{"vendorId", "dubber"}}) == 200);
  const std::string id = json::parse(stage.last.body)["jobId"];
  const auto job = stage.get(jobs + "/" + id);
  CHECK(job["vendorId"] == "dubber");
  CHECK(job["targetCustomerId"] == "acme");
  CHECK(job["trackingId"] == test::stage::header(stage.last, "trackingId"));
  CHECK(job["jobExecutionStatus"][0]["createdTime"]
        == "2026-06-01T00:00:00.000Z");
  CHECK(stage.get(jobs)["items"][0] == job);
  CHECK(stage.get(jobs + "/" + id + "/errors")["items"].empty());
  CHECK(stage.get(of_acme + "/vendors")["vendorName"] == "Dubber");
  CHECK(stage.put(of_acme + "/vendor", {{"vendorId", "callfork"}}) == 409);
}

TEST_CASE("no vendor for all needs to be understood", "[control][api]") {
  test::stage stage;
  CHECK(stage.put(of_acme + "/vendor", {{"vendorId", ""}}) == 409);
  CHECK(
    stage.put(of_acme + "/vendor", {{"vendorId", ""}, {"confirmDisable", true}})
    == 200);
  CHECK(stage.get(of_acme)["vendorName"] == "None");
}

TEST_CASE("a location follows its organisation or has its own vendor",
          "[control][api]") {
  test::stage stage;
  CHECK(stage.get(berlin + "/vendors")["orgDefaultEnabled"] == true);
  CHECK(stage.put(berlin + "/vendor", {{"id", "imagicle"}}) == 409);
  CHECK(stage.put(berlin + "/vendor", {{"id", "nobody"}}) == 404);
  CHECK(stage.put(berlin + "/vendor",
                  {{"failureBehavior", "END_CALL_WITH_ANNOUNCEMENT"}})
        == 204);
  const auto is = stage.get(berlin + "/vendors");
  CHECK(is["orgFailureBehaviorEnabled"] == false);
  CHECK(is["failureBehavior"] == "END_CALL_WITH_ANNOUNCEMENT");
  CHECK(is["orgFailureBehavior"] == "PROCEED_WITH_CALL_NO_ANNOUNCEMENT");
  CHECK(stage.put(berlin + "/vendor", {{"id", ""}}) == 204);
  CHECK(stage.get(berlin + "/vendors")["defaultVendorName"] == "None");
}

TEST_CASE("vendors that do not serve the region are not offered",
          "[control][api]") {
  test::stage stage;
  const auto names = [&] {
    std::vector<std::string> made;
    const auto all = stage.get(of_acme + "/vendors");
    for (const auto& one : all["vendors"])
      made.push_back(one["id"]);
    return made;
  };
  CHECK(names().size() == 4);
  stage.who = test::stage::partner();
  REQUIRE(stage.put("/callfork/v1/organizations/acme",
                    {{"name", "Acme"}, {"region", "JP"}})
          == 200);
  stage.who = test::stage::administrator("acme");
  CHECK(names() == std::vector<std::string>{"callfork", "dubber"});
}

TEST_CASE("users of a vendor come in pages with a link to the next",
          "[control][api]") {
  test::stage stage;
  REQUIRE(
    stage.put("/v1/people/bob/features/callRecording", {{"enabled", true}})
    == 204);
  const auto first = stage.ask("GET", of_acme + "/vendorUsers?max=1");
  CHECK(json::parse(first.body)["members"][0]["id"] == "alice");
  CHECK(test::stage::header(first, "Link")
        == "<http://node" + of_acme
             + "/vendorUsers?max=1&start=1>; rel=\"next\"");
  const auto second = stage.ask("GET", of_acme + "/vendorUsers?max=1&start=1");
  CHECK(json::parse(second.body)["members"][0]["id"] == "bob");
  CHECK(test::stage::header(second, "Link").empty());
  for (const auto* bad :
       {"max=0", "max=1001", "max=x", "start=-1", "max=", "standardUserOnly=1"})
    CHECK(stage.ask("GET", of_acme + "/vendorUsers?" + bad).status == 400);
}
