"""What callforkctl shows to people."""
import json
import math
import re
import struct
import subprocess
import wave

from bench import free_ports
from cases import ROOT, case, check, wait_for


def complains(bench, words, status, *told):
    """One line on standard error that holds these words, and nothing else."""
    found, output, errors = bench.run([bench.callforkctl, *words])
    line = f"{words}: status {found}, output {output!r}, errors {errors!r}"
    check(found == status and not output and errors.count("\n") == 1, line)
    check(errors.startswith("callforkctl: ") and all(word in errors for word in told), line)


@case("callforkctl says in one line what is wrong")
def mistakes(bench):
    complains(bench, [], 2, "a command is missing: calls, recordings")
    complains(bench, ["call"], 2, "there is no command 'call'", "recordings", "--help")
    complains(bench, ["calls", "extra"], 2, "extra")
    complains(bench, ["play"], 2, "play needs the id of a recording")
    complains(bench, ["recordings", "--limit", "0"], 2, "--limit")
    complains(bench, ["--node", "nowhere", "calls"], 2, "an address with a port", "'nowhere'")
    away = f"127.0.0.1:{free_ports(1)[0]}"
    for words in (["calls"], ["recordings"], ["play", "a"]):
        complains(bench, ["--node", away, *words], 1, f"no answer from the node at {away}",
                  "is it running?")
    complains(bench, ["--node", away, "events"], 1, f"no node answers at {away}", "--folder")
    complains(bench, ["events", "--folder", "nowhere"], 1, "there is no folder nowhere")
    (bench.folder / "empty").mkdir()
    complains(bench, ["events", "--folder", "empty"], 1, "there are no events in empty")


@case("empty lists say that they are empty")
def empty(bench):
    node = bench.node()
    check(node.ctl("calls") == "no calls\n", node.ctl("calls"))
    check(node.ctl("recordings") == "no recordings\n", node.ctl("recordings"))
    check(node.ctl("events") == "no events\n", node.ctl("events"))
    check(json.loads(node.ctl("--json", "calls")) == {"calls": []}, "no JSON")
    complains(bench, ["--node", node.http, "play", "abc"], 1, "no recording begins with 'abc'")


@case("lists and events read well")
def readable(bench):
    node = bench.node("--media-delete-delay=0s")
    with open(bench.folder / "followed", "wb") as followed:
        bench.start([bench.callforkctl, "--node", node.http, "events", "--follow"],
                    stdout=followed, stderr=subprocess.DEVNULL)
    first = node.demo(1)
    check(first.wait(30) == 0, first.stderr.read())
    bench.recording("json")
    second = node.demo(6)
    wait_for(lambda: "recording" in node.ctl("calls"), 10, "no call is listed")
    heading, row = node.ctl("calls").splitlines()
    check(re.fullmatch(r"CALL +SINCE \(UTC\) +RECORDING +ID +PACKETS", heading), heading)
    check(re.fullmatch(r"demo-\d+ +\d{4}-\d\d-\d\d [\d:]{8} +recording +[0-9a-f]{8} +\d+", row), row)
    check(row.index("recording") == heading.index("RECORDING"), "columns are not below each other")
    heading, going_on, done = wait_for(lambda: is_three(node.ctl("recordings").splitlines()), 5,
                                       "not two recordings")
    check(heading.split() == ["ID", "STARTED", "(UTC)", "LENGTH", "CALL", "FILE"], heading)
    check(re.match(r"[0-9a-f]{8}  \d{4}-\d\d-\d\d [\d:]{8}  going on +demo-", going_on), going_on)
    check(re.match(r"[0-9a-f]{8}  \d{4}-\d\d-\d\d [\d:]{8}  \d\.\d s +demo-\d+ +/", done), done)
    check(node.ctl("play", done[:8], "-o", "copy.wav") == "copy.wav\n", "no copy")
    check((bench.folder / "copy.wav").stat().st_size > 8000, "an empty copy")
    complains(bench, ["--node", node.http, "play", ""], 2, "needs the id")
    check(second.wait(30) == 0, second.stderr.read())
    wait_for(lambda: bench.told("session.ended"), 5, "the call has no end")
    day, *lines = wait_for(lambda: (bench.folder / "followed").read_text().splitlines(), 5, "no events")
    check(re.fullmatch(r"\d{4}-\d\d-\d\d \(UTC\)", day), day)
    started = next(line for line in lines if "recording started" in line)
    check(re.fullmatch(r"[\d:]{8}\.\d{3}  demo-.{18}…  recording started \[[0-9a-f]{8}\]  +mode .*", started)
          or re.fullmatch(r"[\d:]{8}\.\d{3}  demo-\d{1,19} *  recording started \[[0-9a-f]{8}\]  +mode .*",
                          started), started)
    check("caller" in "".join(lines) and "callee" in "".join(lines), f"no parties: {lines}")


def is_three(lines):
    return lines if len(lines) == 3 else None


@case("every command stands on a page")
def documented(bench):
    status, output, _ = bench.run([bench.callforkctl, "help"])
    commands = re.findall(r"^  ([a-z-]+) {2,}", output, re.M)
    check(status == 0 and len(commands) >= 20, output)
    page = "".join((ROOT / f"docs/{name}.md").read_text() for name in ("operations", "callforkctl"))
    for command in commands:
        check(f"`callforkctl {command}" in page, f"{command} is not documented")


@case("callforkctl compares recordings, and its status says whether they are the same")
def compares(bench):
    speech = [int(9000 * math.sin(n * n / 90000)) | 1 for n in range(16000)]
    for name, one in (("a", speech), ("later", [0] * 80 + speech),
                      ("lossy", speech[:8000] + [0] * 160 + speech[8160:])):
        with wave.open(str(bench.folder / f"{name}.wav"), "wb") as file:
            file.setparams((2, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"".join(struct.pack("<hh", s, s) for s in one))
    status, output, _ = bench.run([bench.callforkctl, "compare", "a.wav", "later.wav"])
    check(status == 0 and output.count("same to the last sample, none missing; 10.0 ms later") == 2,
          output)
    status, output, _ = bench.run([bench.callforkctl, "compare", "a.wav", "lossy.wav"])
    check(status == 1 and "160 missing (20 ms)" in output, output)
    status, _, errors = bench.run([bench.callforkctl, "compare", "a.wav", "none.wav"])
    check(status == 1 and errors.count("\n") == 1 and "none.wav" in errors, errors)
