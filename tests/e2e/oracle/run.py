#!/usr/bin/env python3
"""Sends the same request sequences to Debian's rtpengine and to the node under
test, and compares the replies key by key and the SDP line by line.

    run.py --node PORT[,TCP_PORT]        a node that runs already
    run.py --command 'ng_answerer {port} {tcp_port} default/127.0.0.1 ...'

The node needs the interfaces default (127.0.0.1, ::1) and second (127.0.0.2,
::1), and must forget deleted calls at once."""
import argparse
import copy
import itertools
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time

import cases
from ng_client import Client, decode
from normalise import Symbols, differences

INTERFACES = ["default/127.0.0.1", "second/127.0.0.2", "default/::1", "second/::1"]
# rtpengine cuts its TCP stream by bencode alone.
ENCODINGS = [("udp", "bencode"), ("tcp", "bencode"), ("udp", "json")]


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """A node under comparison, started here or found running."""

    def __init__(self, ports, process=None):
        self.port, self.tcp_port = ports
        self.process = process

    @classmethod
    def start(cls, command, log):
        ports = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        words = [word.format(port=ports[0], tcp_port=ports[1]) for word in command]
        node = cls(ports, subprocess.Popen(words, stdout=log, stderr=log))
        node.wait()
        return node

    def wait(self):
        for _ in range(100):
            client = self.client("udp", "bencode")
            try:
                if client.exchange(b"wait d7:command4:pinge", 0.2):
                    return
            finally:
                client.close()
            time.sleep(0.05)
        raise SystemExit("a node does not answer")

    def client(self, transport, encoding):
        port = self.tcp_port if transport == "tcp" else self.port
        return Client(("127.0.0.1", port), transport, encoding)

    def stop(self):
        """By its own process; Debian's rtpengine may crash at the end."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def rtpengine(log):
    first = 50000 + free_port(socket.SOCK_DGRAM) % 8 * 1000
    return Node.start([
        "rtpengine", "--table=-1", *(f"--interface={i}" for i in INTERFACES),
        "--listen-ng=127.0.0.1:{port}", "--listen-tcp-ng=127.0.0.1:{tcp_port}", "--foreground",
        "--log-stderr", "--log-level=3", "--delete-delay=0", f"--port-min={first}",
        f"--port-max={first + 999}", "--config-file=none",
    ], log)


def raw_reply(client, step, call_id):
    text = step["raw"].replace("CALLID", call_id).encode()
    text = re.sub(rb"COOKIE", b"%d" % next(Client.count), text, 1)
    answers = [client.exchange(text, 0.3) for _ in range(step["times"])]
    if len(set(answers)) != 1:
        return {"repetitions differ": [str(a) for a in answers]}
    return None if answers[0] is None else decode(answers[0])


def play(case, client, call_id):
    replies = []
    for step in case.steps:
        if "raw" in step:
            replies.append(raw_reply(client, step, call_id))
            continue
        request = {k: v(replies) if callable(v) else v for k, v in step.items()}
        request.setdefault("call-id", call_id)
        request = {k: v for k, v in request.items() if v is not None}
        replies.append(client.request(request))
    client.request({"command": "delete", "call-id": call_id})
    return replies


def peer_ports(case):
    """Every port that the parties name themselves."""
    sdps = [s.get("sdp", "") for s in case.steps if isinstance(s.get("sdp", ""), str)]
    return {int(p) for sdp in sdps for p in re.findall(r"(?:m=\w+ |a=rtcp:)(\d+)", sdp)}


def normalised(replies, known, call_id):
    symbols = Symbols(known)
    return [mark_call(symbols.value(r), call_id) for r in replies]


def mark_call(value, call_id):
    if isinstance(value, list):
        return [mark_call(v, call_id) for v in value]
    return "<call>" if value == call_id else (
        {k: mark_call(v, call_id) for k, v in value.items()} if isinstance(value, dict) else value)


def compare(case, theirs, ours):
    """All that is wrong with a case, as lines."""
    expected = copy.deepcopy(theirs)
    for difference in case.differs:
        before = copy.deepcopy(expected)
        try:
            expected = difference.turn(expected)
        except (KeyError, IndexError, TypeError) as error:
            yield f"'{difference.why}' does not fit rtpengine's reply: {error!r}"
        if expected == before:
            yield f"'{difference.why}' makes no difference"
    for index, (left, right) in enumerate(zip(expected, ours)):
        name = case.steps[index].get("command", "raw")
        yield from differences(left, right, f"step {index} ({name})")


def run(case, number, oracle, node):
    transport, encoding = ENCODINGS[number % len(ENCODINGS)]
    if any("raw" in step for step in case.steps):
        transport, encoding = "udp", "bencode"
    call_id = f"oracle-{number}-{time.time_ns()}"
    results = []
    for peer in (oracle, node):
        client = peer.client(transport, encoding)
        results.append(normalised(play(case, client, call_id), peer_ports(case), call_id))
        client.close()
    return list(compare(case, *results))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--node", help="ports of a running node: NG[,NG over TCP]")
    parser.add_argument("--command", help="starts the node; {port} and {tcp_port} are put in")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    options = parser.parse_args()
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as directory:
        cases.prepare(directory)
        nodes = []
        try:
            nodes.append(oracle := rtpengine(log))
            if options.node:
                ports = [int(p) for p in options.node.split(",")]
                node = Node((ports[0], ports[-1]))
            else:
                node = Node.start(shlex.split(options.command), log)
            nodes.append(node)
            return judge(oracle, node, options.only)
        finally:
            for each in nodes:
                each.stop()


def judge(oracle, node, only):
    failed = 0
    chosen = [c for c in cases.ALL if only in c.name]
    for number, case in zip(itertools.count(), chosen):
        wrong = run(case, number, oracle, node)
        failed += bool(wrong)
        for difference in case.differs:
            print(f"  differs: {case.name}: {difference.why}")
        if wrong:
            print(f"FAILED {case.name}")
            print("".join(f"    {line}\n" for line in wrong), end="")
    print(f"{len(chosen) - failed} of {len(chosen)} cases agree with rtpengine")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
