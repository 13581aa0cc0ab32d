#include "control/admin/entity_json.hpp"
#include "control/admin/entity_json_words.hpp"

namespace callfork::admin {

namespace {

json settings_json(const person_settings& of) {
  return {
    {"enabled", of.enabled},
    {"mode", word_of(words::mode, of.mode)},
    {"records_voicemail", of.records_voicemail},
    {"notifies", of.notifies},
    {"notification", word_of(words::notification, of.notification)},
    {"notified", word_of(words::audience, of.notified)},
    {"tone_repeats", of.tone_repeats},
    {"tone_every", of.tone_every.count()},
    {"announces_internal", of.announces_internal},
    {"announces_pstn", of.announces_pstn},
    {"pauses_for_digits", of.pauses_for_digits},
  };
}

void read_settings(json_fields from, person_settings& into) {
  from.read("enabled", into.enabled);
  from.word("mode", into.mode, words::mode);
  from.read("records_voicemail", into.records_voicemail);
  from.read("notifies", into.notifies);
  from.word("notification", into.notification, words::notification);
  from.word("notified", into.notified, words::audience);
  from.read("tone_repeats", into.tone_repeats);
  from.seconds("tone_every", into.tone_every, 10, 1800);
  from.read("announces_internal", into.announces_internal);
  from.read("announces_pstn", into.announces_pstn);
  from.read("pauses_for_digits", into.pauses_for_digits);
}

} // namespace

json to_json(const person& of) {
  json made{
    {"id", of.id},
    {"organisation", of.organisation},
    {"location", of.location},
    {"first_name", of.first_name},
    {"last_name", of.last_name},
    {"email", of.email},
    {"kind", word_of(words::person_kinds, of.kind)},
    {"licence", word_of(words::licences, of.licence)},
    {"addresses", of.addresses},
    {"settings", settings_json(of.settings)},
    {"plan", word_of(words::plans, of.plan)},
    {"known_to", of.known_to},
    {"service_provider", of.service_provider},
    {"external_group", of.external_group},
    {"external_identifier", of.external_identifier},
  };
  if (of.freed_at)
    made["freed_at"] = millis_of(*of.freed_at);
  return made;
}

void read(json_fields& from, person& into) {
  from.read("id", into.id);
  from.read("organisation", into.organisation);
  from.read("location", into.location);
  from.read("first_name", into.first_name);
  from.read("last_name", into.last_name);
  from.read("email", into.email);
  from.word("kind", into.kind, words::person_kinds);
  from.word("licence", into.licence, words::licences);
  from.texts("addresses", into.addresses, 64);
  read_settings(from.inside("settings"), into.settings);
  from.word("plan", into.plan, words::plans);
  from.maybe("freed_at", into.freed_at, [&](wall_time& at) {
    from.read("freed_at", at);
  });
  from.texts("known_to", into.known_to, 1000);
  from.read("service_provider", into.service_provider);
  from.read("external_group", into.external_group);
  from.read("external_identifier", into.external_identifier);
}

} // namespace callfork::admin
