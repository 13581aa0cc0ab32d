#include "app/ctl/api/bulk.hpp"
#include "app/ctl/api/sheet_fields.hpp"
#include "control/admin/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace callfork::ctl {

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 20U;

std::string key_of(const json& of, std::string_view name) {
  return admin::lower_case(text_of(of, std::string{name}.c_str()));
}

/// Rows that were there already, by their keys.
class seen_rows {
public:
  explicit seen_rows(const std::vector<std::string_view>& keys)
    : keys_{keys} {
  }

  /// What is wrong with another row like one before; empty: nothing.
  std::string note(const sheet_row& row) {
    for (const auto key : keys_) {
      const auto value = key_of(row.what, key);
      if (value.empty())
        continue;
      const auto [at, fresh] = lines_.emplace(std::string{key} + " " + value,
                                              row.line);
      if (!fresh)
        return fmt::format("line {} has the same {}", at->second, key);
    }
    return {};
  }

private:
  std::vector<std::string_view> keys_;
  std::map<std::string, std::size_t> lines_;
};

/// What the book has already.
struct known {
  std::set<std::string> ids;
  std::set<std::string> emails;
  std::set<std::string> locations;
};

expected<known, std::string> find_known(const api_client& with,
                                        const std::string& group) {
  known made;
  const auto locations = all_of(with, "locations", [](std::size_t) {});
  if (!locations)
    return make_unexpected(locations.error());
  for (const auto& one : *locations)
    made.locations.insert(text_of(one, "id"));
  if (group == "locations") {
    made.ids = made.locations;
    return made;
  }
  const auto people = all_of(with, "people", [](std::size_t) {});
  if (!people)
    return make_unexpected(people.error());
  for (const auto& one : *people) {
    made.ids.insert(text_of(one, "id"));
    made.emails.insert(key_of(one, "email"));
  }
  return made;
}

bool is_known(const json& what, const known& by) {
  if (const auto id = text_of(what, "id"); !id.empty())
    return by.ids.contains(id);
  return by.emails.contains(key_of(what, "email"));
}

/// What the API would refuse; empty: nothing that is seen from here.
std::string fault_of(const json& what, const operation& adds, const known& by) {
  for (const auto& field : adds.takes)
    if (field.required && text_of(what, name_of(field).c_str()).empty())
      return name_of(field) + " is missing";
  if (adds.group != "people")
    return {};
  const auto location = text_of(what, "locationId");
  if (!by.locations.contains(location))
    return fmt::format("there is no location '{}'", location);
  const auto email = key_of(what, "email");
  if (!is_known(what, by) && by.emails.contains(email))
    return fmt::format("somebody else has the e-mail '{}'", email);
  if (!is_known(what, by) && text_of(what, "firstName").empty()
      && text_of(what, "lastName").empty())
    return "firstName is missing, and so is lastName";
  return {};
}

/// The faults of an answer, with the lines of the file.
expected<void, std::string>
note(const json& answer, std::span<const sheet_row> sent, import_report& to) {
  to.created += answer.value("created", std::size_t{0});
  to.updated += answer.value("updated", std::size_t{0});
  for (const auto& one : answer.value("failed", json::array())) {
    const auto line = one.value("line", std::size_t{0});
    if (line == 0 || line > sent.size())
      return make_unexpected(std::string{"the answer names no line of ours"});
    to.faults.push_back(
      {sent[line - 1].line, one.value("description", std::string{})});
  }
  return {};
}

expected<void, std::string> put_location(const api_client& with,
                                         const json& what, bool is_there) {
  const auto& adds = operation_of("locations", "add");
  auto target = of_organisation(with, adds.path);
  if (!is_there) {
    const auto made = with.ask({"POST", target, what.dump()});
    return made ? expected<void, std::string>{} : make_unexpected(made.error());
  }
  target = of_organisation(with, std::string{adds.path} + "/"
                                   + segment(text_of(what, "id")));
  const auto was = with.ask_json({"GET", target});
  if (!was)
    return make_unexpected(was.error());
  const auto body = merged(operation_of("locations", "set"), *was, what);
  const auto made = with.ask({"PUT", target, body.dump()});
  return made ? expected<void, std::string>{} : make_unexpected(made.error());
}

} // namespace

import_report deliver(const std::vector<sheet_row>& rows,
                      const std::vector<std::string_view>& keys,
                      std::size_t most, const delivery& to,
                      const std::function<void(std::size_t)>& progress) {
  import_report made;
  seen_rows seen{keys};
  std::vector<sheet_row> part;
  std::size_t bytes = 0;
  const auto send = [&] {
    const auto sent = part.empty() ? expected<void, std::string>{}
                                   : to(part, made);
    if (!sent) {
      made.stopped = sent.error();
      made.unsent_from = part.front().line;
    }
    part.clear();
    bytes = 0;
    return sent.has_value();
  };
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto why = rows[at].fault.empty() ? seen.note(rows[at])
                                            : rows[at].fault;
    if (!why.empty()) {
      made.faults.push_back({rows[at].line, why});
      continue;
    }
    part.push_back(rows[at]);
    bytes += rows[at].what.dump().size();
    if ((part.size() == most || bytes >= most_bytes) && !send())
      break;
    progress(at + 1);
  }
  send();
  std::sort(made.faults.begin(), made.faults.end(),
            [](const auto& left, const auto& right) {
              return left.line < right.line;
            });
  return made;
}

delivery to_people(const api_client& with) {
  return [&with](std::span<const sheet_row> rows, import_report& to) {
    std::string lines;
    for (const auto& one : rows)
      lines += one.what.dump() + "\n";
    const auto answer = with.send_lines(
      of_organisation(with, "/callfork/v1/people/import"), std::move(lines));
    return answer ? note(*answer, rows, to) : make_unexpected(answer.error());
  };
}

expected<delivery, std::string> to_locations(const api_client& with) {
  const auto all = find_known(with, "locations");
  if (!all)
    return make_unexpected(all.error());
  return
    [&with, ids = all->ids](std::span<const sheet_row> rows,
                            import_report& to) -> expected<void, std::string> {
      for (const auto& one : rows) {
        const auto there = ids.contains(text_of(one.what, "id"));
        if (const auto put = put_location(with, one.what, there); !put)
          to.faults.push_back({one.line, put.error()});
        else
          ++(there ? to.updated : to.created);
      }
      return {};
    };
}

expected<delivery, std::string> to_nowhere(const api_client& with,
                                           const std::string& group) {
  auto all = find_known(with, group);
  if (!all)
    return make_unexpected(all.error());
  const auto& adds = operation_of(group, "add");
  return [&adds, by = *std::move(all)](
           std::span<const sheet_row> rows,
           import_report& to) -> expected<void, std::string> {
    for (const auto& one : rows) {
      if (const auto why = fault_of(one.what, adds, by); !why.empty())
        to.faults.push_back({one.line, why});
      else
        ++(is_known(one.what, by) ? to.updated : to.created);
    }
    return {};
  };
}

} // namespace callfork::ctl
