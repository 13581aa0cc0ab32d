"""Two parties of a call, played by the test itself: every packet is known."""
import ipaddress
import math
import random
import re
import socket
import struct
import time
from contextlib import suppress

import srtp
from cases import check
from oracle.ng_client import Client

FRAME = 160  # Samples in 20 ms.


def mu_law(sample):
    """One sample of 16 bit as G.711 says it."""
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    code = (0x80 if sample < 0 else 0) | exponent << 4 | (magnitude >> exponent + 3) & 15
    return ~code & 0xFF


def tone_payload(frequency):
    """20 ms of a tone; a multiple of 50 Hz goes on without a seam."""
    return bytes(mu_law(int(16000 * math.sin(2 * math.pi * frequency * n / 8000)))
                 for n in range(FRAME))


def rtp_packet(sequence, timestamp, ssrc, payload):
    return struct.pack(">BBHII", 0x80, 0, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def sender_report(ssrc):
    name = b"\1\5party\0\0\0\0\0"
    return (struct.pack(">BBHIIIIII", 0x80, 200, 6, ssrc, 1, 2, 3, 4, 5)
            + struct.pack(">BBHI", 0x81, 202, 1 + len(name) // 4, ssrc) + name)


def udp_socket(address, port=0):
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind((address, port))
    return made


def socket_pair(address):
    """Sockets on an even port and on the next one."""
    while True:
        first = udp_socket(address)
        port = first.getsockname()[1]
        with suppress(OSError):
            if port % 2 == 0:
                return first, udp_socket(address, port + 1)
        first.close()


def drain(which):
    """All datagrams that wait on a socket, with address and port of the
    sender."""
    found = []
    with suppress(BlockingIOError):
        while True:
            datagram, sender = which.recvfrom(4096)
            found.append((datagram, sender[:2]))
    return found


class Party:
    """Says one tone, and keeps all that it hears."""

    def __init__(self, frequency, address="127.0.0.1", suite=None, mux=False):
        self.address, self.suite, self.mux = address, suite, mux
        self.rtp, self.rtcp = socket_pair(address)
        self.payload = tone_payload(frequency)
        self.payloads = set()  # All that it ever said.
        self.ssrc = random.getrandbits(32)
        self.sequence, self.timestamp = random.randrange(1000, 20000), random.getrandbits(30)
        self.said, self.heard, self.reports_said, self.reports_heard = [], [], 0, []
        self.broken = self.misled = 0
        self.tag = 1
        self.key = suite and srtp.new_key(suite)
        self.sender = suite and srtp.Sender(suite, self.key)
        self.receiver = self.node_key = None

    def sdp(self, direction="sendrecv"):
        family = "IP6" if ":" in self.address else "IP4"
        profile = "SAVP" if self.suite else "AVP"
        lines = ["v=0", f"o=- {self.ssrc} 1 IN {family} {self.address}", "s=-",
                 f"c=IN {family} {self.address}", "t=0 0",
                 f"m=audio {self.rtp.getsockname()[1]} RTP/{profile} 0", "a=rtpmap:0 PCMU/8000"]
        if self.mux:
            lines.append("a=rtcp-mux")
        if self.suite:
            lines.append(f"a=crypto:{self.tag} {self.suite} inline:{self.key}")
        return "".join(line + "\r\n" for line in [*lines, f"a={direction}"])

    def learn(self, sdp):
        """Takes the node's address and key from the other party's SDP."""
        port = int(re.search(r"^m=audio (\d+)", sdp, re.M)[1])
        host = re.search(r"^c=IN IP\d (\S+)", sdp, re.M)[1]
        rtcp = re.search(r"^a=rtcp:(\d+)", sdp, re.M)
        self.muxed = self.mux and "a=rtcp-mux" in sdp
        self.node = (host, port)
        self.node_rtcp = self.node if self.muxed else (host, int(rtcp[1]) if rtcp else port + 1)
        if not self.suite:
            return
        found = re.search(rf"^a=crypto:(\d+) {self.suite} inline:([^|\s]+)", sdp, re.M)
        check(found, f"no {self.suite} for this party:\n{sdp}")
        self.tag = int(found[1])
        if found[2] != self.node_key:
            self.node_key = found[2]
            self.receiver = srtp.Receiver(self.suite, self.node_key)

    def say(self, payload=None):
        payload = payload or self.payload
        self.payloads.add(payload)
        packet = rtp_packet(self.sequence, self.timestamp, self.ssrc, payload)
        self.said.append(self.sequence)
        self.sequence, self.timestamp = self.sequence + 1, self.timestamp + FRAME
        self.rtp.sendto(self.sender.rtp(packet) if self.sender else packet, self.node)

    def skip(self, packets):
        """The time of so many packets passes in silence."""
        self.timestamp += packets * FRAME

    def report(self):
        packet = sender_report(self.ssrc)
        self.reports_said += 1
        (self.rtp if self.muxed else self.rtcp).sendto(
            self.sender.rtcp(packet) if self.sender else packet, self.node_rtcp)

    def hear(self):
        for datagram, sender in drain(self.rtp) + drain(self.rtcp):
            is_rtcp = 192 <= datagram[1] < 224
            self.misled += sender != (self.node_rtcp if is_rtcp else self.node)
            opened = datagram
            if self.receiver:
                opened = (self.receiver.rtcp if is_rtcp else self.receiver.rtp)(datagram)
            if opened is None:
                self.broken += 1
            elif is_rtcp:
                self.reports_heard.append(opened)
            else:
                self.heard.append((struct.unpack_from(">H", opened, 2)[0],
                                   struct.unpack_from(">I", opened, 8)[0], opened[12:]))

    def close(self):
        self.rtp.close()
        self.rtcp.close()


class Call:
    """A call of two such parties, set up by NG."""

    count = 0

    def __init__(self, node, caller, callee, keys=None, offer=None):
        Call.count += 1
        host, port = node.ng.rsplit(":", 1)
        self.ng = Client((host, int(port)))
        self.caller, self.callee, self.keys, self.offer_keys = caller, callee, keys or {}, offer or {}
        self.id = f"call-{Call.count}-{random.getrandbits(40):x}"
        self.offer()
        self.answer()

    def request(self, command, **more):
        reply = self.ng.request({"command": command, "call-id": self.id, **more})
        check(reply is not None, f"no reply to {command}")
        return reply

    def ask(self, command, **more):
        reply = self.request(command, **more)
        check(reply["result"] == "ok", f"{command}: {reply}")
        return reply

    def offer(self, direction="sendrecv"):
        keys = {"from-tag": "a", "sdp": self.caller.sdp(direction), **self.keys, **self.offer_keys}
        self.offered = self.ask("offer", **keys)["sdp"]
        self.callee.learn(self.offered)

    def answer(self, direction="sendrecv"):
        keys = {"from-tag": "a", "to-tag": "b", "sdp": self.callee.sdp(direction), **self.keys}
        self.answered = self.ask("answer", **keys)["sdp"]
        self.caller.learn(self.answered)

    def end(self):
        reply = self.ask("delete", **{"from-tag": "a"})
        self.ng.close()
        return reply

    def parties(self):
        return self.caller, self.callee

    def close(self):
        for each in self.parties():
            each.close()

    def check_untouched(self, why):
        """Both heard every packet of the other once, in order, and no more."""
        for who, said, heard in (("callee", self.caller, self.callee),
                                 ("caller", self.callee, self.caller)):
            strange = [h for h in heard.heard if h[1] != said.ssrc or h[2] not in said.payloads]
            check(not strange, f"{why}: the {who} heard {len(strange)} strange packets")
            check(not heard.broken, f"{why}: the {who} could not open {heard.broken} packets")
            check(not heard.misled, f"{why}: {heard.misled} packets to the {who} come from elsewhere")
            found = [h[0] for h in heard.heard]
            missing = sorted(set(said.said) - set(found))
            check(found == said.said, f"{why}: the {who} missed {missing} of {len(said.said)},"
                  f" heard {len(found)}")
            check(len(heard.reports_heard) == said.reports_said, f"{why}: the {who} got"
                  f" {len(heard.reports_heard)} reports of {said.reports_said}")


def talk(calls, seconds, meanwhile=None):
    """All parties say a packet each 20 ms; `meanwhile` gets each turn's
    number."""
    began = time.monotonic()
    for turn in range(round(seconds * 50)):
        for call in calls:
            for party in call.parties():
                party.say()
                if turn % 100 == 50:
                    party.report()
        if meanwhile:
            meanwhile(turn)
        while (left := began + (turn + 1) * 0.02 - time.monotonic()) > 0:
            listen(calls)
            time.sleep(min(left, 0.005))
    settle(calls)


def await_heard(calls, seconds):
    """What was said arrives, or the time is over."""
    end = time.monotonic() + seconds
    while (time.monotonic() < end and any(
            len(p.heard) < len(q.said) or len(p.reports_heard) < q.reports_said
            for c in calls for p, q in (c.parties(), c.parties()[::-1]))):
        listen(calls, 0.005)


def settle(calls):
    """What was said arrives, within some seconds on a busy machine, and a
    moment for what nobody said."""
    await_heard(calls, 5)
    listen(calls, 0.1)


def listen(calls, seconds=0.0):
    """What is on the way arrives."""
    end = time.monotonic() + seconds
    while True:
        for call in calls:
            for party in call.parties():
                party.hear()
        if time.monotonic() >= end:
            return
        time.sleep(0.005)
