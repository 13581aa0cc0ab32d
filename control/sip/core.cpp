#include "control/sip/core.hpp"

#include "control/sip/connections.hpp"
#include "control/sip/dialog.hpp"
#include "control/sip/message.hpp"
#include "control/sip/opening.hpp"
#include "control/sip/single_request.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace callfork::sip {

namespace {

constexpr auto ping_patience = std::chrono::seconds{3};
constexpr auto avoid_for = std::chrono::seconds{15};
constexpr std::size_t most_faults = 32;
constexpr usize_t most_header_bytes = 32 * 1024;

/// Closes when everything posted before is done.
template <class Type>
void bury(loop& where, std::unique_ptr<Type> dead) {
  where.post([kept = std::shared_ptr<Type>{std::move(dead)}] {});
}

bool names_recorder(const std::string& parameters) {
  return (parameters + ";").find(";+sip.src;") != std::string::npos
         || parameters.find(";+sip.src=") != std::string::npos;
}

bool names_draft_recorder(const std::string& parameters) {
  return (parameters + ";").find(";src;") != std::string::npos;
}

incoming_session describe(const happening& it, msg_t* message) {
  const auto* sip = it.sip;
  incoming_session made;
  made.source = source_of(message);
  made.request_uri = text_of(sip->sip_request->rq_url);
  made.from = text_of(sip->sip_from->a_url);
  made.from_display = text_of(sip->sip_from->a_display);
  made.to = text_of(sip->sip_to->a_url);
  if (sip->sip_contact != nullptr)
    made.contact = text_of(sip->sip_contact->m_url);
  made.contact_parameters = parameters_of(sip->sip_contact);
  made.call_id = text_of(sip->sip_call_id->i_id);
  made.session_header = other_header(sip, "Session-ID");
  made.product = product_of(sip);
  made.body = body_of(sip);
  const auto* via = sip->sip_via == nullptr ? "" : sip->sip_via->v_protocol;
  if (it.where->speaks(transport::tls))
    made.over = transport::tls;
  else
    made.over = std::string_view{via} == "SIP/2.0/TCP" ? transport::tcp
                                                       : transport::udp;
  return made;
}

void decline(const happening& it, unsigned status) {
  const auto code = static_cast<int>(status);
  nua_respond(it.handle, code, sip_status_phrase(code),
              NUTAG_WITH(nua_current_request(it.where->native())),
              TAG_IF(status == 503, SIPTAG_RETRY_AFTER_STR("10")),
              TAG_IF(status == 415, SIPTAG_ACCEPT_STR(our_accept)), TAG_END());
  nua_handle_destroy(it.handle);
}

} // namespace

core::core(settings wanted, std::optional<recording_server> server)
  : wanted_(std::move(wanted)),
    server_(std::move(server)) {
}

expected<std::vector<listen_address>, std::string> core::start() {
  if (!loop_.running())
    return make_unexpected(std::string{"sip: there is no thread left"});
  std::promise<expected<void, std::string>> done;
  loop_.post([this, &done] {
    done.set_value(listen());
  });
  const auto outcome = done.get_future().get();
  if (!outcome) {
    halt();
    return make_unexpected(outcome.error());
  }
  std::vector<listen_address> made;
  for (const auto& one : listeners_)
    made.insert(made.end(), one->local().begin(), one->local().end());
  return made;
}

expected<void, std::string> core::listen() {
  patience_ = std::make_unique<alarm>(loop_);
  sweeping_ = std::make_unique<alarm>(loop_);
  asking_ = std::make_unique<alarm>(loop_);
  tls_ = std::make_unique<tls_connections>([this](const tls_fault& fault) {
    note(fault);
  });
  names_ = std::make_unique<name_lookup>(loop_, wanted_);
  unasked_ = std::make_unique<stack_refusals>([this](const auto& what) {
    tell_refused(what);
  });
  if (wanted_.listen.empty())
    return make_unexpected(std::string{"sip: there is no address"});
  for (const auto& group : in_groups(wanted_.listen)) {
    const auto needs_tls = group.front().over == transport::tls;
    if (needs_tls && !wanted_.tls)
      return make_unexpected(std::string{"sip tls: there is no certificate"});
    auto made = listener::open(loop_, wanted_, group, [this](const auto& it) {
      on_stranger(it);
    });
    if (!made)
      return make_unexpected(made.error());
    listeners_.push_back(std::move(*made));
    ++listening_;
    if (!needs_tls)
      continue;
    if (auto configured = tls_->configure(*wanted_.tls, wanted_.verify_servers);
        !configured)
      return configured;
  }
  sweep();
  ask_targets();
  return {};
}

void core::sweep() {
  tls_->sweep(clock::now());
  if (wanted_.tls)
    renew_certificates();
  for (const auto& one : listeners_)
    close_idle(one->local(), wanted_);
  sweeping_->set(wanted_.look_after, [this] {
    sweep();
  });
}

void core::renew_certificates() {
  const auto renewed = tls_->renew(*wanted_.tls);
  if (!wanted_.on_notice)
    return;
  if (!renewed)
    wanted_.on_notice(renewed.error() + "; what was read before stays in use");
  else if (*renewed)
    wanted_.on_notice("sip tls: the certificate has been read again");
}

void core::note(const tls_fault& fault) {
  faults_.push_front(fault);
  if (faults_.size() > most_faults)
    faults_.pop_back();
  loop_.post([this, fault] {
    spread(fault);
  });
}

std::string core::cause(const happening& it,
                        const std::optional<destination>& where) {
  // What Sofia makes up comes from nowhere.
  auto* message = nua_current_request(it.where->native());
  if (it.sip != nullptr && source_of(message).port() != 0)
    return text_of(it.phrase);
  for (const auto& fault : faults_)
    if (where && blame_on(fault, *where) != blame::none)
      return fault.why;
  if (it.status == 408)
    return "silent";
  return std::string_view{it.phrase} == "DNS Error"
           ? "its name is not known"
           : "it cannot be reached: " + text_of(it.phrase);
}

bool core::contradicts(const destination& where) const {
  constexpr std::uint16_t usual = 5061;
  const auto at = endpoint::parse(where.host,
                                  where.port == 0 ? usual : where.port);
  return at && where.over == transport::tls && wanted_.verify_servers
         && tls_->contradicts(*at, where.host);
}

void core::spread(const tls_fault& fault) {
  std::vector<session_id> ids;
  for (const auto& [id, one] : sessions_)
    ids.push_back(id);
  for (const auto id : ids)
    if (auto* one = find(id); one != nullptr)
      one->lost(fault);
  std::vector<party*> left;
  for (const auto& [whose, one] : others_)
    left.push_back(whose);
  for (auto* whose : left)
    if (others_.contains(whose))
      whose->lost(fault);
}

void core::ask_targets() {
  const auto& watched = wanted_.watched;
  if (watched.every.count() == 0 || watched.targets.empty() || stopping_)
    return;
  for (const auto& target : watched.targets)
    ping(target, ping_patience, [this, target](const ping_result& result) {
      if (stopping_)
        return;
      const auto up = result.status != 408 && result.status != 503
                      && result.status < 700;
      if (watch_.heard(target, up))
        tell(target, up, up ? "" : result.reason);
    });
  asking_->set(watched.every, [this] {
    ask_targets();
  });
}

void core::tell(const std::string& target, bool up, std::string reason) {
  if (wanted_.watched.on_change)
    wanted_.watched.on_change({target, up, std::move(reason)});
}

void core::judge(const std::string& target, unsigned status,
                 std::optional<std::chrono::seconds> retry_after) {
  const auto now = clock::now();
  if (status < 300 && watch_.worked(target))
    tell(target, true, {});
  if (status == 408 || (status >= 500 && status < 600))
    watch_.failed(target, now, now + retry_after.value_or(avoid_for));
}

loop& core::thread() {
  return loop_;
}

session_id core::new_id() {
  return session_id{++ids_};
}

const settings& core::wanted() const {
  return wanted_;
}

session* core::find(session_id id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

tls_connections& core::tls() {
  return *tls_;
}

name_lookup& core::names() {
  return *names_;
}

std::vector<endpoint> core::in_order(std::vector<endpoint> all,
                                     transport over) const {
  std::ranges::stable_sort(all, {}, [this, over](const auto& one) {
    return watch_.rank(name_of(over, one), clock::now());
  });
  return all;
}

listener* core::speaking(transport over) {
  for (const auto& one : listeners_)
    if (one->speaks(over))
      return one.get();
  return nullptr;
}

void core::open(session_id id, outgoing_session what, session_listener told) {
  if (stopping_ || sessions_.size() >= wanted_.sessions)
    return told(id, open_failed{900, stopping_ ? "we are stopping"
                                               : "too many sessions"});
  what.targets = watch_.in_order(std::move(what.targets), clock::now());
  auto made = std::make_unique<opening>(*this, id, std::move(what),
                                        std::move(told));
  auto& begun = *made;
  sessions_.emplace(id, std::move(made));
  begun.begin();
}

void core::ping(const std::string& target, duration silent_after,
                std::function<void(const ping_result&)> answered) {
  if (stopping_ || others_.size() >= wanted_.sessions)
    return answered({900, "we are stopping or too busy"});
  send_options(*this, target, silent_after, std::move(answered));
}

void core::keep(session_id id, std::unique_ptr<session> made) {
  auto& place = sessions_[id];
  if (place)
    bury(loop_, std::move(place));
  place = std::move(made);
}

void core::forget(session_id id) {
  auto found = sessions_.extract(id);
  if (found.empty())
    return;
  bury(loop_, std::move(found.mapped()));
  finish_if_idle();
}

void core::keep(std::unique_ptr<party> made) {
  auto* which = made.get();
  others_.emplace(which, std::move(made));
}

void core::forget(party* whose) {
  auto found = others_.extract(whose);
  if (found.empty())
    return;
  bury(loop_, std::move(found.mapped()));
  finish_if_idle();
}

void core::abandon(call_handle unwanted, const std::string& reason) {
  if (unwanted && others_.size() < wanted_.sessions)
    cancel_invite(*this, std::move(unwanted), reason);
}

void core::on_stranger(const happening& it) {
  switch (it.what) {
  case nua_i_invite:
    return on_invite(it);
  case nua_i_options:
    return on_options(it);
  default:
    if (it.handle != nullptr)
      nua_handle_destroy(it.handle);
    return;
  }
}

/// RFC 3261 11.2: as an INVITE would be answered now, so that clients choose
/// another server before they have a session for us.
void core::on_options(const happening& it) {
  const auto full = server_ && sessions_.size() >= wanted_.sessions;
  if (stopping_ || full)
    return decline(it, 503);
  const auto over = it.where->local().front().over;
  const auto contact = "<" + it.where->own_uri(over, false) + ">"
                       + (server_ ? ";+sip.srs" : "");
  nua_respond(it.handle, 200, sip_200_OK,
              NUTAG_WITH(nua_current_request(it.where->native())),
              SIPTAG_CONTACT_STR(contact.c_str()),
              SIPTAG_ACCEPT_STR(our_accept), TAG_END());
  nua_handle_destroy(it.handle);
}

std::optional<siprec::fault> core::refusal_of(const sip_t* invite,
                                              std::size_t whole) const {
  if (stopping_)
    return siprec::fault{503, "we are stopping"};
  if (!server_)
    return siprec::fault{403, "nobody may record here"};
  const auto body = body_of(invite);
  // First: of a body that came in many pieces the library counts some twice.
  if (body.content.size() > wanted_.body_bytes)
    return siprec::fault{413, "the body is too long"};
  if (whole > body.content.size() + most_header_bytes)
    return siprec::fault{513, "the header is too large"};
  const auto what = look_into(body, wanted_.body_bytes);
  if (what.fault)
    return what.fault;
  const auto required = sip_has_feature(invite->sip_require, "siprec") != 0;
  const auto parameters = parameters_of(invite->sip_contact);
  const auto named = names_recorder(parameters);
  const auto admitted = server_->rule == admission::strict
                          ? required && named
                          : required || named || what.metadata
                              || names_draft_recorder(parameters);
  if (!admitted)
    return siprec::fault{server_->other_calls, "no recording session"};
  if (sessions_.size() >= wanted_.sessions)
    return siprec::fault{503, "too many sessions"};
  return std::nullopt;
}

void core::refuse(const happening& it, const siprec::fault& why) {
  tell_refused({source_of(nua_current_request(it.where->native())),
                text_of(it.sip->sip_call_id->i_id), why.status, why.reason});
  decline(it, why.status);
}

void core::tell_refused(const refused_invitation& what) {
  if (server_ && server_->on_refusal)
    server_->on_refusal(what);
}

void core::on_invite(const happening& it) {
  if (it.status >= 200)
    return nua_handle_destroy(it.handle);
  auto* message = nua_current_request(it.where->native());
  if (const auto why = refusal_of(it.sip, msg_size(message)))
    return refuse(it, *why);
  auto told = describe(it, message);
  told.session = new_id();
  if (told.over == transport::tls && wanted_.require_client_certificates)
    told.certificate_names = tls_->names_of(told.source);
  dialog_facts facts;
  if (told.over == transport::tls)
    facts.source = told.source;
  const auto sips = it.sip->sip_request->rq_url->url_type == url_sips;
  const auto draft = names_draft_recorder(told.contact_parameters)
                     && !names_recorder(told.contact_parameters);
  facts.contact = "<" + it.where->own_uri(told.over, sips)
                  + (draft ? ">;srs" : ">;+sip.srs");
  auto made = std::make_unique<dialog>(*this, told.session, std::move(facts),
                                       call_handle{it.handle},
                                       server_->on_event);
  made->invited(it, message);
  sessions_.emplace(told.session, std::move(made));
  if (!server_->on_invitation(told))
    find(told.session)->refuse(0, 503, "Not ready");
}

void core::halt() {
  if (!loop_.running())
    return;
  loop_.post([this] {
    stop();
  });
  loop_.join();
}

void core::stop() {
  stopping_ = true;
  std::vector<session_id> all;
  for (const auto& [id, one] : sessions_)
    all.push_back(id);
  patience_->set(wanted_.stop_within, [this] {
    finish();
  });
  for (const auto id : all)
    if (auto* one = find(id); one != nullptr)
      one->close("SIP;cause=503;text=\"Shutting down\"", {});
  std::vector<party*> left;
  for (const auto& [whose, one] : others_)
    left.push_back(whose);
  for (auto* whose : left)
    whose->hurry();
  finish_if_idle();
}

void core::finish_if_idle() {
  if (stopping_ && sessions_.empty() && others_.empty())
    finish();
}

void core::finish() {
  if (std::exchange(finishing_, true))
    return;
  patience_->cancel();
  std::vector<session_id> left;
  for (const auto& [id, one] : sessions_)
    left.push_back(id);
  for (const auto id : left)
    if (auto* one = find(id); one != nullptr)
      one->drop();
  // Everything that has a handle goes first: Sofia takes no orders while it
  // shuts down.
  sessions_.clear();
  others_.clear();
  loop_.post([this] {
    for (const auto& one : listeners_)
      one->shut([this] {
        if (--listening_ == 0)
          loop_.post([this] {
            leave();
          });
      });
    if (listeners_.empty())
      leave();
  });
}

void core::leave() {
  listeners_.clear();
  sweeping_.reset();
  asking_.reset();
  patience_.reset();
  tls_.reset();
  names_.reset();
  unasked_.reset();
  loop_.leave();
}

} // namespace callfork::sip
