#include "actors/siprec_line.hpp"

#include <utility>

namespace callfork::actors {

sip::session_id agent_line::open(sip::outgoing_session what,
                                 sip::session_listener listener) {
  return agent_.open(std::move(what), std::move(listener));
}

void agent_line::change(sip::session_id which, sip::method by,
                        siprec::written_body body) {
  agent_.change(which, by, std::move(body));
}

void agent_line::accept(sip::request_id which, siprec::written_body body) {
  agent_.accept(which, std::move(body));
}

void agent_line::refuse(sip::request_id which, unsigned status,
                        std::string reason) {
  agent_.refuse(which, status, std::move(reason));
}

void agent_line::close(sip::session_id which, std::string reason,
                       siprec::written_body body) {
  agent_.close(which, std::move(reason), std::move(body));
}

} // namespace callfork::actors
