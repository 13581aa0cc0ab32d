"""Calls that are recorded by recorders of the test, and what is said of the
recordings."""
import json
import math
from collections import Counter
from contextlib import suppress
from operator import mul

from audio import level
from bench import free_ports, kinds
from cases import ROOT, Failed, check, wait_for
from parties import Call, settle, talk
from speakers import Speaker, noise


def node_for(bench, *providers, flags=()):
    """A node that records every call for these providers; each is the text of
    an option. Everything is over soon after a call."""
    udp, tcp = free_ports(2)
    return bench.node("--recording-mode=always-with-pause-resume", "--vault-folder=", "--media-delete-delay=0s",
                      f"--siprec-udp=127.0.0.1:{udp}", f"--siprec-tcp=127.0.0.1:{tcp}",
                      f"--siprec-providers={','.join(providers)}", *flags)


def noisy_call(node, seconds):
    """A call in which every sample is known."""
    return Call(node, Speaker(noise(seconds)), Speaker(noise(seconds)))


def said(call):
    """What each party said from the first packet on, before it was said."""
    return [b"".join(party.frames) for party in call.parties()]


def hold(call, seconds, meanwhile=None):
    """Talks, hangs up, and checks that the parties heard each other."""
    talk([call], seconds, meanwhile)
    call.check_untouched("recorded by providers")
    call.end()


def check_documents(bench, session, dialect="rfc7865"):
    """All metadata of a session follows the schema of RFC 7865."""
    documents = session.documents()
    check(documents, "no metadata")
    for number, text in enumerate(documents if dialect == "rfc7865" else []):
        path = bench.folder / f"metadata-{number}.xml"
        path.write_text(text)
        status, _, errors = bench.run(["xmllint", "--noout", "--nonet", "--schema",
                                       str(ROOT / "tests/schemas/rfc7865.xsd"), str(path)])
        check(status == 0, f"{errors}\n{text}")
    return documents


def deliveries(events, provider):
    """What they tell of a provider, in order: kind and data."""
    return [(kind.removeprefix("provider.delivery."), event["value"])
            for event, kind in zip(events, kinds(events))
            if kind.startswith("provider.delivery.") and event["value"]["provider"] == provider]


def check_told(bench, **wanted):
    """The events tell exactly these kinds of a provider's deliveries, in this
    order. Returns all events."""
    def over():
        log = b"".join(path.read_bytes() for path in bench.folder.glob("events/**/*") if path.is_file())
        return all(log.count(f"provider.delivery.{kind}.v1.json".encode()) >= count
                   for kind, count in Counter(" ".join(wanted.values()).split()).items())
    with suppress(Failed):  # What is missing is told below.
        wait_for(over, 10, "no end of the deliveries")
    events = bench.events()
    for name, kinds_wanted in wanted.items():
        found = deliveries(events, name)
        check([kind for kind, _ in found] == kinds_wanted.split(),
              f"{name}: {json.dumps(found, indent=1)}")
    return events


def decibels(samples):
    return 20 * math.log10(max(level(samples), 1e-9))


def correlation(one, other):
    """-1 to 1, of the length that both have."""
    length = min(len(one), len(other))
    one, other = one[:length], other[:length]
    energy = math.sqrt(sum(map(mul, one, one)) * sum(map(mul, other, other)))
    return sum(map(mul, one, other)) / energy if energy else 0.0


def aligned(source, heard, most=800):
    """By how many samples `heard` is later, and how much it is like the source
    from there on."""
    at = max(range(most, len(source) - 2 * most, 400), key=lambda n: level(source[n:n + 400]))
    part = source[at:at + 400]
    later = max(range(-most, most), key=lambda n: correlation(part, heard[at + n:at + n + 400]))
    return later, correlation(source[max(0, -later):], heard[max(0, later):])
