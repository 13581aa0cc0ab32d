#include "control/api/entity_json.hpp"
#include "control/api/fields.hpp"
#include "control/api/operation.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t longest_delay = 60;

result see_settings(const context& in, const request&) {
  return look(in, [](const admin::book& book, const admin::organisation& of) {
    const auto* chosen = book.find_provider(of.provider);
    return document(json{
      {"organization", {{"id", of.id}, {"name", of.name}}},
      {"enabled", of.may_record},
      {"vendorId", of.provider},
      {"vendorName", chosen ? chosen->name : "None"},
      {"termsOfServiceUrl", chosen ? chosen->terms_url : ""},
    });
  });
}

result allow_recording(const context& in, const request& asked) {
  const auto enabled = read_body(asked, [](fields& body) {
    return body.required_flag("enabled");
  });
  if (!enabled)
    return make_unexpected(enabled.error());
  return change(in,
                [&](const admin::book& book) {
                  return to_decided(
                    admin::let_record(book, in.organisation.id, *enabled));
                })
    .map(done);
}

result see_terms(const context& in, const request& asked) {
  const auto& vendor = asked.parameters.at("vendorId");
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto* found = book.find_provider(vendor);
    if (found == nullptr)
      return refuse(404, "There is no such vendor.");
    return document(json{
      {"vendorId", found->id},
      {"vendorName", found->name},
      {"termsOfServiceEnabled", book.find_account(of.id, vendor) != nullptr},
      {"termsOfServiceUrl", found->terms_url},
    });
  });
}

result decline_terms(const context& in, const admin::identifier& vendor) {
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    if (book.find_provider(vendor) == nullptr)
      return refuse(404, "There is no such vendor.");
    if (book.find_account(of.id, vendor) != nullptr)
      return refuse(409, "Terms of service that were accepted cannot be "
                         "declined any more.");
    return done();
  });
}

result change_terms(const context& in, const request& asked) {
  const auto accepted = read_body(asked, [](fields& body) {
    return body.required_flag("termsOfServiceEnabled");
  });
  if (!accepted)
    return make_unexpected(accepted.error());
  const auto& vendor = asked.parameters.at("vendorId");
  if (!*accepted)
    return decline_terms(in, vendor);
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto who = administrator_of(in, book);
                  if (who.email.empty())
                    return refuse(403, "Only a person can accept terms.");
                  return to_decided(admin::accept_terms(
                    book, in.organisation.id, vendor, who, in.now));
                })
    .map(done);
}

/// What a request leaves out stays as it was.
admin::compliance_settings merge(admin::compliance_settings was, fields& body) {
  was.inbound_pstn
    = body.flag("inboundPSTNCallsEnabled").value_or(was.inbound_pstn);
  was.outbound_pstn
    = body.flag("outboundPSTNCallsEnabled").value_or(was.outbound_pstn);
  was.outbound_delayed
    = body.flag("outboundPSTNCallsDelayEnabled").value_or(was.outbound_delayed);
  was.delay
    = std::chrono::seconds{body.number("delayInSeconds", 0, longest_delay)
                             .value_or(was.delay.count())};
  return was;
}

result see_compliance(const context& in, const request&) {
  return look(in, [](const admin::book&, const admin::organisation& of) {
    return document(to_json(of.compliance));
  });
}

result change_compliance(const context& in, const request& asked) {
  auto body = fields::read(asked.body);
  if (!body)
    return make_unexpected(body.error());
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto* of = book.find_organisation(in.organisation.id);
                  if (of == nullptr)
                    return refuse(404, "There is no such organization.");
                  const auto wished = merge(of->compliance, *body);
                  if (const auto fine = body->verdict(); !fine)
                    return make_unexpected(fine.error());
                  return to_decided(
                    admin::set_compliance(book, in.organisation.id, wished));
                })
    .map(done);
}

result see_location_compliance(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto& of) -> result {
    const auto at = find_location(in, book, asked.parameters.at("locationId"));
    if (!at)
      return make_unexpected(at.error());
    auto made = to_json((*at)->compliance.value_or(of.compliance));
    made["useOrgSettingsEnabled"] = !(*at)->compliance.has_value();
    return document(made);
  });
}
/// Whoever changes one of them has the location's own from then on, unless
/// `useOrgSettingsEnabled` says otherwise.
result change_location_compliance(const context& in, const request& asked) {
  auto body = fields::read(asked.body);
  if (!body)
    return make_unexpected(body.error());
  const auto& id = asked.parameters.at("locationId");
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto at = find_location(in, book, id);
                  if (!at)
                    return make_unexpected(at.error());
                  const auto* of = book.find_organisation(in.organisation.id);
                  const auto follows = body->flag("useOrgSettingsEnabled");
                  std::optional wished
                    = merge((*at)->compliance.value_or(of->compliance), *body);
                  if (const auto fine = body->verdict(); !fine)
                    return make_unexpected(fine.error());
                  if (follows.value_or(false))
                    wished.reset();
                  return to_decided(
                    admin::set_location_compliance(book, id, wished));
                })
    .map(done);
}

} // namespace

std::vector<operation> settings_operations() {
  const std::string organisation = "/v1/telephony/config/callRecording";
  const std::string terms = organisation + "/vendors/<vendorId>/termsOfService";
  const std::string location = "/v1/telephony/config/locations/<locationId>"
                               "/callRecording/complianceAnnouncement";
  return {
    {"GET", organisation, action::see_settings, "", see_settings},
    {"PUT", organisation, action::serve_organisation, "organization.allow",
     allow_recording},
    {"GET", terms, action::see_settings, "", see_terms},
    {"PUT", terms, action::accept_terms, "terms.accept", change_terms},
    {"GET", organisation + "/complianceAnnouncement", action::see_settings, "",
     see_compliance},
    {"PUT", organisation + "/complianceAnnouncement", action::change_settings,
     "compliance.change", change_compliance},
    {"GET", location, action::see_settings, "", see_location_compliance},
    {"PUT", location, action::change_settings, "compliance.change",
     change_location_compliance},
  };
}

} // namespace callfork::api
