"""A pause keeps nothing: what was said in it is sought everywhere, by a mark
that is in each packet of it and nowhere else."""
import base64
import random
import struct
import time
import wave

from bench import free_ports
from cases import case, check
from memory import halted, memory_of
from parties import Call, Party, talk
from recorder import Recorder
from recorder_media import from_a_law, from_mu_law

# What is on its way to the other party may be in memory: a packet is there while
# its media thread relays it, some microseconds, and is overwritten then. A node
# that is halted amid that may hold what was sent so shortly before. What waits
# in sockets is in the kernel, not in the process.
ON_ITS_WAY = 0.1
A_LAW = {from_a_law(code): code for code in range(256)}
DIGITS = {from_mu_law(code): code for code in range(0x30, 0x3A)}


def linear(codes):
    return [from_mu_law(code) for code in codes]


def nearest_a_law(value):
    return A_LAW[min(A_LAW, key=lambda known: abs(known - value))]


class Mark:
    """Makes payloads of G.711 in which each 16 bytes are twelve that are always
    the same and a number, and finds them in whatever form."""

    def __init__(self):
        # No silence, and nothing that means the same as something else.
        self.magic = bytes(random.choice([*range(0x10, 0x70), *range(0x90, 0xF0)]) for _ in range(12))
        self.sent = {}  # When the payload of that number went.
        values = linear(self.magic)
        self.forms = {
            "G.711": self.magic,
            "A-law": bytes(map(nearest_a_law, values)),
            "16 bit": struct.pack("<12h", *values),
            "16 bit, big end first": struct.pack(">12h", *values),
            "floats": struct.pack("<12f", *(value / 32768 for value in values)),
            "hexadecimal": self.magic.hex().encode(),
        }
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + self.magic)
            self.forms[f"base64, {shift}"] = text[4 if shift else 0:-4]

    def next(self):
        number = len(self.sent)
        self.sent[number] = time.monotonic()
        return (self.magic + b"%04d" % number) * 10

    def found(self, data):
        """Form and number of all that is there; the number is None where the
        form does not tell it."""
        for name, form in self.forms.items():
            at = data.find(form)
            while at >= 0:
                at += len(form)
                yield name, self.number(name, data[at:at + 8])
                at = data.find(form, at)

    @staticmethod
    def number(name, rest):
        """The number that follows, if that form tells it."""
        if name == "16 bit":
            values = struct.unpack(f"<{len(rest) // 2}h", rest)
            rest = bytes(DIGITS.get(value, 0) for value in values)
        return int(rest[:4]) if name in ("G.711", "16 bit") and rest[:4].isdigit() else None


class Marked(Party):
    """Says what the mark of the moment wants."""

    mark = None

    def say(self, payload=None):
        super().say(payload or self.mark.next())


def check_memory(node, mark, known, oldest):
    """Nothing of the mark is in the process but what was sent since `oldest`,
    as that process stands."""
    seen, old = False, {}
    for place, data in memory_of(node.process.pid):
        seen = seen or known in data
        for name, number in mark.found(data):
            if number is None or mark.sent[number] < oldest:
                old.setdefault((name, place), set()).add(number)
    check(seen, "the search does not find what the process must know")
    check(not old, f"memory holds of the pause: {old}, of {len(mark.sent)} packets")


def check_files(folder, mark):
    for path in folder.rglob("*"):
        if path.is_file():
            hits = [*mark.found(path.read_bytes()), *(in_stereo(path, mark) if path.suffix == ".wav" else ())]
            check(not hits, f"{path} holds of the pause: {hits[:5]}")


@case("nothing that was said in a pause is in a file, an event, a stream, a log or memory")
def searched(bench):
    recorder = Recorder()
    udp, tcp = free_ports(2)
    node = bench.node("--recording-mode=always-with-pause-resume", "--media-delete-delay=0s", "--log-level=trace",
                      "--recording-notify=beep", f"--siprec-udp=127.0.0.1:{udp}", f"--siprec-tcp=127.0.0.1:{tcp}",
                      f"--siprec-providers=recorder {recorder.uri}")
    suite = "AES_CM_128_HMAC_SHA1_80"
    calls = [Call(node, Marked(400), Marked(650)), Call(node, Marked(400, suite=suite), Marked(650, suite=suite))]
    said, secret, after = Mark(), Mark(), Mark()

    def ask(command):
        for call in calls:
            call.ask(command)

    def search(oldest):
        with halted(node.process.pid):
            check_memory(node, secret, calls[0].id.encode(), oldest)
    Marked.mark = said
    talk(calls, 1.5)
    ask("pause recording")
    Marked.mark = secret
    talk(calls, 1, lambda turn: turn == 40 and search(time.monotonic() - ON_ITS_WAY))
    talk(calls, 1)
    search(time.monotonic())  # They have fallen silent: nothing is on its way.
    check_files(bench.folder, secret)
    Marked.mark = after
    ask("start recording")
    talk(calls, 2)  # The beep that tells of it comes first.
    search(time.monotonic())
    for call in calls:
        call.end()
    sessions = [recorder.ended(number) for number in range(len(calls))]
    paths = bench.recordings(len(calls)).values()
    heard = [stream.payload() for session in sessions for stream in session.streams.values()]
    check(not any(list(secret.found(data)) for data in heard), "a provider got something of the pause")
    for mark, least in ((said, 250), (after, 200)):
        recorded = set().union(*(in_stereo(path, mark) for path in paths))
        provided = {number for data in heard for _, number in mark.found(data)}
        check(min(len(recorded), len(provided)) >= least,
              f"the vault holds {len(recorded)}, the provider {len(provided)} packets of what was said, not {least}")
    for party in (party for call in calls for party in call.parties()):
        relayed = {number for packet in party.heard for _, number in secret.found(packet[2])}
        check(len(relayed) > 80, f"only {len(relayed)} packets of the pause went to the other party")
    check(node.stop() == 0, node.log())
    check_files(bench.folder, secret)
    for call in calls:
        call.close()


def in_stereo(path, mark):
    """The mark's numbers in either channel of a recording."""
    with wave.open(str(path), "rb") as file:
        frames = file.readframes(file.getnframes())
    both = struct.unpack(f"<{len(frames) // 2}h", frames)
    return {number for channel in (0, 1)
            for _, number in mark.found(struct.pack(f"<{len(both) // 2}h", *both[channel::2]))}
