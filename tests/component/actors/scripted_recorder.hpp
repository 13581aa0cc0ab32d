#pragma once

#include "actors/siprec_sink.hpp"
#include "control/sip/session_line.hpp"
#include "control/siprec/metadata_reader.hpp"
#include "tests/component/actors/test_call.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callfork::test {

/// A recorder in the place of SIP: it does what the test says, and hears what a
/// sink sends to it by real datagrams. For nodes in virtual time alone.
class scripted_recorder final : public sip::session_line {
public:
  /// What the sink has said in one request.
  struct words {
    sip::method by{};
    std::string sdp;
    std::string metadata;
    [[nodiscard]] siprec::peer_metadata read() const;
  };
  /// How it answers each stream: as in "recvonly", or "refused".
  using wishes = std::array<std::string, 2>;

  scripted_recorder();

  /// The sinks that come to it, once a node runs: `home` is asked for then.
  [[nodiscard]] actors::sink_kind kind(std::function<actors::shard&()> home);

  /// Takes the session that is asked for.
  void accept(const wishes& with);
  /// No target takes it.
  void refuse(unsigned status, const std::string& reason);
  /// The same, if a session is asked for at all.
  void refuse_if_asked(unsigned status, const std::string& reason);
  /// Answers the change that was not answered when it came.
  void answer_now();
  /// A target fails, another one is asked.
  void skip(unsigned status);
  /// The recorder hangs up.
  void hang_up(const std::string& reason);
  /// The recorder changes its mind.
  void reinvite(const wishes& with);
  /// The recorder asks for our description, and answers it.
  void ask_for_offer(const wishes& with);
  void ask_for_snapshot();

  /// What came as RTP on a stream since this was asked last, in sequence
  /// numbers.
  [[nodiscard]] std::vector<std::uint16_t> heard(std::size_t stream);

  [[nodiscard]] const words& last() const {
    return said.back();
  }

  actors::siprec_provider provider;
  unsigned answers_updates = 200;
  unsigned answers_invites = 200;
  bool answers = true; ///< Changes at all.
  int opened = 0;
  int closed = 0;
  std::vector<words> said;
  std::string ended_with;         ///< The Reason of the last BYE.
  std::string ended_metadata;     ///< In its body.
  std::vector<unsigned> refusals; ///< Of its own requests.
  std::shared_ptr<actors::sink_figures> figures;

  sip::session_id open(sip::outgoing_session what,
                       sip::session_listener listener) override;
  void change(sip::session_id which, sip::method by,
              siprec::written_body body) override;
  void accept(sip::request_id which, siprec::written_body body) override;
  void refuse(sip::request_id which, unsigned status,
              std::string reason) override;
  void close(sip::session_id which, std::string reason,
             siprec::written_body body) override;

private:
  void tell(sip::session_event what);
  void answer(sip::method by);
  void note(sip::method by, const siprec::written_body& body);
  [[nodiscard]] std::string description(const wishes& with) const;
  [[nodiscard]] std::string answer_to(const std::string& offer,
                                      const wishes& with) const;

  std::optional<net::port_pool> ports_;
  std::array<phone, 2> ears_;
  std::array<phone, 2> reports_;
  wishes wish_{"recvonly", "recvonly"};
  sip::session_id session_{};
  std::uint32_t requests_ = 0;
  std::uint32_t version_ = 0;
  bool asked_for_offer_ = false;
  sip::session_listener listener_;
};

/// How a description wants each stream: as in "sendonly".
[[nodiscard]] std::array<std::string, 2> directions_in(const std::string& sdp);

} // namespace callfork::test
