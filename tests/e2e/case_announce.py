"""What the law lets the parties hear: listened to in their phones, and sought
in the recording in vain."""
import math
import pathlib
import time
import wave

from audio import channels, level
from cases import case, check, wait_for
from machine import ran
from parties import Call, Party, drain, talk

PROMPTS = pathlib.Path(__file__).resolve().parents[2] / "media/prompts"
CALLER, CALLEE = 400, 650
RATE = 8000
FRAME = 160


def linear(code):
    """One code of mu-law, from -1 to 1."""
    code = ~code & 0xFF
    magnitude = ((code & 15) * 8 + 132 << (code >> 4 & 7)) - 132
    return (-magnitude if code & 0x80 else magnitude) / 32768


TABLE = [linear(code) for code in range(256)]


def prompt(kind):
    """The samples of a prompt as its file has them."""
    with wave.open(str(PROMPTS / "en" / f"{kind}.wav"), "rb") as file:
        check(file.getframerate() == RATE and file.getnchannels() == 1, f"{kind}: another rate")
        raw = file.readframes(file.getnframes())
    return [int.from_bytes(raw[at:at + 2], "little", signed=True) / 32768 for at in range(0, len(raw), 2)]


class Listener(Party):
    """Keeps when it heard each packet, and what was in it."""

    def __init__(self, frequency):
        super().__init__(frequency)
        self.times = []

    def hear(self):
        for datagram, _ in drain(self.rtp):
            self.times.append((time.monotonic(), datagram))
        drain(self.rtcp)

    def audio(self, begin, end):
        """The samples that came from then to then."""
        return [TABLE[code] for at, packet in self.times if begin <= at < end for code in packet[12:]]

    def packets(self, at, seconds):
        """So much of what came from then on, with the times; none may be lost."""
        first = next(n for n, (when, _) in enumerate(self.times) if when >= at)
        return self.times[first:first + math.ceil(seconds * RATE / FRAME)]

    def heard_of(self, at, begin, end):
        """The samples between these seconds of what came from then on."""
        samples = [TABLE[code] for _, packet in self.packets(at, end) for code in packet[12:]]
        return samples[round(begin * RATE):round(end * RATE)]

    def pieces(self, at, samples):
        """So many samples of the stream whose packet came then, by its clock: in
        packets, each with the number of its first sample and when it came."""
        rest = [(when, packet) for when, packet in self.times if when >= at]
        name, first = rest[0][1][8:12], int.from_bytes(rest[0][1][4:8], "big")
        found = [((int.from_bytes(packet[4:8], "big") - first) % 2**32, when, [TABLE[code] for code in packet[12:]])
                 for when, packet in rest if packet[8:12] == name]
        return [each for each in found if each[0] < samples]

    def onset(self, strange, begin):
        """When the first packet came, from then on, that is strange."""
        return next((at for at, packet in self.times if at >= begin and strange(packet)), None)


def power(samples, frequency):
    """The amplitude that a frequency has in these samples."""
    turn = 2 * math.pi * frequency / RATE
    real = sum(s * math.cos(turn * n) for n, s in enumerate(samples))
    imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / max(1, len(samples))


def has_tone(packet):
    return power([TABLE[code] for code in packet[12:]], 1400) > 0.03


def decibels(ratio):
    return 20 * math.log10(max(ratio, 1e-9))


def check_heard(party, kind, begin, tolerance):
    """A prompt began at that time and was heard whole at its level, but for what
    the machine slept through; returns when it was over."""
    file = prompt(kind)
    own = {call_payload for call_payload in party.other.payloads}
    at = party.onset(lambda packet: packet[12:] not in own, begin - 0.02)
    check(at is not None and abs(ran(begin, at)) <= tolerance,
          f"{kind} was to begin at 0, not {None if at is None else round(ran(begin, at), 3)} s later")
    pieces = party.pieces(at, len(file))
    heard = [sample for _, _, piece in pieces for sample in piece]
    said = [sample for first, _, piece in pieces for sample in file[first:first + len(piece)]]
    check(abs(decibels(level(heard) / level(said))) < 1,
          f"{kind} is {decibels(level(heard) / level(said)):.1f} dB too loud")
    over = pieces[-1][1] + FRAME / RATE
    planned = max(over, at + len(file) / RATE)
    missed, stood = (len(file) - len(heard)) / RATE, planned - at - ran(at, planned)
    check(missed <= stood, f"{missed:.2f} s of {kind} are missing, the machine slept for {stood:.2f}")
    return over


def strange_energy(samples):
    """Of each second, the root of the energy that is not a repetition of the
    20 ms before: parties repeat themselves, prompts and tones do not. What is
    new for 100 ms at most is where a recording goes on after a pause."""
    frame = FRAME
    news = [0.0] * len(samples)
    for at in range(frame, len(samples)):
        news[at] = samples[at] - samples[at - frame]
    blocks = [sum(s * s for s in news[at:at + frame]) for at in range(0, len(news), frame)]
    kept, run = [], []
    for energy in [*blocks, 0.0]:
        if energy > 0:
            run.append(energy)
            continue
        kept += run if len(run) > 5 else [0.0] * len(run)
        kept.append(0.0)
        run = []
    return max((math.sqrt(sum(kept[at:at + 100])) for at in range(0, len(kept), 50)), default=0.0)


def check_absent(path, kinds):
    """In no channel is there anything of these prompts beyond -60 dB."""
    rate, all_channels = channels(path)
    check(rate == RATE, f"{path}: {rate} Hz")
    least = min(math.sqrt(sum(s * s for s in prompt(kind))) for kind in kinds)
    for number, samples in enumerate(all_channels):
        found = strange_energy(samples)
        check(decibels(found / least) < -60,
              f"channel {number} holds {decibels(found / least):.1f} dB of something else")


def call_of(node):
    caller, callee = Listener(CALLER), Listener(CALLEE)
    caller.other, callee.other = callee, caller
    call = Call(node, caller, callee)
    return call, time.monotonic()


@case("announcements are heard at their time and are in no recording")
def announcements(bench):
    node = bench.node(f"--media-prompts={PROMPTS}", "--recording-mode=on-demand", "--recording-announce=true",
                      "--recording-notify=announcement")
    call, _ = call_of(node)
    asked = {}

    def meanwhile(turn):
        commands = {50: ("start", "start recording"), 250: ("pause", "pause recording"),
                    450: ("resume", "start recording"), 700: ("stop", "stop recording")}
        if turn in commands:
            name, command = commands[turn]
            call.ask(command)
            asked[name] = time.monotonic()

    talk([call], 18, meanwhile)
    for name, when in asked.items():
        for party in call.parties():
            check_heard(party, name, when, 0.05)
    call.end()
    wait_for(lambda: bench.told("recording.stopped"), 8, "no end of the recording")
    path = bench.recording()
    check_absent(path, asked)
    _, heard = channels(path)
    # 4 s from the start, less its announcement of 2.2 s; 5 s from the resume, less 2.4 s.
    lasted = len(heard[0]) / RATE
    wanted = 4 - len(prompt("start")) / RATE + 5 - len(prompt("resume")) / RATE
    check(abs(lasted - wanted) < 0.15, f"{lasted} s are recorded, not {wanted}")
    told = [event["value"] for event in bench.events() if ".announcement.played." in event["headers"]["ce_type"]]
    check([each["kind"] for each in told] == ["start", "pause", "resume", "stop"], str(told))
    check(all(len(each["playedTo"]) == 2 and not each["inRecording"] for each in told), str(told))
    check(node.stop() == 0, node.log())
    call.close()


@case("a tone repeats while it is recorded, and beeps tell of pauses")
def tones(bench):
    node = bench.node(f"--media-prompts={PROMPTS}", "--recording-mode=always-with-pause-resume",
                      "--recording-tone-every=10s", "--recording-notify=beep")
    call, answered = call_of(node)
    marks = {}

    def meanwhile(turn):
        if turn == 1100:
            call.ask("pause recording")
            marks["pause"] = time.monotonic()
        if turn == 1200:
            call.ask("start recording")
            marks["resume"] = time.monotonic()

    talk([call], 36, meanwhile)
    # Two tones before the pause; the next one counts from the end of the beeps.
    gate_opened = marks["resume"] + 0.5
    for party in call.parties():
        for begin in (answered + 10, answered + 20, gate_opened + 10):
            at = party.onset(has_tone, begin - 3)
            check(at is not None and abs(ran(begin, at)) <= 0.05,
                  f"no tone at its time, but {None if at is None else round(ran(begin, at), 3)} s later")
            # Mixed: who speaks is heard beside it.
            heard = party.heard_of(at, 0.05, 0.40)
            check(abs(decibels(power(heard, 1400) / 0.0694)) < 1,
                  f"the tone has {decibels(power(heard, 1400) / 0.0694):.1f} dB too much")
            check(power(heard, CALLEE if party is call.caller else CALLER) > 0.3, "nobody else is heard")
            end = party.onset(lambda packet: not has_tone(packet), at + 0.1)
            check(abs(ran(at, end) - 0.5) < 0.06, f"the tone lasts {ran(at, end)} s")
        for mark in marks.values():
            at = party.onset(lambda packet, p=party: packet[12:] != p.other.payload, mark - 0.02)
            check(at is not None and abs(ran(mark, at)) <= 0.05, "no beep at its time")
            check(power(party.heard_of(at, 0.02, 0.12), 1000) > 0.05, "it is no beep")
        between = party.audio(marks["pause"] + 0.3, marks["resume"])
        check(power(between, 1400) < 0.002, "a tone sounds in a pause")
    call.end()
    wait_for(lambda: bench.told("recording.stopped"), 8, "no end of the recording")
    check_absent(bench.recording(), ["start"])
    _, heard = channels(bench.recording())
    for samples in heard:
        for second in range(1, int(len(samples) / RATE) - 1):
            # A break in the audio, as at the end of a pause, is in one tenth only.
            tenths = [power(samples[at:at + RATE // 10], 1400)
                      for at in range(second * RATE, (second + 1) * RATE, RATE // 10)]
            found = sorted(tenths)[-3]
            check(decibels(found / 0.0694) < -60, f"{found} of the tone at {second} s")
    told = [event["value"] for event in bench.events() if ".announcement.played." in event["headers"]["ce_type"]]
    check([each["kind"] for each in told] == ["beep", "beep", "tone"], str(told))
    check(told[-1]["durationMs"] == 1500, str(told[-1]))
    check(node.stop() == 0, node.log())
    call.close()
