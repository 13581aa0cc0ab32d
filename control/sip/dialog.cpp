#include "control/sip/dialog.hpp"

#include "control/sip/challenge.hpp"
#include "control/sip/message.hpp"
#include "control/sip/opening.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace callfork::sip {

namespace {

constexpr std::size_t most_changes = 16;
constexpr unsigned most_tries = 5;
/// Of session timers: what is longer is as good as none.
constexpr std::chrono::seconds longest_interval = std::chrono::hours{24 * 30};

/// RFC 3261 14.1: whose Call-ID it is waits longer, so that one gives way.
duration glare_wait(bool ours) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int> wait{ours ? 210 : 0, ours ? 400 : 200};
  return std::chrono::milliseconds{wait(random) * 10};
}

msg_t* current(const happening& it) {
  return nua_current_request(it.where->native());
}

} // namespace

dialog::dialog(core& whole, session_id id, dialog_facts facts, call_handle what,
               session_listener told)
  : core_(whole),
    id_(id),
    facts_(std::move(facts)),
    handle_(std::move(what)),
    told_(std::move(told)),
    reply_(whole.thread()),
    retry_(whole.thread()),
    refresh_(whole.thread()) {
  nua_handle_bind(handle_.get(), this);
}

void dialog::answered(const happening& it) {
  next_number_ = 1;
  refresh_as(it.sip, true);
}

bool dialog::takes_update() const {
  return peer_takes_update_;
}

void dialog::invited(const happening& it, msg_t* request) {
  initial_ = true;
  refresh_as(it.sip, false);
  asked_ = peer_request{next_number_++, method::invite,
                        kept_message{msg_ref(request)}};
  reply_.set(core_.wanted().reply_within, [this] {
    refuse(0, 500, "Not answered in time");
    end(ended_by::failure, 500, "not answered in time", {});
  });
}

void dialog::on(const happening& it) {
  switch (it.what) {
  case nua_i_invite:
    return on_invite(it);
  case nua_i_update:
    return on_update(it);
  case nua_r_invite:
    return on_response(it, method::invite);
  case nua_r_update:
    return on_response(it, method::update);
  case nua_i_ack:
    return on_acknowledged(it);
  case nua_i_options:
    return respond(current(it), 200, sip_200_OK, {});
  case nua_i_cancel:
    asked_.reset();
    reply_.cancel();
    if (initial_)
      end(ended_by::peer, 487, reason_of(it.sip), {});
    return;
  case nua_i_bye:
    return on_bye(it);
  case nua_r_bye:
    return on_bye_answered(it);
  case nua_i_error:
    if (it.status == 408) // no ACK came: Sofia sends BYE
      failure_ = text_of(it.phrase);
    return;
  case nua_i_terminated:
    return end(closing_ ? ended_by::us : ended_by::failure, it.status,
               failure_.empty() ? text_of(it.phrase) : failure_, {});
  default:
    return;
  }
}

void dialog::on_invite(const happening& it) {
  if (it.status >= 200)
    return; // Sofia has already refused it
  auto body = body_of(it.sip);
  const auto what = look_into(body, core_.wanted().body_bytes);
  if (what.fault)
    return refuse_now(it, what.fault->status);
  if (closing_ || asked_)
    return refuse_now(it, closing_ ? 481 : 500);
  if (in_flight_
      && (changes_.front().by == method::invite || changes_.front().sdp))
    return refuse_now(it, 491);
  refresh_as(it.sip, false);
  ask(it, method::invite, std::move(body));
}

void dialog::on_update(const happening& it) {
  if (it.status >= 200)
    return;
  auto body = body_of(it.sip);
  const auto what = look_into(body, core_.wanted().body_bytes);
  if (what.fault)
    return refuse_now(it, what.fault->status);
  if (closing_)
    return refuse_now(it, 481);
  if (what.sdp && in_flight_ && changes_.front().sdp)
    return refuse_now(it, 491);
  if (what.sdp && (asked_ || waiting_for_ack_))
    return refuse_now(it, 500);
  refresh_as(it.sip, false);
  if (what.sdp)
    return ask(it, method::update, std::move(body));
  respond(current(it), 200, sip_200_OK, {});
  if (what.metadata)
    told_(id_, metadata_received{std::move(body)});
}

void dialog::ask(const happening& it, method by, siprec::written_body body) {
  asked_ = peer_request{next_number_++, by, kept_message{msg_ref(current(it))}};
  const auto number = asked_->number;
  reply_.set(core_.wanted().reply_within, [this, number] {
    refuse(number, 500, "Not answered in time");
  });
  told_(id_, change_requested{{id_, number}, by, std::move(body)});
}

void dialog::refuse_now(const happening& it, unsigned status) {
  const auto retry = std::to_string(1 + status % 9);
  nua_respond(handle_.get(), static_cast<int>(status),
              sip_status_phrase(static_cast<int>(status)),
              NUTAG_WITH(current(it)),
              TAG_IF(status == 500, SIPTAG_RETRY_AFTER_STR(retry.c_str())),
              TAG_IF(status == 415, SIPTAG_ACCEPT_STR(our_accept)), TAG_END());
}

void dialog::respond(msg_t* request, unsigned status, const char* phrase,
                     const siprec::written_body& with) {
  const tagged_body body{with};
  const auto good = status < 300;
  nua_respond(
    handle_.get(), static_cast<int>(status), phrase, NUTAG_WITH(request),
    TAG_IF(good && !facts_.ours, SIPTAG_CONTACT_STR(facts_.contact.c_str())),
    TAG_IF(good || status == 415, SIPTAG_ACCEPT_STR(our_accept)),
    TAG_IF(status == 503, SIPTAG_RETRY_AFTER_STR("10")),
    CALLFORK_BODY_TAGS(body), TAG_END());
}

void dialog::accept(std::uint32_t request, const siprec::written_body& body) {
  if (!asked_ || asked_->number != request)
    return;
  reply_.cancel();
  respond(asked_->message.get(), 200, sip_200_OK, body);
  remember(body);
  if (asked_->by == method::invite) {
    waiting_for_ack_ = true;
    acknowledged_ = request;
  }
  initial_ = false;
  // Sofia finds the request by its address: it must not be used again before.
  core_.thread().post(
    [kept = std::make_shared<peer_request>(std::move(*asked_))] {});
  asked_.reset();
  send_next();
}

/// RFC 4028 7.4: a re-INVITE that only refreshes repeats the last description.
void dialog::remember(const siprec::written_body& sent) {
  auto sdp = sdp_in(sent, core_.wanted().body_bytes);
  if (!sdp.content.empty())
    facts_.sdp = std::move(sdp);
}

void dialog::refuse(std::uint32_t request, unsigned status,
                    std::string reason) {
  if (!asked_ || asked_->number != request || status < 300 || status > 699)
    return;
  reply_.cancel();
  phrase_ = one_line(reason);
  respond(asked_->message.get(), status,
          phrase_.empty() ? sip_status_phrase(static_cast<int>(status))
                          : phrase_.c_str(),
          {});
  core_.thread().post(
    [kept = std::make_shared<peer_request>(std::move(*asked_))] {});
  asked_.reset();
  if (!initial_)
    return send_next();
  closing_ = true;
  core_.forget(id_);
}

void dialog::on_acknowledged(const happening& it) {
  waiting_for_ack_ = false;
  told_(id_, acknowledged{{id_, acknowledged_}, body_of(it.sip)});
  if (closing_)
    return send_bye();
  send_next();
}

void dialog::on_bye(const happening& it) {
  end(ended_by::peer, 0, reason_of(it.sip), body_of(it.sip));
}

void dialog::on_bye_answered(const happening& it) {
  if (it.status < 200)
    return;
  if ((it.status == 401 || it.status == 407) && facts_.login && !challenged_
      && authenticate(handle_.get(), it.sip, *facts_.login)) {
    challenged_ = true;
    return;
  }
  if (closing_)
    return end(ended_by::us, it.status,
               it.status < 300 ? bye_reason_ : text_of(it.phrase), {});
  end(ended_by::failure, 408,
      failure_.empty() ? "the session was not refreshed" : failure_, {});
}

void dialog::change(method by, siprec::written_body body) {
  if (closing_)
    return;
  if (initial_)
    return told_(id_, change_answered{by, 900, "not yet accepted", {}});
  if (changes_.size() > most_changes)
    return told_(id_, change_answered{by, 900, "too many changes wait", {}});
  const auto sdp = look_into(body, core_.wanted().body_bytes).sdp;
  changes_.push_back({by, std::move(body), false, sdp, 0});
  send_next();
}

void dialog::send_next() {
  if (in_flight_ || giving_way_ || changes_.empty() || asked_
      || waiting_for_ack_ || closing_)
    return;
  in_flight_ = true;
  choose_way();
  auto& next = changes_.front();
  ++next.tries;
  const tagged_body body{next.body};
  // The handle of a session that we opened has it already: one is right.
  const auto* contact = facts_.contact.c_str();
  if (next.by == method::invite)
    nua_invite(handle_.get(), TAG_IF(!facts_.ours, SIPTAG_CONTACT_STR(contact)),
               SIPTAG_ACCEPT_STR(our_accept), CALLFORK_BODY_TAGS(body),
               TAG_END());
  else
    nua_update(handle_.get(), TAG_IF(!facts_.ours, SIPTAG_CONTACT_STR(contact)),
               SIPTAG_ACCEPT_STR(our_accept), CALLFORK_BODY_TAGS(body),
               TAG_END());
}

void dialog::on_response(const happening& it, method by) {
  if (it.status < 200 || !in_flight_ || changes_.front().by != by)
    return;
  if ((it.status == 401 || it.status == 407) && facts_.login && !challenged_
      && authenticate(handle_.get(), it.sip, *facts_.login)) {
    challenged_ = true;
    return;
  }
  challenged_ = false;
  if (it.status == 491 && changes_.front().tries < most_tries)
    return retry_later();
  if (it.status < 300) {
    refresh_as(it.sip, true);
    remember(changes_.front().body);
  }
  const auto done = std::move(changes_.front());
  changes_.pop_front();
  in_flight_ = false;
  if (!done.refresh)
    told_(id_,
          change_answered{by, it.status, text_of(it.phrase), body_of(it.sip)});
  send_next();
}

void dialog::retry_later() {
  in_flight_ = false;
  giving_way_ = true;
  retry_.set(glare_wait(facts_.ours), [this] {
    giving_way_ = false;
    send_next();
  });
}

void dialog::refresh_as(const sip_t* message, bool response) {
  if (message == nullptr || core_.wanted().session_expires.count() == 0)
    return;
  if (message->sip_allow != nullptr) {
    knows_methods_ = true;
    peer_takes_update_ = sip_is_allowed(message->sip_allow, SIP_METHOD_UPDATE)
                         != 0;
  }
  const auto* asked = message->sip_session_expires;
  const auto* who = asked == nullptr ? nullptr : asked->x_refresher;
  const auto peer_knows
    = asked != nullptr || sip_has_feature(message->sip_supported, "timer") != 0;
  // The refresher of a request of the peer's is the peer unless it says "uas";
  // of a request of ours it is we unless the response says "uas".
  const auto says_uas = who != nullptr && strcasecmp(who, "uas") == 0;
  const auto we_refresh = response ? !says_uas : (says_uas || !peer_knows);
  if (!we_refresh)
    return await_refresh(
      std::chrono::seconds{asked == nullptr ? 0 : asked->x_delta});
  auto interval = core_.wanted().session_expires;
  if (asked != nullptr)
    interval = std::min(interval, std::chrono::seconds{asked->x_delta});
  // Before Sofia would, at half the time: its refreshes could not be told
  // apart from changes.
  refresh_after_ = std::max<duration>(interval, std::chrono::seconds{5}) * 2
                   / 5;
  refresh_.set(refresh_after_, [this] {
    refresh();
  });
}

/// RFC 4028 10: BYE somewhat before the time is over. Sofia would say it 32 s
/// after that.
void dialog::await_refresh(std::chrono::seconds interval) {
  if (interval.count() == 0 || interval > longest_interval)
    return refresh_.cancel();
  const duration whole = interval;
  const auto early = std::min<duration>(std::chrono::seconds{32}, whole / 3);
  refresh_.set(whole - early, [this] {
    if (closing_)
      return;
    failure_ = "the session was not refreshed";
    send_bye();
  });
}

/// By UPDATE only if the peer says that it has it: to refuse it would end the
/// session.
void dialog::refresh() {
  refresh_.set(refresh_after_, [this] {
    refresh();
  });
  if (!changes_.empty())
    return; // any change of ours refreshes, too
  if (knows_methods_ && peer_takes_update_)
    changes_.push_back({method::update, {}, true, false, 0});
  else
    changes_.push_back({method::invite, facts_.sdp, true, true, 0});
  send_next();
}

void dialog::close(std::string reason, siprec::written_body body) {
  if (closing_)
    return;
  if (initial_) {
    refuse(0, 503, {});
    return told_(id_, ended{ended_by::us, 503, std::move(reason), {}});
  }
  closing_ = true;
  asked_.reset(); // Sofia refuses it with our BYE
  reply_.cancel();
  retry_.cancel();
  refresh_.cancel();
  bye_reason_ = one_line(reason);
  bye_body_ = std::move(body);
  if (!waiting_for_ack_) // RFC 3261 15: no BYE before the ACK
    send_bye();
}

void dialog::drop() {
  end(ended_by::us, 408, "our BYE is not answered", {});
}

/// A client seldom has a certificate for the host of its Contact: as long as
/// its connection lasts, that one is used (RFC 5923).
void dialog::choose_way() {
  if (!facts_.source)
    return;
  const auto way = "sip:" + to_string(*facts_.source) + ";transport=tls";
  go_by(handle_.get(), core_.tls().reaches(*facts_.source) ? way : "");
}

void dialog::send_bye() {
  choose_way();
  challenged_ = false;
  const tagged_body body{bye_body_};
  nua_bye(handle_.get(),
          TAG_IF(!bye_reason_.empty(), SIPTAG_REASON_STR(bye_reason_.c_str())),
          CALLFORK_BODY_TAGS(body), TAG_END());
}

void dialog::end(ended_by by, unsigned status, std::string reason,
                 siprec::written_body body) {
  if (!handle_)
    return;
  handle_.reset();
  asked_.reset();
  changes_.clear();
  in_flight_ = false;
  reply_.cancel();
  retry_.cancel();
  refresh_.cancel();
  told_(id_, ended{by, status, std::move(reason), std::move(body)});
  core_.forget(id_);
}

} // namespace callfork::sip
