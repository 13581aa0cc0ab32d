#include "app/ctl/api/api_client.hpp"

#include "app/ctl/api/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace callfork::ctl {

namespace {

constexpr std::chrono::seconds patience{120};
constexpr std::chrono::seconds longest_pause{30};
constexpr int most_tries = 10;
constexpr std::size_t longest_key = 8192;
constexpr std::size_t largest_page = 1000;
constexpr std::size_t largest_download = std::size_t{16} << 30U;

expected<std::string, std::string> read_key(const std::string& file) {
  std::string key;
  if (file.empty()) {
    const auto* given = std::getenv("CALLFORK_KEY");
    key = given == nullptr ? "" : given;
  } else {
    std::ifstream from{file};
    if (!std::getline(from, key))
      return make_unexpected(file + ": no key can be read from there");
  }
  while (!key.empty() && (key.back() == '\r' || key.back() == ' '))
    key.pop_back();
  const auto fits = std::all_of(key.begin(), key.end(), [](char c) {
    return c > ' ' && c <= '~';
  });
  if (!fits || key.size() > longest_key)
    return make_unexpected(std::string{"the key has letters that no key has"});
  return key;
}

std::chrono::seconds pause_before(const http::response& answer) {
  int seconds = 1;
  const auto text = answer.header("retry-after");
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(std::chrono::seconds{seconds}, std::chrono::seconds{1},
                    longest_pause);
}

} // namespace

expected<api_client, std::string> api_client::make(const api_choice& which) {
  const auto read = http::read_url(which.url);
  if (!read)
    return make_unexpected(fmt::format(
      "expected a URL, as in https://node.example:8443, not '{}'", which.url));
  auto key = read_key(which.key_file);
  if (!key)
    return make_unexpected(key.error());
  if (!read->server.secured && !key->empty() && !which.in_the_open
      && !http::is_this_machine(read->server))
    return make_unexpected(fmt::format("{} would carry the key in the open: "
                                       "use https (or --in-the-open)",
                                       which.url));
  api_client made;
  made.server_ = read->server;
  made.server_.authorities = which.authorities;
  made.prefix_ = read->target.substr(0, read->target.find('?'));
  while (made.prefix_.ends_with('/'))
    made.prefix_.pop_back();
  made.url_ = which.url;
  made.key_ = *std::move(key);
  made.organisation_ = which.organisation;
  return made;
}

expected<http::response, std::string>
api_client::send(http::question what) const {
  what.target.insert(0, prefix_);
  if (!key_.empty())
    what.headers.emplace_back("Authorization", "Bearer " + key_);
  for (int tries = 1;; ++tries) {
    auto answer = http::ask(server_, what, patience);
    if (!answer)
      return make_unexpected(fmt::format("no answer from {} ({}); --url names "
                                         "another server",
                                         url_, answer.error()));
    if (answer->status < 300)
      return answer;
    if (answer->status != 429 || tries == most_tries)
      return make_unexpected(told_refusal(answer->status, answer->body));
    std::this_thread::sleep_for(pause_before(*answer));
  }
}

expected<http::response, std::string>
api_client::ask(const api_request& what,
                const http::header_list& headers) const {
  http::question asked;
  asked.method = what.method;
  asked.target = what.target;
  asked.body = what.body;
  asked.headers = headers;
  return send(std::move(asked));
}

expected<json, std::string>
api_client::ask_json(const api_request& what) const {
  const auto answer = ask(what);
  if (!answer)
    return make_unexpected(answer.error());
  if (answer->body.empty())
    return json{};
  auto read = json::parse(answer->body, nullptr, false);
  if (read.is_discarded())
    return make_unexpected(std::string{"the answer is no JSON"});
  return read;
}

expected<void, std::string> api_client::fetch(
  const std::string& target,
  const std::function<bool(std::string_view, std::uint64_t)>& takes) const {
  http::question asked;
  asked.target = target;
  asked.takes = takes;
  asked.most_bytes = largest_download;
  const auto answer = send(std::move(asked));
  if (!answer)
    return make_unexpected(answer.error());
  return {};
}

expected<json, std::string> api_client::send_lines(const std::string& target,
                                                   std::string lines) const {
  http::question asked;
  asked.method = "POST";
  asked.target = target;
  asked.body = std::move(lines);
  asked.type = "application/x-ndjson";
  const auto answer = send(std::move(asked));
  if (!answer)
    return make_unexpected(answer.error());
  auto read = json::parse(answer->body, nullptr, false);
  if (!read.is_object())
    return make_unexpected(std::string{"the answer is no JSON"});
  return read;
}

std::string next_query(const http::response& answer) {
  const auto link = answer.header("link");
  const auto end = link.find('>');
  if (!link.starts_with('<') || end == std::string::npos
      || link.find("rel=\"next\"", end) == std::string::npos)
    return {};
  const auto url = link.substr(1, end - 1);
  const auto query = url.find('?');
  return query == std::string::npos ? std::string{}
                                    : std::string{url.substr(query + 1)};
}

expected<whole_list, std::string>
ask_list(const api_client& of, const std::string& target,
         const std::string& items, std::size_t limit,
         const list_progress& progress) {
  const json::json_pointer at{items};
  const auto path = target.substr(0, target.find('?'));
  auto next = with_query(target, "max",
                         std::to_string(std::min(limit, largest_page)));
  whole_list made;
  while (true) {
    const auto answer = of.ask({"GET", next});
    if (!answer)
      return make_unexpected(answer.error());
    auto page = json::parse(answer->body, nullptr, false);
    if (!page.is_object() || !page.contains(at) || !page[at].is_array())
      return make_unexpected(std::string{"the answer is no list"});
    if (made.answer.is_null())
      made.answer = page;
    else
      for (auto& one : page[at])
        made.answer[at].push_back(std::move(one));
    progress(made.answer[at].size());
    const auto query = next_query(*answer);
    const auto enough = made.answer[at].size() >= limit;
    made.more = !query.empty();
    if (query.empty() || enough)
      break;
    next = path + "?" + query;
  }
  auto& all = made.answer[at];
  made.more |= all.size() > limit;
  if (all.size() > limit)
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(limit), all.end());
  return made;
}

expected<std::string, std::string> find_person(const api_client& by,
                                               const std::string& named) {
  if (named.find('@') == std::string::npos)
    return named;
  auto target = with_query("/callfork/v1/people", "email", named);
  if (!by.organisation().empty())
    target = with_query(std::move(target), "orgId", by.organisation());
  const auto found = by.ask_json({"GET", target});
  if (!found)
    return make_unexpected(found.error());
  const auto people = found->value("items", json::array());
  if (people.empty() || !people.front().is_object())
    return make_unexpected(fmt::format("nobody has the e-mail '{}'", named));
  return text_of(people.front(), "id");
}

} // namespace callfork::ctl
