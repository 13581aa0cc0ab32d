"""How the node ends: in stages when told to, and without losses when killed."""
import json

from audio import channels, level
from bench import kinds
from cases import case, check, wait_for
from oracle.ng_client import Client

SDP = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 4000 RTP/AVP 0\r\n")


def call_with_audio(bench, node, seconds):
    """A call that has been recorded for some time; the WAV still open."""
    node.demo(30)
    bench.recording("open")
    wait_for(lambda: any(c["packets"] > 100 * seconds
                         for c in json.loads(node.get("/calls")[1])["calls"]),
             seconds + 10, "the call carries no media")


def check_speech(audio, seconds):
    rate, (left, right) = channels(audio)
    check(len(left) / rate > seconds, f"only {len(left) / rate} s on the disk")
    check(level(left) > 0.003 and level(right) > 0.003, "a party is silent in the recording")


@case("SIGTERM in mid-call finishes the recording and its events")
def told_to_stop(bench):
    node = bench.node()
    call_with_audio(bench, node, 3)
    check(node.stop() == 0, f"bad end:\n{node.log()}")
    audio = bench.recording("json", 1)
    check(not audio.with_suffix(".open").exists(), "the recording is still open")
    check_speech(audio, 2.5)
    call = json.loads(audio.with_suffix(".json").read_text())["call"]
    stages = [f'call started call="{call}"', "node stopping signal=TERM", "ending calls=1 within=10s",
              f'call ended call="{call}"', "calls ended, recordings finished", "events delivered",
              "node stopped clean=true"]
    places = [node.log().find(stage) for stage in stages]
    check(-1 not in places and places == sorted(places), f"stages are missing:\n{node.log()}")
    events = kinds(bench.events())
    check("recording.stopped" in events and "session.ended" in events, str(events))


@case("a call id cannot forge a line of the log")
def forged_log(bench):
    node = bench.node()
    host, port = node.ng.rsplit(":", 1)
    door = Client((host, int(port)))
    door.request({"command": "offer", "call-id": "a\nlevel=info forged\x1b[2J", "from-tag": "t",
                  "sdp": SDP})
    wait_for(lambda: "call started" in node.log(), 5, "the call is not told")
    check("\nlevel=info" not in node.log() and "\x1b" not in node.log(), repr(node.log()))
    door.close()


@case("SIGINT ends the node as well")
def interrupted(bench):
    node = bench.node()
    node.process.send_signal(2)
    check(node.process.wait(20) == 0, f"bad end:\n{node.log()}")


@case("kill -9 in mid-call leaves a playable file and no lost event")
def killed(bench):
    node = bench.node()
    call_with_audio(bench, node, 4)
    wait_for(lambda: bench.told("recording.started"), 5, "no event of the start")
    told = len(bench.events())
    node.kill()
    audio = bench.recording("open", 1)
    check_speech(audio, 2)
    again = bench.node()
    wait_for(audio.with_suffix(".json").exists, 10, "the recording was not completed")
    check(not audio.with_suffix(".open").exists(), "the recording is still open")
    check_speech(audio, 2)
    check(json.loads(audio.with_suffix(".json").read_text())["interrupted"], "nobody says so")
    wait_for(lambda: bench.told("recording.failed") and bench.told("session.ended"), 10,
             "the end of the recording and of the call is not told")
    again.stop()
    events = bench.events()
    check(len(events) > told, "events were lost")
    failed = next(e for e, kind in zip(events, kinds(events)) if kind == "recording.failed")
    check("us" in json.dumps(failed["value"]), f"no blame: {failed}")


@case("after kill -9 a file is completed without an event log, too")
def killed_without_log(bench):
    node = bench.node("--events-log=none")
    call_with_audio(bench, node, 1)
    node.kill()
    audio = bench.recording("open", 1)
    again = bench.node("--events-log=none")
    wait_for(lambda: again.get("/startupz")[0] == 200, 10, "the start has no end")
    check(audio.with_suffix(".json").exists(), "the recording was not completed")
    check("recordings of an earlier run completed count=1" in again.log(), again.log())
