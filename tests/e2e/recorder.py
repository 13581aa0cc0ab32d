"""A recorder of the field (RFC 7866), played by the test: it answers as a case
tells it, well or badly, and keeps all that it gets."""
import email
import heapq
import random
import re
import selectors
import socket
import threading
import time
from contextlib import suppress

from bench import free_ports
from cases import check, wait_for
from recorder_media import TYPES, Stream

SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type",
         "l": "content-length", "k": "supported"}
PHRASES = {180: "Ringing", 200: "OK", 401: "Unauthorized", 481: "Call/Transaction Does Not Exist",
           486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
           491: "Request Pending", 503: "Service Unavailable", 603: "Decline"}


class Message:
    """A SIP message."""

    def __init__(self, data):
        self.text = data.decode(errors="replace")
        head, _, self.body = self.text.partition("\r\n\r\n")
        self.first, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.at = time.monotonic()
        self.headers = []
        for line in lines:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.headers.append((SHORT.get(name, name), value.strip()))
        self.method = self.header("cseq").split()[-1]
        self.number = int(self.header("cseq").split()[0])
        self.status = int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    def header(self, name):
        """Its first value; empty without it."""
        return next((value for key, value in self.headers if key == name), "")

    def parts(self):
        """The parts of the body: type, disposition, content."""
        if not self.body:
            return []
        whole = email.message_from_string(
            f"MIME-Version: 1.0\r\nContent-Type: {self.header('content-type')}\r\n\r\n{self.body}")
        check(not whole.defects, f"{self.first}: {whole.defects}")
        return [(part.get_content_type(), part.get_content_disposition(), part.get_payload())
                for part in whole.walk() if not part.is_multipart()]

    def check_sound(self):
        """What every request of a recording client has once (RFC 3261 8.1.1,
        RFC 7866 6.1.1)."""
        names = [name for name, _ in self.headers]
        target = ["contact"] if self.method in ("INVITE", "UPDATE") else []
        for name in ("call-id", "cseq", "from", "to", "max-forwards", "content-length", *target):
            check(names.count(name) == 1, f"{self.method} has {names.count(name)} {name}")
        for name in ("contact", "content-type", "session-expires", "require", "authorization"):
            check(names.count(name) <= 1, f"{self.method} has {names.count(name)} {name}")
        if target:
            check(re.search(r">;(\+sip\.)?src\b", self.header("contact")), self.header("contact"))
        check(int(self.header("content-length")) == len(self.body.encode()), "Content-Length is wrong")

    def part(self, beginning):
        """The first part of such a type; empty without one."""
        return next((text for kind, _, text in self.parts() if kind.startswith(beginning)), "")


def value_of(section, name):
    found = re.search(rf"^a={name}:(\S+)", section, re.M)
    return found and found[1]


class Session:
    """One recording session: its dialog and its streams."""

    def __init__(self, recorder, request, send):
        self.recorder, self.send, self.invite = recorder, send, request
        self.call_id, self.peer = request.header("call-id"), request.header("from")
        self.us = f"{request.header('to')};tag={random.getrandbits(32):x}"
        self.target = re.search(r"<([^>]+)>", request.header("contact"))[1]
        self.requests, self.responses, self.answers = [], {}, {}
        self.streams = {}  # By label, in the order of the client's m-lines.
        self.number, self.version, self.acks, self.up_at, self.ended = 100, 0, 0, None, None

    # What the recorder says.

    def reply(self, request, status, *headers, body=""):
        copied = [f"{name}: {value}" for name, value in request.headers
                  if name in ("via", "call-id", "cseq")]
        if body:
            headers = (*headers, "Content-Type: application/sdp")
        text = "\r\n".join([f"SIP/2.0 {status} {PHRASES[status]}", *copied, f"From: {self.peer}",
                            f"To: {self.us}", f"Contact: {self.recorder.contact};+sip.srs",
                            *headers, f"Content-Length: {len(body)}", "", body])
        self.answers[request.method, request.number] = text
        self.send(text.encode())

    def accept(self, request, way="recvonly", refused=(), headers=()):
        """200 to an INVITE or UPDATE, with an answer if there was an offer."""
        offer = request.part("application/sdp")
        body = self.answer(offer, way, refused) if offer else ""
        self.up_at = self.up_at or time.time()
        self.reply(request, 200, *headers, body=body)

    def answer(self, offer, way="recvonly", refused=()):
        """The description that answers the client's; the streams follow it."""
        sections = re.split(r"^(?=m=)", offer.replace("\r", ""), flags=re.M)
        lines = [self.stream_lines(section, way, refused) for section in sections[1:]]
        return self.describe(sections[0], lines)

    def describe(self, head, lines):
        self.version += 1
        host = re.search(r"^c=IN IP4 (\S+)", head, re.M)
        self.host = host[1] if host else "127.0.0.1"
        return "".join(line + "\r\n" for line in [
            "v=0", f"o=recorder 7 {self.version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1",
            "t=0 0", *(line for each in lines for line in each)])

    def stream_lines(self, section, way, refused):
        label = value_of(section, "label")
        if label not in self.streams:
            self.streams[label] = Stream(label)
            self.recorder.listen(self.streams[label])
        stream = self.streams[label]
        port, profile, offered = re.match(r"m=audio (\d+) (\S+) (.*)", section).groups()
        host = re.search(r"^c=IN IP4 (\S+)", section, re.M)
        stream.client = (host[1] if host else "127.0.0.1", int(port))
        names = {kind: name for kind, name in re.findall(r"^a=rtpmap:(\d+) (\w[\w-]*)/", section, re.M)}
        stream.names = {int(kind): names[kind] for kind in offered.split()
                        if names.get(kind) in self.recorder.types}
        stream.offered = set(names.values())
        if label in refused or not stream.names or port == "0":
            return [f"m=audio 0 {profile} 0", f"a=label:{label}"]
        key = []
        if profile == "RTP/SAVP":
            tag, suite, theirs = re.search(
                rf"^a=crypto:(\d+) ({self.recorder.suite}) inline:([^|\s]+)", section, re.M).groups()
            key = [f"a=crypto:{tag} {suite} inline:{stream.use(suite, theirs)}"]
        wants = "inactive" if "a=inactive" in section and way == "recvonly" else way
        return [f"m=audio {stream.rtp.getsockname()[1]} {profile} {' '.join(map(str, stream.names))}",
                *(f"a=rtpmap:{kind} {TYPES[name][1]}" for kind, name in stream.names.items()),
                f"a={wants}", f"a=label:{label}", *key]

    def offer(self, way):
        """An offer of the recorder's own, for streams without SRTP."""
        return self.describe("", [
            [f"m=audio {each.rtp.getsockname()[1]} RTP/AVP {' '.join(map(str, each.names))}",
             *(f"a=rtpmap:{kind} {TYPES[name][1]}" for kind, name in each.names.items()),
             f"a={way}", f"a=label:{label}"] for label, each in self.streams.items()])

    def tell(self, method, number, *headers, body=""):
        self.send("\r\n".join([
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/{self.recorder.over.upper()} {self.recorder.address}"
            f";branch=z9hG4bK{random.getrandbits(64):x}",
            f"From: {self.us}", f"To: {self.peer}", f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}", "Max-Forwards: 70",
            f"Contact: {self.recorder.contact};+sip.srs", *headers,
            f"Content-Length: {len(body)}", "", body]).encode())

    def ask(self, method, *headers, body="", seconds=5):
        """The final response to a request of the recorder's."""
        self.number += 1
        number = self.number
        self.tell(method, number, *headers, body=body)
        found = wait_for(lambda: self.responses.get(number), seconds, f"no response to {method}")
        contacts = [value for name, value in found.headers if name == "contact"]
        check(len(contacts) == (method in ("INVITE", "UPDATE")), f"{found.first}: {contacts}")
        if method == "INVITE":
            offer = "" if body else found.part("application/sdp")
            answer = self.answer(offer) if offer else ""
            self.tell("ACK", number, *(["Content-Type: application/sdp"] if answer else []),
                      body=answer)
        return found

    # What the recorder hears.

    def on_message(self, message):
        if message.status:
            if message.status >= 200:
                self.responses[message.number] = message
            return
        self.acks += message.method == "ACK"
        again = self.answers.get((message.method, message.number))
        if again and message.method != "ACK":
            return self.send(again.encode())
        if any((message.method, message.number) == (e.method, e.number) for e in self.requests):
            return
        self.requests.append(message)
        message.check_sound()
        if message.method == "BYE":
            self.ended = time.monotonic()
        self.recorder.on_request(self, message)

    def of(self, method):
        """The client's requests by that method, in order."""
        return [each for each in self.requests if each.method == method]

    def documents(self):
        """The metadata of all requests, in order."""
        found = [each.part("application/rs-metadata") for each in self.requests]
        return [each for each in found if each]


class Recorder:
    """Lives on a thread of its own until `close`. `on_invite(session, request)`
    decides about each INVITE; without it, all are accepted."""

    def __init__(self, over="udp", types=("PCMU", "PCMA", "telephone-event"), suite=None,
                 on_invite=Session.accept, port=0):
        self.over, self.types, self.suite, self.on_invite = over, types, suite, on_invite
        self.port = port or free_ports(1)[0]
        self.address = f"127.0.0.1:{self.port}"
        self.uri = f"sip:rec@{self.address};transport={over}"
        self.contact = f"<{self.uri}>"
        self.sessions, self.fault, self.deaf, self.open = [], None, False, True
        self.tasks, self.listening = [], selectors.DefaultSelector()
        self.door = socket.socket(socket.AF_INET,
                                  socket.SOCK_STREAM if over == "tcp" else socket.SOCK_DGRAM)
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.door.bind(("127.0.0.1", self.port))
        if over == "tcp":
            self.door.listen()
        self.listening.register(self.door, selectors.EVENT_READ,
                                self.on_connection if over == "tcp" else self.on_datagram)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while self.open:
                for key, _ in self.listening.select(0.02):
                    key.data()
                while self.tasks and self.tasks[0][0] <= time.monotonic():
                    heapq.heappop(self.tasks)[-1]()
        except Exception as fault:  # Told by the next question of the case.
            self.fault = fault
            raise

    def later(self, seconds, task):
        """Does something on this thread; from this thread only."""
        heapq.heappush(self.tasks, (time.monotonic() + seconds, random.random(), task))

    def listen(self, stream):
        for each in (stream.rtp, stream.rtcp):
            self.listening.register(each, selectors.EVENT_READ, stream.hear)

    def on_datagram(self):
        data, sender = self.door.recvfrom(65536)
        if data.strip():
            self.on_message(Message(data), lambda reply: self.door.sendto(reply, sender))

    def on_connection(self):
        connection, _ = self.door.accept()
        held = bytearray()

        def on_bytes():
            more = b""
            with suppress(OSError):
                more = connection.recv(65536)
            if not more:
                self.listening.unregister(connection)
                return connection.close()
            held.extend(more)
            while (end := held.find(b"\r\n\r\n")) >= 0:
                length = re.search(rb"^(?:content-length|l)\s*:\s*(\d+)", held[:end], re.I | re.M)
                size = end + 4 + int(length[1])
                if len(held) < size:
                    return
                data = bytes(held[:size]).lstrip()
                del held[:size]
                if data:
                    self.on_message(Message(data), connection.sendall)
        self.listening.register(connection, selectors.EVENT_READ, on_bytes)

    def on_message(self, message, send):
        if self.deaf:
            return
        session = next((each for each in self.sessions
                        if each.call_id == message.header("call-id")), None)
        if not session:
            if message.method not in ("INVITE", "OPTIONS") or message.status:
                return
            if message.method == "OPTIONS":
                return Session(self, message, send).reply(message, 200)
            session = Session(self, message, send)
            self.sessions.append(session)
        session.on_message(message)

    def on_request(self, session, request):
        if request.method == "INVITE":
            self.on_invite(session, request)
        elif request.method == "UPDATE":
            session.accept(request)
        elif request.method != "ACK":
            session.reply(request, 200)
        if request.method == "CANCEL":
            session.reply(session.invite, 487)

    def accepted(self):
        """The sessions that stood, in order."""
        check(not self.fault, f"the recorder broke: {self.fault!r}")
        return [each for each in self.sessions if each.up_at]

    def session(self, number=0, seconds=10):
        """The first (or another) session that stands."""
        wait_for(lambda: len(self.accepted()) > number, seconds, "no recording session")
        return self.accepted()[number]

    def ended(self, number=0, seconds=20):
        """Such a session, once the client has said BYE and all is heard."""
        session = self.session(number)
        wait_for(lambda: session.ended, seconds, "no BYE")
        check(not self.fault, f"the recorder broke: {self.fault!r}")
        return session

    def close(self):
        """Dies: whoever sends here now is told that nobody listens."""
        self.open = False
        self.thread.join()
        for key in list(self.listening.get_map().values()):
            key.fileobj.close()
        self.listening.close()


def late(seconds):
    """Rings at once and answers after a while."""
    def behave(session, request):
        session.reply(request, 180)
        session.recorder.later(seconds, lambda: session.accept(request))
    return behave


def refusing(status):
    return lambda session, request: session.reply(request, status)


def silent(session, request):
    """Says nothing at all."""
