#!/usr/bin/env python3
"""Loads a chain of two nodes: the first records calls and sends them to the second by SIPREC.

usage: tests/bench/siprec.py [--calls 500] [--rate 50] [--seconds 12] [--srtp] [--transport tcp]

Needs the `bench` preset built (cmake --preset bench && cmake --build --preset bench). Every packet
of every call is looked for in the recordings of both nodes, to the last sample. --srtp is SRTP of
the caller and of both streams to the recorder. Everything runs on loopback and is stopped by
process id.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import noise  # noqa: E402
from bench import Bench, free_ports  # noqa: E402
from cases import wait_for  # noqa: E402

BUILD = ROOT / "build" / "bench"
TICK = os.sysconf("SC_CLK_TCK")


class Watch(threading.Thread):
    """Follows what a process uses: resident and anonymous memory in KiB, CPU in seconds."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.over = pid, threading.Event()
        self.first = self.last = self.look()
        self.most = dict(self.first)

    def look(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        found = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        words = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return {"rss": int(found["VmRSS"].split()[0]), "anon": int(found["RssAnon"].split()[0]),
                "cpu": (int(words[11]) + int(words[12])) / TICK}

    def run(self):
        while not self.over.wait(0.2):
            self.last = self.look()
            self.most = {key: max(self.most[key], value) for key, value in self.last.items()}

    def stop(self):
        self.over.set()
        self.join()
        self.last = self.look()


def start(bench, transport, secure):
    server, client = free_ports(2)
    ports = ["--media-port-lowest=30000", "--media-port-highest=45000"]
    theirs = ["--media-port-lowest=46000", "--media-port-highest=65000"]
    recorder = bench.node(f"--siprec-{transport}=127.0.0.1:{server}", "--vault-folder=theirs",
                          "--events-folder=their-events", "--events-outbox=their-outbox", *theirs)
    target = f"sip:rec@127.0.0.1:{server};transport={transport}" + (" srtp" if secure else "")
    node = bench.node(f"--siprec-{transport}=127.0.0.1:{client}",
                      f"--siprec-providers=recorder {target}", *ports)
    return node, recorder


def settled(bench, calls):
    """Waits for both nodes' recordings."""
    def count(folder):
        return len(list((bench.folder / folder).glob("*/*.json")))
    try:
        wait_for(lambda: count("recordings") >= calls and count("theirs") >= calls, 30, "")
    except Exception:  # What is missing is told below.
        pass
    return count("recordings"), count("theirs")


def compare(name, said, folder):
    figures, faults = noise.compare(said, folder)
    share = 100 * figures["kept"] / max(1, figures["packets"])
    print(f"  {name}: {figures['recordings']} recordings, {figures['kept']} of"
          f" {figures['packets']} packets to the last sample ({share:.4f} %)")
    for line in faults[:10]:
        print(f"    {line}")
    return not faults


def tell_use(name, watch, calls, seconds):
    used = watch.last["cpu"] - watch.first["cpu"]
    grown = {key: (watch.most[key] - watch.first[key]) / calls for key in ("rss", "anon")}
    print(f"  {name}: {grown['rss']:.1f} KiB resident per session ({grown['anon']:.1f} of it heap),"
          f" from {watch.first['rss'] / 1024:.1f} to {watch.most['rss'] / 1024:.1f} MiB;"
          f" {used:.1f} s of CPU, {1000 * used / calls / seconds:.2f} ms per second of a session,"
          f" {1e6 * used / calls / seconds / 100:.1f} us per packet")


def outcomes(bench, folder):
    lines = bench.ctl("--json", "events", "--folder", folder).splitlines()
    kinds = [json.loads(line)["headers"]["ce_type"].split(".", 2)[2] for line in lines]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))
            if kind.startswith(("provider", "recording"))}


def run(bench, wanted):
    node, recorder = start(bench, wanted.transport, wanted.srtp)
    watches = {"node": Watch(node.process.pid), "recorder": Watch(recorder.process.pid)}
    for watch in watches.values():
        watch.start()
    load = [f"{os.getloadavg()[0]:.1f}"]
    command = [str(BUILD / "tests/siprec_load_bench"), "--node", node.ng, "--calls",
               str(wanted.calls), "--rate", str(wanted.rate), "--seconds", str(wanted.seconds)]
    made = subprocess.run([*command, "--srtp"] if wanted.srtp else command, capture_output=True,
                          text=True, check=False)
    if made.returncode != 0:
        sys.exit(made.stderr + node.log()[-2000:])
    said = {}
    heard = sent = 0
    for call, line in enumerate(made.stdout.splitlines()):
        told = json.loads(line)
        said[call] = [range(1, told["turns"] + 1)] * 2
        sent, heard = sent + sum(told["sent"]), heard + sum(told["heard"])
    settled(bench, wanted.calls)
    for watch in watches.values():
        watch.stop()
    load.append(f"{os.getloadavg()[0]:.1f}")
    print(f"  parties: {sent} packets said, {heard} heard; load average {' to '.join(load)}")
    good = compare("node's vault", said, bench.folder / "recordings")
    good = compare("recorder's vault", said, bench.folder / "theirs") and good
    for name, watch in watches.items():
        tell_use(name, watch, wanted.calls, wanted.seconds)
    for who in (node, recorder):
        who.stop()
    print(f"  node's events: {outcomes(bench, 'events')}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=12)
    parser.add_argument("--srtp", action="store_true")
    parser.add_argument("--transport", default="tcp", choices=("udp", "tcp"))
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    wanted = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    folder = tempfile.mkdtemp(prefix="callfork-bench-")
    bench = Bench(folder, BUILD / "app")
    began = time.monotonic()
    print(f"{wanted.calls} calls of {wanted.seconds} s, {wanted.rate} per second,"
          f" {wanted.transport}{', SRTP' if wanted.srtp else ''}", flush=True)
    try:
        good = run(bench, wanted)
    finally:
        bench.close()
        if not wanted.keep:
            subprocess.run(["rm", "-rf", folder], check=False)
    print(f"  {'complete' if good else 'NOT COMPLETE'}, {time.monotonic() - began:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
