#include "control/sip/stack_refusals.hpp"

#include "control/sip/message.hpp"
#include "control/sip/party.hpp"

#include <dlfcn.h>
#include <sofia-sip/su_tagarg.h>

#include <string>
#include <utility>

namespace callfork::sip {

namespace {

thread_local const stack_refusals* of_this_thread = nullptr;

constexpr std::size_t longest_name = 64;

/// The first extension that is required and not supported.
std::string unknown_in(const sip_t* request, const sip_supported_t* supported) {
  const auto* required = request->sip_require;
  for (const auto* one = required == nullptr ? nullptr : required->k_items;
       one != nullptr && *one != nullptr; ++one)
    if (sip_has_feature(supported, *one) == 0)
      return one_line(*one).substr(0, longest_name);
  return {};
}

bool is_too_short(const sip_t* invite) {
  return invite->sip_session_expires != nullptr
         && invite->sip_session_expires->x_delta < shortest_session
         && sip_has_feature(invite->sip_supported, "timer") != 0;
}

} // namespace

stack_refusals::stack_refusals(refusal_listener told)
  : told_(std::move(told)) {
  of_this_thread = this;
}

stack_refusals::~stack_refusals() {
  of_this_thread = nullptr;
}

void stack_refusals::note(nta_incoming_t* request, const sip_t* invite,
                          unsigned status, std::string reason) const {
  const kept_message message{nta_incoming_getrequest(request)};
  told_({source_of(message.get()), text_of(invite->sip_call_id->i_id), status,
         std::move(reason)});
}

} // namespace callfork::sip

/// Sofia asks this of itself, by a name that programs may take from it, before
/// anything else of a request is looked at.
extern "C" int nta_check_required(nta_incoming_t* request, const sip_t* message,
                                  const sip_supported_t* supported,
                                  tag_type_t tag, tag_value_t value, ...) {
  using namespace callfork::sip;
  using own = int (*)(nta_incoming_t*, const sip_t*, const sip_supported_t*,
                      tag_type_t, tag_value_t, ...);
  static const auto sofias
    = reinterpret_cast<own>(dlsym(RTLD_NEXT, "nta_check_required"));
  const auto begins = request != nullptr && of_this_thread != nullptr
                      && message->sip_request->rq_method == sip_method_invite
                      && message->sip_to->a_tag == nullptr;
  ta_list all;
  ta_start(all, tag, value);
  auto status = sofias(request, message, supported, ta_tags(all));
  if (status != 0 && begins)
    of_this_thread->note(request, message, static_cast<unsigned>(status),
                         "the extension " + unknown_in(message, supported)
                           + " is not known");
  if (status == 0 && begins && is_too_short(message)) {
    status = 422;
    nta_incoming_treply(
      request, SIP_422_SESSION_TIMER_TOO_SMALL,
      SIPTAG_MIN_SE_STR(std::to_string(shortest_session).c_str()),
      SIPTAG_SUPPORTED(supported), ta_tags(all));
    of_this_thread->note(request, message, 422,
                         "the session timer is too short");
  }
  static_cast<void>(ta_end(all));
  return status;
}
