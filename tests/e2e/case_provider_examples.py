"""The examples of docs/siprec are what providers really get.

CALLFORK_WRITE_EXAMPLES=1 writes them anew."""
import os
import re

from cases import ROOT, case, check
from parties import Call
from provider_calls import hold, node_for
from recorder import Recorder
from speakers import Speaker, noise

FACTS = ("caller:sip:+12025550111@example.com|callee:sip:bob@example.com|organisation:acme|"
         "location:berlin|user:bob@example.com|tracking-id:152463:1")
DIALECTS = ("rfc7865", "broadworks")


def numbered(text, pattern, form):
    """With what differs from run to run replaced by numbers, in order."""
    seen = {}
    def number(found):
        return form.format(seen.setdefault(found[0], len(seen) + 1))
    return re.sub(pattern, number, text)


def timeless(text):
    """A page without what no two runs have in common."""
    for pattern, form in ((r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "uuid-{}"),
                          (r"[A-Za-z0-9+/]{22}==", "id-{}"),
                          (r"127\.0\.0\.1:\d+", "192.0.2.{}:5060"),
                          (r"(?<=branch=)\S+", "z9hG4bK{}"), (r"(?<=;tag=)\w+", "tag-{}"),
                          (r"(?<=^Call-ID: )\S+", "session-{}"), (r"\bcall-\d+-\w+", "call-{}"),
                          (r"(?<=m=audio )\d+", "3000{}"), (r"(?<=o=callfork )\d+", "{}"),
                          (r"(?<=CSeq: )\d+", "{}")):
        text = numbered(text, re.compile(pattern, re.M), form)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "2026-01-01T00:00:00Z", text)
    text = re.sub(r"(?m)^(Content-Length|l): \d+", "Content-Length: ...", text)
    return text.replace("127.0.0.1", "192.0.2.1")


def example(session):
    """Begin, pause and end, as the recorder gets them."""
    begin, pause, *_ = session.of("INVITE")
    return timeless("\n".join(
        f"--- {what}\n\n" + message.text.replace("\r", "").strip() + "\n" for what, message in (
            ("The recording begins", begin), ("The recording pauses", pause),
            ("The recording ends", session.of("BYE")[0]))))


@case("the examples of the documentation are what providers get")
def examples(bench):
    recorders = [Recorder() for _ in DIALECTS]
    node = node_for(bench, *(f"{name} {each.uri} dialect={name} rate=8"
                             for name, each in zip(DIALECTS, recorders)))
    call = Call(node, Speaker(noise(2)), Speaker(noise(2)), offer={"metadata": FACTS})

    def meanwhile(turn):
        if turn == 50:
            call.ask("pause recording")
    hold(call, 2, meanwhile)
    for name, recorder in zip(DIALECTS, recorders):
        page = ROOT / f"docs/siprec/{name}.txt"
        found = example(recorder.ended())
        if os.environ.get("CALLFORK_WRITE_EXAMPLES"):
            page.parent.mkdir(exist_ok=True)
            page.write_text(found)
        check(page.read_text() == found, f"{page} is not what is sent, which is:\n{found}")
        recorder.close()
