#include "app/config/option.hpp"

#include <array>

namespace callfork::config {

namespace {

struct section {
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array sections{
  section{"node", "Who this node is, and how much it takes on."},
  section{"cluster", "The other nodes of the region, over which calls are "
                     "spread. Links are TLS with certificates on both sides."},
  section{"ng", "The door for Kamailio and other SIP proxies."},
  section{"media", "Addresses, ports and time-outs of the calls' audio."},
  section{"recording", "What is recorded, and how it travels to the sinks."},
  section{"ending", "Who ends a call that recording.on_failure does not let "
                    "go on. callfork itself cannot: signalling is another's."},
  section{"sinks", "How the receivers of recordings are treated."},
  section{"vault", "The sink that writes recordings to this machine's disk."},
  section{"siprec", "Recordings by SIP (RFC 7866): to providers, and from "
                    "recording clients."},
  section{"events", "The story of every call, for other systems to follow."},
  section{"admin", "What administrators decide about recording."},
  section{"http", "Health, metrics and questions."},
  section{"api", "Whom the API lets in, and what it writes down."},
  section{"log", "What the node tells about itself on standard error."},
  section{"shutdown", "What happens on SIGTERM and SIGINT."},
};

} // namespace

std::string_view section_sentence(std::string_view name) {
  for (const auto& each : sections)
    if (each.name == name)
      return each.sentence;
  return {};
}

} // namespace callfork::config
