#pragma once

#include "app/config/configuration.hpp"
#include "media/base/expected.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace callfork::config {

/// An enumeration among the options: where its enumerator is stored, as a
/// number. Its words stand in the option's `words`, in the same order.
struct choice {
  unsigned char* index;
};

/// Where an option's value lives within a configuration; says its kind, too.
using field
  = std::variant<std::string*, std::int64_t*, bool*, duration*, choice,
                 endpoint*, std::vector<endpoint>*, std::vector<std::string>*,
                 std::vector<media_interface>*,
                 std::map<std::string, std::string>*>;

/// What a value of an option must look like beyond its kind.
enum class shape : std::uint8_t {
  any,
  label,   ///< Letters, digits, '.', '_' and '-'; at least one.
  network, ///< An address, or a network as in "192.0.2.0/24".
};

/// One option, told once: reading YAML, flags and environment variables, the
/// help and the example file all come from here.
struct option {
  std::string_view section;
  std::string_view name;
  field (*where)(configuration&);
  std::string_view sentence; ///< What it means, as whole sentences.
  /// Inclusive; in milliseconds for durations. Without use for other kinds.
  std::int64_t lowest = 0;
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  std::string_view unit = {};                ///< Of numbers, as in "calls".
  std::span<const std::string_view> words{}; ///< Of choices.
  shape looks = shape::any;
};

/// All options, grouped by section, in the order in which people read them.
[[nodiscard]] std::span<const option> options();

/// What a section is about, as a sentence; empty for an unknown one.
[[nodiscard]] std::string_view section_sentence(std::string_view section);

/// As in "ng.answer_within".
[[nodiscard]] std::string key(const option& what);
/// As in "--ng-answer-within".
[[nodiscard]] std::string flag(const option& what);
/// As in "CALLFORK_NG_ANSWER_WITHIN".
[[nodiscard]] std::string variable(const option& what);

/// Kind, unit and bounds in a few words, as in "a duration from 100ms to 1m".
[[nodiscard]] std::string expectation(const option& what);

/// Reads one value as flags and variables have it (lists with commas) and
/// stores it. The error says what was expected, without the option's name.
[[nodiscard]] expected<void, std::string>
assign(const option& what, configuration& to, std::string_view text);

/// The value in the form that `assign` reads.
[[nodiscard]] std::string text_of(const option& what, configuration& from);

/// Reads "192.0.2.1:2223" and "[2001:db8::1]:2223"; nothing for others.
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);

/// "300ms", "10s", "1h": the largest unit that says it exactly.
[[nodiscard]] std::string to_text(duration value);

} // namespace callfork::config
