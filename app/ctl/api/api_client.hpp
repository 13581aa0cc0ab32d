#pragma once

#include "app/ctl/api/request_of.hpp"
#include "control/http/client.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace callfork::ctl {

/// Which API to ask, and as whom.
struct api_choice {
  std::string url;         ///< May have a path.
  std::string authorities; ///< A PEM file; empty: whom the system trusts.
  std::string key_file;    ///< Empty: the variable CALLFORK_KEY.
  std::string organisation;
  bool in_the_open = false; ///< Plain HTTP to other machines is all right.
};

/// Asks the API of one server.
class api_client {
public:
  /// Reads the key. The error is a line for people, as for a key that would
  /// travel in the open.
  [[nodiscard]] static expected<api_client, std::string>
  make(const api_choice& which);

  /// Asks once, and again where there were too many questions lately. An answer
  /// that refuses is an error, in lines for people.
  [[nodiscard]] expected<http::response, std::string>
  ask(const api_request& what, const http::header_list& headers = {}) const;

  /// The same; the error tells what is no JSON, too. Null for an answer without
  /// a body.
  [[nodiscard]] expected<json, std::string>
  ask_json(const api_request& what) const;

  /// Asks for something large.
  [[nodiscard]] expected<void, std::string> fetch(
    const std::string& target,
    const std::function<bool(std::string_view, std::uint64_t)>& takes) const;

  /// Sends lines of JSON.
  [[nodiscard]] expected<json, std::string>
  send_lines(const std::string& target, std::string lines) const;

  [[nodiscard]] const std::string& organisation() const noexcept {
    return organisation_;
  }

private:
  expected<http::response, std::string> send(http::question what) const;

  http::origin server_;
  std::string prefix_; ///< Of all paths.
  std::string url_;
  std::string key_;
  std::string organisation_;
};

/// A list page by page, up to `limit` of what is at `items` (RFC 6901).
struct whole_list {
  json answer;       ///< The first page, with the items of all.
  bool more = false; ///< There are some beyond the limit.
};

/// Told how many there are so far.
using list_progress = std::function<void(std::size_t)>;

[[nodiscard]] expected<whole_list, std::string>
ask_list(const api_client& of, const std::string& target,
         const std::string& items, std::size_t limit,
         const list_progress& progress);

/// The query of the next page, from the header Link (RFC 8288); empty where
/// there is none. Only the query: no answer can send the key elsewhere.
[[nodiscard]] std::string next_query(const http::response& answer);

/// Whoever has this e-mail; a text that is none stays as it is.
[[nodiscard]] expected<std::string, std::string>
find_person(const api_client& by, const std::string& named);

} // namespace callfork::ctl
