"""Lost, repeated and late NG requests, and calls that everybody forgot."""
import json
import time

from bench import kinds
from cases import case, check, wait_for
from oracle.ng_client import Client, bencode, decode
from parties import Call, Party, drain, talk

CALLER, CALLEE = 400, 650
AT_ONCE = ("--media-delete-delay=0s", "--media-port-quarantine=0s")


def client(node):
    host, port = node.ng.rsplit(":", 1)
    return Client((host, int(port)))


def ports_in_use(node):
    return node.metrics()['callfork_media_ports{use="used"}']


def call_count(node):
    return node.metrics()["callfork_active_calls"]


def no_orphans(node, seconds=5):
    wait_for(lambda: (call_count(node), ports_in_use(node)) == (0, 0), seconds,
             f"{call_count(node)} calls and {ports_in_use(node)} ports are left")


def message(cookie, command, call, **more):
    return cookie.encode() + b" " + bencode({"command": command, "call-id": call, **more})


@case("repeated and lost NG requests change nothing")
def repeated(bench):
    node = bench.node(*AT_ONCE)
    door, caller, callee = client(node), Party(CALLER), Party(CALLEE)
    tags = {"from-tag": "a", "to-tag": "b"}
    offer = message("c1", "offer", "lossy", sdp=caller.sdp(), **{"from-tag": "a"})
    # The reply is lost, and Kamailio asks four times more.
    for _ in range(5):
        door.socket.send(offer)
    door.socket.setblocking(False)
    time.sleep(0.5)  # What comes while the first is executed needs no reply of its own.
    replies = {datagram for datagram, _ in drain(door.socket)} | {door.exchange(offer)}
    check(len(replies) == 1, f"replies differ: {replies}")
    reply = decode(replies.pop())
    check(reply["result"] == "ok", str(reply))
    check((call_count(node), ports_in_use(node)) == (1, 2), "a repeated offer counts twice")
    # It starts again, and forgot its cookies: the same ports.
    other = client(node)
    again = decode(other.exchange(offer.replace(b"c1", b"d1", 1)))
    check(again["sdp"] == reply["sdp"], "the same offer has two answers")
    callee.learn(again["sdp"])
    answer = message("c2", "answer", "lossy", sdp=callee.sdp(), **tags)
    answers = {door.exchange(answer) for _ in range(3)}
    other_answer = decode(other.exchange(answer.replace(b"c2", b"d2", 1)))
    check(len(answers) == 1 and decode(answers.pop()) == other_answer, "answers differ")
    check((call_count(node), ports_in_use(node)) == (1, 2), "a repeated answer makes calls")
    started = [decode(door.exchange(message(f"r{n}", "start recording", "lossy"))) for n in (1, 2)]
    check([each["result"] for each in started] == ["ok", "ok"], str(started))
    delete = message("c3", "delete", "lossy", **{"from-tag": "a"})
    gone = {door.exchange(delete) for _ in range(3)}
    check(len(gone) == 1 and decode(gone.pop())["result"] == "ok", "delete is not idempotent")
    unknown = decode(other.exchange(delete.replace(b"c3", b"d3", 1)))
    check(unknown["result"] == "ok" and "warning" in unknown, f"a second delete: {unknown}")
    # Requests that the network kept back until now.
    for late in (offer, answer):
        check(door.exchange(late) is not None, "no reply to a late repetition")
    no_orphans(node)
    wait_for(lambda: bench.told("session.ended"), 5, "no end of the call")
    check(node.metrics()["callfork_ng_repeated_total"] == 5 + 2 + 2 + 2, "repetitions are miscounted")
    node.stop()
    told = kinds(bench.events())
    for kind in ("session.started", "session.ended", "recording.requested"):
        check(told.count(kind) == 1, f"{kind}: {told}")
    for each in (door, other, caller, callee):
        each.close()


@case("an answer without its offer makes no call")
def stray(bench):
    node = bench.node(*AT_ONCE)
    door, party = client(node), Party(CALLEE)
    for command, keys in (("answer", {"sdp": party.sdp(), "from-tag": "a", "to-tag": "b"}),
                          ("query", {}), ("start recording", {}), ("play media", {"file": "x"})):
        reply = door.request({"command": command, "call-id": "nobody", **keys})
        check(reply["result"] == "error" and reply["error-reason"], f"{command}: {reply}")
    no_orphans(node, 1)
    door.close()
    party.close()


@case("forgotten calls end, those that talk do not")
def forgotten(bench):
    node = bench.node(*AT_ONCE, "--media-silent-timeout=2s")
    talking, silent = (Call(node, Party(CALLER), Party(CALLEE)) for _ in range(2))
    unanswered, party = client(node), Party(CALLER)
    reply = unanswered.request({"command": "offer", "call-id": "alone", "from-tag": "a",
                                "sdp": party.sdp()})
    check(reply["result"] == "ok" and call_count(node) == 3, f"{reply}")
    talk([talking], 5)
    talking.check_untouched("beside forgotten calls")
    living = [call["call"] for call in json.loads(node.get("/calls")[1])["calls"]]
    check(living == [talking.id], f"alive are {living}")
    began = time.monotonic()
    no_orphans(node, 8)
    check(time.monotonic() - began > 0.5, "a call ended before its time")
    wait_for(lambda: bench.told("session.ended"), 5, "no end is told")
    node.stop()
    ends = [e["value"] for e, kind in zip(bench.events(), kinds(bench.events()))
            if kind == "session.ended"]
    check(len(ends) == 3 and all("timeout" in json.dumps(end) for end in ends), str(ends))
    for each in (talking, silent, unanswered, party):
        each.close()
