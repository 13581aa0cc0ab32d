#include "control/api/people_import.hpp"

#include "control/api/entity_json.hpp"
#include "control/api/versions.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <span>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t longest_line = std::size_t{64} << 10U;
constexpr std::size_t most_lines = 1000;
constexpr std::size_t most_reported = 1000;

/// How an import went.
struct report {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t failed = 0;
  json faults = json::array();

  void note(std::size_t line, const std::string& what) {
    if (++failed <= most_reported)
      faults.push_back({{"line", line}, {"description", what}});
  }
};

/// A line of the import that has not been written yet.
struct waiting {
  std::size_t number = 0;
  std::string text;
};

/// What several lines of one write would clash in: the book cannot see it.
class claims {
public:
  /// False when a line before has one of the same.
  [[nodiscard]] bool take(const admin::person& who) {
    auto free = taken_.insert("id " + who.id).second;
    free &= taken_.insert("email " + who.email).second;
    for (const auto& address : who.addresses)
      free &= taken_.insert("address " + address).second;
    return free;
  }

private:
  std::set<std::string> taken_;
};

/// Reads a line onto whoever it means: somebody in the book, or a new person.
expected<admin::person, refusal>
read_line(const context& in, const admin::book& book, const std::string& text) {
  auto body = fields::read(text);
  if (!body)
    return make_unexpected(body.error());
  const auto email = body->text("email").value_or("");
  const auto* known = body->has("id")
                        ? book.find_person(body->text("id").value_or(""))
                        : book.person_by_email(email);
  if (known != nullptr && known->organisation != in.organisation.id)
    return refuse(409, "Somebody has this identifier or e-mail already.");
  admin::person was;
  if (known == nullptr) {
    was.id = read_new_id(*body);
    was.organisation = in.organisation.id;
  }
  auto made = read_person(known ? *known : was, *body);
  if (const auto fine = body->verdict(); !fine)
    return make_unexpected(fine.error());
  return made;
}

/// Decides on some lines at once.
struct draft {
  std::vector<admin::change> changes;
  report noted;
};

draft decide_on(const context& in, const admin::book& book,
                std::span<const waiting> lines) {
  draft made;
  claims taken;
  for (const auto& line : lines) {
    const auto who = read_line(in, book, line.text);
    if (!who) {
      made.noted.note(line.number, who.error().message);
      continue;
    }
    if (!taken.take(*who)) {
      made.noted.note(line.number,
                      "A line shortly before has the same identifier, e-mail "
                      "or address.");
      continue;
    }
    auto wished = to_decided(admin::put_person(book, *who));
    if (!wished) {
      made.noted.note(line.number, wished.error().message);
      continue;
    }
    ++(exists(book, admin::key_of(*who)) ? made.noted.updated
                                         : made.noted.created);
    std::move(wished->begin(), wished->end(), std::back_inserter(made.changes));
  }
  return made;
}

void add(report& to, report&& from) {
  to.created += from.created;
  to.updated += from.updated;
  to.failed += from.failed;
  for (auto& one : from.faults)
    if (to.faults.size() < most_reported)
      to.faults.push_back(std::move(one));
}

expected<void, refusal> write(const context& in, std::vector<waiting>& lines,
                              report& to) {
  draft last;
  const auto written = change(in, [&](const admin::book& book) -> decided {
    last = decide_on(in, book, lines);
    return last.changes;
  });
  if (!written)
    return written;
  add(to, std::move(last.noted));
  lines.clear();
  return {};
}

result told(const report& what) {
  return document(json{
    {"created", what.created},
    {"updated", what.updated},
    {"failedCount", what.failed},
    {"failed", what.faults},
  });
}

} // namespace

result import_people(const context& in, const request& asked) {
  report made;
  std::vector<waiting> lines;
  std::string_view rest = asked.body;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    if (text.size() > longest_line) {
      made.note(number, "The line is longer than 64 KiB.");
      continue;
    }
    lines.push_back({number, std::string{text}});
    if (lines.size() < most_lines && !rest.empty())
      continue;
    if (const auto written = write(in, lines, made); !written)
      return make_unexpected(written.error());
  }
  if (const auto written = write(in, lines, made); !written)
    return make_unexpected(written.error());
  return told(made);
}

} // namespace callfork::api
