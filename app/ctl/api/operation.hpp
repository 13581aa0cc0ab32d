#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// The commands that ask the administration API, as data: which words a person
/// writes, what is asked of the API, and how the answer is shown.
namespace callfork::ctl {

/// How a value that a person writes is read.
enum class value_kind : std::uint8_t {
  text,
  whole,  ///< A whole number.
  flag,   ///< "on" or "off"; for a query, being there at all.
  choice, ///< One of the parameter's `words`.
  list,   ///< Several values; one that is empty stands for none.
  moment, ///< A date, or a time of ISO 8601.
  person, ///< A person's identifier, or the e-mail to find it by.
};

/// Where a value goes.
enum class place : std::uint8_t { path, query, body };

/// A word that a person writes, and what the API calls it.
struct synonym {
  std::string_view said;
  std::string_view meant;
};

/// A value that a command takes.
struct parameter {
  std::string_view name; ///< "--mode", or "person" for one without a dash.
  std::string_view says; ///< For the help.
  place goes = place::body;
  /// The name in the path ("personId") or query ("topic"), or the place in the
  /// body (RFC 6901: "/notification/type").
  std::string_view to;
  value_kind is = value_kind::text;
  std::vector<synonym> words{};
  bool required = false;
  std::string_view needs{}; ///< Another option without which it means nothing.
};

/// How a value is shown.
enum class look : std::uint8_t {
  text,
  flag,    ///< As "yes" or "no".
  time,    ///< To the second.
  seconds, ///< As a length.
  bytes,
};

/// A value of an answer with what it is called.
struct column {
  std::string_view label;
  /// One or more places in the answer (RFC 6901), with spaces between them;
  /// values that there are come one after the other.
  std::string_view at;
  look how = look::text;
  std::string_view by{}; ///< Where it says which level decided that.
};

/// How an answer is shown: `heads` as lines, then a table of what is at
/// `items`, if there are `columns`.
struct view {
  std::vector<column> heads{};
  std::vector<column> columns{};
  std::string_view items = "/items";
  std::string_view nothing = "nothing"; ///< As "people" in "no people".
};

/// What is peculiar to a command.
struct manner_of_asking {
  /// Takes orgId; without it the organisation is the key's.
  bool of_organisation = true;
  /// What is there is read first and sent with the changes, unless it has
  /// changed meanwhile: the API wants the whole.
  bool merges = false;
  /// After a change, what is there now is asked for (at the same path) and
  /// shown.
  bool shows_after = false;
  /// Members that the body always has, as JSON.
  std::string_view body{};
  /// What a person has to agree to; "{}" is what it is about.
  std::string_view careful{};
  /// With the parameter of this name the path is another one.
  std::string_view other_with{};
  std::string_view other_path{};
  /// Answers come in pages (max, start).
  bool pages = false;
};

/// One command.
struct operation {
  std::string_view group; ///< The first word, as "people".
  std::string_view verb;  ///< The second one.
  std::string_view says;  ///< For the help; a sentence.
  std::string_view method;
  std::string_view path; ///< As in "/callfork/v1/people/{personId}".
  std::vector<parameter> takes{};
  view shows{};
  /// What is said when it is done; "{}" is what it was done to. Empty: what
  /// `shows` says.
  std::string_view done{};
  manner_of_asking how{};
};

/// Some commands that stand together in the help.
struct group {
  std::string_view name;
  std::string_view says;
  std::string_view chapter;
  std::string_view also{}; ///< Another spelling.
};

/// What a command is about: an identifier in the path.
[[nodiscard]] parameter named(std::string_view name, std::string_view to);

/// All groups, in the order of the help.
[[nodiscard]] const std::vector<group>& groups();

/// All commands, in the order of the help; made once.
[[nodiscard]] const std::vector<operation>& operations();

[[nodiscard]] std::vector<operation> organisation_operations();
[[nodiscard]] std::vector<operation> people_operations();
[[nodiscard]] std::vector<operation> settings_operations();
[[nodiscard]] std::vector<operation> provider_operations();
[[nodiscard]] std::vector<operation> call_operations();
[[nodiscard]] std::vector<operation> recording_operations();

} // namespace callfork::ctl
