// Serves the administration API over a book, calls and recordings in memory:
// the smallest program that can be held to docs/openapi.yaml.
//
//   api_answerer
//
// Tokens: "full" (a full administrator of "acme") and "partner" (of its
// partner). Says "listening ADDRESS:PORT" on a free port of 127.0.0.1, and ends
// with its standard input.

#include "control/api/routes.hpp"
#include "control/http/server.hpp"
#include "tests/support/example_book.hpp"
#include "tests/support/pretended_calls.hpp"
#include "tests/support/pretended_vault.hpp"

#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

namespace {

using namespace callfork;

/// Who has this token.
std::optional<api::caller> caller_with(std::string_view token) {
  if (token == "Bearer full")
    return api::caller{
      "alice", "alice@acme.example", api::role::full_administrator, "acme", {}};
  if (token == "Bearer partner")
    return api::caller{"penny",
                       "penny@reseller.example",
                       api::role::partner_administrator,
                       {},
                       "reseller"};
  return {};
}

std::optional<http::response> admit(http::request& asked) {
  const auto who = caller_with(asked.header("authorization"));
  if (!who)
    return api::shaped(asked, {401, "this needs a token", {}, {}});
  asked.known = *who;
  return {};
}

api::services services() {
  auto book = std::make_shared<admin::memory_registry>();
  test::fill(*book);
  auto calls = std::make_shared<test::pretended_calls>();
  api::live_call call;
  call.id = "c1";
  call.session_id = "s1";
  call.organisation = "acme";
  call.person = "alice";
  call.remote_address = "sip:bob@sip.example";
  call.created = wall_clock::now();
  call.mode = recording::mode::on_demand;
  calls->add(call);
  auto vault = std::make_shared<test::pretended_vault>();
  for (const auto* id : {"r1", "r2", "r3"})
    vault->add(test::example_recording(id, "alice", wall_clock::now()));
  return {
    book,
    calls,
    vault,
    std::make_shared<api::download_links>(api::download_links::random_secret()),
    nullptr,
    [] {
      return api::sinks_health{"node-1",
                               "local",
                               {{"vault", 1, 0, std::chrono::milliseconds{20}}},
                               {{"sip:recorder@127.0.0.1", true}}};
    }};
}

/// Carries on jobs until nobody wants it to any more.
void run_jobs(admin::registry& book, const std::atomic<bool>& stops) {
  constexpr std::size_t part = 100;
  while (!stops) {
    auto next = book.read([](const admin::book& is) {
      std::vector<admin::change> made;
      for (const auto* job : is.open_jobs())
        if (auto work = admin::continue_job(is, job->id, part,
                                            wall_clock::now());
            work && made.empty())
          made = *std::move(work);
      return made;
    });
    (void)book.write(std::move(next));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

} // namespace

int main() {
  const auto with = services();
  std::atomic<bool> stops{false};
  http::server_settings settings;
  settings.listen = *endpoint::parse("127.0.0.1", 0);
  settings.slow_threads = 2;
  settings.refusal = api::shaped;
  const auto served
    = http::server::start(settings, api::routes(with, {admit, {}, "http", {}}));
  if (!served) {
    std::cerr << served.error() << '\n';
    return 1;
  }
  std::thread jobs{[&] {
    run_jobs(*with.book, stops);
  }};
  std::cout << "listening " << to_string((*served)->local()) << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  stops = true;
  jobs.join();
  return 0;
}
