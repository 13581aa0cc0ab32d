"""A call of two phones of our own with recorded speech."""
import json

from audio import channels, level
from bench import kinds
from cases import case, check, wait_for


def recorded_call(bench, node, *words):
    call = node.demo(3, *words)
    output, errors = call.communicate(timeout=60)
    check(call.returncode == 0, f"the demo call failed: {output}{errors}")
    report = json.loads(output)
    check(report["caller"]["likeness"] > 0.7 and report["callee"]["likeness"] > 0.7, output)
    audio = bench.recording()
    rate, (left, right) = channels(audio)
    check(2.5 < len(left) / rate < 4.5, f"the recording has {len(left) / rate} s")
    check(level(left) > 0.005 and level(right) > 0.005, "a party is silent in the recording")
    return report, audio


@case("the demo call over SRTP is recorded")
def secure(bench):
    node = bench.node()
    report, audio = recorded_call(bench, node)
    told = json.loads(node.ctl("--json", "recordings"))["recordings"]
    check(len(told) == 1 and told[0]["file"] == str(audio), str(told))
    check(node.get(f"/recordings/{audio.stem}")[0] == 200, "the recording is not found by its id")
    check(audio.stem[:8] in node.ctl("recordings"), "the table lacks the recording")
    node.ctl("play", audio.stem[:8], "--output", str(bench.folder / "copy.wav"))
    check((bench.folder / "copy.wav").read_bytes() == audio.read_bytes(), "the copy differs")
    wait_for(lambda: bench.told("recording.stopped"), 5, "no end of the recording")
    check(node.stop() == 0, "bad end")
    events = bench.events()
    for kind in ("session.started", "recording.started", "recording.stopped"):
        check(kinds(events).count(kind) == 1, f"{kind}: {kinds(events)}")
    check(any(report["call"] in json.dumps(event) for event in events), "no event of the call")
    check("recording started" in bench.ctl("events", "--folder", "events"), "no readable events")


@case("the demo call over plain RTP is recorded")
def plain(bench):
    recorded_call(bench, bench.node(), "--plain")


@case("a live call is listed")
def listed(bench):
    node = bench.node()
    node.demo(6)
    call = wait_for(lambda: [c for c in json.loads(node.get("/calls")[1])["calls"]
                             if c["packets"] > 20 and c["recording"]], 10, "no live call")[0]
    check(call["recordingState"] == "recording", str(call))
    check(call["call"] in node.ctl("calls"), "the table lacks the call")


@case("a node that is not asked to record does not")
def unrecorded(bench):
    node = bench.node("--recording-mode=never")
    call = node.demo(2)
    output, _ = call.communicate(timeout=60)
    check(json.loads(output)["good"], f"the parties must hear each other: {output}")
    check(not list(bench.folder.glob("recordings/*/*.wav")), "there is a recording")
    node.stop()
    check("recording.started" not in kinds(bench.events()), "a recording is told")
