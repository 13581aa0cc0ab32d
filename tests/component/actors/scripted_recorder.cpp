#include "tests/component/actors/scripted_recorder.hpp"

#include "actors/siprec_body.hpp"
#include "control/siprec/metadata_writer.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <utility>

namespace callfork::test {

namespace {

std::string metadata_in(const siprec::written_body& body) {
  const auto parts = siprec::read_body(body.content_type, body.content, {});
  if (!parts)
    return {};
  for (const auto& part : *parts)
    if (part.type == siprec::metadata_type)
      return part.content;
  return {};
}

/// For xmllint: one file a document in the folder that the environment's
/// CALLFORK_TEST_METADATA names, if it does.
void write_out(const std::string& metadata) {
  static int number = 0;
  const auto* folder = std::getenv("CALLFORK_TEST_METADATA");
  if (folder == nullptr || metadata.empty())
    return;
  std::ofstream{std::string{folder} + "/" + std::to_string(++number) + ".xml"}
    << metadata;
}

siprec::written_body sdp_body(std::string sdp) {
  return {"application/sdp", std::move(sdp)};
}

} // namespace

std::array<std::string, 2> directions_in(const std::string& sdp) {
  std::array<std::string, 2> made;
  auto at = sdp.find("m=audio ");
  for (auto& each : made) {
    const auto next = std::min(sdp.find("m=audio ", at + 1), sdp.size());
    const auto section = sdp.substr(at, next - at);
    for (const auto* word : {"sendonly", "inactive", "recvonly", "sendrecv"})
      if (section.find("a=" + std::string{word}) != std::string::npos)
        each = word;
    if (section.starts_with("m=audio 0 "))
      each = "refused";
    at = next;
  }
  return made;
}

siprec::peer_metadata scripted_recorder::words::read() const {
  auto made = siprec::read_metadata(metadata, callfork_space(), {});
  if (!made)
    FAIL(made.error().reason << "\n" << metadata);
  return std::move(*made);
}

scripted_recorder::scripted_recorder() {
  provider.name = "scripted";
  provider.targets = {"sip:rec@127.0.0.1"};
  provider.codecs = {{{0, "PCMU", 8000, 1}, ""}, {{8, "PCMA", 8000, 1}, ""}};
  const auto local = *endpoint::parse("127.0.0.1", 0);
  net::port_pool_settings settings;
  const auto other = *endpoint::parse("::1", 0);
  settings.interfaces = {{"default", local, local}, {"default", other, other}};
  settings.first_port = 42000;
  settings.last_port = 44000;
  auto made = net::port_pool::make(settings);
  REQUIRE(made.has_value());
  ports_.emplace(std::move(*made));
}

actors::sink_kind
scripted_recorder::kind(std::function<actors::shard&()> home) {
  actors::sink_kind made{provider.name, bus::transport::siprec, {}};
  auto inner = std::make_shared<std::optional<actors::sink_kind>>();
  made.start = [this, inner, home = std::move(home)](std::uint32_t attempt) {
    if (!*inner) {
      *inner = actors::siprec_sinks(provider, {this, &*ports_}, {&home()});
      figures = (*inner)->figures;
    }
    return (*inner)->start(attempt);
  };
  return made;
}

void scripted_recorder::tell(sip::session_event what) {
  REQUIRE(listener_);
  const auto listener = listener_;
  listener(session_, what);
}

void scripted_recorder::note(sip::method by, const siprec::written_body& body) {
  said.push_back({by, actors::sdp_in(body), metadata_in(body)});
  write_out(said.back().metadata);
}

std::string scripted_recorder::description(const wishes& with) const {
  std::string made = "v=0\r\no=- 1 " + std::to_string(version_)
                     + " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                       "t=0 0\r\n";
  for (std::size_t at = 0; at < with.size(); ++at) {
    const auto refused = with[at] == "refused";
    made += "m=audio " + std::to_string(refused ? 0 : ears_[at].port())
            + " RTP/AVP 0 8\r\na=label:" + std::to_string(at + 1) + "\r\n";
    if (!refused)
      made += "a=rtcp:" + std::to_string(reports_[at].port())
              + "\r\na=" + with[at] + "\r\n";
  }
  return made;
}

std::string scripted_recorder::answer_to(const std::string& offer,
                                         const wishes& with) const {
  auto answer = with;
  const auto offered = directions_in(offer);
  for (std::size_t at = 0; at < answer.size(); ++at)
    if (offered[at] == "inactive" && answer[at] != "refused")
      answer[at] = "inactive";
  return description(answer);
}

void scripted_recorder::accept(const wishes& with) {
  wish_ = with;
  sip::established what;
  what.target = provider.targets.front();
  what.call_id = "recorded-" + std::to_string(opened);
  what.takes_update = answers_updates != 0;
  what.body = sdp_body(answer_to(last().sdp, with));
  tell(std::move(what));
}

void scripted_recorder::refuse(unsigned status, const std::string& reason) {
  tell(sip::open_failed{status, reason});
  listener_ = nullptr;
}

void scripted_recorder::refuse_if_asked(unsigned status,
                                        const std::string& reason) {
  if (listener_)
    refuse(status, reason);
}

void scripted_recorder::answer_now() {
  answers = true;
  answer(last().by);
}

void scripted_recorder::skip(unsigned status) {
  tell(sip::target_failed{provider.targets.front(), status, "next, please"});
}

void scripted_recorder::hang_up(const std::string& reason) {
  tell(sip::ended{sip::ended_by::peer, 0, reason, {}});
  listener_ = nullptr;
}

void scripted_recorder::reinvite(const wishes& with) {
  wish_ = with;
  ++version_;
  tell(sip::change_requested{
    {session_, ++requests_}, sip::method::invite, sdp_body(description(with))});
}

void scripted_recorder::ask_for_offer(const wishes& with) {
  wish_ = with;
  asked_for_offer_ = true;
  tell(sip::change_requested{{session_, ++requests_}, sip::method::invite, {}});
}

void scripted_recorder::ask_for_snapshot() {
  tell(sip::metadata_received{
    {"application/rs-metadata+xml",
     "<requestsnapshot xmlns='urn:ietf:params:xml:ns:recording:1'/>"}});
}

std::vector<std::uint16_t> scripted_recorder::heard(std::size_t stream) {
  std::vector<std::uint16_t> made;
  auto& ear = ears_.at(stream);
  ear.listen(std::chrono::milliseconds{0});
  for (auto count = ear.waiting(); count > 0; --count)
    made.push_back(read_u16(ear.receive_packet(), 2));
  return made;
}

sip::session_id scripted_recorder::open(sip::outgoing_session what,
                                        sip::session_listener listener) {
  ++opened;
  session_ = static_cast<sip::session_id>(opened);
  listener_ = std::move(listener);
  note(sip::method::invite, what.body);
  return session_;
}

void scripted_recorder::change(sip::session_id which, sip::method by,
                               siprec::written_body body) {
  if (which != session_)
    return;
  note(by, body);
  if (answers)
    answer(by);
}

void scripted_recorder::answer(sip::method by) {
  const auto status = by == sip::method::update ? answers_updates
                                                : answers_invites;
  const auto has_answer = status < 300 && by == sip::method::invite;
  tell(sip::change_answered{by, status, "as the test says",
                            has_answer ? sdp_body(answer_to(last().sdp, wish_))
                                       : siprec::written_body{}});
}

void scripted_recorder::accept(sip::request_id which,
                               siprec::written_body body) {
  note(sip::method::invite, body);
  if (!std::exchange(asked_for_offer_, false))
    return;
  tell(sip::acknowledged{which, sdp_body(answer_to(last().sdp, wish_))});
}

void scripted_recorder::refuse(sip::request_id, unsigned status, std::string) {
  refusals.push_back(status);
}

void scripted_recorder::close(sip::session_id which, std::string reason,
                              siprec::written_body body) {
  ++closed;
  ended_with = std::move(reason);
  ended_metadata = metadata_in(body);
  if (ended_metadata.empty())
    ended_metadata = body.content;
  write_out(ended_metadata);
  if (which == session_ && listener_)
    tell(sip::ended{sip::ended_by::us, 200, ended_with, {}});
  listener_ = nullptr;
}

} // namespace callfork::test
