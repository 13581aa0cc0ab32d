#include "control/catalogue/retention.hpp"
#include "tests/unit/control/catalogue/shelf.hpp"

using namespace callfork;
using namespace callfork::test;
using admin::plan;
using catalogue::status;

namespace {

const wall_time march{1'772'700'000s};

status status_of(const catalogue::vault_catalogue& in, const std::string& id) {
  return in.get(id).value().status;
}

} // namespace

TEST_CASE("recordings of the free plan go after 30 days, paid ones never") {
  shelf vault;
  vault.people = {{"free", {plan::free, {}}}, {"paid", {plan::paid, {}}}};
  const auto free = vault.record("free", march);
  const auto paid = vault.record("paid", march);
  const auto nobody = vault.record("", march);
  const auto left = vault.record("left", march); // Not in the book any more.
  const auto book = vault.open();
  CHECK(catalogue::sweep(*book, march + 30 * day, {}).purged == 0);
  CHECK(status_of(*book, free) == status::available);
  CHECK(catalogue::sweep(*book, march + 30 * day + 1s, {}).purged == 1);
  CHECK(status_of(*book, free) == status::purged);
  CHECK(!std::filesystem::exists(vault.audio(free)));
  CHECK(catalogue::sweep(*book, march + 3650 * day, {}).purged == 0);
  for (const auto& kept : {paid, nobody, left})
    CHECK(status_of(*book, kept) == status::available);
}

TEST_CASE("who leaves the paid plan has 30 days from then, who joins it keeps "
          "all") {
  shelf vault;
  vault.people = {{"a", {plan::paid, {}}}, {"b", {plan::free, {}}}};
  const auto old = vault.record("a", march);
  const auto other = vault.record("b", march + 100 * day);
  const auto book = vault.open();
  vault.people["a"] = {plan::free, march + 100 * day};
  const auto young = vault.record("a", march + 120 * day);
  CHECK(catalogue::sweep(*book, march + 130 * day - 1s, {}).purged == 0);
  vault.people["b"] = {plan::paid, {}};
  CHECK(catalogue::sweep(*book, march + 130 * day + 2s, {}).purged == 1);
  CHECK(status_of(*book, old) == status::purged);
  CHECK(status_of(*book, young) == status::available);
  CHECK(status_of(*book, other) == status::available);
  CHECK(catalogue::sweep(*book, march + 150 * day + 2s, {}).purged == 1);
  CHECK(status_of(*book, young) == status::purged);
}

TEST_CASE("what is deleted goes after 30 days, of the paid plan too") {
  shelf vault;
  vault.people = {{"paid", {plan::paid, {}}}};
  const auto id = vault.record("paid", march);
  const auto back = vault.record("paid", march);
  const auto unowned = vault.record("", march);
  const auto book = vault.open();
  for (const auto& one : {id, back, unowned})
    REQUIRE(book->soft_delete(one, march + 10 * day));
  REQUIRE(book->restore(back));
  CHECK(catalogue::sweep(*book, march + 40 * day - 1s, {}).purged == 0);
  CHECK(catalogue::sweep(*book, march + 40 * day, {}).purged == 2);
  CHECK(status_of(*book, id) == status::purged);
  CHECK(status_of(*book, back) == status::available);
}

TEST_CASE("retention deletes nothing that is held, and counts it") {
  shelf vault;
  vault.people = {{"free", {plan::free, {}}}};
  const auto id = vault.record("free", march);
  const auto deleted = vault.record("free", march);
  const auto book = vault.open();
  REQUIRE(book->soft_delete(deleted, march));
  REQUIRE(book->hold(id, true));
  REQUIRE(book->hold(deleted, true));
  const auto done = catalogue::sweep(*book, march + 365 * day, {});
  CHECK(done.purged == 0);
  CHECK(done.held == 2);
  CHECK(book->audio(id, catalogue::audio_format::wav));
  REQUIRE(book->hold(id, false));
  CHECK(catalogue::sweep(*book, march + 365 * day, {}).purged == 1);
}

TEST_CASE("the owner's terms are those of the book") {
  admin::memory_registry book;
  admin::person who;
  who.id = "p1";
  who.organisation = "acme";
  who.email = "p1@acme.example";
  who.freed_at = march;
  REQUIRE(book.write({{admin::key_of(who), 0, who}}));
  const auto terms = catalogue::terms_in(book);
  REQUIRE(terms("p1"));
  CHECK(terms("p1")->plan == plan::free);
  CHECK(terms("p1")->freed_at == march);
  CHECK(!terms("p2"));
}
