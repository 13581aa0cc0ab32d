#include "control/sip/core.hpp"

#include "control/sip/dialog.hpp"
#include "control/sip/message.hpp"
#include "control/sip/opening.hpp"
#include "control/sip/single_request.hpp"

#include <future>
#include <utility>

namespace callfork::sip {

namespace {

constexpr auto sweep_every = std::chrono::seconds{5};

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
  tls_ = std::make_unique<tls_connections>();
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
    if (auto configured = tls_->configure(*wanted_.tls); !configured)
      return configured;
  }
  sweep();
  return {};
}

void core::sweep() {
  tls_->sweep();
  sweeping_->set(sweep_every, [this] {
    sweep();
  });
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
    nua_respond(it.handle, 200, sip_200_OK,
                NUTAG_WITH(nua_current_request(it.where->native())),
                SIPTAG_ACCEPT_STR(our_accept), TAG_END());
    return nua_handle_destroy(it.handle);
  default:
    if (it.handle != nullptr)
      nua_handle_destroy(it.handle);
    return;
  }
}

std::optional<siprec::fault> core::refusal_of(const sip_t* invite) const {
  if (stopping_)
    return siprec::fault{503, "we are stopping"};
  if (!server_)
    return siprec::fault{403, "nobody may record here"};
  const auto what = look_into(body_of(invite), wanted_.body_bytes);
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
  const auto code = static_cast<int>(why.status);
  if (server_ && server_->on_refusal)
    server_->on_refusal({source_of(nua_current_request(it.where->native())),
                         text_of(it.sip->sip_call_id->i_id), why.status,
                         why.reason});
  nua_respond(it.handle, code, sip_status_phrase(code),
              TAG_IF(code == 503, SIPTAG_RETRY_AFTER_STR("10")),
              TAG_IF(code == 415, SIPTAG_ACCEPT_STR(our_accept)), TAG_END());
  nua_handle_destroy(it.handle);
}

void core::on_invite(const happening& it) {
  if (it.status >= 200)
    return nua_handle_destroy(it.handle);
  if (const auto why = refusal_of(it.sip))
    return refuse(it, *why);
  auto* message = nua_current_request(it.where->native());
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
  server_->on_invitation(told);
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
  patience_.reset();
  tls_.reset();
  loop_.leave();
}

} // namespace callfork::sip
