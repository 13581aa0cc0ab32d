"""Nothing leaks: many calls come and go, and the node is as it was.

CALLFORK_SOAK_CALLS says how many; docs/performance.md has figures of 100 000."""
import os
import pathlib
import socket
import sys
import time

from bench import memory
from cases import case, check, wait_for
from oracle.ng_client import bencode
from parties import Party

CALLS = int(os.environ.get("CALLFORK_SOAK_CALLS", "5000"))
AT_ONCE = 50  # Calls.
REPLY = 2500  # Bytes that a reply takes in memory, on average.
SUITE = "AES_CM_128_HMAC_SHA1_80"


def texts():
    """The SDP of both parties, plain and secure."""
    made = []
    for suite in (None, SUITE):
        parties = Party(400, suite=suite), Party(650, suite=suite)
        made.append(tuple(party.sdp() for party in parties))
        for party in parties:
            party.close()
    return made


def requests(number, sdps):
    """Offer, answer and delete of one call; every fourth is secure, and every
    fourth recorded."""
    caller, callee = sdps[number % 4 == 0]
    tags = {"call-id": f"soak-{number}", "from-tag": "a"}
    recorded = {"record call": "yes"} if number % 4 < 2 and number % 2 else {}
    return [bencode({"command": "offer", "sdp": caller, **tags, **recorded}),
            bencode({"command": "answer", "sdp": callee, "to-tag": "b", **tags}),
            bencode({"command": "delete", **tags})]


class Caller:
    """Sets up and ends calls, some at once; repeats what gets no reply."""

    def __init__(self, node):
        host, port = node.ng.rsplit(":", 1)
        self.door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.door.connect((host, int(port)))
        self.door.settimeout(1)
        self.open = {}  # By cookie: the message, and those that follow it.
        self.bad = []
        self.sdps = texts()

    def send(self, cookie, messages):
        self.open[cookie] = messages
        self.door.send(cookie + b" " + messages[0])

    def take(self):
        """Takes a reply and sends what comes next; false when that was all of
        the call."""
        try:
            reply = self.door.recv(65536)
        except TimeoutError:
            for cookie, messages in self.open.items():
                self.door.send(cookie + b" " + messages[0])
            return True
        cookie = reply.partition(b" ")[0]
        messages = self.open.pop(cookie, None)
        if messages is None:
            return True
        if b"6:result2:ok" not in reply:
            self.bad.append(reply[:200])
        if len(messages) == 1:
            return False
        self.send(cookie + b"+", messages[1:])
        return True

    def run(self, first, count):
        living, number, end = 0, first, first + count
        while living or number < end:
            while number < end and living < AT_ONCE:
                self.send(b"s%d" % number, requests(number, self.sdps))
                number, living = number + 1, living + 1
            living -= not self.take()


def has_sanitizer(node):
    return "libasan" in pathlib.Path(f"/proc/{node.process.pid}/maps").read_text()


def remembered(calls):
    """How many replies the node keeps for those who lost them: 30 to 60 s
    long, and at most 100 000."""
    return min(3 * calls, 100_000)


def descriptors(node):
    return len(os.listdir(f"/proc/{node.process.pid}/fd"))


def at_rest(node):
    """True when nothing of any call is left."""
    told = node.metrics()
    return not any((told["callfork_active_calls"], told['callfork_media_ports{use="used"}'],
                    told['callfork_sinks_up{provider="vault"}'], told["callfork_outbox_events"],
                    node.outcome("recordings", "started") - node.outcome("recordings", "ended")))


@case("calls come and go, and nothing is left")
def soak(bench):
    # Thousands of calls a second leave many ports in quarantine.
    node = bench.node("--media-delete-delay=0s", "--media-port-quarantine=1s",
                      "--media-port-lowest=10000", "--media-port-highest=59999")
    caller, part = Caller(node), CALLS // 5
    warm = 2 * part
    caller.run(0, warm)
    wait_for(lambda: at_rest(node), 60, "something lives on after the first calls")
    files, memory_before = descriptors(node), memory(node)
    began = time.monotonic()
    for done in range(warm, 5 * part, part):
        caller.run(done, part)
        print(f"    {done + part} calls: {memory(node):.1f} MiB, {descriptors(node)} files",
              file=sys.stderr)
    took = time.monotonic() - began
    wait_for(lambda: at_rest(node), 60, "something lives on")
    print(f"    {CALLS} calls: {3 * part / took:.0f} calls/s; {memory_before:.1f} MiB and {files}"
          f" files after {warm} calls, {memory(node):.1f} MiB and {descriptors(node)} at rest at"
          " the end", file=sys.stderr)
    check(not caller.bad, f"{len(caller.bad)} requests failed: {caller.bad[:3]}")
    wait_for(lambda: descriptors(node) <= files, 10, f"more open files than {files}")
    if not has_sanitizer(node):  # Which keeps freed memory, and finds leaks at the end.
        most = memory_before * 1.1 + (remembered(5 * part) - remembered(warm)) * REPLY / 2**20
        check(memory(node) <= most, f"{memory(node):.1f} MiB, more than {most:.1f} MiB")
    wait_for(lambda: node.metrics()['callfork_media_ports{use="quarantined"}'] == 0, 10,
             "ports stay in quarantine")
    check(node.outcome("calls", "ended") == 5 * part, "calls are miscounted")
    check(node.stop() == 0, node.log())
    caller.door.close()
