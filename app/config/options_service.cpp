#include "app/config/option_place.hpp"

namespace callfork::config {

namespace {

constexpr std::string_view event_log_words[] = {"files", "kafka", "none"};
constexpr std::string_view level_words[] = {"trace", "debug", "info", "warn",
                                            "error"};
constexpr std::string_view format_words[] = {"text", "json"};

const option table[] = {
  {.section = "events",
   .name = "log",
   .where = at<&configuration::events, &event_options::log>,
   .sentence = "Where events go: to `files` in the folder below, to `kafka`, "
               "or `none`.",
   .words = event_log_words},
  {.section = "events",
   .name = "folder",
   .where = at<&configuration::events, &event_options::folder>,
   .sentence = "The folder of the event log in files, made when missing."},
  {.section = "events",
   .name = "keep_days",
   .where = at<&configuration::events, &event_options::keep_days>,
   .sentence = "How long the event log in files is kept; 0 keeps it for ever.",
   .highest = 36'500,
   .unit = "days"},
  {.section = "events",
   .name = "keep_limit",
   .where = at<&configuration::events, &event_options::keep_limit>,
   .sentence = "How large the event log in files may grow before its oldest "
               "events go; 0 is no limit.",
   .highest = 10'000'000,
   .unit = "MiB"},
  {.section = "events",
   .name = "outbox",
   .where = at<&configuration::events, &event_options::outbox>,
   .sentence = "The folder where events wait until the log has them, made "
               "when missing. It needs a disk that outlives the process."},
  {.section = "events",
   .name = "outbox_limit",
   .where = at<&configuration::events, &event_options::outbox_limit>,
   .sentence = "How much may wait there; beyond that events are lost, and "
               "counted.",
   .lowest = 16,
   .highest = 10'000'000,
   .unit = "MiB"},
  {.section = "events",
   .name = "topic_prefix",
   .where = at<&configuration::events, &event_options::topic_prefix>,
   .sentence = "Events are on the topic `<prefix>.<region>.events.v1`.",
   .looks = shape::label},
  {.section = "events",
   .name = "kafka_brokers",
   .where = at<&configuration::events, &event_options::kafka_brokers>,
   .sentence = "Kafka brokers to begin with, as `host:port`."},
  {.section = "events",
   .name = "kafka_settings",
   .where = at<&configuration::events, &event_options::kafka_settings>,
   .sentence = "More settings of the Kafka client (librdkafka) by its own "
               "names, as for TLS and SASL. Keep passwords in this file and "
               "off the command line."},
  {.section = "events",
   .name = "kafka_password",
   .where = at<&configuration::events, &event_options::kafka_password>,
   .sentence = "A file with the password for SASL (`sasl.password`), one line "
               "that nobody but owner and group may read. Empty means none."},

  {.section = "admin",
   .name = "folder",
   .where = at<&configuration::admin, &admin_options::folder>,
   .sentence = "The folder of the `config` log, made when missing, where "
               "events.log is not kafka: then it is the topic "
               "`<prefix>.config.v1`. Empty without Kafka: no administration."},

  {.section = "http",
   .name = "listen",
   .where = at<&configuration::http, &http_options::listen>,
   .sentence = "Where health, metrics and the API are served, and to this "
               "machine alone the lists of calls, events and recordings."},
  {.section = "http",
   .name = "beyond_loopback",
   .where = at<&configuration::http, &http_options::beyond_loopback>,
   .sentence = "Allows `listen` to be reachable from other machines. Health "
               "and metrics have no log-in; the API then needs a certificate."},
  {.section = "http",
   .name = "connections",
   .where = at<&configuration::http, &http_options::connections>,
   .sentence = "How many connections may be open at once.",
   .lowest = 1,
   .highest = 10'000,
   .unit = "connections"},
  {.section = "http",
   .name = "idle_timeout",
   .where = at<&configuration::http, &http_options::idle_timeout>,
   .sentence = "A connection without a request for this long is closed.",
   .lowest = second,
   .highest = hour},
  {.section = "http",
   .name = "certificate",
   .where = at<&configuration::http, &http_options::certificate>,
   .sentence = "Our certificate and its chain, a PEM file: with it, TLS alone "
               "is spoken. Read again when it changes."},
  {.section = "http",
   .name = "key",
   .where = at<&configuration::http, &http_options::key>,
   .sentence = "The key of that certificate, a PEM file."},

  {.section = "api",
   .name = "keys",
   .where = at<&configuration::api, &api_options::keys>,
   .sentence = "A file of API keys without the keys themselves: lines of a "
               "name, a role, an organisation and the key's SHA-256 in hex. "
               "Read again when it changes. Without it and `key_set` the API "
               "refuses everybody."},
  {.section = "api",
   .name = "key_set",
   .where = at<&configuration::api, &api_options::key_set>,
   .sentence = "The keys that sign bearer tokens (RS256, ES256), a JSON Web "
               "Key Set: a file, or a URL of https."},
  {.section = "api",
   .name = "authorities",
   .where = at<&configuration::api, &api_options::authorities>,
   .sentence = "Who may issue the certificate of that URL's server, a PEM "
               "file. Empty means those whom this machine trusts."},
  {.section = "api",
   .name = "issuer",
   .where = at<&configuration::api, &api_options::issuer>,
   .sentence = "Who has to have issued a token (`iss`); needed with "
               "`key_set`."},
  {.section = "api",
   .name = "audience",
   .where = at<&configuration::api, &api_options::audience>,
   .sentence = "For whom a token has to be (`aud`)."},
  {.section = "api",
   .name = "caller_rate",
   .where = at<&configuration::api, &api_options::caller_rate>,
   .sentence = "How often a caller may ask, in the long run.",
   .lowest = 1,
   .highest = 100'000,
   .unit = "requests a second"},
  {.section = "api",
   .name = "caller_burst",
   .where = at<&configuration::api, &api_options::caller_burst>,
   .sentence = "How many of them at once.",
   .lowest = 1,
   .highest = 1'000'000,
   .unit = "requests"},
  {.section = "api",
   .name = "address_rate",
   .where = at<&configuration::api, &api_options::address_rate>,
   .sentence = "The same for an address, whoever asks from there; a request "
               "that no good token comes with counts ten more.",
   .lowest = 1,
   .highest = 100'000,
   .unit = "requests a second"},
  {.section = "api",
   .name = "address_burst",
   .where = at<&configuration::api, &api_options::address_burst>,
   .sentence = "How many of them at once.",
   .lowest = 1,
   .highest = 1'000'000,
   .unit = "requests"},
  {.section = "api",
   .name = "audit_folder",
   .where = at<&configuration::api, &api_options::audit_folder>,
   .sentence = "The folder of the audit log: every change, and every access "
               "to a recording. Made when missing; nothing in it is ever "
               "removed. With Kafka it also goes to the topic "
               "`<prefix>.<region>.audit.v1`."},
  {.section = "api",
   .name = "audit_key",
   .where = at<&configuration::api, &api_options::audit_key>,
   .sentence = "A file with the key that seals the audit log, 32 to 512 "
               "characters on its first line; needed as soon as the API lets "
               "anybody in."},
  {.section = "api",
   .name = "link_key",
   .where = at<&configuration::api, &api_options::link_key>,
   .sentence = "A file with the key that signs links to audio, 32 to 512 "
               "characters on its first line. Nodes with the same one honour "
               "each other's links. Without it links end with the process "
               "that made them."},

  {.section = "log",
   .name = "level",
   .where = at<&configuration::log, &log_options::level>,
   .sentence = "The least important lines that are still written.",
   .words = level_words},
  {.section = "log",
   .name = "format",
   .where = at<&configuration::log, &log_options::format>,
   .sentence = "`text` for people, `json` for machines, one line each.",
   .words = format_words},

  {.section = "shutdown",
   .name = "drain",
   .where = at<&configuration::shutdown, &shutdown_options::drain>,
   .sentence = "How long calls may go on when the node is told to stop: new "
               "ones are refused meanwhile. A second signal ends the wait.",
   .highest = 24 * hour},
  {.section = "shutdown",
   .name = "grace",
   .where = at<&configuration::shutdown, &shutdown_options::grace>,
   .sentence = "How long the node may take after that to end its calls, to "
               "finish recordings and to deliver events.",
   .lowest = second,
   .highest = 24 * hour},
};

} // namespace

std::span<const option> service_options() {
  return table;
}

} // namespace callfork::config
