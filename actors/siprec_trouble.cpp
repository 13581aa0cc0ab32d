#include "actors/siprec_trouble.hpp"

#include <string>

namespace callfork::actors {

namespace {

constexpr unsigned silent = 408;
constexpr unsigned no_dialog = 481;
constexpr unsigned first_of_ours = 700; ///< What is no status of SIP.

bus::blame whose(unsigned status) {
  if (status >= first_of_ours)
    return bus::blame::us;
  return status == silent ? bus::blame::platform : bus::blame::provider;
}

std::uint16_t told(unsigned status) {
  return static_cast<std::uint16_t>(status < first_of_ours ? status : 0);
}

std::string with_status(unsigned status, const std::string& reason) {
  return "sip " + std::to_string(status) + " " + reason;
}

} // namespace

sink_trouble trouble_of(const sip::open_failed& what) {
  return {whose(what.status), with_status(what.status, what.reason),
          told(what.status)};
}

sink_trouble trouble_of(const sip::change_answered& what) {
  return {whose(what.status),
          "a change was refused: " + with_status(what.status, what.reason),
          told(what.status)};
}

sink_trouble trouble_of(const sip::ended& what) {
  if (what.by == sip::ended_by::peer)
    return {bus::blame::provider,
            "the recorder ended the session: " + what.reason,
            told(what.status)};
  return {whose(what.status), with_status(what.status, what.reason),
          told(what.status)};
}

sink_trouble end_not_taken(const sip::ended& what) {
  return {whose(what.status),
          "the recorder did not take the end: "
            + with_status(what.status, what.reason),
          told(what.status)};
}

sink_trouble unusable_answer(const siprec::fault& why) {
  return {bus::blame::provider, "the answer cannot be used: " + why.reason,
          200};
}

bool is_end_of_dialog(unsigned status) noexcept {
  return status == no_dialog || status == silent;
}

} // namespace callfork::actors
