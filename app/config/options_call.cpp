#include "app/config/option_place.hpp"

namespace callfork::config {

namespace {

constexpr std::string_view source_words[] = {"pinned", "learn-port",
                                             "learn-address"};
constexpr std::string_view mode_words[]
  = {"never", "always", "always-with-pause-resume", "on-demand"};
constexpr std::string_view notification_words[] = {"none", "beep",
                                                   "announcement"};
constexpr std::string_view failure_words[]
  = {"proceed", "proceed-with-announcement", "end-with-announcement"};
constexpr std::string_view siprec_mode_words[] = {"always",
                                                  "always-with-pause-resume"};
constexpr std::string_view pause_words[] = {"cut", "silence"};

const option table[] = {
  {.section = "node",
   .name = "name",
   .where = at<&configuration::node, &node_options::name>,
   .sentence = "The node's name, unique in its region; it stands in events.",
   .looks = shape::label},
  {.section = "node",
   .name = "region",
   .where = at<&configuration::node, &node_options::region>,
   .sentence = "The region; it stands in events and in the names of topics.",
   .looks = shape::label},
  {.section = "node",
   .name = "shards",
   .where = at<&configuration::node, &node_options::shards>,
   .sentence = "How many threads carry media; 0 is one for each core.",
   .highest = 256,
   .unit = "threads"},
  {.section = "node",
   .name = "workers",
   .where = at<&configuration::node, &node_options::workers>,
   .sentence = "How many threads carry everything that is not media.",
   .lowest = 2,
   .highest = 64,
   .unit = "threads"},
  {.section = "node",
   .name = "max_calls",
   .where = at<&configuration::node, &node_options::max_calls>,
   .sentence = "How many calls may live at once, more are refused; 0 is no "
               "limit.",
   .highest = 1'000'000,
   .unit = "calls"},

  {.section = "cluster",
   .name = "listen",
   .where = at<&configuration::cluster, &cluster_options::listen>,
   .sentence = "Where other nodes dial this one, as `address:port`; empty: "
               "the node knows no others."},
  {.section = "cluster",
   .name = "peers",
   .where = at<&configuration::cluster, &cluster_options::peers>,
   .sentence = "The nodes of the region as `host:port`; a name stands for all "
               "its addresses, and this node's own may be among them."},
  {.section = "cluster",
   .name = "certificate",
   .where = at<&configuration::cluster, &cluster_options::certificate>,
   .sentence = "By what other nodes know this one, a PEM file. Needed with "
               "`listen`, as are the two below. Read again when it changes."},
  {.section = "cluster",
   .name = "key",
   .where = at<&configuration::cluster, &cluster_options::key>,
   .sentence = "The key of that certificate, a PEM file."},
  {.section = "cluster",
   .name = "authorities",
   .where = at<&configuration::cluster, &cluster_options::authorities>,
   .sentence = "Who signed the nodes' certificates, a PEM file. Whoever has a "
               "certificate of theirs is believed to be a node: use an "
               "authority that signs nothing else."},

  {.section = "ng",
   .name = "udp",
   .where = at<&configuration::ng, &ng_options::udp>,
   .sentence = "Where NG requests arrive by UDP."},
  {.section = "ng",
   .name = "tcp",
   .where = at<&configuration::ng, &ng_options::tcp>,
   .sentence = "Where NG requests arrive by TCP."},
  {.section = "ng",
   .name = "allowed",
   .where = at<&configuration::ng, &ng_options::allowed>,
   .sentence = "Who may send NG requests: everybody else gets no answer at "
               "all. Empty means this machine alone; needed as soon as an "
               "address above is not a loopback one.",
   .looks = shape::network},
  {.section = "ng",
   .name = "answer_within",
   .where = at<&configuration::ng, &ng_options::answer_within>,
   .sentence = "A request that takes longer is answered with an error.",
   .lowest = 100,
   .highest = minute},
  {.section = "ng",
   .name = "tcp_connections",
   .where = at<&configuration::ng, &ng_options::tcp_connections>,
   .sentence = "How many NG connections by TCP may be open at once, for each "
               "address.",
   .lowest = 1,
   .highest = 10'000,
   .unit = "connections"},

  {.section = "media",
   .name = "interfaces",
   .where = at<&configuration::media, &media_options::interfaces>,
   .sentence = "The addresses for media. The first is the default; requests "
               "choose others by `direction`. `advertised` is what SDP tells "
               "the parties when it differs from the bound address."},
  {.section = "media",
   .name = "port_lowest",
   .where = at<&configuration::media, &media_options::port_lowest>,
   .sentence = "The lowest port for media.",
   .lowest = 1024,
   .highest = 65'534,
   .unit = "a UDP port"},
  {.section = "media",
   .name = "port_highest",
   .where = at<&configuration::media, &media_options::port_highest>,
   .sentence = "The highest port for media. A call of two parties takes four.",
   .lowest = 1025,
   .highest = 65'535,
   .unit = "a UDP port"},
  {.section = "media",
   .name = "port_quarantine",
   .where = at<&configuration::media, &media_options::port_quarantine>,
   .sentence = "How long a port rests after a call, so that late packets of "
               "one call never reach the next.",
   .highest = 10 * minute},
  {.section = "media",
   .name = "source",
   .where = at<&configuration::media, &media_options::source>,
   .sentence = "Whose packets are taken: `pinned`, from the address and port "
               "of the SDP alone; `learn-port`, from its address and any "
               "port; `learn-address`, from whoever comes first, which "
               "without SRTP lets strangers in.",
   .words = source_words},
  {.section = "media",
   .name = "tos",
   .where = at<&configuration::media, &media_options::tos>,
   .sentence = "The type of service of media packets; 184 is expedited "
               "forwarding.",
   .highest = 255,
   .unit = "the IP header's octet"},
  {.section = "media",
   .name = "silent_timeout",
   .where = at<&configuration::media, &media_options::silent_timeout>,
   .sentence = "A call without any packet for this long is over.",
   .lowest = second,
   .highest = 24 * hour},
  {.section = "media",
   .name = "held_timeout",
   .where = at<&configuration::media, &media_options::held_timeout>,
   .sentence = "The same for a call on hold.",
   .lowest = second,
   .highest = 7 * 24 * hour},
  {.section = "media",
   .name = "delete_delay",
   .where = at<&configuration::media, &media_options::delete_delay>,
   .sentence = "How long a call lives on after its `delete`, unless the "
               "request says so itself.",
   .highest = 10 * minute},
  {.section = "media",
   .name = "prompts",
   .where = at<&configuration::media, &media_options::prompts>,
   .sentence = "The folder below which `play media` finds its audio files. "
               "Empty means that requests may name any file."},

  {.section = "recording",
   .name = "mode",
   .where = at<&configuration::recording, &recording_options::mode>,
   .sentence = "How a call is recorded whose requests say nothing about it.",
   .words = mode_words},
  {.section = "recording",
   .name = "announce",
   .where = at<&configuration::recording, &recording_options::announce>,
   .sentence = "Whether all parties are told when a recording starts and "
               "stops. What is played lies in media.prompts, as in "
               "en/start.wav. Administrators may decide otherwise."},
  {.section = "recording",
   .name = "notify",
   .where = at<&configuration::recording, &recording_options::notify>,
   .sentence = "What all parties hear when it is paused and when it goes on.",
   .words = notification_words},
  {.section = "recording",
   .name = "tone_every",
   .where = at<&configuration::recording, &recording_options::tone_every>,
   .sentence = "How often all parties hear a tone while the call is recorded: "
               "10 seconds to 30 minutes. 0 means never.",
   .highest = 30 * minute},
  {.section = "recording",
   .name = "on_failure",
   .where = at<&configuration::recording, &recording_options::on_failure>,
   .sentence = "What happens to a call that is to be recorded when no "
               "provider can be reached.",
   .words = failure_words},
  {.section = "recording",
   .name = "pause_for_digits",
   .where = at<&configuration::recording, &recording_options::pause_for_digits>,
   .sentence = "Whether recordings pause while somebody sends digits. Those "
               "digits are not recorded then."},
  {.section = "recording",
   .name = "batch",
   .where = at<&configuration::recording, &recording_options::batch>,
   .sentence = "How long audio waits for more before it goes to the sinks.",
   .lowest = 20,
   .highest = 100},
  {.section = "recording",
   .name = "prebuffer",
   .where = at<&configuration::recording, &recording_options::prebuffer>,
   .sentence = "How much audio of each call waits for a sink that is late or "
               "slow. What is missed beyond that is told as a gap.",
   .lowest = 100,
   .highest = minute},
  {.section = "recording",
   .name = "prebuffer_limit",
   .where = at<&configuration::recording, &recording_options::prebuffer_limit>,
   .sentence = "How much memory that may take for each call, at most.",
   .lowest = 4,
   .highest = 65'536,
   .unit = "KiB"},

  {.section = "ending",
   .name = "webhook",
   .where = at<&configuration::ending, &ending_options::webhook>,
   .sentence = "A URL that gets a POST of JSON for each such call. Empty "
               "means none; the event session.ending is told in any case."},
  {.section = "ending",
   .name = "webhook_token",
   .where = at<&configuration::ending, &ending_options::webhook_token>,
   .sentence = "A file with the bearer token that goes along, one line that "
               "nobody but owner and group may read. Empty means none."},
  {.section = "ending",
   .name = "kamailio",
   .where = at<&configuration::ending, &ending_options::kamailio>,
   .sentence = "URLs of JSON-RPC over HTTP, one for each Kamailio (modules "
               "jsonrpcs, xhttp and dialog): each is asked to terminate the "
               "dialog, and the one that has it does."},
  {.section = "ending",
   .name = "authorities",
   .where = at<&configuration::ending, &ending_options::authorities>,
   .sentence = "Who may issue the certificates of those URLs, a PEM file. "
               "Empty means those whom this machine trusts."},
  {.section = "ending",
   .name = "plain_http",
   .where = at<&configuration::ending, &ending_options::plain_http>,
   .sentence = "Whether those URLs may be of plain http to other machines: "
               "whoever is on the way then sees who calls, and can end calls. "
               "The token never goes that way."},
  {.section = "ending",
   .name = "answer_within",
   .where = at<&configuration::ending, &ending_options::answer_within>,
   .sentence = "How long one attempt may take.",
   .lowest = 100,
   .highest = 10 * second},
  {.section = "ending",
   .name = "give_up",
   .where = at<&configuration::ending, &ending_options::give_up>,
   .sentence = "For how long attempts that fail are repeated.",
   .lowest = second,
   .highest = 2 * minute},

  {.section = "sinks",
   .name = "credit",
   .where = at<&configuration::sinks, &sink_options::credit>,
   .sentence = "How many batches a sink may be given before it has dealt with "
               "the first of them.",
   .lowest = 1,
   .highest = 1000,
   .unit = "batches"},
  {.section = "sinks",
   .name = "first_retry",
   .where = at<&configuration::sinks, &sink_options::first_retry>,
   .sentence = "How long after its failure a sink is tried again; each further "
               "failure doubles it.",
   .lowest = 50,
   .highest = minute},
  {.section = "sinks",
   .name = "last_retry",
   .where = at<&configuration::sinks, &sink_options::last_retry>,
   .sentence = "The longest such wait.",
   .lowest = 50,
   .highest = hour},
  {.section = "sinks",
   .name = "finish_within",
   .where = at<&configuration::sinks, &sink_options::finish_within>,
   .sentence = "How long an ended recording waits for its sinks.",
   .lowest = second,
   .highest = hour},

  {.section = "vault",
   .name = "folder",
   .where = at<&configuration::vault, &vault_options::folder>,
   .sentence = "The folder of recordings, made when missing. Empty means no "
               "vault."},
  {.section = "vault",
   .name = "writers",
   .where = at<&configuration::vault, &vault_options::writers>,
   .sentence = "How many threads write recordings.",
   .lowest = 1,
   .highest = 64,
   .unit = "threads"},
  {.section = "vault",
   .name = "pauses",
   .where = at<&configuration::vault, &vault_options::pauses>,
   .sentence = "What a pause leaves in the file: nothing (`cut`), or `silence` "
               "of its length.",
   .words = pause_words},
  {.section = "vault",
   .name = "patience",
   .where = at<&configuration::vault, &vault_options::patience>,
   .sentence = "How long a packet waits for earlier ones: the jitter and the "
               "reordering that leave no trace.",
   .lowest = 20,
   .highest = 2 * second},
  {.section = "vault",
   .name = "flush",
   .where = at<&configuration::vault, &vault_options::flush>,
   .sentence = "How often a recording's header follows its audio, which goes "
               "to the disk at once: what a player sees of a live file.",
   .lowest = 100,
   .highest = 10 * second},
  {.section = "vault",
   .name = "key_file",
   .where = at<&configuration::vault, &vault_options::key_file>,
   .sentence = "Keys that encrypt recordings (AES-256-GCM), each a line of an "
               "identifier and 32 bytes in hexadecimal or base64: new "
               "recordings take the first. Without a file they are plain WAV."},

  {.section = "siprec",
   .name = "udp",
   .where = at<&configuration::siprec, &siprec_options::udp>,
   .sentence = "Where SIP is spoken by UDP. Without any address there is no "
               "SIP."},
  {.section = "siprec",
   .name = "tcp",
   .where = at<&configuration::siprec, &siprec_options::tcp>,
   .sentence = "The same by TCP."},
  {.section = "siprec",
   .name = "tls",
   .where = at<&configuration::siprec, &siprec_options::tls>,
   .sentence = "The same by TLS, which needs a certificate."},
  {.section = "siprec",
   .name = "advertise",
   .where = at<&configuration::siprec, &siprec_options::advertise>,
   .sentence = "The host that peers send to, where it is not the address that "
               "we listen on."},
  {.section = "siprec",
   .name = "certificate",
   .where = at<&configuration::siprec, &siprec_options::certificate>,
   .sentence = "Our certificate and its chain, a PEM file."},
  {.section = "siprec",
   .name = "key",
   .where = at<&configuration::siprec, &siprec_options::key>,
   .sentence = "The key of that certificate, a PEM file."},
  {.section = "siprec",
   .name = "authorities",
   .where = at<&configuration::siprec, &siprec_options::authorities>,
   .sentence = "Who may issue the certificates of peers, a PEM file. Empty "
               "means those whom this machine trusts."},
  {.section = "siprec",
   .name = "client_certificates",
   .where = at<&configuration::siprec, &siprec_options::client_certificates>,
   .sentence = "Whether recording clients must show a certificate (mutual "
               "TLS)."},
  {.section = "siprec",
   .name = "serve",
   .where = at<&configuration::siprec, &siprec_options::serve>,
   .sentence = "Whether recording clients are welcome. Anyone who reaches the "
               "addresses above may then record here: keep them to a network "
               "of your own, or ask for certificates."},
  {.section = "siprec",
   .name = "mode",
   .where = at<&configuration::siprec, &siprec_options::mode>,
   .sentence = "How the sessions of recording clients are recorded: whether "
               "we can be asked to pause them. Clients themselves always can.",
   .words = siprec_mode_words},
  {.section = "siprec",
   .name = "organisations",
   .where = at<&configuration::siprec, &siprec_options::organisations>,
   .sentence = "Whose recording clients are whose, by the names in their "
               "certificates: each is a name, or *.domain for any one label "
               "before it, then '=' and the organisation, which counts more "
               "than what a client says. Needs client_certificates; when any "
               "is named, all other clients are refused with 403, those "
               "without TLS too."},
  {.section = "siprec",
   .name = "silent_timeout",
   .where = at<&configuration::siprec, &siprec_options::silent_timeout>,
   .sentence = "After how long without a packet a recording client is asked "
               "whether it is there. If it is not, its session ends; if it is, "
               "it is asked again after as long.",
   .lowest = 5 * second,
   .highest = hour},
  {.section = "siprec",
   .name = "providers",
   .where = at<&configuration::siprec, &siprec_options::providers>,
   .sentence = "Who gets every recording by SIPREC, beside the vault. Each is "
               "a name, its SIP URIs in the order in which they are tried, and "
               "what is not the default of: srtp, codecs=PCMU+PCMA, "
               "dialect=rfc7865 or broadworks, rate=2 (times real time while "
               "catching up), user=, password-file=, interface=."},
  {.section = "siprec",
   .name = "keepalive",
   .where = at<&configuration::siprec, &siprec_options::keepalive>,
   .sentence = "How often providers are asked whether they are there (SIP "
               "OPTIONS); those that are not are tried after the others. 0s "
               "means never.",
   .highest = hour},
};

} // namespace

std::span<const option> call_options() {
  return table;
}

} // namespace callfork::config
