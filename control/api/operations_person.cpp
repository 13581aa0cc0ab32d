#include "control/api/fields.hpp"
#include "control/api/operation.hpp"
#include "control/api/words.hpp"

#include <nlohmann/json.hpp>

namespace callfork::api {

namespace {

using json = nlohmann::ordered_json;

json settings_json(const admin::person& of) {
  const auto& has = of.settings;
  return {
    {"enabled", has.enabled},
    {"record", word_for(words::record, has.mode)},
    {"recordVoicemailEnabled", has.records_voicemail},
    {"notification",
     {{"type", word_for(words::notification, has.notification)},
      {"enabled", has.notifies},
      {"audience", word_for(words::audience, has.notified)}}},
    {"repeat",
     {{"interval", has.tone_every.count()}, {"enabled", has.tone_repeats}}},
    {"serviceProvider", of.service_provider},
    {"externalGroup", of.external_group},
    {"externalIdentifier", of.external_identifier},
    {"startStopAnnouncement",
     {{"internalCallsEnabled", has.announces_internal},
      {"pstnCallsEnabled", has.announces_pstn}}},
    {"pauseForDigitsEnabled", has.pauses_for_digits},
  };
}

admin::settings_wish read_settings_wish(fields& body) {
  admin::settings_wish made;
  made.enabled = body.flag("enabled");
  made.mode = body.word("record", words::record);
  made.records_voicemail = body.flag("recordVoicemailEnabled");
  made.pauses_for_digits = body.flag("pauseForDigitsEnabled");
  if (auto notification = body.object("notification")) {
    made.notifies = notification->flag("enabled");
    made.notification = notification->word("type", words::notification);
    // Clients of the public API read "None", and write it so.
    if (notification->is_null("type"))
      made.notification = recording::notification::none;
    made.notified = notification->word("audience", words::audience);
  }
  if (auto repeat = body.object("repeat")) {
    made.tone_repeats = repeat->flag("enabled");
    if (const auto every = repeat->number("interval", 10, 1800))
      made.tone_every = std::chrono::seconds{*every};
  }
  if (auto announced = body.object("startStopAnnouncement")) {
    made.announces_internal = announced->flag("internalCallsEnabled");
    made.announces_pstn = announced->flag("pstnCallsEnabled");
  }
  return made;
}

result see_person_settings(const context& in, const request& asked) {
  return look(in, [&](const admin::book& book, const auto&) -> result {
    const auto found = find_person(in, book, asked.parameters.at("personId"));
    if (!found)
      return make_unexpected(found.error());
    if (!is_allowed(in, action::see_person, (*found)->id))
      return refuse(403, "You may not see this.");
    return document(settings_json(**found));
  });
}

result change_person_settings(const context& in, const request& asked) {
  const auto wish = read_body(asked, read_settings_wish);
  if (!wish)
    return make_unexpected(wish.error());
  return change(in,
                [&](const admin::book& book) -> decided {
                  const auto found
                    = find_person(in, book, asked.parameters.at("personId"));
                  if (!found)
                    return make_unexpected(found.error());
                  return to_decided(
                    admin::change_settings(book, (*found)->id, *wish,
                                           administrator_of(in, book), in.now));
                })
    .map(done);
}

} // namespace

std::vector<operation> person_operations() {
  const std::string path = "/v1/people/<personId>/features/callRecording";
  return {
    {"GET", path, std::nullopt, "", see_person_settings},
    {"PUT", path, action::change_person, "person.change",
     change_person_settings},
  };
}

} // namespace callfork::api
