"""Attacks on calls that go on: strangers' media, forged SRTP, leaked keys."""
import random
import socket
import time

from audio import channels, loudest
from cases import case, check, wait_for
from srtp import master_of
from parties import (Call, Party, await_heard, drain, listen, rtp_packet, sender_report, talk,
                     tone_payload, udp_socket)

CALLER, CALLEE, MARKER = 400, 650, 1050
SUITE = "AES_CM_128_HMAC_SHA1_80"
RECORD = {"record call": "yes"}


class Attacker:
    """Sends to the ports of both parties of a call from where nobody should."""

    def __init__(self, call):
        self.call = call
        self.sockets = [udp_socket("127.0.0.9"), udp_socket("127.0.0.1")]
        self.marker = tone_payload(MARKER)
        self.sent = self.sequence = 0

    def send(self, packets):
        """As many to each of the call's four ports from each address."""
        for _ in range(packets):
            self.sequence += 1
            for victim, other in (self.call.parties(), self.call.parties()[::-1]):
                # Even what a party would say next, in its own name.
                rtp = rtp_packet(victim.sequence + self.sequence % 3, victim.timestamp,
                                 victim.ssrc if self.sequence % 2 else 4711, self.marker)
                for stranger in self.sockets:
                    stranger.sendto(rtp, victim.node)
                    stranger.sendto(sender_report(victim.ssrc), victim.node_rtcp)
                    self.sent += 2

    def robbed(self):
        """What reached the attacker."""
        return sum(len(drain(each)) for each in self.sockets)

    def close(self):
        for each in self.sockets:
            each.close()


def listen_to_recordings(bench, calls):
    """The channels of each call's recording by its call id."""
    return {call: channels(wav) for call, wav in bench.recordings(len(calls)).items()}


def check_recordings(bench, attacked, control):
    heard = listen_to_recordings(bench, [*attacked, control])
    rate, expected = heard[control.id]
    check(loudest(expected[0], rate, MARKER) > 0.05, "the ears are deaf for the marker")
    for call in attacked:
        _, found = heard[call.id]
        # A busy machine delays calls unequally; the attack is over 5 s of sound.
        check(abs(len(found[0]) - len(expected[0])) <= rate // 4,
              f"{len(found[0])} samples with the attack, {len(expected[0])} without")
        for samples, tone, name in zip(found, (CALLER, CALLEE), ("caller", "callee")):
            check(loudest(samples, rate, tone) > 0.3, f"the {name} is not in the recording")
            marker = loudest(samples, rate, MARKER)
            check(marker < 0.02, f"the attacker is in the recording of the {name}: {marker:.3f}")


@case("nobody but the parties is heard, recorded or served")
def injection(bench):
    node = bench.node()
    attacked = [Call(node, Party(CALLER, suite=suite), Party(CALLEE, suite=suite), offer=RECORD)
                for suite in (None, SUITE)]
    control = Call(node, Party(CALLER), Party(CALLEE), offer=RECORD)
    calls, attackers = [*attacked, control], [Attacker(call) for call in attacked]

    def attack(packets):
        for each in attackers:
            each.send(packets)

    attack(20)
    listen(calls, 0.3)
    check(not any(p.heard or p.reports_heard for c in calls for p in c.parties()), "before media")
    talk(calls, 3, lambda turn: attack(1) if turn % 7 == 0 and turn < 140 else None)
    for call in attacked:
        call.check_untouched("attacked in the first seconds")
    talk(calls, 2.5, lambda turn: attack(2) if turn < 100 else None)
    for call in calls:
        call.offer()
        call.answer()
    talk(calls, 1, lambda turn: attack(1) if turn < 20 else None)
    silence = 10
    listen(calls, silence)
    attack(20)
    for call in calls:
        for party in call.parties():
            party.skip(50 * silence)
    talk(calls, 2)
    for call in calls:
        call.check_untouched("attacked at all times")
    for _ in range(10):
        for call in calls:  # What a recorded attacker would sound like.
            call.caller.say(tone_payload(MARKER if call is control else CALLER))
    listen(calls, 0.3)
    sent = sum(each.sent for each in attackers)
    wait_for(lambda: node.dropped("unknown_source") == sent, 10, f"not all of {sent} are counted")
    check(not any(each.robbed() for each in attackers), "the attacker was served")
    for call in calls:
        call.end()
    check_recordings(bench, attacked, control)
    for each in [*calls, *attackers]:
        each.close()


@case("10 000 forged SRTP packets from the right address change nothing")
def forged(bench):
    node = bench.node()
    call = Call(node, Party(CALLER, suite=SUITE), Party(CALLEE, suite=SUITE), offer=RECORD)
    caller, marker = call.caller, tone_payload(MARKER)
    wrong = Party(MARKER, suite=SUITE).sender

    def forge(turn):
        # The kernel must not drop what a busy node has not read yet.
        await_heard([call], 0.2)
        for n in range(50 if 50 <= turn < 250 else 0):
            ssrc = caller.ssrc if n % 2 else random.getrandbits(32)
            ahead = random.choice((1, 2, 100, 30000, 60000))
            packet = rtp_packet(caller.sequence + ahead, caller.timestamp, ssrc, marker)
            if n % 10 == 9:
                caller.rtcp.sendto(wrong.rtcp(sender_report(ssrc)), caller.node_rtcp)
            else:
                caller.rtp.sendto(wrong.rtp(packet), caller.node)
            if n % 10 == 0:
                listen([call])

    began = time.monotonic()
    talk([call], 6, forge)
    spoken = time.monotonic() - began  # Over 6 s when the machine is busy.
    call.check_untouched("among forged packets")
    # Those that seem to be old are refused before their tag is looked at (RFC 3711 3.3).
    wait_for(lambda: node.dropped("not_authentic") + node.dropped("replayed") == 10_000, 10,
             "not all forged packets are counted")
    check(node.dropped("not_authentic") > 8000, "forged packets are called something else")
    call.end()
    call.close()
    rate, (left, right) = listen_to_recordings(bench, [call])[call.id]
    check(loudest(left, rate, MARKER) < 0.02, "the forger is in the recording")
    check(5.7 < len(left) / rate < spoken + 0.3,
          f"{len(left) / rate} s are recorded of {spoken:.1f}")


@case("keys are nowhere but in the SDP")
def secrecy(bench):
    node = bench.node("--log-level=trace")
    calls = [Call(node, Party(CALLER, suite=suite), Party(CALLEE, suite=suite), offer=RECORD)
             for suite in (SUITE, "AEAD_AES_256_GCM")]
    talk(calls, 1)
    for call in calls:
        call.check_untouched("before the search")
        call.offer("sendonly")
        call.answer("recvonly")
        check("inline" not in str(call.ask("query")), "the reply to query tells keys")
    pages = "".join(node.get(page)[1] for page in ("/calls", "/recordings", "/metrics"))
    for call in calls:
        call.end()
    check(node.stop() == 0, node.log())
    bench.events()
    keys = [key for call in calls for party in call.parties() for key in (party.key, party.node_key)]
    secrets = [master_of(key)[:16] for key in keys]
    needles = [key.encode()[:20] for key in keys] + secrets + [s.hex().encode() for s in secrets]
    places = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
    check(len(places) > 5, f"too little to search: {places.keys()}")
    places["HTTP"] = pages.encode()
    for where, text in places.items():
        check(b"inline:" not in text and not any(needle in text for needle in needles),
              f"key material in {where}")
    for call in calls:
        call.close()


@case("the allow-list decides who is answered, by UDP and by TCP")
def allow_list(bench):
    node = bench.node("--ng-allowed=127.0.0.2/32")
    host, port = node.ng.rsplit(":", 1)
    tcp = node.ng_tcp.rsplit(":", 1)[1]

    def asks(kind, source, port):
        with socket.socket(socket.AF_INET, kind) as peer:
            peer.settimeout(1)
            peer.bind((source, 0))
            try:
                peer.connect((host, int(port)))
                peer.send(b"1 d7:command4:pinge")
                return peer.recv(2000)
            except (TimeoutError, ConnectionError):
                return b""

    for kind, door in ((socket.SOCK_DGRAM, port), (socket.SOCK_STREAM, tcp)):
        check(b"pong" in asks(kind, "127.0.0.2", door), "the allowed peer is not answered")
        check(asks(kind, "127.0.0.1", door) == b"", "a stranger is answered")
    ignored = node.metrics()['callfork_ng_ignored_total{reason="not_allowed"}']
    check(ignored >= 1, "ignored requests are not counted")
