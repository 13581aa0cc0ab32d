"""What administrators decided, in calls through a real Kamailio: how each mode
is recorded, and what the parties hear of it and the recordings do not."""
import json
import time

from audio import channels
from cases import case, check, wait_for
from case_announce import (CALLEE, CALLER, PROMPTS, RATE, check_absent, check_heard, decibels, has_tone,
                           power)
from machine import ran
from office import Office
from parties import talk
from sip_phones import ProxiedCall, Proxy

OUTSIDE = "+33123456789"
KINDS = ("start", "stop", "pause", "resume", "compliance", "failure")
LATE = 0.05  # What is to be heard at a time may be as much later or earlier.
PAUSABLE, ON_DEMAND = "Always with Pause/Resume", "On Demand with User Initiated Start"


class Exchange:
    """An office behind Kamailio. People have numbers in the order of their
    hiring."""

    def __init__(self, bench, *flags, port=None):
        self.bench = bench
        self.office = Office(bench, f"--media-prompts={PROMPTS}", "--media-delete-delay=0s", *flags)
        self.node = self.office.node
        self.proxy = Proxy(bench, self.node, port=port)
        self.numbers, self.calls = {}, {}

    def hire(self, name, **recording):
        self.numbers[name] = f"+1617555{1000 + len(self.numbers)}"
        self.office.hire(name, self.numbers[name], **recording)

    def ring(self, key, caller, callee, *more):
        """A call of two people, or of numbers outside."""
        number = [self.numbers.get(who, who) for who in (caller, callee)]
        words = ["organisation:acme", f"caller:{number[0]}", f"callee:{number[1]}", *more]
        self.calls[key] = ProxiedCall(self.proxy, "|".join(words), (CALLER, CALLEE))
        return self.calls[key]

    def hold(self, seconds, steps=()):
        """All talk so long; `steps` are a time, a call and a command each."""
        left = sorted(steps)

        def meanwhile(turn):
            while left and left[0][0] * 50 <= turn:
                _, key, command = left.pop(0)
                self.calls[key].control(command)
        talk(list(self.calls.values()), seconds, meanwhile)

    def hang_up(self):
        for call in self.calls.values():
            call.end()

    def recordings(self, **wanted):
        """Of each call so many finished recordings, in order: the file and what
        is told of it."""
        def found():
            told = {key: [] for key in wanted}
            for path in sorted(self.bench.folder.glob("recordings/*/*.json")):
                facts = json.loads(path.read_text())
                key = next(key for key, call in self.calls.items() if call.id == facts["call"])
                told.setdefault(key, []).append((path.with_name(facts["file"]), facts))
            return {key: sorted(each, key=lambda one: one[1]["started"]) for key, each in told.items()}

        def complete():
            counts = {key: len(each) for key, each in found().items()}
            return counts == wanted
        try:
            wait_for(complete, 10, "")
        except Exception:
            check(False, f"{({key: len(each) for key, each in found().items()})} recordings, not {wanted}")
        return found()

    def told(self, kind, key):
        """The events of that kind about one call."""
        return [event["value"] for event in self.bench.events() if f".{kind}." in event["headers"]["ce_type"]
                and event["value"]["context"]["callId"] == self.calls[key].id]

    def close(self):
        check(self.node.stop() == 0, self.node.log())
        for call in self.calls.values():
            call.close()


def check_prompt(call, kind, earliest, latest):
    """Both hear it, begun in that time; when it was over."""
    middle, half = (earliest + latest) / 2, (latest - earliest) / 2
    return max(check_heard(party, kind, middle, half + LATE) for party in call.parties())


def check_only(call, spans):
    """Apart from these times each hears nothing but the other."""
    for party in call.parties():
        strange = [at for at, packet in party.times if packet[12:] != party.other.payload
                   and not any(ran(begin, at) >= -LATE - 0.02 and ran(end, at) <= 0.1 for begin, end in spans)]
        check(not strange, f"{len(strange)} packets of something else, the first"
              f" {strange[0] - call.answered[1] if strange else 0:.2f} s after the answer")


def check_lasts(path, seconds, tolerance=0.15):
    rate, heard = channels(path)
    lasted = len(heard[0]) / rate
    check(abs(lasted - seconds) < tolerance, f"{lasted:.2f} s are recorded, not {seconds:.2f}")


def statuses(call, command):
    return [call.outcome(command, which)[2] for which in range(len(call.asked[command]))]


@case("Kamailio: each mode records what it says, and refuses the rest")
def modes(bench):
    here = Exchange(bench)
    here.hire("nora", record="Never")
    here.hire("alan", record="Always")
    here.hire("paul", record=PAUSABLE)
    here.hire("dora", record=ON_DEMAND)
    for name in here.numbers:
        here.ring(name, OUTSIDE, name)
    steps = [(1, "nora", "start"), (1, "alan", "pause"), (2, "alan", "stop"), (2, "paul", "pause"),
             (3, "paul", "stop"), (4, "paul", "start"), (0.5, "dora", "pause"), (1, "dora", "start"),
             (3, "dora", "stop"), (4, "dora", "start"), (5.5, "dora", "stop")]
    here.hold(6.5, steps)
    calls = here.calls
    check(statuses(calls["nora"], "start") == [488], "what is never recorded was started")
    for command in ("pause", "stop"):
        check(statuses(calls["alan"], command) == [488], f"{command} of what is always recorded")
    check(statuses(calls["paul"], "stop") == [488], "what is always recorded was stopped")
    check(statuses(calls["paul"], "pause") + statuses(calls["paul"], "start") == [200, 200], "no pause")
    check(statuses(calls["dora"], "pause") == [488], "a pause of nothing")
    check(statuses(calls["dora"], "start") + statuses(calls["dora"], "stop") == [200] * 4, "no start or stop on demand")
    for call in calls.values():
        check_only(call, [])
    here.hang_up()
    found = here.recordings(alan=1, paul=1, dora=2)
    check_lasts(found["alan"][0][0], 6.5)
    check_lasts(found["paul"][0][0], 4.5)
    check_lasts(found["dora"][0][0], 2)
    check_lasts(found["dora"][1][0], 1.5)
    groups = {each["recording"]["group"][0]["group_id"] for each in here.told("recording.stopped", "dora")}
    check(len(groups) == 1, f"{groups}")
    users = {each["context"]["user"] for each in here.told("recording.started", "dora")}
    check(users == {"dora"}, f"{users}")
    here.close()


@case("Kamailio: starts and stops are announced in the calls that it is wanted in")
def announced(bench):
    here = Exchange(bench)
    for name, internal in (("ida", True), ("pat", False)):
        here.hire(name, record=ON_DEMAND,
                  startStopAnnouncement={"internalCallsEnabled": internal, "pstnCallsEnabled": not internal})
    here.hire("colin")
    for name in ("ida", "pat"):
        here.ring(f"{name} inside", "colin", name)
        here.ring(f"{name} outside", OUTSIDE, name)
    here.hold(8.5, [(at, key, command) for key in here.calls for at, command in ((0.5, "start"), (5, "stop"))])
    here.hang_up()
    found = here.recordings(**{key: 1 for key in here.calls})
    for key, call in here.calls.items():
        audible = key in ("ida inside", "pat outside")
        (begun, going, ok), (ended, over, fine) = call.outcome("start"), call.outcome("stop")
        check((ok, fine) == (200, 200), f"{key}: {ok}, {fine}")
        spans = []
        if audible:
            spans = [(begun, check_prompt(call, "start", begun, going)),
                     (ended, check_prompt(call, "stop", ended, over))]
        check_only(call, spans)
        check_lasts(found[key][0][0], ended - (spans[0][1] if audible else begun), 0.2)
        check_absent(found[key][0][0], KINDS)
        played = [each["kind"] for each in here.told("announcement.played", key)]
        check(played == (["start", "stop"] if audible else []), f"{key}: {played}")
    here.close()


@case("Kamailio: the outside world hears of compliance, at the answer or some seconds later")
def compliance(bench):
    here = Exchange(bench)
    here.hire("cora", record="Always")
    here.hire("colin")
    here.office.ask("PUT", "/v1/telephony/config/callRecording/complianceAnnouncement",
                    {"inboundPSTNCallsEnabled": True, "outboundPSTNCallsEnabled": True,
                     "outboundPSTNCallsDelayEnabled": True, "delayInSeconds": 2}, status=204)
    here.ring("in", OUTSIDE, "cora")
    here.ring("out", "cora", OUTSIDE)
    here.ring("inside", "colin", "cora")
    here.hold(6)
    hung_up = time.monotonic()
    here.hang_up()
    found = here.recordings(**{key: 1 for key in here.calls})
    for key, delay in (("in", 0), ("out", 2)):
        call = here.calls[key]
        heard_from, heard_to = (each + delay for each in call.answered)
        over = check_prompt(call, "compliance", heard_from, heard_to)
        check_only(call, [(heard_from, over)])
        check_lasts(found[key][0][0], hung_up - over, 0.3)
    check_only(here.calls["inside"], [])
    for (path, _), in found.values():
        check_absent(path, KINDS)
    here.close()


@case("Kamailio: pauses are told by nothing, a beep or an announcement")
def paused(bench):
    here = Exchange(bench)
    for name, how in (("nell", "None"), ("bea", "Beep"), ("andy", "Play Announcement")):
        here.hire(name, record=PAUSABLE, notification={"type": how, "enabled": how != "None"})
        here.ring(name, OUTSIDE, name)
    here.hold(9, [(at, name, command) for name in here.calls for at, command in ((1.5, "pause"), (5, "start"))])
    here.hang_up()
    found = here.recordings(nell=1, bea=1, andy=1)
    for name, call in here.calls.items():
        (shut, told, ok), (opens, said, fine) = call.outcome("pause"), call.outcome("start")
        check((ok, fine) == (200, 200), f"{name}: {ok}, {fine}")
        spans, gate = [], opens
        if name == "andy":
            spans = [(shut, check_prompt(call, "pause", shut, told)),
                     (opens, check_prompt(call, "resume", opens, said))]
            gate = spans[1][1]
        if name == "bea":
            spans = [(at, check_beep(call, at, answered)) for at, answered in ((shut, told), (opens, said))]
            gate = spans[1][1]
        check_only(call, spans)
        check_absent(found[name][0][0], KINDS)
        check_no_sound(found[name][0][0], 1000, 0.05)
        check_lasts(found[name][0][0], 9 - (gate - shut), 0.3)
    here.close()


def check_beep(call, asked, answered):
    """Both hear it at its time; when it was over."""
    ends = []
    for party in call.parties():
        at = party.onset(lambda packet, p=party: packet[12:] != p.other.payload, asked)
        check(at is not None and ran(answered, at) < LATE, "no beep at its time")
        check(power(party.heard_of(at, 0.02, 0.12), 1000) > 0.05, "it is no beep")
        ends.append(party.onset(lambda packet, p=party: packet[12:] == p.other.payload, at + 0.02))
    return max(ends)


def check_no_sound(path, frequency, against):
    """Nowhere is there 150 ms of that frequency beyond -60 dB. Breaks in the
    audio, as at the end of a pause, are shorter. The parties' own tones have
    whole turns in each part that is looked at."""
    _, heard = channels(path)
    part = RATE // 25
    for samples in heard:
        parts = [power(samples[at:at + part], frequency) for at in range(0, len(samples) - part, part)]
        found = max((min(parts[at:at + 4]) for at in range(len(parts) - 3)), default=0.0)
        check(decibels(found / against) < -60, f"{decibels(found / against):.1f} dB of {frequency} Hz")


@case("Kamailio: a tone repeats as often as wanted, but not in a pause")
def repeated(bench):
    here = Exchange(bench)
    here.hire("tom", record=PAUSABLE, repeat={"enabled": True, "interval": 10})
    here.hire("tess", record="Always", repeat={"enabled": True, "interval": 12})
    for name in here.numbers:
        here.ring(name, OUTSIDE, name)
    here.hold(25.5, [(11, "tom", "pause"), (14, "tom", "start")])
    here.hang_up()
    found = here.recordings(tom=1, tess=1)
    tom, tess = here.calls["tom"], here.calls["tess"]
    opened = tom.outcome("start")
    begins = {"tom": [[at + 10 for at in tom.answered], [at + 10 for at in opened[:2]]],
              "tess": [[at + late for at in tess.answered] for late in (12, 24)]}
    for name, call in here.calls.items():
        check_only(call, [check_tone(call, *each) for each in begins[name]])
        check_no_sound(found[name][0][0], 1400, 0.0694)
        check_absent(found[name][0][0], KINDS)
    here.close()


def check_tone(call, earliest, latest):
    """Both hear a tone that begins in that time, at its level, beside the other
    party; from when to when."""
    for party in call.parties():
        at = party.onset(has_tone, earliest - 3)
        check(at is not None and ran(earliest, at) >= -LATE and ran(latest, at) <= LATE,
              f"no tone at its time, but {None if at is None else round(ran(latest, at), 3)} s later")
        heard = party.heard_of(at, 0.05, 0.40)
        check(abs(decibels(power(heard, 1400) / 0.0694)) < 1,
              f"the tone has {decibels(power(heard, 1400) / 0.0694):.1f} dB too much")
        check(power(heard, CALLEE if party is call.caller else CALLER) > 0.3, "nobody else is heard")
    return earliest, latest + 0.6


@case("Kamailio: voicemail is recorded for those who have switched it on")
def voicemail(bench):
    here = Exchange(bench)
    here.hire("vera", record="Always", recordVoicemailEnabled=True,
              startStopAnnouncement={"internalCallsEnabled": True, "pstnCallsEnabled": False})
    here.hire("walt", record="Always", recordVoicemailEnabled=False)
    for name in ("vera", "walt"):
        here.ring(f"{name}'s box", OUTSIDE, name, "call-type:voicemail")
        here.ring(f"{name} herself", OUTSIDE, name, "call-type:pstn")
    here.hold(2)
    here.hang_up()
    found = here.recordings(**{"vera's box": 1, "vera herself": 1, "walt herself": 1})
    for (path, _), in found.values():
        check_lasts(path, 2)
    for call in here.calls.values():
        check_only(call, [])
    here.close()
