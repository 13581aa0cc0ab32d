#include "app/ctl/api/run.hpp"

#include "app/ctl/api/progress.hpp"
#include "app/ctl/api/show.hpp"
#include "app/ctl/api/tasks.hpp"
#include "app/printable.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <limits>

namespace callfork::ctl {

namespace {

/// One command on its way.
struct errand {
  const operation& what;
  const api_client& with;
  const run_wish& wish;
  const manner& how;
  std::string naming{}; ///< Before complaints, where there are several.
};

int complain_of(const errand& on, const std::string& why) {
  return complain(on.naming + why);
}

int print(const errand& on, const json& answer) {
  if (on.how.json)
    std::cout << answer.dump(2, ' ', false, json::error_handler_t::replace)
              << "\n";
  else
    std::cout << shown(answer, on.what.shows, on.how.colors);
  return succeeded;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& one : words)
    text += (text.empty() ? "" : ", ") + one;
  return text;
}

/// What a command is about, as people call it.
std::string about(const operation& what, const given_values& given) {
  for (const auto& one : what.takes)
    if (const auto found = given.find(one.name);
        !one.name.starts_with("--") && found != given.end())
      return printable(joined(found->second));
  if (given.contains("--all"))
    return "all";
  const auto owner = given.find("--owner");
  return owner == given.end() ? "it"
                              : "all of " + printable(owner->second.back());
}

/// A sentence with what it is about.
std::string told(std::string_view sentence, const std::string& of) {
  std::string text{sentence};
  if (const auto at = text.find("{}"); at != std::string::npos)
    text.replace(at, 2, of);
  return text;
}

int list(const errand& on, const given_values& given) {
  const auto target = read_target(on.what, given, on.with.organisation());
  if (!target)
    return refuse_usage(target.error());
  const auto limit = on.wish.limit == 0
                       ? std::numeric_limits<std::size_t>::max()
                       : on.wish.limit;
  progress_line line;
  const auto all = ask_list(on.with, *target, std::string{on.what.shows.items},
                            limit, [&](std::size_t count) {
                              line.say(fmt::format("{} so far", count));
                            });
  line.clear();
  if (!all)
    return complain_of(on, all.error());
  print(on, all->answer);
  if (all->more && !on.how.json)
    std::cerr << fmt::format("There are more than these {}; --limit 0 shows "
                             "all.\n",
                             limit);
  return succeeded;
}

/// The API wants the whole: what is there, with the changes put over it.
expected<api_request, std::string>
put_over(const errand& on, api_request wished, http::header_list& headers) {
  const auto was = on.with.ask({"GET", wished.target});
  if (!was)
    return make_unexpected(was.error());
  const auto read = json::parse(was->body, nullptr, false);
  if (!read.is_object())
    return make_unexpected(std::string{"the answer is no JSON"});
  wished.body = merged(on.what, read, json::parse(wished.body)).dump();
  if (const auto tag = was->header("etag"); !tag.empty())
    headers.emplace_back("If-Match", tag);
  return wished;
}

/// After a change: what is there now, or what was done.
int print_done(const errand& on, const given_values& given,
               const std::string& target, const http::response& answer) {
  if (on.what.how.shows_after) {
    const auto now = on.with.ask_json({"GET", target});
    return now ? print(on, *now) : complain_of(on, now.error());
  }
  const auto read = json::parse(answer.body, nullptr, false);
  if (on.wish.waits && read.is_object() && read.contains("jobId"))
    return wait_for_job(text_of(read, "jobId"), on.with, on.how);
  if (read.is_object() && on.what.done.empty())
    return print(on, read);
  if (on.how.json)
    return succeeded;
  std::cout << (on.what.done.empty()
                  ? "nothing to do"
                  : told(on.what.done, about(on.what, given)))
            << "\n";
  return succeeded;
}

int print_read(const errand& on, const http::response& answer) {
  if (on.what.shows.heads.empty() && on.what.shows.columns.empty()) {
    std::cout << answer.body;
    return succeeded;
  }
  if (answer.body.empty()) {
    std::cout << (on.how.json ? "{}\n" : "nothing\n");
    return succeeded;
  }
  const auto read = json::parse(answer.body, nullptr, false);
  return read.is_discarded() ? complain("the answer is no JSON")
                             : print(on, read);
}

int once(const errand& on, const given_values& given) {
  if (on.what.how.pages)
    return list(on, given);
  auto request = request_of(on.what, given, on.with.organisation());
  if (!request)
    return refuse_usage(request.error());
  http::header_list headers;
  if (on.what.how.merges) {
    request = put_over(on, *std::move(request), headers);
    if (!request)
      return complain_of(on, request.error());
  }
  const auto answer = on.with.ask(*request, headers);
  if (!answer)
    return complain_of(on, answer.error());
  return request->method == "GET"
           ? print_read(on, *answer)
           : print_done(on, given, request->target, *answer);
}

/// Persons are named by their e-mail, too.
expected<void, std::string> find_people(const errand& on, given_values& given) {
  for (const auto& one : on.what.takes) {
    const auto found = given.find(one.name);
    if (one.is != value_kind::person || found == given.end())
      continue;
    for (auto& named : found->second) {
      auto known = find_person(on.with, named);
      if (!known)
        return make_unexpected(known.error());
      named = *std::move(known);
    }
  }
  return {};
}

/// The same, one after the other.
int for_each(const errand& on, const given_values& given,
             const parameter& subject) {
  int status = succeeded;
  const auto& all = given.find(subject.name)->second;
  for (const auto& one : all) {
    auto alone = given;
    alone.find(subject.name)->second = {one};
    auto errand_of_one = on;
    if (all.size() > 1)
      errand_of_one.naming = printable(one) + ": ";
    const auto known = find_people(errand_of_one, alone);
    const auto ended = known ? once(errand_of_one, alone)
                             : complain_of(errand_of_one, known.error());
    if (ended != succeeded)
      status = ended;
  }
  return status;
}

} // namespace

int refuse_usage(const std::string& why) {
  std::cerr << "callforkctl: " << why << " (--help tells more)\n";
  return bad_usage;
}

int agree(const std::string& to, const run_wish& wish) {
  if (wish.agreed)
    return succeeded;
  if (::isatty(STDIN_FILENO) != 1)
    return refuse_usage(to + " Say --yes if that is meant.");
  std::cerr << to << " Is that meant? [y/N] ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes" ? succeeded
                                          : complain("nothing was done");
}

int run_operation(const operation& what, given_values given,
                  const api_choice& which, const run_wish& wish,
                  const manner& how) {
  const auto with = api_client::make(which);
  if (!with)
    return refuse_usage(with.error());
  const errand on{what, *with, wish, how};
  if (!what.how.careful.empty())
    if (const auto meant = agree(told(what.how.careful, about(what, given)),
                                 wish);
        meant != succeeded)
      return meant;
  const auto* subject = subject_of(what);
  if (subject != nullptr && takes_several(what))
    return for_each(on, given, *subject);
  if (const auto found = find_people(on, given); !found)
    return complain(found.error());
  return once(on, given);
}

} // namespace callfork::ctl
