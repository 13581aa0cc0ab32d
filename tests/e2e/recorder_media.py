"""What a recorder hears: each packet with the time at which the kernel had it,
and what can be said of them."""
import socket
import struct
import wave
from collections import namedtuple
from contextlib import suppress

import srtp
from cases import check
from parties import socket_pair

SO_TIMESTAMPNS = 35
NTP_TO_UNIX = 2208988800
TYPES = {"PCMU": (0, "PCMU/8000"), "PCMA": (8, "PCMA/8000"), "G722": (9, "G722/8000"),
         "opus": (107, "opus/48000/2"), "telephone-event": (101, "telephone-event/8000"),
         "CN": (13, "CN/8000")}
VOICES = {"PCMU", "PCMA", "G722", "opus"}

Packet = namedtuple("Packet", "arrival marker type sequence timestamp ssrc payload")
Report = namedtuple("Report", "arrival ssrc ntp timestamp packets octets cname bye")


def from_mu_law(code):
    code = ~code & 0xFF
    magnitude = (((code & 15) << 3) + 132 << (code >> 4 & 7)) - 132
    return -magnitude if code & 0x80 else magnitude


def from_a_law(code):
    code ^= 0x55
    exponent = code >> 4 & 7
    magnitude = ((code & 15) << 4) + (8 if exponent == 0 else 0x108)
    magnitude <<= max(0, exponent - 1)
    return magnitude if code & 0x80 else -magnitude


DECODED = {"PCMU": [from_mu_law(code) / 32768 for code in range(256)],
           "PCMA": [from_a_law(code) / 32768 for code in range(256)]}


def read_rtp(data, arrival):
    first, second, sequence, timestamp, ssrc = struct.unpack_from(">BBHII", data)
    check(first == 0x80, f"no plain RTP header: {data[:12].hex()}")
    return Packet(arrival, second >> 7, second & 127, sequence, timestamp, ssrc, data[12:])


def read_rtcp(data, arrival):
    """The sender report (or none), CNAME and BYE of a compound."""
    found = {"ntp": None, "timestamp": None, "packets": None, "octets": None, "cname": None,
             "bye": False}
    ssrc, at = struct.unpack_from(">I", data, 4)[0], 0
    while at < len(data):
        _, kind, words = struct.unpack_from(">BBH", data, at)
        if kind == 200:
            high, low, *rest = struct.unpack_from(">IIIII", data, at + 8)
            found.update(zip(("timestamp", "packets", "octets"), rest))
            found["ntp"] = high - NTP_TO_UNIX + low / 2**32
        elif kind == 202 and data[at + 8] == 1:
            found["cname"] = data[at + 10:at + 10 + data[at + 9]].decode()
        found["bye"] = found["bye"] or kind == 203
        at += 4 + 4 * words
    return Report(arrival, ssrc, **found)


def arrived(which):
    """All datagrams that wait on a socket, with their times (s since 1970)."""
    with suppress(OSError):
        while True:
            data, extra, _, _ = which.recvmsg(4096, 64)
            seconds, nanoseconds = struct.unpack("qq", extra[0][2])
            yield data, seconds + nanoseconds / 1e9


class Stream:
    """One party's audio, as the recorder gets it."""

    def __init__(self, label):
        self.label, self.packets, self.reports, self.broken = label, [], [], 0
        self.rtp, self.rtcp = socket_pair("127.0.0.1")
        for each in (self.rtp, self.rtcp):
            each.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.names = {}  # Payload types that were agreed.
        self.client = self.client_key = self.receiver = self.suite = None
        self.keys = {}

    def use(self, suite, client_key):
        """Opens with the client's key from now on."""
        if (suite, client_key) != (self.suite, self.client_key):
            self.suite, self.client_key = suite, client_key
            self.receiver = srtp.Receiver(suite, client_key)
        return self.keys.setdefault(suite, srtp.new_key(suite))

    def hear(self):
        for data, arrival in arrived(self.rtp):
            opened = self.receiver.rtp(data) if self.receiver else data
            if opened is None:
                self.broken += 1
            else:
                self.packets.append(read_rtp(opened, arrival))
        for data, arrival in arrived(self.rtcp):
            opened = self.receiver.rtcp(data) if self.receiver else data
            if opened is None:
                self.broken += 1
            else:
                self.reports.append(read_rtcp(opened, arrival))

    def voice(self):
        return [each for each in self.packets if self.names.get(each.type) in VOICES]

    def payload(self):
        """All voice, one packet after the other."""
        return b"".join(each.payload for each in self.voice())

    def samples(self):
        """What was said, from -1 to 1 at 8 kHz: each packet at the place that its
        timestamp names, silence where there is none."""
        heard, made = self.voice(), []
        for each in heard:
            at = each.timestamp - heard[0].timestamp & 0xFFFFFFFF
            made.extend([0.0] * (at + len(each.payload) - len(made)))
            decoded = DECODED[self.names[each.type]]
            made[at:at + len(each.payload)] = [decoded[code] for code in each.payload]
        return made

    def check_goes_on(self, stops=0):
        """No packet is missing, double or in another order, and the clock goes
        on from each to the next, but for so many stops of the audio."""
        who = f"stream {self.label}"
        check(not self.broken, f"{who}: {self.broken} packets cannot be opened")
        for one, next_one in zip(self.packets, self.packets[1:]):
            check(next_one.ssrc == one.ssrc, f"{who}: another SSRC")
            check(next_one.sequence - one.sequence & 0xFFFF == 1,
                  f"{who}: {next_one.sequence} follows {one.sequence}")
        voice, steps = self.voice(), []
        for one, next_one in zip(voice, voice[1:]):
            step = next_one.timestamp - one.timestamp & 0xFFFFFFFF
            if next_one.sequence - one.sequence & 0xFFFF == 1 and step != len(one.payload):
                steps.append(step)
        check(len(steps) == stops and all(step < 1 << 31 for step in steps),
              f"{who}: the clock steps by {steps}")

    def check_holds(self, said):
        """The audio is exactly what was said, from its first sample on."""
        self.check_goes_on()
        heard, who = self.payload(), f"stream {self.label}"
        check(heard == said, f"{who}: {len(heard)} samples of {len(said)}, alike are the first"
              f" {next((n for n, (a, b) in enumerate(zip(heard, said)) if a != b), 'all')}")

    def moment(self, timestamp):
        """When that was captured, by the last sender report (s since 1970)."""
        report = [each for each in self.reports if each.ntp][-1]
        ticks = timestamp - report.timestamp & 0xFFFFFFFF
        return report.ntp + (ticks - (ticks >> 31 << 32)) / 8000

    def close(self):
        self.rtp.close()
        self.rtcp.close()


def write_wav(path, streams):
    """For people: one channel a stream."""
    channels = [stream.samples() for stream in streams]
    length = max(map(len, channels))
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, 8000, 0, "NONE", ""))
        for channel in channels:
            channel.extend([0.0] * (length - len(channel)))
        file.writeframes(struct.pack(f"<{length * len(channels)}h",
                                     *(int(32767 * sample) for frame in zip(*channels)
                                       for sample in frame)))
