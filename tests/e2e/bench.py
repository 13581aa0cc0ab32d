"""What a case works with: a fresh folder, nodes, and what they leave behind."""
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress

from cases import ROOT, Failed, check, wait_for


def memory(node):
    """Resident memory in MiB."""
    pages = pathlib.Path(f"/proc/{node.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def free_ports(count):
    """Ports of 127.0.0.1 that are free for UDP and TCP, and below those that the
    kernel gives to whoever asks for any: they stay free."""
    found = []
    for port in random.sample(range(16000, 28000), 1000):
        with (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
              socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
              suppress(OSError)):
            udp.bind(("127.0.0.1", port))
            tcp.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise Failed("no port is free")


class Node:
    """A running callforkd. Its files are below `folder`."""

    def __init__(self, bench, flags, variables):
        self.bench = bench
        self.folder = bench.folder
        self.log_path = bench.folder / f"node-{len(bench.processes)}.log"
        with open(self.log_path, "wb") as log:
            self.process = bench.start([bench.callforkd, *flags], stdout=log, stderr=log,
                                       variables=variables)
        line = wait_for(self.started_line, 20, "the node did not start")
        self.ng = re.search(r"ng_udp\W+([\d.:]+)", line)[1]
        self.ng_tcp = re.search(r"ng_tcp\W+([\d.:]+)", line)[1]
        self.http = re.search(r"http\W+([\d.:]+)", line)[1]

    def log(self):
        return self.log_path.read_text(errors="replace")

    def started_line(self):
        check(self.process.poll() is None, f"the node ended at its start:\n{self.log()}")
        found = re.search(r".*node started.*", self.log())
        return found and found[0]

    def get(self, path):
        """Status and body of a GET by HTTP."""
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def metrics(self):
        """All values of /metrics by their names with labels."""
        lines = self.get("/metrics")[1].splitlines()
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

    def outcome(self, nouns, outcome):
        """How many `calls` or `recordings` had that outcome."""
        labels = f'region="local",node="e2e",outcome="{outcome}"'
        return self.metrics()[f"callfork_{nouns}_total{{{labels}}}"]

    def dropped(self, reason):
        return self.metrics()[f'callfork_rtp_dropped_packets_total{{reason="{reason}"}}']

    def stop(self, within=20):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"no end {within} s after SIGTERM:\n{self.log()}") from None

    def kill(self):
        """SIGKILL: the node has no time to tidy up."""
        self.process.kill()
        self.process.wait()

    def ctl(self, *words):
        """What callforkctl prints about this node."""
        return self.bench.ctl("--node", self.http, *words)

    def demo(self, seconds, *words):
        """Starts a call of two phones through the node."""
        return self.bench.start([self.bench.callforkctl, "--json", "demo", "--ng", self.ng,
                                 "--seconds", str(seconds), *words],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Bench:
    """The workplace of one case; everything it started ends with it."""

    def __init__(self, folder, programs):
        self.folder = pathlib.Path(folder)
        self.callforkd = str(programs / "callforkd")
        self.callforkctl = str(programs / "callforkctl")
        self.kafka = os.environ.get("CALLFORK_TEST_KAFKA")
        self.processes = []

    def start(self, command, variables=None, **how):
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **(variables or {})}, start_new_session=True, **how)
        self.processes.append(process)
        return process

    def run(self, command, timeout=30, variables=None):
        """Runs a program to its end: status, standard output, standard error."""
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=timeout, check=False, errors="replace",
                              env={**os.environ, **(variables or {})})
        return done.returncode, done.stdout, done.stderr

    def node(self, *flags, variables=None):
        """A node on free ports with its data in this case's folder."""
        usual = ["--node-name=e2e", "--ng-udp=127.0.0.1:0", "--ng-tcp=127.0.0.1:0",
                 "--http-listen=127.0.0.1:0", "--vault-folder=recordings",
                 "--events-folder=events", "--events-outbox=outbox"]
        theirs = next((flag.split("=", 1)[1] for flag in flags
                       if flag.startswith("--events-folder=")), "")
        usual.append(f"--admin-folder={theirs + '-' if theirs else ''}config")
        said = {flag.split("=")[0] for flag in flags}
        return Node(self, [*(flag for flag in usual if flag.split("=")[0] not in said), *flags],
                    variables)

    def ctl(self, *words):
        status, output, errors = self.run([self.callforkctl, *words])
        check(status == 0, f"callforkctl {' '.join(words)}: status {status}: {errors}")
        return output

    def events(self, *words):
        """The events in the log of files, oldest first; all valid."""
        text = self.ctl("--json", "events", *(words or ("--folder", "events")))
        self.validate(text)
        return [json.loads(line) for line in text.splitlines()]

    def told(self, kind):
        """True when the log of files has such an event by now."""
        _, text, _ = self.run([self.callforkctl, "--json", "events", "--folder", "events"])
        return kind in kinds([json.loads(line) for line in text.splitlines()])

    def validate(self, lines):
        """Checks events, one JSON object a line, against the schemas."""
        path = self.folder / "events.jsonl"
        path.write_text(lines)
        status, output, errors = self.run(
            [sys.executable, str(ROOT / "tests/e2e/validate_events.py"), str(path)])
        check(status == 0, f"events are not valid:\n{output}{errors}")

    def recordings(self, count):
        """So many finished recordings, by their calls."""
        def finished():
            found = [json.loads(path.read_text()) for path in self.folder.glob("recordings/*/*.json")]
            return {each["call"]: next(self.folder.glob(f"recordings/*/{each['file']}"))
                    for each in found}
        return wait_for(lambda: len(found := finished()) == count and found, 15,
                        f"not {count} recordings")

    def recording(self, state="json", seconds=10):
        """The WAV of the only recording, once it is finished (or `open`)."""
        found = wait_for(lambda: list(self.folder.glob(f"recordings/*/*.{state}")), seconds,
                         f"no recording that is {state}")
        check(len(found) == 1, f"more than one recording: {found}")
        return found[0].with_suffix(".wav")

    def close(self):
        for process in self.processes:
            with suppress(ProcessLookupError):  # With all that it started itself.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()


def kinds(events):
    """The types of events without what all have in common."""
    return [event["headers"]["ce_type"].removeprefix("io.callfork.").removesuffix(".v1")
            for event in events]
