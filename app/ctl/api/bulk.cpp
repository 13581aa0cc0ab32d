#include "app/ctl/api/bulk.hpp"

#include "app/ctl/api/progress.hpp"
#include "app/ctl/api/run.hpp"
#include "app/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>

namespace callfork::ctl {

namespace {

constexpr std::size_t most_at_once = 500;
constexpr std::uintmax_t largest_file = std::uintmax_t{512} << 20U;

expected<sheet_format, std::string> choose_format(const bulk_wish& wish) {
  const auto found = wish.format.empty() ? format_by_ending(wish.file)
                                         : format_of(wish.format);
  if (found)
    return *found;
  if (wish.format.empty() && (wish.file.empty() || wish.file == "-"))
    return sheet_format::csv;
  return make_unexpected(
    fmt::format("{}: expected csv, yaml or jsonl (--format "
                "says which it is)",
                wish.format.empty() ? wish.file : wish.format));
}

expected<std::string, std::string> read_file(const std::string& file) {
  std::error_code fault;
  const auto size = std::filesystem::file_size(file, fault);
  if (!fault && size > largest_file)
    return make_unexpected(file + ": larger than 512 MiB");
  std::ifstream from{file, std::ios::binary};
  if (!from || std::filesystem::is_directory(file, fault))
    return make_unexpected(file + ": cannot be read");
  return std::string{std::istreambuf_iterator<char>{from}, {}};
}

expected<delivery, std::string> delivery_for(const api_client& with,
                                             const bulk_wish& wish) {
  if (wish.only_check)
    return to_nowhere(with, wish.group);
  if (wish.group == "locations")
    return to_locations(with);
  return to_people(with);
}

std::vector<std::string_view> keys_of(const bulk_wish& wish) {
  if (wish.group == "locations")
    return {"id"};
  return {"id", "email"};
}

json to_json(const import_report& what) {
  auto faults = json::array();
  for (const auto& one : what.faults)
    faults.push_back({{"line", one.line}, {"description", one.why}});
  json made{{"created", what.created},
            {"updated", what.updated},
            {"failedCount", what.faults.size()},
            {"failed", faults}};
  if (what.unsent_from > 0)
    made["unsentFrom"] = what.unsent_from;
  return made;
}

void print(const import_report& what, const bulk_wish& wish,
           const manner& how) {
  for (const auto& one : what.faults)
    std::cerr << fmt::format("{}:{}: {}\n", wish.file, one.line,
                             printable(one.why));
  if (what.unsent_from > 0)
    std::cerr << fmt::format("callforkctl: {}\n{}:{}: this line and all behind "
                             "it were not sent; the import can be done again\n",
                             what.stopped, wish.file, what.unsent_from);
  if (how.json)
    std::cout << to_json(what).dump(2, ' ', false,
                                    json::error_handler_t::replace)
              << "\n";
  else
    std::cout << fmt::format(
      fmt::runtime(wish.only_check ? "would make {} and change {}, {} wrong\n"
                                   : "{} made, {} changed, {} failed\n"),
      what.created, what.updated, what.faults.size());
}

} // namespace

const operation& operation_of(std::string_view group, std::string_view verb) {
  return *std::find_if(operations().begin(), operations().end(),
                       [&](const operation& one) {
                         return one.group == group && one.verb == verb;
                       });
}

std::string of_organisation(const api_client& with, std::string_view path) {
  std::string target{path};
  return with.organisation().empty()
           ? target
           : with_query(std::move(target), "orgId", with.organisation());
}

expected<json, std::string> all_of(const api_client& with,
                                   std::string_view group,
                                   const list_progress& progress) {
  const auto& lists = operation_of(group, "list");
  auto all = ask_list(with, of_organisation(with, lists.path),
                      std::string{lists.shows.items},
                      std::numeric_limits<std::size_t>::max(), progress);
  if (!all)
    return make_unexpected(all.error());
  return std::move(
    all->answer[json::json_pointer(std::string{lists.shows.items})]);
}

int import_entities(const bulk_wish& wish, const api_choice& which,
                    const manner& how) {
  const auto format = choose_format(wish);
  if (!format)
    return refuse_usage(format.error());
  const auto with = api_client::make(which);
  if (!with)
    return refuse_usage(with.error());
  const auto text = read_file(wish.file);
  if (!text)
    return complain(text.error());
  const auto rows = read_sheet(*text, *format, operation_of(wish.group, "add"));
  if (!rows)
    return complain(wish.file + ": " + printable(rows.error()));
  const auto to = delivery_for(*with, wish);
  if (!to)
    return complain(to.error());
  progress_line line;
  const auto went
    = deliver(*rows, keys_of(wish), most_at_once, *to, [&](std::size_t done) {
        line.say(fmt::format("{} of {} {}", done, rows->size(), wish.group));
      });
  line.clear();
  print(went, wish, how);
  return went.faults.empty() && went.unsent_from == 0 ? succeeded : failed;
}

int export_entities(const bulk_wish& wish, const api_choice& which) {
  const auto format = choose_format(wish);
  if (!format)
    return refuse_usage(format.error());
  const auto with = api_client::make(which);
  if (!with)
    return refuse_usage(with.error());
  progress_line line;
  const auto all = all_of(*with, wish.group, [&](std::size_t count) {
    line.say(fmt::format("{} {}", count, wish.group));
  });
  line.clear();
  if (!all)
    return complain(all.error());
  const auto text = write_sheet(*all, *format, operation_of(wish.group, "add"));
  if (wish.file.empty() || wish.file == "-") {
    std::cout << text << std::flush;
    return std::cout ? succeeded : complain("cannot be written");
  }
  std::ofstream to{wish.file, std::ios::binary | std::ios::trunc};
  to << text;
  to.close();
  if (!to)
    return complain(wish.file + ": cannot be written");
  std::cerr << fmt::format("{} {} in {}\n", all->size(), wish.group, wish.file);
  return succeeded;
}

} // namespace callfork::ctl
