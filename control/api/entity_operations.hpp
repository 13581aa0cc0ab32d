#pragma once

#include "control/api/entity_json.hpp"
#include "control/api/operation.hpp"
#include "control/api/paging.hpp"
#include "control/api/versions.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace callfork::api {

/// The five operations that all kinds of entities have: list, make, look,
/// change, remove. `Kind` says what is special about one of them:
///   type                     the entity
///   parameter                its name in the path, as "personId"
///   made, changed, removed   what the audit log calls these deeds
///   all(in, book, asked)     those that may be listed, or a refusal
///   find(in, book, id)       one that may be seen, or a refusal
///   fresh(in, id)            an empty one
///   read(was, fields)        what a body makes of it
///   put(in, book, entity)    the changes that make it so
///   remove(in, book, entity) the changes that remove it
template <class Kind>
struct entity_operations {
  using type = typename Kind::type;

  static result list(const context& in, const request& asked) {
    const auto shown = read_page(asked, 100);
    if (!shown)
      return make_unexpected(shown.error());
    return in.with.book->read([&](const admin::book& book) -> result {
      const auto all = Kind::all(in, book, asked);
      if (!all)
        return make_unexpected(all.error());
      auto items = nlohmann::ordered_json::array();
      for (const auto* one : part_of(*all, *shown))
        items.push_back(to_json(*one));
      nlohmann::ordered_json made;
      made["items"] = std::move(items);
      auto answer = document(made);
      if (shown->ends_before(all->size()))
        add_next(answer, asked, *shown, in.base_url);
      return answer;
    });
  }

  static result make(const context& in, const request& asked) {
    const auto wished = read_body(asked, [&](fields& body) {
      return Kind::read(Kind::fresh(in, read_new_id(body)), body);
    });
    if (!wished)
      return make_unexpected(wished.error());
    const auto made = change(in, [&](const admin::book& book) -> decided {
      if (exists(book, admin::key_of(*wished)))
        return refuse(409, "The identifier is taken.");
      return Kind::put(in, book, *wished);
    });
    if (!made)
      return make_unexpected(made.error());
    return shown(in, admin::key_of(*wished).id, 201);
  }

  static result look(const context& in, const request& asked) {
    return shown(in, asked.parameters.at(Kind::parameter), 200);
  }

  static result replace(const context& in, const request& asked) {
    const auto& id = asked.parameters.at(Kind::parameter);
    const auto version = read_if_match(asked);
    if (!version)
      return make_unexpected(version.error());
    auto body = fields::read(asked.body);
    if (!body)
      return make_unexpected(body.error());
    const auto made = change(in, [&](const admin::book& book) -> decided {
      const auto was = Kind::find(in, book, id);
      if (!was)
        return make_unexpected(was.error());
      const auto wished = Kind::read(**was, *body);
      if (const auto fine = body->verdict(); !fine)
        return make_unexpected(fine.error());
      const auto same = check_version(book, admin::key_of(**was), *version);
      if (!same)
        return make_unexpected(same.error());
      return Kind::put(in, book, wished);
    });
    if (!made)
      return make_unexpected(made.error());
    return shown(in, id, 200);
  }

  static result remove(const context& in, const request& asked) {
    const auto version = read_if_match(asked);
    if (!version)
      return make_unexpected(version.error());
    return change(in,
                  [&](const admin::book& book) -> decided {
                    const auto was = Kind::find(
                      in, book, asked.parameters.at(Kind::parameter));
                    if (!was)
                      return make_unexpected(was.error());
                    const auto same = check_version(book, admin::key_of(**was),
                                                    *version);
                    if (!same)
                      return make_unexpected(same.error());
                    return Kind::remove(in, book, **was);
                  })
      .map(done);
  }

  /// All five, below a path as "/callfork/v1/people".
  static std::vector<operation> at(const std::string& path,
                                   std::optional<action> sees,
                                   std::optional<action> changes, scope about) {
    const auto one = path + "/<" + Kind::parameter + ">";
    return {
      {"GET", path, sees, "", list, about},
      {"POST", path, changes, Kind::created, make, about},
      {"GET", one, sees, "", look, about},
      {"PUT", one, changes, Kind::changed, replace, about},
      {"DELETE", one, changes, Kind::removed, remove, about},
    };
  }

private:
  static result shown(const context& in, const std::string& id,
                      unsigned status) {
    return in.with.book->read([&](const admin::book& book) -> result {
      const auto found = Kind::find(in, book, id);
      if (!found)
        return make_unexpected(found.error());
      return versioned_document(status, to_json(**found),
                                book.version_of(admin::key_of(**found)));
    });
  }
};

/// What the kinds share whose entities belong to the caller's organisation.
template <class T>
struct of_organisation {
  using type = T;

  static type fresh(const context& in, admin::identifier id) {
    type made;
    made.id = std::move(id);
    made.organisation = in.organisation.id;
    return made;
  }

  static decided remove(const context&, const admin::book& book,
                        const type& one) {
    return to_decided(admin::remove(book, admin::key_of(one)));
  }
};

} // namespace callfork::api
