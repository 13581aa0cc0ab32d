#include "control/sip/opening.hpp"

#include "control/sip/challenge.hpp"
#include "control/sip/dialog.hpp"
#include "control/sip/message.hpp"
#include "control/sip/target.hpp"

#include <memory>
#include <utility>

namespace callfork::sip {

namespace {

constexpr std::size_t most_targets = 16;

std::optional<std::chrono::seconds> retry_after_of(const sip_t* message) {
  if (message == nullptr || message->sip_retry_after == nullptr)
    return std::nullopt;
  return std::chrono::seconds{message->sip_retry_after->af_delta};
}

} // namespace

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
  ask_next();
}

void opening::ask_next() {
  for (;;) {
    const auto target = what_.targets[at_];
    const auto fault = ask(target);
    if (!fault)
      return;
    told_(id_, target_failed{target, 904, *fault});
    if (++at_ == what_.targets.size())
      return fail(904, *fault);
  }
}

std::optional<std::string> opening::ask(const std::string& target) {
  ways_.clear();
  const auto read = read_target(target);
  if (!read)
    return "not a SIP URI that we can use";
  auto* where = core_.speaking(read->over);
  if (where == nullptr)
    return "we do not listen on " + to_string(read->over);
  if (core_.contradicts(*read))
    return "its certificate is for another host";
  if (endpoint::parse(read->host, read->port))
    return invite(*read);
  silence_.set(what_.silent_after, [this] {
    give_up(408, "where its name leads is not answered in time");
  });
  search_ = core_.names().find(*read, where->local().front().at.family(),
                               [this, to = *read](auto found) {
                                 on_found(to, std::move(found));
                               });
  return std::nullopt;
}

void opening::on_found(const destination& where, std::vector<endpoint> ways) {
  const auto all = core_.in_order(std::move(ways), where.over);
  ways_.assign(all.begin(), all.end());
  if (ways_.empty())
    return give_up(503, "its name is not known");
  if (const auto fault = invite(where); fault)
    give_up(904, *fault);
}

std::optional<std::string> opening::invite(const destination& where) {
  auto* over = core_.speaking(where.over);
  const auto own = over->own_uri(where.over, where.sips);
  contact_ = "<" + own
             + (what_.feature == feature_tag::draft ? ">;src" : ">;+sip.src");
  const auto from = what_.from.empty() ? own.substr(0, own.find(';'))
                                       : one_line(what_.from);
  const auto from_header = quoted(what_.display) + " <" + from + ">";
  const auto to_header = "<" + where.uri + ">";
  const auto session_header = "Session-ID: " + one_line(what_.session_header);
  handle_.reset(nua_handle(over->native(), this, NUTAG_URL(where.uri.c_str()),
                           SIPTAG_FROM_STR(from_header.c_str()),
                           SIPTAG_TO_STR(to_header.c_str()),
                           SIPTAG_CONTACT_STR(contact_.c_str()),
                           TAG_IF(!what_.session_header.empty(),
                                  SIPTAG_HEADER_STR(session_header.c_str())),
                           TAG_END()));
  if (!handle_)
    return "the From or the target cannot be read";
  if (!ways_.empty())
    go_by(handle_.get(), way_to(where, ways_.front()));
  server_knows_us_ = proxy_knows_us_ = false;
  unanswered_ = true;
  doubt_.clear();
  send_invite();
  return std::nullopt;
}

void opening::send_invite() {
  const tagged_body body{what_.body};
  nua_invite(
    handle_.get(), TAG_IF(what_.require_siprec, SIPTAG_REQUIRE_STR("siprec")),
    TAG_IF(!ways_.empty(), NUTAG_AUTOACK(0)), SIPTAG_ACCEPT_STR(our_accept),
    CALLFORK_BODY_TAGS(body), TAG_END());
  await_a_sign();
  patience_.set(what_.answer_after, [this] {
    give_up(408, "not answered in time");
  });
}

/// Sofia does not tell when TLS fails: the target is silent, too.
void opening::await_a_sign() {
  silence_.set(what_.silent_after, [this] {
    give_up(408, doubt_.empty() ? "silent" : doubt_);
  });
}

void opening::lost(const tls_fault& fault) {
  const auto read = handle_ ? read_target(what_.targets[at_]) : std::nullopt;
  const auto verdict = read && unanswered_ ? blame_on(fault, *read)
                                           : blame::none;
  if (verdict == blame::perhaps)
    doubt_ = fault.why;
  if (verdict == blame::surely)
    give_up(503, fault.why);
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
  unanswered_ = false;
  if (it.status < 300)
    return become_dialog(it);
  if (it.status == 401 || it.status == 407)
    return on_challenge(it);
  give_up(it.status, core_.cause(it, read_target(what_.targets[at_])),
          retry_after_of(it.sip));
}

/// Stale nonces are Sofia's to deal with.
void opening::on_challenge(const happening& it) {
  auto& answered = it.status == 401 ? server_knows_us_ : proxy_knows_us_;
  if (!what_.login)
    return give_up(it.status, "it wants credentials, and there are none");
  if (answered)
    return give_up(it.status, "the recorder refuses our credentials");
  if (!authenticate(handle_.get(), it.sip, *what_.login))
    return give_up(it.status, "it wants credentials in a way that we lack");
  answered = true;
  unanswered_ = true;
  await_a_sign();
}

void opening::give_up(unsigned status, const std::string& reason,
                      std::optional<std::chrono::seconds> retry_after) {
  silence_.cancel();
  patience_.cancel();
  if (std::exchange(unanswered_, false))
    core_.abandon(std::move(handle_), "SIP;cause=408;text=\"Too late\"");
  handle_.reset();
  search_.reset();
  if (!ways_.empty() && has_invited_another(status, retry_after))
    return;
  core_.judge(what_.targets[at_], status, retry_after);
  told_(id_, target_failed{what_.targets[at_], status, reason});
  if (++at_ == what_.targets.size())
    return fail(status, reason);
  ask_next();
}

/// RFC 3263 4.3: what one server lacks another one may have; what it refuses
/// they all would.
bool opening::has_invited_another(
  unsigned status, std::optional<std::chrono::seconds> retry_after) {
  const auto where = read_target(what_.targets[at_]);
  core_.judge(name_of(where->over, ways_.front()), status, retry_after);
  ways_.pop_front();
  const auto may_others = status == 408 || (status >= 500 && status < 600);
  return may_others && !ways_.empty() && !invite(*where);
}

void opening::fail(unsigned status, std::string reason) {
  search_.reset();
  told_(id_, open_failed{status, std::move(reason)});
  core_.forget(id_);
}

void opening::become_dialog(const happening& it) {
  patience_.cancel();
  core_.judge(what_.targets[at_], it.status, {});
  if (!ways_.empty()) {
    const auto where = read_target(what_.targets[at_]);
    core_.judge(name_of(where->over, ways_.front()), it.status, {});
    // The ACK and all that follows go where the Contact leads.
    go_by(handle_.get(), {});
    nua_ack(handle_.get(), NUTAG_AUTOACK(1), TAG_END());
  }
  dialog_facts facts;
  facts.ours = true;
  facts.login = what_.login;
  facts.contact = contact_;
  facts.sdp = sdp_in(what_.body, core_.wanted().body_bytes);
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

void opening::drop() {
  close("not answered", {});
}

void opening::close(std::string reason, siprec::written_body /*body*/) {
  silence_.cancel();
  patience_.cancel();
  search_.reset();
  core_.abandon(std::move(handle_), reason);
  told_(id_, ended{ended_by::us, 487, std::move(reason), {}});
  core_.forget(id_);
}

} // namespace callfork::sip
