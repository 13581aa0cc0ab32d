#include "control/api/entity_operations.hpp"
#include "control/api/vendor_export.hpp"
#include "control/api/words.hpp"

#include <algorithm>

namespace callfork::api {

namespace {

/// Whether an organisation, or a location of it, has chosen a provider or has
/// an account there.
bool uses(const admin::book& book, const admin::organisation& of,
          const admin::identifier& provider) {
  const auto locations = book.locations_of(of.id);
  return of.provider == provider
         || book.find_account(of.id, provider) != nullptr
         || std::any_of(
           locations.begin(), locations.end(), [&](const auto* at) {
             return at->provider == admin::provider_choice{provider};
           });
}

/// Definitions are everybody's: a partner may change one that no organisation
/// of anybody else uses.
bool may_define(const context& in, const admin::book& book,
                const admin::identifier& provider) {
  if (in.who.role != role::partner_administrator || in.who.partner.empty())
    return false;
  const auto all = book.organisations();
  return std::none_of(all.begin(), all.end(), [&](const auto* one) {
    return one->partner != in.who.partner && uses(book, *one, provider);
  });
}

struct providers {
  using type = admin::provider;
  static constexpr auto parameter = "vendorId";
  static constexpr auto created = "vendor.make";
  static constexpr auto changed = "vendor.change";
  static constexpr auto removed = "vendor.remove";

  static expected<std::vector<const type*>, refusal>
  all(const context&, const admin::book& book, const request&) {
    return book.providers();
  }

  static expected<const type*, refusal>
  find(const context&, const admin::book& book, std::string_view id) {
    const auto* found = book.find_provider(id);
    if (found == nullptr)
      return refuse(404, "There is no such vendor.");
    return found;
  }

  static type fresh(const context&, admin::identifier id) {
    type made;
    made.id = std::move(id);
    return made;
  }

  static type read(const type& was, fields& from) {
    return read_provider(was, from);
  }

  static decided put(const context& in, const admin::book& book,
                     const type& one) {
    if (!may_define(in, book, one.id))
      return refuse(403, "Only a partner may define a vendor, and none that "
                         "others' customers use.");
    return to_decided(admin::put_provider(book, one));
  }

  static decided remove(const context& in, const admin::book& book,
                        const type& one) {
    if (!may_define(in, book, one.id))
      return refuse(403, "Only a partner may remove a vendor that none but its "
                         "own customers use.");
    return to_decided(admin::remove(book, admin::key_of(one)));
  }
};

expected<const admin::account*, refusal>
find_account(const context& in, const admin::book& book, const request& asked) {
  const auto* found = book.find_account(in.organisation.id,
                                        asked.parameters.at("vendorId"));
  if (found == nullptr)
    return refuse(404, "There is no such account.");
  return found;
}

result list_accounts(const context& in, const request& asked) {
  const auto shown = read_page(asked, 100);
  if (!shown)
    return make_unexpected(shown.error());
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto all = book.accounts_of(of.id);
    auto items = nlohmann::ordered_json::array();
    for (const auto* one : part_of(all, *shown))
      items.push_back(to_json(*one));
    nlohmann::ordered_json made;
    made["items"] = std::move(items);
    auto answer = document(made);
    if (shown->ends_before(all.size()))
      add_next(answer, asked, *shown, in.base_url);
    return answer;
  });
}

result see_account(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto&) -> result {
    const auto found = find_account(in, book, asked);
    if (!found)
      return make_unexpected(found.error());
    return versioned_document(200, to_json(**found),
                              book.version_of(admin::key_of(**found)));
  });
}

result confirm(const context& in, const request& asked) {
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto found = find_account(in, book, asked);
                  if (!found)
                    return make_unexpected(found.error());
                  return to_decided(admin::set_account_state(
                    book, in.organisation.id, (*found)->provider,
                    admin::account_state::active));
                })
    .map(done);
}

result set_state(const context& in, const request& asked) {
  const auto wished = read_body(asked, [](fields& body) {
    const auto state = body.word("state", words::account_state);
    if (!state && !body.has("state"))
      body.wrong("state", "is missing");
    if (state == admin::account_state::pending)
      body.wrong("state", "is neither TRIAL nor ACTIVE");
    return state.value_or(admin::account_state::active);
  });
  if (!wished)
    return make_unexpected(wished.error());
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto found = find_account(in, book, asked);
                  if (!found)
                    return make_unexpected(found.error());
                  return to_decided(admin::set_account_state(
                    book, in.organisation.id, (*found)->provider, *wished));
                })
    .map(done);
}

/// Changes the account by a deed that an administrator's e-mail is for.
template <class F>
result
change_administrators(const context& in, const request& asked, F&& deed) {
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto found = find_account(in, book, asked);
                  if (!found)
                    return make_unexpected(found.error());
                  return to_decided(
                    deed(book, in.organisation.id, (*found)->provider));
                })
    .map(done);
}

result add_administrator(const context& in, const request& asked) {
  const auto email = read_body(asked, [](fields& body) {
    return body.required_text("email");
  });
  if (!email)
    return make_unexpected(email.error());
  return change_administrators(in, asked, [&](const auto&... account) {
    return admin::add_account_administrator(account..., *email);
  });
}

result remove_administrator(const context& in, const request& asked) {
  const auto& email = asked.parameters.at("email");
  return change_administrators(in, asked, [&](const auto&... account) {
    return admin::remove_account_administrator(account..., email);
  });
}

result export_users(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto found = providers::find(in, book,
                                       asked.parameters.at("vendorId"));
    if (!found)
      return make_unexpected(found.error());
    reply made{200,
               vendor_users_csv(book, of, (*found)->id),
               "text/csv; charset=utf-8",
               {}};
    made.headers.emplace_back("Content-Disposition",
                              "attachment; filename=\"users.csv\"");
    return made;
  });
}

} // namespace

std::vector<operation> own_provider_operations() {
  const std::string account = "/callfork/v1/accounts/<vendorId>";
  auto made = entity_operations<providers>::at(
    "/callfork/v1/providers", std::nullopt, std::nullopt, scope::everything);
  made.insert(
    made.end(),
    {
      {"GET", "/callfork/v1/accounts", action::see_settings, "", list_accounts},
      {"GET", account, action::see_settings, "", see_account},
      {"POST", account + "/confirm", action::change_settings, "account.confirm",
       confirm},
      {"PUT", account + "/state", action::change_settings, "account.state",
       set_state},
      {"POST", account + "/administrators", action::change_settings,
       "account.administrators", add_administrator},
      {"DELETE", account + "/administrators/<email>", action::change_settings,
       "account.administrators", remove_administrator},
      {"GET", account + "/users.csv", action::see_settings, "account.export",
       export_users},
    });
  return made;
}

} // namespace callfork::api
