#include "control/api/versions.hpp"

#include <charconv>
#include <string_view>

namespace callfork::api {

expected<std::optional<std::uint64_t>, refusal>
read_if_match(const request& asked) {
  const auto found = asked.headers.find("if-match");
  if (found == asked.headers.end() || found->second == "*")
    return std::optional<std::uint64_t>{};
  std::string_view text = found->second;
  std::uint64_t version = 0;
  if (text.size() > 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, version);
    if (read.ec == std::errc{} && read.ptr == end)
      return std::optional{version};
  }
  return refuse(400, "Invalid request: If-Match is no ETag of ours.");
}

expected<void, refusal>
check_version(const admin::book& book, const admin::entity_key& of,
              const std::optional<std::uint64_t>& wished) {
  if (wished && *wished != book.version_of(of))
    return refuse(412, "It has been changed since it was looked at.");
  return {};
}

bool exists(const admin::book& book, const admin::entity_key& what) {
  using kind = admin::entity_key::kind;
  switch (what.what) {
  case kind::organisation:
    return book.find_organisation(what.id) != nullptr;
  case kind::location:
    return book.find_location(what.id) != nullptr;
  case kind::person:
    return book.find_person(what.id) != nullptr;
  case kind::provider:
    return book.find_provider(what.id) != nullptr;
  case kind::account:
  case kind::job:
    return book.version_of(what) > 0;
  }
  return false;
}

reply versioned_document(unsigned status, const nlohmann::ordered_json& what,
                         std::uint64_t version) {
  auto made = document(what);
  made.status = status;
  made.headers.emplace_back("ETag", '"' + std::to_string(version) + '"');
  return made;
}

} // namespace callfork::api
