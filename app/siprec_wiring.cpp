#include "app/siprec_wiring.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <utility>
#include <vector>

namespace callfork {

namespace {

using actors::siprec_provider;
using done = expected<void, std::string>;

/// The codecs that may be offered to providers, and under which types.
const std::array<siprec::session_codec, 6> known_codecs{{
  {{0, "PCMU", 8000, 1}, ""},
  {{8, "PCMA", 8000, 1}, ""},
  {{9, "G722", 8000, 1}, ""},
  {{107, "opus", 48000, 2}, ""},
  {{13, "CN", 8000, 1}, ""},
  {{101, "telephone-event", 8000, 1}, "0-16"},
}};

std::vector<std::string_view> words_of(std::string_view text, char between) {
  std::vector<std::string_view> made;
  while (!text.empty()) {
    const auto end = std::min(text.find(between), text.size());
    if (end > 0)
      made.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return made;
}

done wrong(const std::string& text) {
  return make_unexpected(text);
}

done read_codecs(siprec_provider& into, std::string_view names) {
  into.codecs.clear();
  for (const auto name : words_of(names, '+')) {
    const auto* const known
      = std::ranges::find_if(known_codecs, [name](const auto& one) {
          return one.format.encoding == name;
        });
    if (known == known_codecs.end())
      return wrong("'" + std::string{name} + "' is no codec for providers");
    into.codecs.push_back(*known);
  }
  return into.codecs.empty() ? wrong("codecs= names none") : done{};
}

done read_dialect(siprec_provider& into, std::string_view name) {
  for (const auto one : {siprec::dialect::rfc7865, siprec::dialect::broadworks})
    if (name == siprec::to_string(one)) {
      into.dialect = one;
      return {};
    }
  return wrong("dialect= is rfc7865 or broadworks");
}

done read_rate(siprec_provider& into, std::string_view text) {
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, into.rate);
  if (read.ec != std::errc{} || read.ptr != end || into.rate < 1
      || into.rate > 20)
    return wrong("rate= is a number from 1 to 20");
  return {};
}

done read_password(siprec_provider& into, const std::string& file) {
  std::ifstream from{file};
  std::string line;
  if (!std::getline(from, line) || line.empty())
    return wrong("password-file: '" + file + "' cannot be read");
  if (!into.login)
    into.login.emplace();
  into.login->password = std::move(line);
  return {};
}

done read_word(siprec_provider& into, std::string_view word) {
  if (word.starts_with("sip:") || word.starts_with("sips:")) {
    into.targets.emplace_back(word);
    return {};
  }
  if (word == "srtp") {
    into.secure = true;
    return {};
  }
  const auto equals = word.find('=');
  if (equals == std::string_view::npos)
    return wrong("'" + std::string{word} + "' is neither URI nor setting");
  const auto key = word.substr(0, equals);
  const auto value = word.substr(equals + 1);
  if (key == "codecs")
    return read_codecs(into, value);
  if (key == "dialect")
    return read_dialect(into, value);
  if (key == "rate")
    return read_rate(into, value);
  if (key == "password-file")
    return read_password(into, std::string{value});
  if (key != "user" && key != "interface")
    return wrong("'" + std::string{key} + "' is no setting of a provider");
  if (key == "interface") {
    into.interface = value;
    return {};
  }
  if (!into.login)
    into.login.emplace();
  into.login->user = value;
  return {};
}

void add(std::vector<sip::listen_address>& to, sip::transport over,
         const std::vector<endpoint>& all) {
  for (const auto& at : all)
    to.push_back({over, at});
}

done read_server(actors::siprec_settings& into,
                 const config::siprec_options& said) {
  into.serves = said.serve;
  into.server.silent_after = said.silent_timeout;
  if (said.mode == config::siprec_mode::always_pausable)
    into.server.mode = recording::mode::always_pausable;
  auto owners = siprec::organisations::read(said.organisations);
  if (!owners)
    return wrong("siprec.organisations: " + owners.error());
  if (!owners->empty() && !said.client_certificates)
    return wrong("siprec.organisations: needs siprec.client_certificates");
  into.server.owners = std::move(*owners);
  return {};
}

} // namespace

expected<siprec_provider, std::string> read_provider(std::string_view text) {
  const auto words = words_of(text, ' ');
  siprec_provider made;
  made.codecs = {known_codecs[0], known_codecs[1], known_codecs.back()};
  for (const auto word : words) {
    if (made.name.empty()) {
      made.name = word;
      continue;
    }
    if (const auto read = read_word(made, word); !read)
      return make_unexpected(made.name + ": " + read.error());
  }
  if (made.targets.empty())
    return make_unexpected("'" + std::string{text}
                           + "' is not a name and a SIP URI");
  return made;
}

expected<std::optional<actors::siprec_settings>, std::string>
to_siprec_settings(const config::configuration& from) {
  const auto& said = from.siprec;
  actors::siprec_settings made;
  add(made.agent.listen, sip::transport::udp, said.udp);
  add(made.agent.listen, sip::transport::tcp, said.tcp);
  add(made.agent.listen, sip::transport::tls, said.tls);
  for (const auto& text : said.providers) {
    auto provider = read_provider(text);
    if (!provider)
      return make_unexpected("siprec.providers: " + provider.error());
    auto& watched = made.agent.watched.targets;
    for (const auto& target : provider->targets)
      if (std::ranges::find(watched, target) == watched.end())
        watched.push_back(target);
    made.providers.push_back(std::move(*provider));
  }
  if (made.agent.listen.empty()) {
    if (!made.providers.empty())
      return make_unexpected(
        std::string{"siprec.providers: there is no address to call from; set "
                    "siprec.udp, siprec.tcp or siprec.tls"});
    return std::nullopt;
  }
  if (!said.tls.empty() && (said.certificate.empty() || said.key.empty()))
    return make_unexpected(
      std::string{"siprec.tls: needs siprec.certificate and siprec.key"});
  if (!said.certificate.empty())
    made.agent.tls = {said.certificate, said.key, said.authorities};
  made.agent.watched.every
    = std::chrono::duration_cast<std::chrono::seconds>(said.keepalive);
  made.agent.advertise = said.advertise;
  made.agent.require_client_certificates = said.client_certificates;
  if (auto read = read_server(made, said); !read)
    return make_unexpected(read.error());
  return made;
}

} // namespace callfork
