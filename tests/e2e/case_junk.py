"""Junk at every door; the calls beside it lose nothing."""
import json
import random
import socket
import struct
from contextlib import suppress

from cases import case, check, wait_for
from oracle.ng_client import Client, bencode, decode
from parties import Call, Party, drain, listen, rtp_packet, talk, udp_socket

CALLER, CALLEE = 400, 650
SUITE = "AES_CM_128_HMAC_SHA1_80"
SEED = 20260101


def two_calls(node):
    return [Call(node, Party(CALLER, suite=suite), Party(CALLEE, suite=suite))
            for suite in (None, SUITE)]


def finish(node, calls):
    for call in calls:
        call.check_untouched("beside junk")
        call.end()
        call.close()
    check(node.process.poll() is None and node.get("/livez")[0] == 200, "the node is not well")


def seeds(party):
    """Good messages that become junk."""
    common = {"call-id": "junk", "from-tag": "j", "to-tag": "k"}
    bodies = [{"command": "ping"}, {"command": "offer", "sdp": party.sdp(), **common},
              {"command": "answer", "sdp": party.sdp(), **common},
              {"command": "delete", **common}, {"command": "query", **common},
              {"command": "start recording", **common}, {"command": "list", "limit": 3},
              {"command": "subscribe request", "flags": ["all"], **common},
              {"command": "play media", "file": "nothing.wav", **common}]
    return [bencode(body) for body in bodies] + [json.dumps(body).encode() for body in bodies]


def mutated(dice, good):
    bad = bytearray(good)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at = dice.randrange(len(bad))
        how = dice.randrange(6)
        if how == 0:
            bad[at] = dice.randrange(256)
        elif how == 1:
            del bad[at:at + dice.choice((1, 3, 50))]
        elif how == 2:
            bad[at:at] = dice.choice((b"9", b"999999999999:", b"d", b"l" * 40, b"i-0e", b"e", b"\0", b"{"))
        elif how == 3:
            bad = bad[:at + 1]
        elif how == 4:
            bad[at:at] = bad[at // 2:at]
        else:
            bad[at] ^= 1 << dice.randrange(8)
        bad = bad[:60000] or bytearray(b"d")
    return bytes(bad)


@case("10 000 mutated NG requests get errors or silence")
def ng_junk(bench):
    node = bench.node("--media-port-quarantine=0s", "--media-delete-delay=0s",
                      "--media-silent-timeout=2s", "--media-held-timeout=2s")
    calls, party, dice = two_calls(node), Party(CALLER), random.Random(SEED)
    good = seeds(party)
    host, port = node.ng.rsplit(":", 1)
    door = udp_socket(host)
    door.connect((host, int(port)))
    replies, sent = {}, 0

    def collect():
        for datagram, _ in drain(door):
            cookie = datagram.partition(b" ")[0]
            with suppress(Exception):  # A mutated message may well have another cookie.
                result = decode(datagram)
                replies[cookie] = result.get("result"), result.get("error-reason")

    def junk(turn):
        nonlocal sent
        for _ in range(50 if sent < 10_000 else 0):
            sent += 1
            door.send(b"%d " % sent + mutated(dice, dice.choice(good)))
            if sent % 10 == 0:
                collect()

    talk(calls, 5, junk)
    check(sent == 10_000, f"{sent} sent")
    errors = [reason for result, reason in replies.values() if result == "error"]
    check(len(errors) > 2000 and all(errors), f"{len(errors)} errors, some without a reason")
    known = Client((host, int(port)))
    check(known.request({"command": "ping"})["result"] == "pong", "no pong after the junk")
    finish(node, calls)
    wait_for(lambda: node.metrics()['callfork_media_ports{use="used"}'] == 0, 10,
             "calls that junk made do not end")
    for each in (party, door, known):
        each.close()


@case("each kind of bad NG request gets a clear error")
def clear_errors(bench):
    node = bench.node()
    host, port = node.ng.rsplit(":", 1)
    door, sdp = Client((host, int(port))), Party(CALLER).sdp()
    call = {"call-id": "c", "from-tag": "a"}
    for body, reason in (
            (b"d7:command4:ping", "bencode"), (b"{\"command\":", "JSON"), (b"hello", "Invalid"),
            (b"", "no payload"), (b"de", "command"), (b"d7:command5:dancee", "Unrecognized"),
            (bencode({"command": "offer", "sdp": sdp}), "call-id"),
            (bencode({"command": "offer", "call-id": "c", "sdp": sdp}), "from-tag"),
            (bencode({"command": "answer", "sdp": sdp, **call}), "to-tag"),
            (bencode({"command": "offer", **call}), "SDP"),
            (bencode({"command": "offer", "sdp": "nonsense", **call}), "SDP"),
            (bencode({"command": "offer", "sdp": sdp.replace("m=audio", "m=audio x"), **call}), "SDP"),
            (bencode({"command": "query", "call-id": "x"}), "Unknown call-id"),
            (bencode({"command": "play media", "file": "x", **call}), "Unknown call-ID")):
        answer = door.exchange(b"e%d " % random.getrandbits(60) + body)
        check(answer, f"no answer to {body}")
        reply = decode(answer)
        check(reply["result"] == "error" and reason in reply["error-reason"], f"{body}: {reply}")
    door.close()


def lying(dice, party):
    """What is no RTP, in many ways."""
    head = rtp_packet(party.sequence, party.timestamp, party.ssrc, b"")
    options = (
        # Of version 2 it could be RTP by chance, and rightly be relayed.
        lambda: bytes([dice.randrange(0x40)]) + dice.randbytes(dice.randrange(1400)),
        lambda: head[:dice.randrange(1, 12)],
        lambda: b"\x8f" + head[1:] + dice.randbytes(dice.randrange(40)),  # 15 CSRCs, but for the bytes.
        lambda: b"\x90" + head[1:] + struct.pack(">HH", 0xBEDE, 0xFFFF) + bytes(20),
        lambda: b"\x90" + head[1:] + b"\xbe",  # Half an extension.
        lambda: b"\xa0" + head[1:] + bytes(10) + b"\xff",  # More padding than packet.
        lambda: b"\xa0" + head[1:] + bytes(10) + b"\0",
        lambda: b"\x40" + head[1:] + bytes(160),  # Version 1.
        lambda: struct.pack(">BBHI", 0x9F, 200, 0xFFFF, party.ssrc),  # RTCP that is 256 KiB long.
        lambda: struct.pack(">BBHI", 0x81, 203, 1, party.ssrc)[:dice.randrange(1, 8)],
        lambda: bytes(dice.randrange(1473, 9000)),
    )
    return dice.choice(options)()


def all_dropped(node):
    """Packets that are counted as dropped; calls tell them once a second."""
    return sum(value for name, value in node.metrics().items() if "_dropped_" in name)


def kernel_dropped(calls):
    """Packets for which a busy machine had no room."""
    ports = {port for call in calls for party in call.parties()
             for port in (party.node[1], party.node_rtcp[1])}
    rows = [line.split() for line in open("/proc/net/udp", encoding="ascii").readlines()[1:]]
    return sum(int(row[-1]) for row in rows if int(row[1].split(":")[1], 16) in ports)


@case("junk at media ports, even from the right address, harms no call")
def media_junk(bench):
    node = bench.node()
    calls, dice = two_calls(node), random.Random(SEED)
    stranger = udp_socket("127.0.0.9")
    sent = 0

    def junk(turn):
        nonlocal sent
        for _ in range(4 if turn < 200 else 0):
            for call in calls:
                victim, bad = call.caller, lying(dice, call.caller)
                for sender, port in ((stranger, victim.node), (stranger, victim.node_rtcp),
                                     (victim.rtcp, victim.node_rtcp)):
                    sender.sendto(bad, port)
                if bad[0] >> 6 != 2 or victim.suite or bad[0] in (0x8f, 0x90, 0xa0):
                    victim.rtp.sendto(bad, victim.node)
                    sent += 1
                sent += 3
        listen(calls)

    talk(calls, 5, junk)
    check(not drain(stranger), "the stranger got something")
    wait_for(lambda: all_dropped(node) >= sent - kernel_dropped(calls), 10,
             f"of {sent} bad packets not all are counted")
    check(node.dropped("not_rtp") > 1000, "junk is called something else")
    finish(node, calls)
    stranger.close()


@case("HTTP junk gets errors, and never a file")
def http_junk(bench):
    node = bench.node("--http-connections=16")
    calls, dice = two_calls(node), random.Random(SEED)
    host, port = node.http.rsplit(":", 1)

    def ask(raw):
        with suppress(OSError), socket.create_connection((host, int(port)), 5) as door:
            door.settimeout(2)
            door.sendall(raw)
            door.shutdown(socket.SHUT_WR)
            return door.recv(65536)
        return b""

    for raw, statuses in (
            (b"GET /recordings/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", (400, 404)),
            (b"GET /recordings/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", (400, 404)),
            (b"GET //etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", (400, 404)),
            (b"BREW /calls HTTP/1.1\r\nHost: x\r\n\r\n", (400, 405, 501)),
            (b"POST /calls HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", (400, 405)),
            (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", (400, 404, 413, 414, 431, None)),
            (b"GET /calls HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", (400, 413, 431, None)),
            (b"POST /calls HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", (400, 405, 413, None)),
            (b"GET /calls HTTP/9.9\r\n\r\n", (400, 505, None)), (b"\0\1\2\3\r\n\r\n", (400, None))):
        answer = ask(raw)
        status = int(answer.split()[1]) if answer else None
        check(status in statuses and b"root:" not in answer, f"{raw[:60]}: {answer[:200]}")
    talk(calls, 3, lambda turn: ask(dice.randbytes(dice.randrange(2000))) and None)
    idle = [socket.create_connection((host, int(port)), 5) for _ in range(40)]
    for each in idle:
        each.close()
    wait_for(lambda: node.get("/readyz")[0] == 200, 5, "not ready after idle connections")
    finish(node, calls)
