#include "control/admin/entry_json.hpp"

#include "control/admin/entity_json.hpp"

#include <limits>

namespace callfork::admin {

namespace {

using kind = entity_key::kind;

constexpr std::size_t longest_entry = 1U << 20U;

constexpr word_table<kind, 6> kinds{{
  {kind::organisation, "organisation"},
  {kind::location, "location"},
  {kind::person, "person"},
  {kind::provider, "provider"},
  {kind::account, "account"},
  {kind::job, "job"},
}};

template <class T>
entity read_one(json_fields from) {
  T made;
  read(from, made);
  return made;
}

entity read_entity(kind what, const json_fields& from) {
  switch (what) {
  case kind::organisation:
    return read_one<organisation>(from);
  case kind::location:
    return read_one<location>(from);
  case kind::person:
    return read_one<person>(from);
  case kind::provider:
    return read_one<provider>(from);
  case kind::account:
    return read_one<account>(from);
  case kind::job:
    break;
  }
  return read_one<job>(from);
}

} // namespace

std::string_view to_string(kind what) noexcept {
  for (const auto& [each, word] : kinds)
    if (each == what)
      return word;
  return {};
}

std::string log_key(const entry& of) {
  std::string key{to_string(of.key.what)};
  key.append("/").append(of.key.id);
  key.append("/").append(std::to_string(of.version));
  return key.append("/").append(of.writer);
}

std::string write_entry(const entry& what) {
  json made{
    {"kind", to_string(what.key.what)},
    {"id", what.key.id},
    {"version", what.version},
    {"writer", what.writer},
  };
  made["now"] = what.now ? std::visit(
                  [](const auto& it) {
                    return to_json(it);
                  },
                  *what.now)
                         : json{};
  return made.dump(-1, ' ', false, json::error_handler_t::replace);
}

expected<entry, entry_text_fault> read_entry(std::string_view text) {
  if (text.size() > longest_entry)
    return make_unexpected(entry_text_fault::too_big);
  const auto read = json::parse(text, nullptr, false);
  bool good = !read.is_discarded();
  json_fields from{read, good};
  entry made;
  made.version = 0;
  from.word("kind", made.key.what, kinds);
  from.read("id", made.key.id);
  from.number("version", made.version, 1,
              std::numeric_limits<std::int64_t>::max());
  from.read("writer", made.writer);
  const auto* now = from.find("now");
  if (now != nullptr && !now->is_null())
    made.now = read_entity(made.key.what, json_fields{*now, good});
  // What is missing here has no default: an entry without `now` might be cut
  // off, and must not remove anything.
  good = good && from.find("kind") != nullptr && made.version != 0
         && now != nullptr && (!made.now || key_of(*made.now) == made.key);
  if (!good)
    return make_unexpected(entry_text_fault::malformed);
  return made;
}

} // namespace callfork::admin
