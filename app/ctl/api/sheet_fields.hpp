#pragma once

#include "app/ctl/api/request_of.hpp"
#include "app/ctl/api/sheet.hpp"

namespace callfork::ctl {

/// The fields of a command's body, and what files call them.
class sheet_fields {
public:
  explicit sheet_fields(const operation& adds);

  /// Null for what the API tells and does not take, as "plan". The error is for
  /// what there is not at all.
  [[nodiscard]] expected<const parameter*, std::string>
  find(std::string_view name) const;

  /// Puts a value into an entity; what is empty is left out.
  [[nodiscard]] static expected<void, std::string>
  put(json& to, const parameter& field, const std::vector<std::string>& texts);

  [[nodiscard]] const std::vector<const parameter*>& all() const noexcept {
    return all_;
  }

private:
  std::vector<const parameter*> all_;
};

/// The API's name of a field, as "firstName".
[[nodiscard]] std::string name_of(const parameter& field);

[[nodiscard]] expected<std::vector<sheet_row>, std::string>
read_csv_sheet(std::string_view text, const sheet_fields& fields);

[[nodiscard]] expected<std::vector<sheet_row>, std::string>
read_yaml_sheet(std::string_view text, const sheet_fields& fields);

[[nodiscard]] std::vector<sheet_row>
read_jsonl_sheet(std::string_view text, const sheet_fields& fields);

[[nodiscard]] std::string write_yaml_sheet(const json& entities,
                                           const sheet_fields& fields);

} // namespace callfork::ctl
