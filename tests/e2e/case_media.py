"""Ways for media to go: addresses, interfaces, RTCP, suites and pauses."""
import time

from audio import channels, loudest
from cases import case, check, wait_for
from parties import Call, Party, listen, talk, tone_payload
from srtp import SUITES

CALLER, CALLEE, MARKER = 400, 650, 1050
RECORD = {"record call": "yes"}


def untouched(calls, seconds=2.0):
    """All these calls at once carry everything."""
    talk(list(calls.values()), seconds)
    for name, call in calls.items():
        call.check_untouched(name)
        call.end()
        call.close()


@case("calls over IPv6, and between IPv6 and IPv4")
def families(bench):
    node = bench.node("--media-interfaces=default=127.0.0.1,default=::1")
    untouched({
        "IPv6": Call(node, Party(CALLER, "::1"), Party(CALLEE, "::1")),
        "IPv4 to IPv6": Call(node, Party(CALLER), Party(CALLEE, "::1"),
                             offer={"address family": "IP6"}),
        "IPv6 to IPv4, SRTP": Call(
            node, Party(CALLER, "::1", "AEAD_AES_128_GCM"), Party(CALLEE, suite="AEAD_AES_128_GCM"),
            offer={"address family": "IP4"}),
    })


@case("a call between two interfaces keeps them apart")
def interfaces(bench):
    node = bench.node("--media-interfaces=inside=127.0.0.1,outside=127.0.0.2")
    call = Call(node, Party(CALLER), Party(CALLEE, "127.0.0.3"),
                offer={"direction": ["inside", "outside"]})
    check("c=IN IP4 127.0.0.2" in call.offered, f"not outside:\n{call.offered}")
    check("c=IN IP4 127.0.0.1" in call.answered, f"not inside:\n{call.answered}")
    for party, address in ((call.caller, "127.0.0.1"), (call.callee, "127.0.0.2")):
        check(party.node[0] == party.node_rtcp[0] == address, f"{party.node} {party.node_rtcp}")
    untouched({"two interfaces": call})


@case("rtcp-mux on one side only")
def mux(bench):
    node = bench.node()
    calls = {
        "the caller's": Call(node, Party(CALLER, mux=True), Party(CALLEE),
                             offer={"rtcp-mux": ["demux"]}),
        "the callee's": Call(node, Party(CALLER), Party(CALLEE, mux=True),
                             offer={"rtcp-mux": ["offer"]}),
        "both": Call(node, Party(CALLER, mux=True), Party(CALLEE, mux=True)),
    }
    muxed = {name: tuple(p.muxed for p in call.parties()) for name, call in calls.items()}
    check(muxed == {"the caller's": (True, False), "the callee's": (False, True),
                    "both": (True, True)}, str(muxed))
    untouched(calls)


@case("every SRTP suite, both ways and one way")
def suites(bench):
    node = bench.node()
    calls = {suite: Call(node, Party(CALLER, suite=suite), Party(CALLEE, suite=suite))
             for suite in SUITES}
    for suite in ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"):
        calls[f"{suite} to RTP"] = Call(node, Party(CALLER, suite=suite), Party(CALLEE),
                                        offer={"transport-protocol": "RTP/AVP"})
        calls[f"RTP to {suite}"] = Call(node, Party(CALLER), Party(CALLEE, suite=suite),
                                        offer={"transport-protocol": "RTP/SAVP"})
    for name, call in calls.items():
        if name.endswith("to RTP"):
            check("crypto" not in call.offered and "RTP/AVP" in call.offered, call.offered)
    untouched(calls)
    dropped = {name: value for name, value in node.metrics().items() if "_dropped_" in name and value}
    check(not dropped, f"packets of good calls were dropped: {dropped}")


def onset(samples, rate, frequency):
    """The second at which a tone begins, on 10 ms."""
    size, start = rate // 10, 0
    for step in (size, rate // 100):  # Roughly, then finely from a bit before.
        start = next((at for at in range(max(0, start - size), len(samples) - size, step)
                      if loudest(samples[at:at + size], rate, frequency) > 0.2), None)
        if start is None:
            return None
    return start / rate


@case("what is said in a pause is nowhere, and both channels stay aligned")
def pause(bench):
    node = bench.node("--vault-flush=100ms")
    call = Call(node, Party(CALLER), Party(CALLEE), offer=RECORD)
    marker, after = tone_payload(MARKER), {call.caller: 500, call.callee: 850}
    began = time.monotonic()
    talk([call], 2)
    call.ask("pause recording")
    before = time.monotonic() - began
    for party in call.parties():
        party.payload = marker
    talk([call], 1.5)
    call.ask("start recording")
    for party, frequency in after.items():
        party.payload = tone_payload(frequency)
    talk([call], 2)
    call.check_untouched("the pause is for the recording alone")
    call.end()
    listen([call], 0.1)
    call.close()
    audio = bench.recording()
    wait_for(lambda: bench.told("recording.stopped"), 5, "no end of the recording")
    check(node.stop() == 0, node.log())
    for path in bench.folder.rglob("*"):
        if path.is_file():
            check(marker[:60] not in path.read_bytes(), f"the pause is in {path}")
    check(len(list(bench.folder.glob("recordings/*/*"))) == 2, "there are more files than two")
    rate, heard = channels(audio)
    for samples, frequency in zip(heard, (CALLER, CALLEE)):
        check(loudest(samples, rate, frequency) > 0.3, "nothing from before the pause")
        check(loudest(samples, rate, MARKER) < 0.02, "the pause is in the recording")
    begins = [onset(samples, rate, frequency) for samples, frequency in zip(heard, after.values())]
    check(None not in begins and abs(begins[0] - begins[1]) <= 0.02, f"not aligned: {begins}")
    check(abs(begins[0] - before) < 0.15, f"{begins[0]} s are before the pause, not {before}")
    events = bench.events()
    told = {e["headers"]["ce_type"].split(".")[-2]: e for e in events}
    check("paused" in told and "resumed" in told, f"no events of the pause: {told.keys()}")
