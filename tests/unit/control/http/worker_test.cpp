#include "control/http/client.hpp"
#include "control/http/server.hpp"
#include "control/http/worker.hpp"
#include "tests/support/catch.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

using namespace callfork;
using namespace std::chrono_literals;

namespace {

/// A disk that answers when the test lets it. What waits for it may outlive
/// the test, so it is shared.
class slow_disk {
public:
  void read() {
    std::unique_lock lock{mutex_};
    ++reading_;
    changed_.notify_all();
    changed_.wait(lock, [this] {
      return well_;
    });
  }

  void wait_for_reader() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] {
      return reading_ > 0;
    });
  }

  void recover() {
    const std::lock_guard guard{mutex_};
    well_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int reading_ = 0;
  bool well_ = false;
};

using disk_ptr = std::shared_ptr<slow_disk>;

/// With four connections, and so room for one that waits.
std::unique_ptr<http::server> server_with(const disk_ptr& disk) {
  auto server = http::server::start(
    {.listen = *endpoint::parse("127.0.0.1", 0), .connections = 4},
    {{"/quick",
      [](const http::request&) {
        return http::response{200, "quick\n"};
      }},
     {"/slow",
      [disk](const http::request&) {
        disk->read();
        return http::response{200, "slow\n"};
      },
      http::pace::slow}});
  REQUIRE(server);
  return std::move(*server);
}

std::future<expected<http::response, std::string>>
ask(const http::server& server, const std::string& target) {
  return std::async(std::launch::async, [at = server.local(), target] {
    return http::get(at, target, 5s);
  });
}

} // namespace

TEST_CASE("a slow disk keeps nobody else waiting") {
  const auto disk = std::make_shared<slow_disk>();
  const auto server = server_with(disk);
  auto slow = ask(*server, "/slow");
  disk->wait_for_reader();
  for (int count = 0; count < 3; ++count)
    CHECK(ask(*server, "/quick").get()->body == "quick\n");
  CHECK(slow.wait_for(0s) == std::future_status::timeout);
  disk->recover();
  CHECK(slow.get()->body == "slow\n");
  CHECK(ask(*server, "/slow").get()->body == "slow\n");
}

TEST_CASE("only so many wait for a slow disk, the others are told at once") {
  const auto disk = std::make_shared<slow_disk>();
  const auto server = server_with(disk);
  auto first = ask(*server, "/slow");
  disk->wait_for_reader();
  auto second = ask(*server, "/slow");
  auto third = ask(*server, "/slow");
  const auto refused = [](auto& one) {
    return one.wait_for(10ms) == std::future_status::ready;
  };
  while (!refused(second) && !refused(third))
    continue;
  auto& told = refused(second) ? second : third;
  auto& waits = &told == &second ? third : second;
  CHECK(told.get()->status == 503);
  disk->recover();
  CHECK(first.get()->status == 200);
  CHECK(waits.get()->status == 200);
}

TEST_CASE("a server ends although a disk is stuck") {
  const auto disk = std::make_shared<slow_disk>();
  auto server = server_with(disk);
  auto slow = ask(*server, "/slow");
  disk->wait_for_reader();
  const auto began = clock::now();
  server.reset();
  CHECK(clock::now() - began < 4s);
  CHECK_FALSE(slow.get());
  disk->recover();
}
