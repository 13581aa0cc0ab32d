#!/usr/bin/env python3
"""Measures callfork beside Debian's rtpengine and a bare UDP relay, in turn.

usage: tests/bench/compare.py [--calls 100,500] [--seconds 10] [--rounds 1]

Needs the `bench` preset built (cmake --preset bench && ninja -C build/bench)
and Debian's rtpengine-daemon. Everything runs on loopback, one media thread
each, and is stopped by process id. Prints a table, ratios last.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"
LOAD = BUILD / "tests" / "load_bench"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_ng(port, process):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        for _ in range(50):
            probe.sendto(b"1 d7:command4:pinge", ("127.0.0.1", port))
            try:
                if b"pong" in probe.recv(2048):
                    return
            except (socket.timeout, ConnectionError):
                time.sleep(0.1)
            if process.poll() is not None:
                sys.exit(f"compare: {process.args[0]} ended at once")
    sys.exit(f"compare: {process.args[0]} does not answer")


class Server:
    """A process under test; stopped by its id when the block ends."""

    def __init__(self, command, log, ng_port=None):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)
        self.ng_port = ng_port

    def __enter__(self):
        if self.ng_port:
            wait_for_ng(self.ng_port, self.process)
        else:
            time.sleep(1)
        return self.process.pid

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def bare(folder, calls):
    return Server([str(BUILD / "tests" / "bare_relay_bench"), "20000", str(calls)],
                  folder / "bare.log")


def rtpengine(folder, port):
    return Server(["rtpengine", "--config-file=none", "--table=-1", "--interface=127.0.0.1",
                   f"--listen-ng=127.0.0.1:{port}", "--foreground", "--log-stderr",
                   "--log-level=3", "--port-min=30000", "--port-max=60000",
                   "--num-threads=1", f"--pidfile={folder}/rtpengine.pid"],
                  folder / "rtpengine.log", port)


def callfork(folder, port):
    return Server([str(BUILD / "app" / "callforkd"), f"--ng-udp=127.0.0.1:{port}",
                   f"--ng-tcp=127.0.0.1:{port}", "--node-shards=1",
                   "--media-port-lowest=30000", "--media-port-highest=60000",
                   f"--vault-folder={folder}/recordings",
                   f"--events-folder={folder}/events",
                   f"--events-outbox={folder}/outbox",
                   f"--admin-folder={folder}/config",
                   f"--http-listen=127.0.0.1:{free_port()}"],
                  folder / "callfork.log", port)


def load(pid, calls, seconds, *extra):
    command = [str(LOAD), "--pid", str(pid), "--calls", str(calls),
               "--seconds", str(seconds), *extra]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(f"  failed: {result.stderr.strip()}")
        return None
    return json.loads(result.stdout)


def scenarios(port):
    node = ["--node", f"127.0.0.1:{port}"]
    return [
        ("bare relay", "bare", ["--bare", "20000"]),
        ("rtpengine, plain relay", "rtpengine", node),
        ("callfork, plain relay", "callfork", node),
        ("rtpengine, SRTP + 1 subscription", "rtpengine", [*node, "--srtp", "--subscribe"]),
        ("callfork, SRTP + 1 subscription", "callfork", [*node, "--srtp", "--subscribe"]),
        ("callfork, SRTP + recording to the vault", "callfork", [*node, "--srtp", "--record"]),
    ]


def run(name, kind, extra, port, calls, seconds):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="callfork-bench-"))
    server = {"bare": lambda: bare(folder, calls),
              "rtpengine": lambda: rtpengine(folder, port),
              "callfork": lambda: callfork(folder, port)}[kind]()
    try:
        with server as pid:
            figures = load(pid, calls, seconds, *extra)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if figures:
        print(f"  {name:42} {figures['cpu_us_per_packet']:7.2f} us/packet  "
              f"p50 {figures['p50_us']:5.0f}  p99 {figures['p99_us']:6.0f}  "
              f"p99.9 {figures['p999_us']:6.0f} us  lost {figures['lost']}  "
              f"{figures['kib_per_call']:5.1f} KiB/call  "
              f"{figures['setup_per_s']:6.0f} calls/s", flush=True)
    return figures


def ratio(results, above, below):
    if results.get(above) and results.get(below):
        share = results[above]["cpu_us_per_packet"] / results[below]["cpu_us_per_packet"]
        print(f"  {above} / {below}: {share:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", default="100,500")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    wanted = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.chdir(ROOT)
    for calls in map(int, wanted.calls.split(",")):
        for number in range(wanted.rounds):
            print(f"{calls} calls, round {number + 1}", flush=True)
            port = free_port()
            results = {name: run(name, kind, extra, port, calls, wanted.seconds)
                       for name, kind, extra in scenarios(port)}
            ratio(results, "callfork, plain relay", "bare relay")
            ratio(results, "rtpengine, plain relay", "bare relay")
            ratio(results, "callfork, SRTP + 1 subscription", "rtpengine, SRTP + 1 subscription")
            ratio(results, "callfork, SRTP + recording to the vault",
                  "rtpengine, SRTP + 1 subscription")


if __name__ == "__main__":
    main()
