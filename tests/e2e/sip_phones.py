"""Two phones of the test's own behind a real Kamailio: SIP by the rules of
RFC 3261 as far as a call needs it, and media in which every packet is known."""
import random
import re
import time

from case_announce import Listener
from cases import check
from parties import drain, udp_socket
from phones import Phones


def header(text, name):
    """The values of a header, in order."""
    return re.findall(rf"^{name}[ \t]*:[ \t]*(.*?)\r?$", text, re.M | re.I)


def tag_of(value):
    found = re.search(r";tag=([^;>\s]+)", value)
    return found[1] if found else ""


class SipPhone(Listener):
    """Answers what comes, and remembers it with its time."""

    def __init__(self, name, frequency, proxy):
        super().__init__(frequency)
        self.name, self.proxy = name, ("127.0.0.1", proxy)
        self.sip = udp_socket("127.0.0.1")
        self.port = self.sip.getsockname()[1]
        self.own_tag = f"{name}-{random.getrandbits(48):x}"
        self.sequence_number = 0
        self.requests, self.responses = [], []  # (time, text)
        self.call_id = self.peer_tag = self.peer = self.target = ""
        self.routes, self.replied = [], 0.0

    def report(self):
        """It says nothing by RTCP."""

    def hear(self):
        super().hear()
        self.heard = self.times
        for datagram, sender in drain(self.sip):
            text, now = datagram.decode(errors="replace"), time.monotonic()
            if text.startswith("SIP/2.0"):
                self.responses.append((now, text))
            else:
                self.requests.append((now, text))
                self.serve(text, sender)

    def serve(self, text, sender):
        method = text.split(" ", 1)[0]
        if method == "ACK":
            return
        if method == "INVITE":
            self.call_id, self.peer = header(text, "Call-ID")[0], header(text, "From")[0]
            self.peer_tag = tag_of(self.peer)
            self.target = re.search(r"<(.*?)>", header(text, "Contact")[0])[1]
            self.routes = header(text, "Record-Route")
            self.learn(text)
            self.reply(text, sender, "180 Ringing")
            self.replied = time.monotonic()
            self.reply(text, sender, "200 OK", self.sdp())
            return
        self.reply(text, sender, "200 OK")

    def reply(self, text, to, status, body=""):
        copied = [f"{name}: {value}" for name in ("Via", "Record-Route", "From", "Call-ID", "CSeq")
                  for value in header(text, name)]
        whom = header(text, "To")[0]
        whom += "" if tag_of(whom) else f";tag={self.own_tag}"
        self.send([f"SIP/2.0 {status}", *copied, f"To: {whom}"], body, to)

    def send(self, lines, body="", to=None):
        # The proxy of the tests would else have every answered call recorded.
        more = [f"Contact: <sip:{self.name}@127.0.0.1:{self.port}>", "X-NoRec: 1",
                f"Content-Length: {len(body)}"] + (["Content-Type: application/sdp"] if body else [])
        self.sip.sendto(("\r\n".join(lines + more) + "\r\n\r\n" + body).encode(), to or self.proxy)

    def request(self, method, uri, *more, body=""):
        """Sends one of our dialog; ACK keeps the number of its INVITE."""
        self.sequence_number += method != "ACK"
        whom = self.peer or f"<{uri}>"
        lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK"
                 f"{random.getrandbits(60):x};rport", f"From: <sip:{self.name}@127.0.0.1>;tag={self.own_tag}",
                 f"To: {whom}", f"Call-ID: {self.call_id}", f"CSeq: {self.sequence_number} {method}",
                 "Max-Forwards: 20", *(f"Route: {each}" for each in self.routes), *more]
        self.send(lines, body)

    def answer_to(self, method, number):
        """When the final answer to that request of ours came, and its text."""
        return next(((at, text) for at, text in self.responses if not text.startswith("SIP/2.0 1")
                     and header(text, "CSeq")[0] == f"{number} {method}"), None)

    def got(self, method):
        """When requests of that method came."""
        return [at for at, text in self.requests if text.startswith(method + " ")]

    def close(self):
        super().close()
        self.sip.close()


class ProxiedCall:
    """A call of two such phones through Kamailio and a node. `metadata` is what
    Kamailio tells the node of it. For `talk`, as `parties.Call`."""

    def __init__(self, proxy, metadata="", tones=(400, 650)):
        port = proxy.ports["@SIP@"]
        self.caller, self.callee = (SipPhone(name, tone, port) for name, tone in zip(("alice", "bob"), tones))
        self.caller.other, self.callee.other = self.callee, self.caller
        self.id = self.caller.call_id = f"call-{random.getrandbits(48):x}@127.0.0.1"
        more = (f"X-Metadata: {metadata}",) if metadata else ()
        self.caller.request("INVITE", f"sip:at-{self.callee.port}@127.0.0.1:{port}", *more, body=self.caller.sdp())
        answer = self.await_answer("INVITE")
        check(answer.startswith("SIP/2.0 200"), answer)
        self.caller.learn(answer)
        self.caller.peer = header(answer, "To")[0]
        self.caller.routes = header(answer, "Record-Route")[::-1]
        self.caller.target = re.search(r"<(.*?)>", header(answer, "Contact")[0])[1]
        self.caller.request("ACK", self.caller.target)
        # The node hears of the answer between bob's 200 and alice's.
        self.answered = (self.callee.replied, self.caller.responses[-1][0])
        self.asked = {}

    def await_answer(self, method, seconds=5):
        end = time.monotonic() + seconds
        while not (found := self.caller.answer_to(method, self.caller.sequence_number)):
            check(time.monotonic() < end, f"no answer to {method}: {self.caller.responses}")
            self.callee.hear()
            self.caller.hear()
            time.sleep(0.002)
        return found[1]

    def parties(self):
        return self.caller, self.callee

    def control(self, command):
        """Has Kamailio send an NG command for the call; `outcome` tells what
        came of it."""
        self.caller.request("INFO", self.caller.target, f"X-NG: {command}_recording")
        self.asked.setdefault(command, []).append((time.monotonic(), self.caller.sequence_number))

    def outcome(self, command, which=0):
        """When the command was sent, when it was answered, and the status."""
        sent, number = self.asked[command][which]
        found = self.caller.answer_to("INFO", number)
        check(found, f"no answer to {command}")
        return sent, found[0], int(found[1].split()[1])

    def end(self):
        self.caller.request("BYE", self.caller.target)
        check(self.await_answer("BYE").startswith("SIP/2.0 200"), "the BYE was refused")

    def byes(self):
        """When Kamailio's BYE came to either."""
        return [party.got("BYE") for party in self.parties()]

    def close(self):
        for party in self.parties():
            party.close()


class Proxy(Phones):
    """Kamailio in front of a node, without phones of its own."""

    def start_phone(self, who, frequency, answer, *words):
        return None
