"""Many recording sessions at once: what the recorder holds is what was said, to the last sample.

tests/bench/siprec.py does the same with more of them, and measures."""
import os
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


def talk(calls, node, seconds):
    """Calls come one after the other, and each is over after so many seconds."""
    began, live = time.monotonic(), []
    while len(calls) < CALLS or live:
        while len(calls) < CALLS and time.monotonic() >= began + len(calls) / PER_SECOND:
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
