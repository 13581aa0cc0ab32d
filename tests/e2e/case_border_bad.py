"""Bad recording sessions: each gets its answer and one line in the log, and
those beside it lose nothing."""
import json
import threading
import time

from bench import free_ports, memory
from cases import case, check, wait_for
from case_border_flow import DISPOSITION, METADATA, PARTIES, Client
from parties import Call, Party, talk
from sbc import Line, Session, multipart, offer, with_metadata

SDP = offer([4000, 4002])
PART = ("application/sdp", [], SDP)
HEAD = '<?xml version="1.0"?>\n'
NAMED = '<recording xmlns="urn:ietf:params:xml:ns:recording:1">'
WHOLE = PARTIES.format(mode="complete")


def people(count):
    return NAMED + "".join(f'<participant participant_id="p{n}"/>' for n in range(count)) + "</recording>"


def metadata(text):
    return with_metadata(SDP, text)


def plain(text, kind="application/sdp"):
    return text.encode(), kind


BOMB = ('<!DOCTYPE recording [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        + NAMED + "<session session_id='s'><sipSessionID>&b;</sipSessionID></session></recording>")
FOREIGN = f'<!DOCTYPE recording SYSTEM "file:///etc/passwd">{NAMED}</recording>'
GOOD, KIND = metadata(WHOLE)

# What it is, the body and its type, the status, more headers.
BAD = [
    ("malformed XML", *metadata(WHOLE.replace("</session>", "").replace("/>", ">", 1)), 400),
    ("XML cut off", *metadata(WHOLE[:400]), 400),
    ("no XML", *metadata("{}"), 400),
    ("no recording", *metadata(HEAD + "<html/>"), 400),
    ("a document type", *metadata(FOREIGN), 400),
    ("entities", *metadata(BOMB), 400),
    ("a document type in UTF-16", *multipart(PART, (METADATA, DISPOSITION, "@")), 400),
    ("XML of great depth", *metadata(NAMED + "<a>" * 5000 + "</a>" * 5000 + "</recording>"), 413),
    ("1000 participants", *metadata(people(1000)), 413),
    ("100 KB of metadata", *metadata(WHOLE.replace("sip:a@", "sip:" + "a" * 100_000 + "@")), 413),
    ("two things with one identifier", *metadata(WHOLE.replace("Qm9iYm8", "QWxpY2U")), 400),
    ("a wrong boundary", GOOD, KIND.replace("border", "other"), 400),
    ("a body without its end", GOOD[:-12], KIND, 400),
    ("a body without parts", b"nothing\r\n", KIND, 400),
    ("100 parts", *multipart(*[PART] * 100), 413),
    ("a part with endless headers", *multipart(("application/sdp", ["X: " + "y" * 9000], SDP)), 413),
    ("an unknown body", *plain("hello", "text/plain"), 415),
    ("an unknown extension", GOOD, KIND, 420, ["Require: siprec, teleport"]),
    ("a session timer that is too short", GOOD, KIND, 422,
     ["Require: siprec", "Supported: timer", "Session-Expires: 89"]),
    ("no description", *plain(WHOLE, METADATA), 488),
    ("no body", b"", "", 488),
    ("no audio", *plain(SDP.replace("audio", "video")), 488),
    ("no known codec", *plain(offer([4000], formats="97").replace("a=rtpmap:101", "a=rtpmap:97")), 488),
    ("keys by DTLS alone", *plain(SDP.replace("RTP/AVP", "UDP/TLS/RTP/SAVP")), 488),
    ("SRTP without keys", *plain(SDP.replace("RTP/AVP", "RTP/SAVP")), 488),
    ("a description that is none", *plain("v=0\r\nnonsense\r\n"), 400),
    ("17 streams", *plain(offer(range(4000, 4034, 2), labels=range(17))), 400),
    ("a call that is no recording", SDP.encode(), "application/sdp", 488, ["Require: timer"], ""),
]


def utf16(body):
    """The last part's text is replaced by a document in UTF-16."""
    return body.replace(b"\r\n@\r\n", b"\r\n" + (HEAD + FOREIGN).encode("utf-16") + b"\r\n")


def ask_badly(port, faults):
    """Each bad session in turn, on a connection of its own."""
    for number, (what, body, kind, status, *more) in enumerate(BAD):
        line = Line("tcp" if number % 2 or len(body) > 50_000 else "udp", port)
        session = Session(line, f"bad-{number}", more[1] if len(more) > 1 else ";+sip.src")
        answer = session.ask("INVITE", utf16(body), kind, more[0] if more else ())
        if answer.status != status:
            faults.append(f"{what}: {answer.start}, not {status}")
        if status == 415 and not answer.header("Accept"):
            faults.append(f"{what}: no Accept")
        if status == 420 and answer.header("Unsupported") != "teleport":
            faults.append(f"{what}: Unsupported: {answer.header('Unsupported')}")
        if status == 422 and answer.header("Min-SE") != "90":
            faults.append(f"{what}: Min-SE: {answer.header('Min-SE')}")
        line.close()


def unlogged(node):
    """What has not its one line in the log."""
    return [what for number, (what, _, _, status, *_) in enumerate(BAD)
            if not any(f'recording session refused call="bad-{number}"' in line and f"status={status} " in line
                       for line in node.log().splitlines())
            or node.log().count(f'call="bad-{number}"') != 1]


def ask_hugely(port, faults):
    """10 MB by TCP: refused, however the connection ends."""
    line = Line("tcp", port)
    session = Session(line)
    try:
        session.tell("INVITE", b"x" * 10_000_000, "application/sdp", ["Require: siprec"])
    except OSError:
        pass  # The node need not read all of it.
    answer = line.answer_to("INVITE", 10)
    if answer and answer.status not in (413, 513):
        faults.append(f"10 MB: {answer.start}")
    line.close()


def ask_slowly(node, port, faults):
    """10 MB by TCP, little by little: refused at once, not read, and when the
    client goes on nevertheless its connection is closed."""
    line, before, answer, sent = Line("tcp", port), memory(node), None, 0
    head = Session(line, "slow").head("INVITE", 1, "slow")
    line.send("\r\n".join([*head, "Require: siprec", "Content-Type: application/sdp",
                           "Content-Length: 10000000", "", "x"]).encode())
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            line.socket.settimeout(0.1)
            sent += line.socket.send(b"x" * 20_000)
        except TimeoutError:
            pass  # Nobody reads it.
        except OSError:
            break
        answer = answer or line.receive(0.02)
    else:
        faults.append("10 MB slowly: the connection stays")
    if not answer or answer.status != 413:
        faults.append(f"10 MB slowly: {answer and answer.start}")
    if sent > 8_000_000 or memory(node) > before + 30:
        faults.append(f"10 MB slowly: {sent} bytes taken, {memory(node) - before:.0f} MiB more")
    line.close()


def ask_oddly(port, faults):
    """A label used twice: the order says which stream is whose."""
    line = Line("tcp", port)
    session = Session(line, "odd", ";+sip.src")
    answer = session.ask("INVITE", *plain(offer([4000, 4002], labels=(1, 1))))
    if answer.status != 200:
        faults.append(f"re-used labels: {answer.start}")
    session.end()
    line.close()


@case("bad recording sessions get their answers, and those beside them lose nothing")
def bad_sessions(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-udp=127.0.0.1:{port}", f"--siprec-tcp=127.0.0.1:{port}")
    client = Client(bench, Line("tcp", port), 8)
    client.change("INVITE", "sendonly", WHOLE)
    call, faults = Call(node, Party(400), Party(650)), []

    def misbehave():
        try:
            ask_badly(port, faults)
            ask_hugely(port, faults)
            ask_oddly(port, faults)
        except Exception as fault:  # It must reach the case.
            faults.append(repr(fault))

    slowly = threading.Thread(target=ask_slowly, args=(node, port, faults))
    badly = threading.Thread(target=misbehave)
    slowly.start()
    badly.start()
    seconds = 0
    while ((badly.is_alive() or slowly.is_alive()) and seconds < 60) or seconds < 4:
        talk([call], 1, lambda _: [voice.say() for voice in client.voices])
        seconds += 1
    badly.join()
    slowly.join()
    said = min(voice.at for voice in client.voices) / 8000
    client.session.end()
    check(not faults, "\n".join(faults))
    wait_for(lambda: not unlogged(node), 3, f"not one line in the log: {unlogged(node)}")
    check(node.log().count("repeats a label") == 1, "re-used labels are not told once")
    call.check_untouched("beside bad sessions")
    call.end()
    call.close()
    wait_for(lambda: not json.loads(node.get("/calls")[1])["calls"], 10, "calls are left")
    kept = bench.recordings(2)  # The client's, and that of the odd session.
    client.check_heard(kept[f"siprec/{client.session.call_id}"], [(0, min(said, 7.5))])
    client.close()
    check(node.stop() == 0, "bad end")
