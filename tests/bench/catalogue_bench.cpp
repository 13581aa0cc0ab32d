/// Measures how long the catalogue's index takes to answer.
///
/// usage: catalogue_bench [recordings] [folder]
#include "control/catalogue/index.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

using namespace callfork;

namespace {

constexpr int people = 1000;
constexpr int places = 50;
constexpr int rounds = 50;

catalogue::entry entry_of(int number) {
  catalogue::entry made;
  std::array<char, 40> id{};
  std::snprintf(id.data(), id.size(), "c0ffee00-0000-4000-8000-%012d", number);
  auto& what = made.what;
  what.id = id.data();
  what.call_id = "a84b4c76e66710@pc33.example.com";
  what.session_id = what.id;
  what.organisation = number % 10 == 0 ? "small" : "large";
  what.owner = "person-" + std::to_string(number % people);
  what.location = "place-" + std::to_string(number % places);
  what.topic = "Call with +1415555" + std::to_string(1000 + number % 9000);
  what.began = wall_time{std::chrono::seconds{1'700'000'000 + number * 60}};
  what.created = what.began + std::chrono::minutes{3};
  what.lasted = std::chrono::minutes{3};
  what.storage_region = "EU";
  made.folder = "2026-11-" + std::to_string(10 + number % 20);
  made.file = what.id + ".sealed";
  return made;
}

/// CPU time: a busy machine does not count.
double now_ms() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3
         + static_cast<double>(used.tv_nsec) / 1e6;
}

void measure(catalogue::index& in, const char* name,
             const catalogue::wish& what) {
  const auto began = now_ms();
  std::size_t found = 0;
  for (int round = 0; round < rounds; ++round)
    found = in.find(what).size();
  std::printf("%-46s %8.3f ms, %zu found\n", name, (now_ms() - began) / rounds,
              found);
}

} // namespace

int main(int count, char** words) {
  const int recordings = count > 1 ? std::atoi(words[1]) : 100'000;
  std::string root = count > 2 ? words[2] : "/tmp";
  root += "/catalogue-bench-XXXXXX";
  if (!mkdtemp(root.data()))
    return 1;
  auto made = catalogue::index::open(root + catalogue::index_name);
  if (!made)
    return 1;
  const auto began = now_ms();
  made->begin();
  for (int number = 0; number < recordings; ++number)
    made->put(entry_of(number), 1);
  made->commit();
  std::printf("%-46s %8.3f s\n", "made from nothing",
              (now_ms() - began) / 1000);
  measure(*made, "newest 100 of all", {});
  measure(*made, "newest 100 of an organisation", {.organisation = "large"});
  measure(*made, "an organisation's page at 80 000",
          {.organisation = "large", .skip = 80'000});
  measure(*made, "a person's", {.organisation = "large", .owner = "person-7"});
  measure(*made, "a location's",
          {.organisation = "large", .location = "place-7"});
  measure(*made, "a day of an organisation",
          {.organisation = "large",
           .from = wall_time{std::chrono::seconds{1'702'000'000}},
           .to = wall_time{std::chrono::seconds{1'702'086'400}}});
  measure(*made, "a part of a topic that many have",
          {.organisation = "large", .topic = "call with"});
  measure(*made, "a part of a topic that few have",
          {.organisation = "large", .topic = "+14155557777"});
  measure(*made, "a part of a topic that nobody has",
          {.organisation = "large", .topic = "+4712"});
  measure(*made, "the deleted ones: none",
          {.organisation = "large", .status = catalogue::status::deleted});
  made.value() = std::move(*catalogue::index::open(root + "/other"));
  std::filesystem::remove_all(root);
}
