"""Many recording sessions at once: what the recorder holds is what was said, to the last sample.

tests/bench/siprec.py does the same with more of them, and measures."""
import os
import signal
import time

import noise
from bench import free_ports
from cases import case, check, wait_for
from parties import Call, Party, listen

CALLS = int(os.environ.get("CALLFORK_LOAD_CALLS", "60"))
PER_SECOND = 50
SECONDS = 4


class Speaker(Party):
    """Says noise that is another in each packet of each call."""

    def __init__(self, call, party):
        super().__init__(400)
        self.call, self.party, self.count = call, party, 0
        self.sequence = 1

    def say(self, payload=None):
        super().say(noise.payload(self.call, self.party, self.sequence))


def talk(calls, node, seconds, count=CALLS, meanwhile=lambda passed: None):
    """Calls come one after the other, and each is over after so many seconds; `meanwhile` hears how
    many have passed."""
    began, live = time.monotonic(), []
    while len(calls) < count or live:
        meanwhile(time.monotonic() - began)
        while len(calls) < count and time.monotonic() >= began + len(calls) / PER_SECOND:
            number = len(calls)
            calls.append(Call(node, Speaker(number, 0), Speaker(number, 1),
                              offer={"record call": "yes"}))
            live.append((calls[-1], time.monotonic()))
        for call, since in live:
            due = min(seconds * 50, int((time.monotonic() - since) * 50) + 1)
            while len(call.caller.said) < due:
                call.caller.say()
                call.callee.say()
        over = [(call, since) for call, since in live if len(call.caller.said) == seconds * 50
                and time.monotonic() > since + seconds + 0.3]
        for each in over:
            live.remove(each)
            listen([each[0]])
            each[0].end()
        time.sleep(0.002)


@case("dozens of recording sessions a second: the recorder has every sample of every call")
def load(bench):
    server, client = free_ports(2)
    recorder = bench.node(f"--siprec-tcp=127.0.0.1:{server}", "--vault-folder=theirs",
                          "--events-folder=their-events", "--events-outbox=their-outbox")
    node = bench.node(f"--siprec-tcp=127.0.0.1:{client}", "--siprec-providers=recorder"
                      f" sip:rec@127.0.0.1:{server};transport=tcp srtp")
    calls = []
    talk(calls, node, SECONDS)
    said = {n: [call.caller.said, call.callee.said] for n, call in enumerate(calls)}
    check(len(said) == CALLS and all(len(each) == SECONDS * 50 for both in said.values()
                                     for each in both), "not everything was said")
    for folder in ("recordings", "theirs"):
        wait_for(lambda: len(list((bench.folder / folder).glob("*/*.json"))) == CALLS, 15,  # noqa: B023
                 f"not all recordings in {folder}:\n{node.log()[-2000:]}{recorder.log()[-2000:]}")
        figures, faults = noise.compare(said, bench.folder / folder)
        check(not faults, f"{folder}: {figures}:\n" + "\n".join(faults[:10]))
    check(node.stop() == 0 and recorder.stop() == 0, "bad end")
    told = [e["headers"]["ce_type"] for e in bench.events()]
    for kind in ("requested", "accepted", "completed"):
        kind = f"io.callfork.provider.delivery.{kind}.v1"
        check(told.count(kind) == 2 * CALLS, f"{kind}: {told.count(kind)}")
    check("io.callfork.recording.gap.v1" not in told, "a gap was told")
    for call in calls:
        call.close()


@case("a node that stands still for a second and a half loses nothing of what was said")
def stalled(bench):
    node, calls = bench.node(), []
    due = [(3.5, signal.SIGCONT), (2.0, signal.SIGSTOP)]

    def meanwhile(passed):
        if due and passed >= due[-1][0]:
            node.process.send_signal(due.pop()[1])
    talk(calls, node, 6, 5, meanwhile)
    said = {n: [call.caller.said, call.callee.said] for n, call in enumerate(calls)}
    wait_for(lambda: len(list(bench.folder.glob("recordings/*/*.json"))) == len(calls), 10, "not all recordings")
    figures, faults = noise.compare(said, bench.folder / "recordings")
    check(not faults, f"{figures}:\n" + "\n".join(faults))
    check(node.stop() == 0, node.log())
    for call in calls:
        call.close()
