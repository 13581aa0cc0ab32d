#!/usr/bin/env python3
"""The suites of ./test: runs those named, or all, and counts what passed.

Every failure is printed with its name and its reason; whole outputs are in
build/test-logs. The last line is 'N passed, M failed'."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[1]
LOGS = ROOT / "build/test-logs"
SHOWN = 8  # Lines of a reason at its beginning and at its end.
FUZZ_SECONDS = int(os.environ.get("CALLFORK_FUZZ_SECONDS", "20"))
RTPENGINE_TWIN = (
    "build/dev/app/callforkd --ng-udp=127.0.0.1:{{port}} --ng-tcp=127.0.0.1:{{tcp_port}}"
    " --http-listen=127.0.0.1:0 --media-interfaces=default=127.0.0.1,second=127.0.0.2,"
    "default=::1,second=::1 --media-port-lowest=40000 --media-port-highest=44999"
    " --media-delete-delay=0s --events-log=none --vault-folder={folder}"
)


class Count:
    """What passed and what did not, told as it comes."""

    def __init__(self):
        self.passed = 0
        self.failed = []

    def add(self, name, why=""):
        if not why:
            self.passed += 1
            return
        self.failed.append(name)
        lines = why.splitlines()
        if len(lines) > 2 * SHOWN:
            lines[SHOWN:-SHOWN] = [f"... {len(lines) - 2 * SHOWN} lines more"]
        print(f"FAILED {name}\n" + "".join(f"    {line[:300]}\n" for line in lines), flush=True)


count = Count()


def run(name, command, timeout, **variables):
    """Runs a command; returns its status and output, which is kept as a log."""
    log = LOGS / f"{re.sub('[^A-Za-z0-9_.-]', '-', name)}.log"
    with open(log, "w+", encoding="utf-8", errors="replace") as out:
        try:
            status = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out,
                                    stderr=subprocess.STDOUT, timeout=timeout, check=False,
                                    env={**os.environ, **variables}).returncode
        except subprocess.TimeoutExpired:
            status = f"no end after {timeout} s"
        except OSError as fault:
            status = str(fault)
    return status, log.read_text(encoding="utf-8", errors="replace")


def check(name, command, timeout):
    """One command that is one test."""
    status, output = run(name, command, timeout)
    count.add(name, "" if status == 0 else f"{output}\nstatus {status}")


def build(preset):
    """Configures and builds a preset; False (and counted) when it fails."""
    began = time.monotonic()
    for step, command in (("configure", ["cmake", "--preset", preset]),
                          ("build", ["cmake", "--build", "--preset", preset])):
        status, output = run(f"{step}-{preset}", command, 3000)
        if status != 0:
            faults = [line for line in output.splitlines()
                      if re.search(r"error|FAILED|undefined|Error", line)]
            count.add(f"{step} {preset}", "\n".join(faults[:20]) or output)
            return False
    print(f"  built {preset} in {time.monotonic() - began:.0f} s", flush=True)
    return True


def programs(preset):
    """The test programs that CMake knows of: name and command."""
    shown = subprocess.run(["ctest", "--test-dir", f"build/{preset}", "--show-only=json-v1"], cwd=ROOT,
                           capture_output=True, text=True, check=True).stdout
    return {test["name"]: test["command"] for test in json.loads(shown)["tests"]}


def catch(preset, name, command, variables):
    """A Catch2 program: each of its test cases is a test."""
    told = LOGS / f"{preset}-{name}.xml"
    told.unlink(missing_ok=True)
    status, output = run(f"{preset}-{name}", [*command, "-r", "junit", "-o", str(told)], 600,
                         **variables)
    cases = []
    with contextlib.suppress(OSError, xml.ParseError):
        cases = xml.parse(told).getroot().iter("testcase")
    seen = failed = 0
    for case in cases:
        faults = [*case.findall("failure"), *case.findall("error")]
        why = "\n".join(f"{f.get('message', '')}\n{(f.text or '').strip()}" for f in faults)
        count.add(f"{name} ({preset}): {case.get('name')}", why)
        seen, failed = seen + 1, failed + bool(faults)
    if not seen or (status != 0 and not failed):
        count.add(f"{name} ({preset})", f"{output}\nstatus {status}")


def catch_all(preset, beginning, variables=None):
    if build(preset):
        for name, command in programs(preset).items():
            if name.startswith(beginning):
                catch(preset, name, command, variables or {})


@contextlib.contextmanager
def kafka():
    """A real broker while the body runs: the variables that name it."""
    script = ROOT / "tests/kafka/kafka.sh"
    status, output = run("kafka", [script, "start", "--secure"], 600)
    found = dict(re.findall(r"^(CALLFORK_TEST_KAFKA\w*)=(.*)$", output, re.M))
    if status != 0 or not found:
        count.add("kafka starts", f"{output}\nstatus {status}")
        yield {}
        return
    try:
        yield found
    finally:
        run("kafka-stop", [script, "stop", found["CALLFORK_TEST_KAFKA_FOLDER"]], 60)


def layers():
    check("layers", ["python3", "tests/layers.py"], 60)


def features():
    check("features", ["python3", "tests/features.py"], 60)


def formatting():
    files = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp"], cwd=ROOT, capture_output=True,
                           text=True, check=True).stdout.split()
    status, output = run("format", ["clang-format-14", "--dry-run", *files], 300)
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning", output, re.M)))
    count.add("format", "\n".join(wrong) or ("" if status == 0 else output))


def unit():
    catch_all("dev", "unit_")


def component():
    if build("dev"):
        with kafka() as variables:
            catch_all("dev", "component_", variables)


def tsan():
    # Not component_bus: librdkafka makes C11 threads, which GCC 12's thread
    # sanitizer does not know.
    catch_all("tsan", "unit_", {"TSAN_OPTIONS": "halt_on_error=1"})


def fuzz_one(target):
    name = target.name
    found = LOGS / "fuzz-found" / name
    found.mkdir(parents=True, exist_ok=True)
    seeds = [ROOT / "tests/fuzz/corpus" / name.removesuffix("_fuzz")]
    command = [target, f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-verbosity=0",
               f"-artifact_prefix={found}/", found, *(s for s in seeds if s.is_dir())]
    return name, *run(name, command, FUZZ_SECONDS + 120)


def fuzz():
    if not build("fuzz"):
        return
    targets = sorted((ROOT / "build/fuzz/tests").glob("*_fuzz"))
    count.add("fuzz targets", "" if targets else "there are none")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, status, output in pool.map(fuzz_one, targets):
            count.add(f"fuzz {name}", "" if status == 0 else f"{output}\nstatus {status}")


def cases(name, timeout):
    """The cases of tests/NAME/run.py, which drive the programs from outside."""
    if not build("dev"):
        return
    with kafka() as variables:
        status, output = run(name, ["python3", f"tests/{name}/run.py", "--programs", "build/dev/app"], timeout,
                             **variables)
    for told in re.findall(r"^again .*$", output, re.M):
        print(f"  {told[:300]}", flush=True)
    passed = re.findall(r"^ok (.*)$", output, re.M)
    failed = re.findall(r"^FAILED (.*)\n((?:    .*\n)*)", output, re.M)
    for case in passed:
        count.add(f"{name} {case}")
    for case, why in failed:
        count.add(f"{name} {case}", why or "failed")
    if not failed and (status != 0 or not passed):
        count.add(name, f"{output}\nstatus {status}")


def e2e():
    cases("e2e", 2700)


def oracle():
    if not build("dev"):
        return
    folder = LOGS / "oracle-vault"
    status, output = run("oracle", ["python3", "tests/e2e/oracle/run.py", "--command",
                                    RTPENGINE_TWIN.format(folder=folder)], 600)
    told = re.search(r"^(\d+) of (\d+) cases agree", output, re.M)
    for name, why in re.findall(r"^FAILED (.*)\n((?:    .*\n)*)", output, re.M):
        count.add(f"oracle {name}", why)
    if told:
        count.passed += int(told[1])
    if not told or (status != 0 and told[1] == told[2]):
        count.add("oracle", f"{output}\nstatus {status}")


def contract():
    if not build("dev"):
        return
    status, output = run("contract", ["python3", "tests/e2e/api/contract.py", "--document", "docs/openapi.yaml",
                                      "--program", "build/dev/tests/api_answerer", "--token", "full",
                                      "--token", "partner", "--foreign", "globex"], 300)
    told = re.search(r"^\d+ requests to (\d+) operations, (\d+) faults", output, re.M)
    count.add("contract", "" if told and status == 0 else output)


def commands():
    if not build("dev"):
        return
    status, output = run("commands", ["python3", "tests/e2e/api/commands.py",
                                      "--program", "build/dev/tests/api_answerer",
                                      "--callforkctl", "build/dev/app/callforkctl"], 300)
    for name in re.findall(r"^ok (.*)$", output, re.M):
        count.add(f"commands {name}")
    failed = re.findall(r"^FAILED (.*)\n((?:    .*\n)*)", output, re.M)
    for name, why in failed:
        count.add(f"commands {name}", why)
    if not failed and (status != 0 or " steps, 0 failed" not in output):
        count.add("commands", f"{output}\nstatus {status}")


def helm():
    cases("helm", 1800)


SUITES = {"layers": layers, "features": features, "format": formatting, "unit": unit, "component": component,
          "e2e": e2e, "oracle": oracle, "contract": contract, "commands": commands,
          "helm": helm, "tsan": tsan, "fuzz": fuzz}


def main(chosen):
    if chosen == ["--list"]:
        print("\n".join(SUITES))
        return 0
    unknown = [name for name in chosen if name not in SUITES]
    if unknown:
        print(f"there is no suite {unknown[0]}; there are {', '.join(SUITES)}", file=sys.stderr)
        return 2
    LOGS.mkdir(parents=True, exist_ok=True)
    for name in chosen or SUITES:
        began, before, wrong = time.monotonic(), count.passed, len(count.failed)
        print(f"{name}...", flush=True)
        SUITES[name]()
        print(f"  {count.passed - before} passed, {len(count.failed) - wrong} failed"
              f" ({time.monotonic() - began:.0f} s)", flush=True)
    for name in count.failed:
        print(f"failed: {name}")
    print(f"{count.passed} passed, {len(count.failed)} failed")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
