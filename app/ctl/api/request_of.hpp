#pragma once

#include "app/ctl/api/operation.hpp"
#include "app/ctl/ask.hpp"
#include "media/base/expected.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace callfork::ctl {

/// What a person has written, by the names of parameters.
using given_values
  = std::map<std::string, std::vector<std::string>, std::less<>>;

/// What is asked of the API.
struct api_request {
  std::string method;
  std::string target; ///< Path and query.
  std::string body{}; ///< JSON; empty: none.
};

/// True for text that is UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(const std::string& text);

/// What values mean to the API. The error is a line for people, without the
/// parameter's name.
[[nodiscard]] expected<json, std::string>
read_value(const parameter& of, const std::vector<std::string>& texts);

/// The members of the body that were given. The error is a line for people that
/// names the parameter.
[[nodiscard]] expected<json, std::string> read_body(const operation& what,
                                                    const given_values& given);

/// The path with its query. `organisation` may be empty.
[[nodiscard]] expected<std::string, std::string>
read_target(const operation& what, const given_values& given,
            const std::string& organisation);

/// The whole question. Deletes have no body where nothing was given, and reads
/// never have one. Changes that change nothing are an error.
[[nodiscard]] expected<api_request, std::string>
request_of(const operation& what, const given_values& given,
           const std::string& organisation);

/// A body of all that can be changed: `was`, with the changes put over it. What
/// is null is left out.
[[nodiscard]] json merged(const operation& what, const json& was,
                          const json& changes);

/// A target with one more member of its query.
[[nodiscard]] std::string with_query(std::string target, std::string_view name,
                                     std::string_view value);

/// The parameter that is written without a dash and goes into the path; null
/// where there is none.
[[nodiscard]] const parameter* subject_of(const operation& what);

/// Whether a command can be done to several at once, one after the other.
[[nodiscard]] bool takes_several(const operation& what);

} // namespace callfork::ctl
