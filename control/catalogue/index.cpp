#include "control/catalogue/index.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace callfork::catalogue {

namespace {

using std::chrono::milliseconds;

/// Goes up with each change of the tables: an older database is made anew.
constexpr const char* version = "1";

constexpr const char* tables = R"(
CREATE TABLE recording(
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, folder TEXT NOT NULL,
  stamp INTEGER NOT NULL, file TEXT, call TEXT, session TEXT, organisation TEXT,
  location TEXT, owner TEXT, topic TEXT, folded TEXT, created INTEGER,
  began INTEGER, lasted INTEGER, bytes INTEGER, region TEXT, status INTEGER,
  held INTEGER, deleted INTEGER);
CREATE TABLE folder(name TEXT PRIMARY KEY, stamp INTEGER NOT NULL);
CREATE INDEX by_folder ON recording(folder);
CREATE INDEX by_time ON recording(created, id, status, folded);
CREATE INDEX by_organisation
  ON recording(organisation, created, id, status, folded);
CREATE INDEX by_location ON recording(location, created, id, status, folded);
CREATE INDEX by_owner ON recording(owner, created, id, status, folded);
CREATE INDEX by_deletion ON recording(deleted) WHERE deleted IS NOT NULL;
)";

constexpr const char* columns
  = "id, folder, file, call, session, organisation, location, owner, topic, "
    "created, began, lasted, bytes, region, status, held, deleted";

sqlite3* of(void* database) noexcept {
  return static_cast<sqlite3*>(database);
}

std::int64_t count(wall_time when) {
  return std::chrono::floor<milliseconds>(when.time_since_epoch()).count();
}

} // namespace

/// One statement and its values, in their order.
class index::statement {
public:
  statement(body& where, const std::string& sql)
    : where_{&where} {
    if (sqlite3_prepare_v2(of(where.database), sql.c_str(),
                           static_cast<int>(sql.size()), &made_, nullptr)
        != SQLITE_OK)
      where.broken = true;
  }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement() {
    sqlite3_finalize(made_);
  }

  statement& with(const std::string& text) {
    sqlite3_bind_text(made_, ++bound_, text.data(),
                      static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
  }
  statement& with(std::int64_t number) {
    sqlite3_bind_int64(made_, ++bound_, number);
    return *this;
  }
  statement& with(const std::optional<wall_time>& when) {
    if (when)
      return with(count(*when));
    sqlite3_bind_null(made_, ++bound_);
    return *this;
  }

  /// True when there is a row.
  bool step() {
    if (!made_)
      return false;
    const auto done = sqlite3_step(made_);
    if (done != SQLITE_ROW && done != SQLITE_DONE)
      where_->broken = true;
    return done == SQLITE_ROW;
  }

  [[nodiscard]] std::string text(int column) const {
    const auto* found = sqlite3_column_text(made_, column);
    if (!found)
      return {};
    return {reinterpret_cast<const char*>(found),
            static_cast<std::size_t>(sqlite3_column_bytes(made_, column))};
  }
  [[nodiscard]] std::int64_t number(int column) const {
    return sqlite3_column_int64(made_, column);
  }
  [[nodiscard]] std::optional<wall_time> time(int column) const {
    if (sqlite3_column_type(made_, column) == SQLITE_NULL)
      return std::nullopt;
    return wall_time{milliseconds{number(column)}};
  }
  [[nodiscard]] entry row() const;

private:
  body* where_;
  sqlite3_stmt* made_ = nullptr;
  int bound_ = 0;
};

entry index::statement::row() const {
  entry made;
  auto& what = made.what;
  what.id = text(0);
  made.folder = text(1);
  made.file = text(2);
  what.call_id = text(3);
  what.session_id = text(4);
  what.organisation = text(5);
  what.location = text(6);
  what.owner = text(7);
  what.topic = text(8);
  what.created = time(9).value_or(wall_time{});
  what.began = time(10).value_or(wall_time{});
  what.lasted = milliseconds{number(11)};
  what.bytes = static_cast<std::uint64_t>(number(12));
  what.storage_region = text(13);
  what.status = static_cast<status>(std::clamp<std::int64_t>(number(14), 0, 2));
  what.held = number(15) != 0;
  what.deleted_at = time(16);
  return made;
}

index::body::~body() {
  sqlite3_close(of(database));
}

bool index::run(const char* sql) {
  return sqlite3_exec(of(body_->database), sql, nullptr, nullptr, nullptr)
         == SQLITE_OK;
}

/// Whether it can be used as it is, or was empty and could be made.
bool index::prepare() {
  if (!run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
           "PRAGMA cache_size=-16384; PRAGMA trusted_schema=OFF;"))
    return false;
  {
    statement asked{*body_, "PRAGMA user_version"};
    if (asked.step() && asked.text(0) == version)
      return !body_->broken
             && statement{*body_, "SELECT count(*) FROM recording"}.step();
  }
  return run("BEGIN") && run(tables)
         && run((std::string{"PRAGMA user_version="} + version).c_str())
         && run("COMMIT");
}

expected<index, std::string> index::open(const std::string& path, bool anew) {
  std::string why;
  for (const bool second : {false, true}) {
    if (second || anew)
      for (const auto* rest : {"", "-wal", "-shm"}) {
        std::error_code ignored;
        std::filesystem::remove(path + rest, ignored);
      }
    auto made = std::make_unique<body>();
    sqlite3* database = nullptr;
    const auto opened
      = sqlite3_open_v2(path.c_str(), &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                          | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                        nullptr);
    made->database = database;
    index found{std::move(made)};
    if (opened == SQLITE_OK && found.prepare()) {
      found.body_->broken = false;
      return found;
    }
    why = database ? sqlite3_errmsg(database) : "no memory";
  }
  return unexpected{path + ": " + why};
}

void index::begin() {
  body_->broken = !run("BEGIN") || body_->broken;
}

void index::commit() {
  body_->broken = !run("COMMIT") || body_->broken;
}

void index::put(const entry& what, std::int64_t stamp) {
  const auto& told = what.what;
  statement added{*body_, std::string{"INSERT OR REPLACE INTO recording("}
                            + columns
                            + ", folded, stamp) VALUES "
                              "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"};
  added.with(told.id)
    .with(what.folder)
    .with(what.file)
    .with(told.call_id)
    .with(told.session_id)
    .with(told.organisation)
    .with(told.location)
    .with(told.owner)
    .with(told.topic)
    .with(count(told.created))
    .with(count(told.began))
    .with(told.lasted.count())
    .with(static_cast<std::int64_t>(told.bytes))
    .with(told.storage_region)
    .with(static_cast<std::int64_t>(told.status))
    .with(std::int64_t{told.held})
    .with(told.deleted_at)
    .with(folded(told.topic))
    .with(stamp);
  added.step();
}

void index::remove(const std::string& id) {
  statement{*body_, "DELETE FROM recording WHERE id = ?"}.with(id).step();
}

/// The narrowest index is taken: a plus keeps the others out.
std::vector<recording> index::find(const wish& what) {
  std::string sql = std::string{"SELECT "} + columns
                    + " FROM recording WHERE 1";
  bool led = false;
  const auto equals = [&](const char* column, const std::string& value) {
    if (value.empty())
      return;
    sql += std::string{" AND "} + (std::exchange(led, true) ? "+" : "") + column
           + " = ?";
  };
  equals("owner", what.owner);
  equals("location", what.location);
  equals("organisation", what.organisation);
  if (!what.topic.empty())
    sql += " AND instr(folded, ?) > 0";
  if (what.from)
    sql += " AND created >= ?";
  if (what.to)
    sql += " AND created <= ?";
  if (what.status)
    sql += " AND +status = ?";
  sql += " ORDER BY created DESC, id DESC LIMIT ? OFFSET ?";
  statement asked{*body_, sql};
  for (const auto* value : {&what.owner, &what.location, &what.organisation})
    if (!value->empty())
      asked.with(*value);
  if (!what.topic.empty())
    asked.with(folded(what.topic));
  if (what.from)
    asked.with(count(*what.from));
  if (what.to)
    asked.with(count(*what.to));
  if (what.status)
    asked.with(static_cast<std::int64_t>(*what.status));
  asked
    .with(
      static_cast<std::int64_t>(std::clamp<std::size_t>(what.limit, 1, 1000)))
    .with(static_cast<std::int64_t>(what.skip));
  std::vector<recording> found;
  while (asked.step())
    found.push_back(asked.row().what);
  return found;
}

std::optional<entry> index::get(const std::string& id) {
  statement asked{*body_, std::string{"SELECT "} + columns
                            + " FROM recording WHERE id = ?"};
  if (!asked.with(id).step())
    return std::nullopt;
  return asked.row();
}

std::vector<recording> index::older_than(wall_time until) {
  statement asked{*body_, std::string{"SELECT "} + columns
                            + " FROM recording WHERE status < 2 AND "
                              "(created <= ? OR deleted <= ?)"};
  asked.with(count(until)).with(count(until));
  std::vector<recording> found;
  while (asked.step())
    found.push_back(asked.row().what);
  return found;
}

std::vector<std::pair<std::string, std::int64_t>>
index::in_folder(const std::string& folder) {
  statement asked{*body_, "SELECT id, stamp FROM recording WHERE folder = ?"};
  asked.with(folder);
  std::vector<std::pair<std::string, std::int64_t>> found;
  while (asked.step())
    found.emplace_back(asked.text(0), asked.number(1));
  return found;
}

std::vector<std::pair<std::string, std::int64_t>> index::folders() {
  statement asked{*body_, "SELECT name, stamp FROM folder"};
  std::vector<std::pair<std::string, std::int64_t>> found;
  while (asked.step())
    found.emplace_back(asked.text(0), asked.number(1));
  return found;
}

void index::note_folder(const std::string& folder, std::int64_t stamp) {
  statement{*body_, "INSERT OR REPLACE INTO folder(name, stamp) VALUES (?,?)"}
    .with(folder)
    .with(stamp)
    .step();
}

void index::forget_folder(const std::string& folder) {
  statement{*body_, "DELETE FROM recording WHERE folder = ?"}
    .with(folder)
    .step();
  statement{*body_, "DELETE FROM folder WHERE name = ?"}.with(folder).step();
}

} // namespace callfork::catalogue
