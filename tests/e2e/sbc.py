"""A session border controller, played by the test: SIP as it is on the wire,
and the speech of two parties."""
import array
import itertools
import math
import random
import re
import socket
import struct
import time

from audio import channels, level
from cases import check
from parties import FRAME, drain, rtp_packet, socket_pair

SOUNDS = "/usr/share/asterisk/sounds/en_US_f_Allison"
COUNT = itertools.count(1)


class Message:
    """A SIP message, taken apart."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.start, *lines = head.decode(errors="replace").split("\r\n")
        self.headers = [(name.strip().lower(), value.strip())
                        for name, _, value in (line.partition(":") for line in lines)]
        self.status = int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else None

    def header(self, name, short=None):
        names = (name.lower(), short)
        return next((value for key, value in self.headers if key in names), "")

    def text(self):
        return self.body.decode(errors="replace")

    def is_answer(self, method):
        return self.status is not None and self.header("CSeq").endswith(" " + method)


class Line:
    """A way to the node by UDP, TCP or, with a context, TLS: whole messages in
    both directions."""

    def __init__(self, kind, port, context=None):
        self.kind, self.pending = kind, b""
        if kind == "udp":
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.connect(("127.0.0.1", port))
        else:
            self.socket = socket.create_connection(("127.0.0.1", port), 10)
            if context:
                self.socket = context.wrap_socket(self.socket)
        self.us = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.waiting = []

    def send(self, raw):
        self.socket.settimeout(20)
        self.socket.sendall(raw)

    def receive(self, seconds=5.0):
        """The next message; nothing when none comes, or the node hung up."""
        end = time.monotonic() + seconds
        while not self.waiting:
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                read = self.socket.recv(65536)
            except OSError:
                return None
            if not read:
                return None
            self.take(read)
        return self.waiting.pop(0)

    def take(self, read):
        if self.kind == "udp":
            self.waiting.append(Message(read))
            return
        self.pending += read
        while (at := self.pending.find(b"\r\n\r\n")) >= 0:
            length = re.search(rb"^(?:Content-Length|l)[ \t]*:[ \t]*(\d+)", self.pending[:at],
                               re.M | re.I)
            end = at + 4 + int(length[1] if length else 0)
            if len(self.pending) < end:
                return
            self.waiting.append(Message(self.pending[:end].lstrip(b"\r\n")))
            self.pending = self.pending[end:]

    def answer_to(self, method, seconds=5.0):
        """The final answer to a request of ours; others are passed over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            found = self.receive(left)
            if found is None:
                return None
            if found.is_answer(method) and found.status >= 200:
                return found
        return None

    def close(self):
        self.socket.close()


class Session:
    """A recording session, from its client's side."""

    def __init__(self, line, call_id=None, contact=";+sip.src", number=1):
        self.line, self.number = line, number
        self.call_id = call_id or f"rs-{next(COUNT)}-{random.getrandbits(40):x}"
        self.contact, self.tag, self.to = contact, f"{random.getrandbits(40):x}", ""

    def head(self, method, number, branch):
        """The lines of every request."""
        return [f"{method} sip:rec@127.0.0.1 SIP/2.0",
                f"Via: SIP/2.0/{self.line.kind.upper()} {self.line.us};branch=z9hG4bK{branch};rport",
                f"From: <sip:sbc@{self.line.us}>;tag={self.tag}",
                f"To: <sip:rec@127.0.0.1>{self.to}", f"Call-ID: {self.call_id}",
                f"CSeq: {number} {method}", "Max-Forwards: 70",
                f"Contact: <sip:sbc@{self.line.us};transport={self.line.kind}>{self.contact}"]

    def tell(self, method, body=b"", kind="application/sdp", more=(), number=None):
        """Sends a request; its branch."""
        number = number or self.number
        branch = f"{random.getrandbits(60):x}"
        lines = [*self.head(method, number, branch), *more]
        if body:
            lines.append(f"Content-Type: {kind}")
        lines += [f"Content-Length: {len(body)}", "", ""]
        self.line.send("\r\n".join(lines).encode() + body)
        return branch

    def ask(self, method, body=b"", kind="application/sdp", more=(), seconds=5.0):
        """The final answer to a request. An INVITE requires `siprec` unless
        `more` says something else of Require, and is acknowledged."""
        if method == "INVITE" and not any(line.startswith("Require") for line in more):
            more = ["Require: siprec", *more]
        branch = self.tell(method, body, kind, more)
        answer = self.line.answer_to(method, seconds)
        check(answer, f"no answer to {method} of {self.call_id}")
        if method == "INVITE":
            if answer.status < 300:
                self.to = ";tag=" + re.search(r"tag=([^;\s]+)", answer.header("To", "t"))[1]
                branch = f"{random.getrandbits(60):x}"
            lines = self.head("ACK", self.number, branch)
            if answer.status >= 300:
                lines[3] = f"To: {answer.header('To', 't')}"
            self.line.send("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())
        self.number += 1
        return answer

    def answer(self, request, status="200 OK"):
        """Answers a request of the node's."""
        copied = [f"{name}: {value}" for name, value in request.headers
                  if name in ("via", "from", "to", "call-id", "cseq")]
        self.line.send("\r\n".join([f"SIP/2.0 {status}", *copied, "Content-Length: 0", "",
                                    ""]).encode())

    def begin(self, body, kind="application/sdp", more=()):
        """Opens the session; the answer, which is good."""
        answer = self.ask("INVITE", body, kind, more)
        check(answer.status == 200, f"{self.call_id}: {answer.start}")
        return answer

    def end(self):
        answer = self.ask("BYE")
        check(answer.status == 200, f"BYE of {self.call_id}: {answer.start}")


def multipart(*parts, boundary="border"):
    """A body of parts (type, more headers, content), and its type."""
    text = "".join(f"--{boundary}\r\nContent-Type: {kind}\r\n"
                   + "".join(f"{line}\r\n" for line in lines) + f"\r\n{content}\r\n"
                   for kind, lines, content in parts)
    return f"{text}--{boundary}--\r\n".encode(), f"multipart/mixed;boundary={boundary}"


def with_metadata(sdp, metadata):
    return multipart(("application/sdp", [], sdp),
                     ("application/rs-metadata+xml", ["Content-Disposition: recording-session"],
                      metadata))


def offer(ports, direction="sendonly", labels=(1, 2, 3), formats="0 8 101", version=1):
    """A description with a stream on each of these ports."""
    lines = ["v=0", f"o=sbc 7 {version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    for port, label in zip(ports, labels):
        lines += [f"m=audio {port} RTP/AVP {formats}", "a=rtpmap:101 telephone-event/8000",
                  f"a={direction}", f"a=label:{label}"]
    return "".join(line + "\r\n" for line in lines)


def media_of(sdp):
    """Each m-line: port, payload types, and attributes."""
    found = []
    for part in re.split(r"^m=", sdp, flags=re.M)[1:]:
        words = part.split("\r\n")[0].split()
        found.append((int(words[1]), words[3:], re.findall(r"^a=(\S+)", part, re.M)))
    return found


def check_answer(offered, answered, directions=("recvonly",)):
    """The same labels, every payload type, the right direction; the ports to
    send to."""
    asked, told = media_of(offered), media_of(answered)
    check(len(asked) == len(told), f"{len(asked)} m-lines offered, {len(told)} answered")
    directions = itertools.chain(directions, itertools.repeat(directions[-1]))
    for (_, types, attributes), (port, echoed, ours), direction in zip(asked, told, directions):
        labels = [[a for a in each if a.startswith("label:")] for each in (attributes, ours)]
        check(labels[0] == labels[1], f"labels {labels[0]} were answered by {labels[1]}")
        check(types == echoed, f"types {types} were answered by {echoed}")
        check(port and direction in ours, f"not {direction}: {ours}")
    return [port for port, _, _ in told]


class Voice:
    """A party who speaks: G.711 from a file, a packet each 20 ms."""

    def __init__(self, said, payload_type=0):
        self.rtp, self.rtcp = socket_pair("127.0.0.1")
        self.port = self.rtp.getsockname()[1]
        self.said, self.type, self.at, self.to = said, payload_type, 0, None
        self.ssrc, self.sequence = random.getrandbits(32), random.getrandbits(16)
        self.timestamp = random.getrandbits(32)

    def say(self):
        """The next 20 ms; silence of the line is not sent but passes."""
        frame = self.said[self.at:self.at + FRAME]
        if len(frame) == FRAME and self.to:
            packet = rtp_packet(self.sequence, self.timestamp, self.ssrc, frame)
            self.rtp.sendto(packet[:1] + bytes([self.type]) + packet[2:], ("127.0.0.1", self.to))
            self.sequence += 1
            self.at += FRAME
        self.timestamp += FRAME
        drain(self.rtp)
        drain(self.rtcp)

    def close(self):
        self.rtp.close()
        self.rtcp.close()


class Pace:
    """How far this machine fell behind real time, at most, in seconds."""
    worst = 0.0

    @classmethod
    def wanted(cls):
        """The correlation and the error of the level, in dB, to ask for: a
        recorder gives up what comes too late, and a busy machine speaks too
        late."""
        return (0.95, 0.5) if cls.worst < 0.1 else (0.75, 3)


def speak(voices, seconds, meanwhile=lambda turn: None):
    """All speak in real time."""
    began = time.monotonic()
    for turn in range(round(seconds * 50)):
        Pace.worst = max(Pace.worst, time.monotonic() - began - turn * 0.02)
        for each in voices:
            each.say()
        meanwhile(turn)
        time.sleep(max(0.0, began + (turn + 1) * 0.02 - time.monotonic()))


class Speech:
    """Real speech in G.711, and what a recording of it must hold."""

    def __init__(self, bench, sound, law="ul"):
        self.coded = bench.folder / f"{sound}.{law}"
        plain = bench.folder / f"{sound}-{law}.wav"
        coded = ["-r", "8000", "-c", "1", "-t", law, str(self.coded)]
        for command in ([f"{SOUNDS}/{sound}.wav", *coded], [*coded, "-b", "16", str(plain)]):
            status, _, errors = bench.run(["sox", *command])
            check(status == 0, f"sox: {errors}")
        self.bytes, self.samples = self.coded.read_bytes(), channels(plain)[1][0]

    def part(self, begin, seconds):
        """G.711 of a part, and its samples."""
        a, b = round(begin * 8000), round((begin + seconds) * 8000)
        return self.bytes[a:b], self.samples[a:b]


def product(one, other):
    return sum(map(float.__mul__, one, other))


def likeness(one, other):
    """The correlation of two pieces: 1 for the same."""
    size = min(len(one), len(other))
    one, other = one[:size], other[:size]
    both = math.sqrt(product(one, one) * product(other, other))
    return product(one, other) / both if both else 0.0


def as_bytes(samples):
    return array.array("h", (round(32768 * each) for each in samples)).tobytes()


def aligned(said, recorded):
    """What was recorded of each tenth of a second that was said, and where the
    first is. G.711 arrives as it was sent: each piece is found as it is, close
    to the one before it; a busy machine may have said it late."""
    size, most, shift, first, found = 800, 8000, 0, None, []
    whole = as_bytes(recorded)
    for at in range(0, len(said) - size + 1, size):
        piece = said[at:at + size]
        near = max(0, at + (shift if first is not None else 0))
        place = whole.find(as_bytes(piece), 2 * near, 2 * (near + most)) if level(piece) > 0.01 else -1
        if first is None and place < 0:
            place = whole.find(as_bytes(piece)) if level(piece) > 0.01 else -1
        if place >= 0 and place % 2 == 0:
            shift = place // 2 - at
            first = shift if first is None else first
        found += recorded[max(0, at + shift):at + shift + size]
    return found, first


def compare(recorded, said):
    """Correlation and relation of the levels (in decibels) of a recorded
    channel and what was said; and where that begins."""
    there, shift = aligned(said, recorded)
    here = said[:len(said) // 800 * 800]
    ratio = level(there) / max(1e-9, level(here))
    return likeness(here, there), 20 * math.log10(max(1e-9, ratio)), shift
