#include "control/sip/opening.hpp"

#include "control/sip/dialog.hpp"
#include "control/sip/message.hpp"
#include "control/sip/target.hpp"

#include <strings.h>

#include <memory>
#include <utility>

namespace callfork::sip {

namespace {

constexpr std::size_t most_targets = 16;

/// A realm without its quotes is a token of its own.
std::string in_quotes(std::string_view realm) {
  return realm.starts_with('"') ? std::string{realm} : quoted(realm);
}

const msg_auth_t* challenge_in(const sip_t* message) {
  return message->sip_www_authenticate != nullptr
           ? message->sip_www_authenticate
           : message->sip_proxy_authenticate;
}

} // namespace

bool authenticate(nua_handle_t* handle, const sip_t* challenge,
                  const credentials& login) {
  const auto* asked = challenge == nullptr ? nullptr : challenge_in(challenge);
  for (; asked != nullptr; asked = asked->au_next) {
    const auto* realm = msg_params_find(asked->au_params, "realm=");
    if (realm == nullptr || strcasecmp(asked->au_scheme, "Digest") != 0
        || login.user.find(':') != std::string::npos
        || login.password.find(':') != std::string::npos)
      continue;
    const auto answer = "Digest:" + in_quotes(realm) + ":"
                        + one_line(login.user) + ":" + one_line(login.password);
    nua_authenticate(handle, NUTAG_AUTH(answer.c_str()), TAG_END());
    return true;
  }
  return false;
}

opening::opening(core& whole, session_id id, outgoing_session what,
                 session_listener told)
  : core_(whole),
    id_(id),
    what_(std::move(what)),
    told_(std::move(told)),
    silence_(whole.thread()),
    patience_(whole.thread()) {
  if (what_.targets.size() > most_targets)
    what_.targets.resize(most_targets);
}

void opening::begin() {
  if (what_.targets.empty())
    return fail(904, "there is no recorder to ask");
  invite_next();
}

void opening::invite_next() {
  for (;;) {
    const auto target = what_.targets[at_];
    const auto fault = invite(target);
    if (!fault)
      return;
    told_(id_, target_failed{target, 904, *fault});
    if (++at_ == what_.targets.size())
      return fail(904, *fault);
  }
}

std::optional<std::string> opening::invite(const std::string& target) {
  const auto read = read_target(target);
  if (!read)
    return "not a SIP URI that we can use";
  auto* where = core_.speaking(read->over);
  if (where == nullptr)
    return "we do not listen on " + to_string(read->over);
  const auto own = where->own_uri(read->over, read->sips);
  contact_ = "<" + own
             + (what_.feature == feature_tag::draft ? ">;src" : ">;+sip.src");
  const auto from = what_.from.empty() ? own.substr(0, own.find(';'))
                                       : one_line(what_.from);
  const auto from_header = quoted(what_.display) + " <" + from + ">";
  const auto to_header = "<" + read->uri + ">";
  const auto session_header = "Session-ID: " + one_line(what_.session_header);
  handle_.reset(nua_handle(where->native(), this, NUTAG_URL(read->uri.c_str()),
                           SIPTAG_FROM_STR(from_header.c_str()),
                           SIPTAG_TO_STR(to_header.c_str()),
                           SIPTAG_CONTACT_STR(contact_.c_str()),
                           TAG_IF(!what_.session_header.empty(),
                                  SIPTAG_HEADER_STR(session_header.c_str())),
                           TAG_END()));
  if (!handle_)
    return "the From or the target cannot be read";
  authenticated_ = false;
  send_invite();
  return std::nullopt;
}

void opening::send_invite() {
  const tagged_body body{what_.body};
  nua_invite(
    handle_.get(), TAG_IF(what_.require_siprec, SIPTAG_REQUIRE_STR("siprec")),
    SIPTAG_ACCEPT_STR(our_accept), CALLFORK_BODY_TAGS(body), TAG_END());
  await_a_sign();
  patience_.set(what_.answer_after, [this] {
    give_up(408, "not answered in time");
  });
}

/// Sofia does not tell when it does not trust a server: it is silent, too.
void opening::await_a_sign() {
  silence_.set(what_.silent_after, [this] {
    const auto read = read_target(what_.targets[at_]);
    if (!read || read->over != transport::tls)
      return give_up(408, "silent");
    const auto fault = core_.tls().take_fault();
    give_up(408, fault.empty()
                   ? "silent, or with a certificate for another host"
                   : "its certificate is not trusted: " + fault);
  });
}

void opening::on(const happening& it) {
  if (it.what != nua_r_invite)
    return;
  if (it.status < 200) {
    if (it.sip == nullptr || it.sip->sip_status == nullptr)
      return;
    silence_.cancel();
    return told_(id_, progressed{what_.targets[at_], it.status});
  }
  silence_.cancel();
  if (it.status < 300)
    return become_dialog(it);
  if (it.status == 401 || it.status == 407)
    return on_challenge(it);
  give_up(it.status, text_of(it.phrase));
}

void opening::on_challenge(const happening& it) {
  if (what_.login && !authenticated_
      && authenticate(handle_.get(), it.sip, *what_.login)) {
    authenticated_ = true;
    return await_a_sign();
  }
  give_up(it.status, authenticated_ ? "the recorder refuses our credentials"
                                    : text_of(it.phrase));
}

void opening::give_up(unsigned status, const std::string& reason) {
  silence_.cancel();
  patience_.cancel();
  if (status == 408)
    core_.abandon(std::move(handle_), "SIP;cause=408;text=\"Too late\"");
  handle_.reset();
  told_(id_, target_failed{what_.targets[at_], status, reason});
  if (++at_ == what_.targets.size())
    return fail(status, reason);
  invite_next();
}

void opening::fail(unsigned status, std::string reason) {
  told_(id_, open_failed{status, std::move(reason)});
  core_.forget(id_);
}

void opening::become_dialog(const happening& it) {
  patience_.cancel();
  dialog_facts facts;
  facts.ours = true;
  facts.login = what_.login;
  facts.contact = contact_;
  auto made = std::make_unique<dialog>(core_, id_, std::move(facts),
                                       std::move(handle_), told_);
  made->answered(it);
  established event;
  event.target = what_.targets[at_];
  event.call_id = text_of(it.sip->sip_call_id->i_id);
  event.peer = text_of(it.sip->sip_to->a_url);
  event.peer_tag = text_of(it.sip->sip_to->a_tag);
  if (it.sip->sip_contact != nullptr)
    event.contact = text_of(it.sip->sip_contact->m_url);
  event.product = product_of(it.sip);
  event.takes_update = made->takes_update();
  event.body = body_of(it.sip);
  const auto told = told_;
  const auto id = id_;
  core_.keep(id, std::move(made)); // this opening is over, though still there
  told(id, event);
}

void opening::change(method by, siprec::written_body /*body*/) {
  told_(id_,
        change_answered{by, 900, "the session is not yet established", {}});
}

void opening::close(std::string reason, siprec::written_body /*body*/) {
  silence_.cancel();
  patience_.cancel();
  core_.abandon(std::move(handle_), reason);
  told_(id_, ended{ended_by::us, 487, std::move(reason), {}});
  core_.forget(id_);
}

} // namespace callfork::sip
