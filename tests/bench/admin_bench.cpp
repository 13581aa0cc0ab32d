/// Measures how long a book of many people takes to load and to be asked.
///
/// usage: admin_bench [people] [decisions]
#include "control/admin/decision.hpp"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

using namespace callfork;
using namespace callfork::admin;

namespace {

constexpr int people_per_organisation = 500;

double cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec)
         + static_cast<double>(used.tv_nsec) / 1e9;
}

double heap_bytes() {
  return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd);
}

std::string number_of(int index) {
  return "+1" + std::to_string(4'150'000'000LL + index);
}

person person_of(int index) {
  const auto name = std::to_string(index);
  const auto organisation = std::to_string(index / people_per_organisation);
  person made;
  made.id = "c0ffee00-0000-4000-8000-" + name;
  made.organisation = "organisation-" + organisation;
  made.location = "location-" + organisation;
  made.first_name = "Ada";
  made.last_name = "Lovelace " + name;
  made.email = "ada." + name + "@customer.example";
  made.addresses = {number_of(index), std::to_string(index % 10'000),
                    "ada." + name + "@pbx.customer.example"};
  made.settings.enabled = true;
  made.settings.mode = recording::mode::always;
  return made;
}

void load_one(book& into, entity what) {
  auto key = key_of(what);
  if (!into.apply({std::move(key), 1, std::move(what), "bench"}))
    std::exit(1);
}

void load(book& into, int people) {
  for (int index = 0; index < people; ++index) {
    auto made = person_of(index);
    if (index % people_per_organisation == 0) {
      organisation in;
      in.id = made.organisation;
      load_one(into, std::move(in));
      location at;
      at.id = made.location;
      at.organisation = made.organisation;
      load_one(into, std::move(at));
    }
    load_one(into, std::move(made));
  }
}

/// How many of the calls between two people each were recorded on both ends.
int decide_all(const book& by, int people, int count) {
  int both = 0;
  for (int index = 0; index < count; ++index) {
    const auto first = static_cast<int>(index * 7919LL % people);
    const auto second = (first + 1) % people;
    call_facts of;
    of.caller = "sip:" + number_of(first) + "@10.0.0.1;user=phone";
    of.callee = "sip:" + number_of(second) + "@10.0.0.1:5060";
    const auto made = decide(by, of);
    both += made.size() == 2 ? 1 : 0;
  }
  return both;
}

} // namespace

int main(int argc, char** argv) {
  const int people = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const int count = argc > 2 ? std::atoi(argv[2]) : 200'000;
  book it;
  const auto heap_before = heap_bytes();
  auto start = cpu_seconds();
  load(it, people);
  std::printf("%d people loaded in %.2f s, %.0f bytes each\n", people,
              cpu_seconds() - start, (heap_bytes() - heap_before) / people);
  start = cpu_seconds();
  const auto both = decide_all(it, people, count);
  std::printf("%.2f us per decision of two ends\n",
              (cpu_seconds() - start) * 1e6 / count);
  return both == count ? 0 : 1;
}
