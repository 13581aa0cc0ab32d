#include "control/api/entity_operations.hpp"

namespace callfork::api {

namespace {

struct organisations {
  using type = admin::organisation;
  static constexpr auto parameter = "orgId";
  static constexpr auto created = "organization.make";
  static constexpr auto changed = "organization.change";
  static constexpr auto removed = "organization.remove";

  static expected<std::vector<const type*>, refusal>
  all(const context& in, const admin::book& book, const request&) {
    auto made = book.organisations();
    std::erase_if(made, [&](const type* one) {
      return may(in.who, action::see_organisation, *one, {})
             != verdict::allowed;
    });
    return made;
  }

  static expected<const type*, refusal>
  find(const context& in, const admin::book& book, std::string_view id) {
    const auto* found = book.find_organisation(id);
    const auto seen = found == nullptr
                        ? verdict::hidden
                        : may(in.who, action::see_organisation, *found, {});
    if (seen == verdict::hidden)
      return refuse(404, "There is no such organization.");
    if (seen == verdict::forbidden)
      return refuse(403, "You may not see this.");
    return found;
  }

  static type fresh(const context& in, admin::identifier id) {
    type made;
    made.id = std::move(id);
    made.partner = in.who.partner;
    return made;
  }

  static type read(const type& was, fields& from) {
    return read_organisation(was, from);
  }

  /// Nobody gives an organisation away: it stays with its partner.
  static decided put(const context& in, const admin::book& book,
                     const type& one) {
    if (may(in.who, action::serve_organisation, one, {}) != verdict::allowed)
      return refuse(403, "Only the organization's partner may do this.");
    return to_decided(admin::put_organisation(book, one));
  }

  static decided remove(const context& in, const admin::book& book,
                        const type& one) {
    if (may(in.who, action::serve_organisation, one, {}) != verdict::allowed)
      return refuse(403, "Only the organization's partner may do this.");
    return to_decided(admin::remove(book, admin::key_of(one)));
  }
};

struct locations : of_organisation<admin::location> {
  static constexpr auto parameter = "locationId";
  static constexpr auto created = "location.make";
  static constexpr auto changed = "location.change";
  static constexpr auto removed = "location.remove";

  static expected<std::vector<const type*>, refusal>
  all(const context& in, const admin::book& book, const request&) {
    return book.locations_of(in.organisation.id);
  }

  static expected<const type*, refusal>
  find(const context& in, const admin::book& book, std::string_view id) {
    return find_location(in, book, id);
  }

  static type read(const type& was, fields& from) {
    return read_location(was, from);
  }

  static decided put(const context&, const admin::book& book, const type& one) {
    return to_decided(admin::put_location(book, one));
  }
};

} // namespace

std::vector<operation> own_organisation_operations() {
  auto made = entity_operations<organisations>::at("/callfork/v1/organizations",
                                                   std::nullopt, std::nullopt,
                                                   scope::everything);
  const auto of_locations = entity_operations<locations>::at(
    "/callfork/v1/locations", action::see_settings, action::change_settings,
    scope::organisation);
  made.insert(made.end(), of_locations.begin(), of_locations.end());
  return made;
}

} // namespace callfork::api
