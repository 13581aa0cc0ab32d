"""Session border controllers of many makes record at a node: sipp plays their
signalling, one scenario for each in sipp/, and the test their parties."""
import re
import subprocess
from dataclasses import dataclass

from audio import channels
from bench import free_ports
from cases import ROOT, case, check, wait_for
from sbc import Message, Pace, Speech, Voice, check_answer, compare, speak

SCENARIOS = ROOT / "tests/e2e/sipp"
SECONDS = 3.0


@dataclass
class Dialect:
    """One make, and what is special about its media."""
    name: str
    parties: str = "caller callee"
    law: str = "ul"
    transport: str = "u1"


DIALECTS = [
    Dialect("rfc7865"), Dialect("oracle", transport="t1"), Dialect("ribbon", law="al", transport="t1"),
    Dialect("audiocodes", law="al"), Dialect("avaya"), Dialect("broadworks", parties="caller"),
    Dialect("webex"), Dialect("cisco"), Dialect("cisco_bare", transport="t1"), Dialect("opensips")]
NAMELESS = ("cisco_bare",)  # There is no metadata that could name anybody.


class Border:
    """One session border controller at work."""

    def __init__(self, bench, node_port, dialect, speeches, begin):
        self.dialect, self.bench = dialect, bench
        self.said, self.voices, keys = [], [], []
        for party, speech in zip(dialect.parties.split(), speeches):
            coded, samples = speech.part(begin, SECONDS)
            self.said.append(samples)
            self.voices.append(Voice(coded, 0 if dialect.law == "ul" else 8))
            keys += ["-key", f"{party}_port", str(self.voices[-1].port)]
        self.trace = bench.folder / f"{dialect.name}.trace"
        self.log = bench.folder / f"sipp-{dialect.name}.log"
        with open(self.log, "wb") as errors:
            self.process = bench.start(
                ["sipp", "-sf", str(SCENARIOS / f"sbc_{dialect.name}.xml"), "-m", "1", "-d",
                 str(round(SECONDS * 1000) + 2500), "-i", "127.0.0.1", "-p", str(free_ports(1)[0]), "-t",
                 dialect.transport, "-nostdin", "-trace_msg", "-message_file", str(self.trace),
                 "-timeout", "20", *keys, f"127.0.0.1:{node_port}"], stdout=subprocess.DEVNULL, stderr=errors)

    def messages(self):
        """What was sent and received so far."""
        text = self.trace.read_bytes() if self.trace.exists() else b""
        parts = re.split(rb"(?:^|\n)-{20,}[^\n]*\n(?:UDP|TCP) message (?:sent|received)[^\n]*\n\n", text)
        return [Message(part) for part in parts[1:]]

    def answered(self):
        """Once the node has answered: sends the voices where it says."""
        found = self.messages()
        answers = [m for m in found if m.is_answer("INVITE") and m.status >= 200]
        if not answers or not answers[0].body:
            check(self.process.poll() is None, f"{self.dialect.name}: sipp ended: {found and found[-1].start}")
            return False
        asked = next(m for m in found if m.start.startswith("INVITE"))
        ports = check_answer(sdp_of(asked.text()), answers[0].text())
        for voice, port in zip(self.voices, ports):
            voice.to = port
        self.call_id = answers[0].header("Call-ID")
        return True

    def close(self):
        for each in self.voices:
            each.close()


def sdp_of(body):
    """The description within a body of many parts."""
    found = re.search(r"v=0\r\n.*?(?=\r\n--|\r\n\r\n|\Z)", body, re.S)
    return found[0]


def hear(border, recording):
    """Problems of one recording, and what was measured of it."""
    rate, heard = channels(recording)
    faults, measured = ([] if rate == 8000 else [f"rate {rate}"]), []
    for party, said, channel in zip(border.dialect.parties.split(), border.said, heard):
        like, louder, shift = compare(channel, said)
        measured.append(f"{party} {like:.4f} {louder:+.2f} dB at {shift}")
        least, most = Pace.wanted()
        if like < least or abs(louder) > most:
            faults.append(f"the {party} is not heard")
        if len(channel) < SECONDS * 8000:
            faults.append(f"{len(channel)} samples only")
    other = compare(heard[1], border.said[0])[0]
    if other > 0.5:
        faults.append("the caller is heard in both channels")
    return faults, f"{border.dialect.name}: {', '.join(measured)}"


def told_of(border, events):
    """Problems of what the events say of a call: who takes part, and all of its
    story."""
    mine = [e for e in events if e["key"] == f"siprec/{border.call_id}"]
    kinds = [e["headers"]["ce_type"].removeprefix("io.callfork.").removesuffix(".v1") for e in mine]
    faults = [f"{kinds.count(kind)} times {kind}" for kind in (
        "session.started", "recording.started", "recording.stopped", "session.ended")
        if kinds.count(kind) != 1]
    who = {e["value"]["party"]: e["value"].get("aor") for e, kind in zip(mine, kinds)
           if kind == "participant.joined"}
    for number, party in enumerate(border.dialect.parties.split()):
        address = None if border.dialect.name in NAMELESS else (
            f"sip:{border.dialect.name}-{party}@border.example")
        if who.get(number) != address:
            faults.append(f"the {party} is {who.get(number)}")
    return faults


@case("session border controllers of ten makes are recorded, each party in its channel")
def ten_makes(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-udp=127.0.0.1:{port}", f"--siprec-tcp=127.0.0.1:{port}")
    speeches = {law: (Speech(bench, "demo-congrats", law), Speech(bench, "demo-instruct", law))
                for law in ("ul", "al")}
    borders = [Border(bench, port, dialect, speeches[dialect.law], 2.5 * number)
               for number, dialect in enumerate(DIALECTS)]
    for each in borders:
        wait_for(each.answered, 10, f"{each.dialect.name} has no answer")
    speak([voice for each in borders for voice in each.voices], SECONDS)
    for each in borders:
        check(each.process.wait(20) == 0, f"sipp: {each.dialect.name}: {each.log.read_text()}")
    found, faults, events = bench.recordings(len(borders)), [], bench.events()
    for each in borders:
        heard, measured = hear(each, found[f"siprec/{each.call_id}"])
        faults += [f"{measured}: {fault}" for fault in heard + told_of(each, events)]
        each.close()
    check(not faults, "\n".join(faults))
    check(node.stop() == 0, "bad end")
