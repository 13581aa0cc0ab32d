#!/usr/bin/env python3
"""Administers a server by callforkctl, as a person would, and looks at what is printed.

  commands.py --program build/dev/tests/api_answerer --callforkctl build/dev/app/callforkctl

Names each step; the last line is 'N steps, M failed'."""
import argparse
import contextlib
import csv
import io
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile

steps = []


def step(name):
    def add(function):
        steps.append((name, function))
        return function
    return add


def check(condition, why):
    if not condition:
        raise AssertionError(why)


class Person:
    """Somebody at a terminal."""

    def __init__(self, program, url, folder):
        self.program, self.url, self.folder = str(pathlib.Path(program).resolve()), url, pathlib.Path(folder)

    def run(self, *words, key="full", **how):
        variables = {**os.environ, "CALLFORK_URL": self.url, "CALLFORK_KEY": key, "NO_COLOR": "1"}
        return subprocess.run([self.program, *words], cwd=self.folder, env=variables, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False, **how)

    def does(self, *words, key="full"):
        """What is printed by something that works."""
        done = self.run(*words, key=key)
        check(done.returncode == 0, f"{words}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def fails(self, status, *words, key="full"):
        """What is said when something does not work."""
        done = self.run(*words, key=key)
        check(done.returncode == status and done.stderr.startswith("callforkctl: "),
              f"{words}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stderr

    def tells(self, *words, key="full"):
        return json.loads(self.does("--json", *words, key=key))

    def tells_failed(self, *words):
        """The JSON of something that did not work as a whole."""
        return json.loads(self.run("--json", *words).stdout)

    def at_terminal(self, answer, *words, key="full"):
        """All that is seen on a terminal where `answer` is typed."""
        ours, theirs = pty.openpty()
        variables = {**os.environ, "CALLFORK_URL": self.url, "CALLFORK_KEY": key, "NO_COLOR": "1"}
        with subprocess.Popen([self.program, *words], cwd=self.folder, env=variables, stdin=theirs,
                              stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            os.write(ours, answer.encode())
            seen = b""
            with contextlib.suppress(OSError):
                while part := os.read(ours, 65536):
                    seen += part
        os.close(ours)
        return process.returncode, seen.decode()


def line_with(text, *words):
    """The line of a table that has these words, split at its columns."""
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    check(len(found) == 1, f"{words} is not on one line of\n{text}")
    return re.split(r" {2,}", found[0].strip())


@step("people are listed, shown, made, changed and removed")
def people(person):
    heading, *rows = person.does("people", "list").splitlines()
    check(heading.split()[:3] == ["ID", "NAME", "E-MAIL"] and len(rows) == 3, rows)
    check(rows[0].index("alice@acme.example") == heading.index("E-MAIL"), "columns are not below each other")
    check(line_with(person.does("people", "show", "alice@acme.example"), "Mode") == ["Mode", "Always"], "no mode")
    made = person.does("people", "add", "--id", "dora", "--email", "Dora@acme.example", "--location", "berlin",
                       "--first-name", "Dora", "--address", "+4930123", "--address", "0123")
    check(line_with(made, "Addresses") == ["Addresses", "+4930123, 0123"], made)
    changed = person.does("people", "set", "dora", "--last-name", "Maar")
    check(line_with(changed, "Name")[1] == "Dora Maar", changed)
    check(line_with(changed, "Addresses") == ["Addresses", "+4930123, 0123"], f"addresses are lost: {changed}")
    done = person.run("people", "remove", "nobody", "dora")
    check(done.returncode == 1 and done.stdout == "removed dora\n", done)
    check(done.stderr.startswith("callforkctl: nobody: "), done.stderr)
    check(person.does("people", "list", "--email", "dora@acme.example") == "no people\n", "still there")


@step("a person's call recording is set by words and shown after it")
def recording_settings(person):
    shown = person.does("recording-settings", "set", "alice", "--mode", "on-demand", "--announce-pstn", "on",
                        "--tone-every", "45")
    check(line_with(shown, "Mode")[1] == "On Demand with User Initiated Start", shown)
    check(line_with(shown, "Announce start and stop to PSTN")[1] == "yes", shown)
    check(line_with(shown, "Seconds between tones")[1] == "45", shown)
    settings = person.tells("recording-settings", "show", "alice@acme.example")
    check(settings["repeat"]["interval"] == 45 and settings["enabled"], settings)
    policy = person.does("people", "policy", "alice")
    check(line_with(policy, "Mode")[1:] == ["On Demand with User Initiated Start", "(user)"], policy)
    told = person.fails(1, "recording-settings", "set", "alice", "--tone-every", "5")
    check("repeat.interval is not a whole number from 10 to 1800" in told, told)
    told = person.fails(2, "recording-settings", "set", "alice", "--mode", "sometimes")
    check("--mode: expected one of always, never" in told, told)
    check("nothing to change" in person.fails(2, "recording-settings", "set", "alice"), "no words")
    check(person.does("people", "plan", "alice", "paid") == "alice is on another plan\n", "no plan")


@step("organisations, locations and what they announce")
def organisations(person):
    check(line_with(person.does("organisations", "list"), "Acme")[0] == "acme", "no organisation")
    partner = {"key": "partner"}
    made = person.does("organizations", "add", "--id", "novo", "--name", "Novo", "--country", "FR", **partner)
    check(line_with(made, "Country") == ["Country", "FR"], made)
    changed = person.does("organisations", "set", "novo", "--name", "Nova", **partner)
    check(line_with(changed, "Country") == ["Country", "FR"], changed)
    check("--yes" in person.fails(2, "organisations", "remove", "novo", **partner), "not asked")
    status, seen = person.at_terminal("n\n", "organisations", "remove", "novo", **partner)
    check(status == 1 and "Is that meant?" in seen and "nothing was done" in seen, seen)
    check(person.does("organisations", "remove", "novo", "--yes", **partner) == "removed novo\n", "still there")
    shown = person.does("settings", "set", "--recording", "off", "--organisation", "acme", **partner)
    check(line_with(shown, "May record") == ["May record", "no"], shown)
    person.does("settings", "set", "--recording", "on", "--organisation", "acme", **partner)
    shown = person.does("announcements", "set", "--location", "berlin", "--inbound-pstn", "on", "--delay", "3")
    check(line_with(shown, "As the organisation")[1] == "no" and line_with(shown, "By seconds")[1] == "3", shown)
    check(line_with(person.does("announcements", "show"), "PSTN")[-1] == "no", "the organisation's changed")
    check("--location" in person.fails(2, "announcements", "set", "--as-organisation", "on"), "no need")
    shown = person.does("announcements", "set", "--location", "berlin", "--as-organisation", "on")
    check(line_with(shown, "As the organisation")[1] == "yes", shown)
    check("YES" in person.does("regions", "list").upper(), "no region")


@step("another vendor is chosen, and its job waited for")
def vendors(person):
    check("callfork" in person.does("vendor", "show"), "no vendor")
    check(person.does("terms", "accept", "dubber", "--yes").count("yes") == 1, "not accepted")
    person.does("accounts", "confirm", "dubber")
    shown = person.does("vendor", "set", "dubber", "--on-failure", "end-call", "--wait")
    check(line_with(shown, "State") == ["State", "COMPLETED"], shown)
    job = person.tells("jobs", "list")["items"][0]["id"]
    check(person.does("jobs", "wait", job) == person.does("jobs", "show", job), "not alike")
    check(person.does("jobs", "errors", job) == "no errors\n", "errors")
    check("dubber" in person.does("accounts", "list"), "no account")
    person.does("accounts", "add-administrator", "dubber", "second@acme.example")
    check("second@acme.example" in person.does("accounts", "list"), "no second administrator")
    person.does("accounts", "remove-administrator", "dubber", "second@acme.example")
    check("second@acme.example" not in person.does("accounts", "list"), "still there")
    check(person.does("accounts", "users", "dubber").count("\n") >= 1, "no users")
    check("alice" in person.does("vendor", "users"), "no users")
    person.does("vendor", "set", "callfork", "--wait")
    shown = person.does("vendor", "show-location", "paris")
    check(line_with(shown, "As the organisation")[1] == "yes", shown)


@step("providers are defined by partners")
def providers(person):
    made = person.does("providers", "add", "--id", "own", "--name", "Own", "--delivery", "siprec",
                       "--for-region", "US", "--for-region", "DE", key="partner")
    check(line_with(made, "For regions") == ["For regions", "US, DE"], made)
    made = person.does("providers", "set", "own", "--for-region", "", key="partner")
    check(line_with(made, "For regions") == ["For regions", "-"], made)
    check(person.does("providers", "remove", "own", key="partner") == "removed own\n", "still there")


@step("a live call is recorded on demand")
def calls(person):
    check(line_with(person.does("calls", "list"), "sip:bob")[0] == "c1", "no call")
    check(person.does("calls", "list", "--person", "alice@acme.example").count("\n") == 2, "no call of alice")
    check(line_with(person.does("calls", "all"), "sip:bob")[:1] == ["c1"], "not among all")
    check("PROVIDER" in (told := person.does("sinks", "list")) or "no sinks" in told, told)
    check(person.does("calls", "start") == "the recording starts\n", "not started")
    person.does("calls", "pause", "--call", "c1")
    person.does("calls", "resume")
    person.does("calls", "stop")
    check("\n" not in person.fails(1, "calls", "resume", "--call", "c9").rstrip("\n"), "more than a line")


@step("recordings are found, heard, deleted, held and given away")
def recordings(person):
    heading, *rows = person.does("recordings", "list").splitlines()
    check(len(rows) == 3 and heading.split()[0] == "ID", rows)
    done = person.run("recordings", "list", "--limit", "2")
    check(done.stdout.count("\n") == 3 and "--limit 0" in done.stderr, done)
    check(person.does("recordings", "search", "+1415").count("\n") == 4, "not found")
    check(person.does("recordings", "list", "--owner", "bob@acme.example") == "no recordings\n", "bob has some")
    check(line_with(person.does("recordings", "show", "r1"), "Audio")[1].startswith("http"), "no link")
    check("Recording" in person.does("recordings", "story", "r1"), "no story")
    person.does("recordings", "hold", "r1", "r2")
    told = person.fails(1, "recordings", "delete", "r1", "r3", "--reason", "test")
    check(told.startswith("callforkctl: r1: "), told)
    check(person.does("recordings", "list", "--status", "deleted").count("\n") == 2, "r3 is not deleted")
    person.does("recordings", "release", "r1", "r2")
    person.does("recordings", "delete-many", "r1", "r2")
    check(person.does("recordings", "restore", "r1", "r2") == "restored r1, r2\n", "not restored")
    check("--yes" in person.fails(2, "recordings", "purge", "r3"), "not asked")
    check(person.does("recordings", "purge", "r3", "--yes") == "purged r3\n", "not purged")
    person.does("recordings", "reassign", "r2", "--to", "bob@acme.example")
    check(line_with(person.does("recordings", "show", "r2"), "identifier", "bob"), "not bob's")


@step("audio comes in whole files, with progress where somebody looks")
def downloads(person):
    check(person.does("recordings", "download", "r1", "-o", "one.wav") == "one.wav\n", "no file")
    size = (person.folder / "one.wav").stat().st_size
    check(size > 0, "an empty file")
    (person.folder / "many").mkdir()
    check(person.does("recordings", "download", "r1", "r2", "--format", "mp3", "-o", "many").split()
          == ["many/r1.mp3", "many/r2.mp3"], "no files")
    told = person.fails(1, "recordings", "download", "r9", "-o", "none.wav")
    check(told.startswith("callforkctl: r9: ") and not list(person.folder.glob("none*")), told)
    check("a folder" in person.fails(2, "recordings", "download", "r1", "r2", "-o", "x.wav"), "one file for two")
    status, seen = person.at_terminal("", "recordings", "download", "r1", "-o", "one.wav")
    check(status == 0 and "MiB" in seen, seen)


@step("people go out to files and come in from them, in each format")
def bulk(person):
    before = person.tells("people", "list")
    for ending in ("csv", "yaml", "jsonl"):
        person.does("people", "export", "-o", f"all.{ending}")
        check(person.does("people", "import", f"all.{ending}") == "0 made, 3 changed, 0 failed\n", ending)
        check(person.tells("people", "list") == before, f"{ending} changed something")
    rows = list(csv.DictReader(io.StringIO(person.does("people", "export"), newline="")))
    check([row["id"] for row in rows] == ["alice", "bob", "carol"], rows)
    text = ("﻿E-Mail;First name;Last name;Location;Licence\r\n"
            "eve@acme.example;Eve;\"O;Neil\";berlin;basic\r\n"
            "x@acme.example;X;;nowhere;basic\r\n"
            "y@acme.example;Y;;berlin;best\r\n"
            "eve@acme.example;Eve;Again;berlin;basic\r\n"
            "bob@acme.example;Bob;Builder;berlin;\r\n")
    (person.folder / "new.csv").write_text(text, encoding="utf-8", newline="")
    for words, summary in ((["--dry-run"], "would make 1 and change 1, 3 wrong\n"),
                           ([], "1 made, 1 changed, 3 failed\n")):
        done = person.run("people", "import", "new.csv", *words)
        check(done.returncode == 1 and done.stdout == summary, done)
        lines = done.stderr.splitlines()
        check([line.split(":")[1] for line in lines] == ["3", "4", "5"], lines)
        check("nowhere" in lines[0] or "location" in lines[0], lines)
        check("licenseType: expected one of" in lines[1] and "line 2 has the same email" in lines[2], lines)
        check(person.does("people", "list", "--email", "eve@acme.example").count("\n") == (1 if words else 2), words)
    bob = person.tells("people", "show", "bob")
    check(bob["lastName"] == "Builder" and bob["addresses"] == ["bob@sip.example"], f"bob lost something: {bob}")
    told = person.tells_failed("people", "import", "new.csv")
    check(told["failedCount"] == 3 and told["failed"][0]["line"] == 3, told)
    person.does("people", "remove", "eve@acme.example")


@step("thousands of people come in in parts")
def many(person):
    rows = [f"p{n},p{n}@acme.example,berlin,P{n},+4989{n:05}\r\n" for n in range(2500)]
    rows[1234] = "p1234,,berlin,P,\r\n"
    (person.folder / "many.csv").write_text("id,email,locationId,firstName,addresses\r\n" + "".join(rows), newline="")
    status, seen = person.at_terminal("", "people", "import", "many.csv")
    check(status == 1 and "2499 made, 0 changed, 1 failed" in seen and " of 2500 people" in seen, seen[-500:])
    check("many.csv:1236: " in seen, seen[-500:])
    check(person.does("people", "list", "--limit", "0").count("\n") == 2503, "not all are listed")
    check(person.does("people", "export").count("\n") == 2503, "not all go out")


@step("locations go out and come in, too")
def locations(person):
    person.does("locations", "set", "berlin", "--language", "de-DE")
    check(person.does("locations", "export", "--format", "yaml").count("- id:") == 2, "not two")
    (person.folder / "places.yaml").write_text("- {id: rome, name: Roma, country: IT}\n- {id: berlin, name: Berlin}\n")
    check(person.does("locations", "import", "places.yaml") == "1 made, 1 changed, 0 failed\n", "not made")
    check(person.tells("locations", "show", "berlin")["language"] == "de-DE", "the language is lost")
    shown = person.does("locations", "set", "berlin", "--language", "")
    check(line_with(shown, "Language") == ["Language", "-"], shown)
    check(person.does("locations", "remove", "rome") == "removed rome\n", "still there")


@step("what is wrong is said well")
def mistakes(person):
    check("a people command is missing: list, show" in person.fails(2, "people"), "no commands")
    check("there is no people command 'lost'" in person.fails(2, "people", "lost"), "no commands")
    check("person is required" in person.fails(2, "people", "show"), "no argument")
    check("CALLFORK_KEY" in person.fails(1, "people", "list", key=""), "no hint")
    check("made-up" not in person.fails(1, "people", "list", key="made-up"), "the key is told")
    check("nobody has the e-mail" in person.fails(1, "people", "show", "nobody@acme.example"), "found")
    told = person.fails(1, "people", "add", "--email", "x@acme.example", "--location", "x" * 200)
    check(told.count("\n") == 2 and "\n  firstName is missing" in told, told)
    told = person.fails(1, "--url", "http://127.0.0.1:1", "people", "list")
    check("no answer from http://127.0.0.1:1" in told and "--url" in told, told)
    check("in the open" in person.fails(2, "--url", "http://10.0.0.1", "people", "list"), "open")
    (person.folder / "key").write_text("full\n")
    check(person.run("people", "list", "--key-file", "key", key="").returncode == 0, "no key from a file")
    check("no such command" in person.fails(2, "help", "nonsense"), "help of nonsense")


@step("the help tells the whole story, and of each command")
def helped(person):
    overview = person.does("help")
    for words in ("What is recorded", "  recording-settings  How a person", "  play "):
        check(words in overview, f"{words} is not in\n{overview}")
    check(max(map(len, overview.splitlines())) <= 100, "long lines")
    for group in re.findall(r"^  ([a-z-]+)  ", overview, re.M):
        check(person.does("help", group), group)
    check("always, never, always-with-pause" in person.does("help", "recording-settings", "set"), "no words")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--callforkctl", required=True)
    parser.add_argument("part", nargs="?", default="")
    options = parser.parse_args()
    failed = 0
    with contextlib.ExitStack() as ending:
        server = ending.enter_context(subprocess.Popen([options.program], stdin=subprocess.PIPE,
                                                       stdout=subprocess.PIPE, text=True))
        ending.callback(server.stdin.close)
        folder = ending.enter_context(tempfile.TemporaryDirectory())
        person = Person(options.callforkctl, "http://" + server.stdout.readline().split()[1], folder)
        for name, function in steps:
            if options.part not in name:
                continue
            try:
                function(person)
                print(f"ok {name}", flush=True)
            except (AssertionError, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as fault:
                failed += 1
                print(f"FAILED {name}\n    " + str(fault).replace("\n", "\n    "), flush=True)
    print(f"{len(steps)} steps, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
