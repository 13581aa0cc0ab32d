"""Messages that try a SIP parser, of the classes that RFC 4475 names: what is
odd and right is taken, what is wrong is refused or dropped, the node lives."""
import json
import random
import time

from bench import free_ports
from cases import case, check, wait_for
from sbc import Line, Session, offer

SDP = offer([4000, 4002])
# Answers to what cannot be taken: a refusal, or none at all.
REFUSED = (400, 413, 414, 416, 482, 483, 493, 501, 505, 513, None)


def request(change=lambda lines: lines, method="INVITE", body=SDP, length=None):
    """A good message, line by line, and what `change` makes of it. @ID, @VIA
    and @US are filled in for each connection."""
    lines = [f"{method} sip:rec@127.0.0.1 SIP/2.0",
             "Via: SIP/2.0/@VIA @US;branch=z9hG4bK@ID;rport",
             "From: <sip:sbc@border.example>;tag=@ID", "To: <sip:rec@127.0.0.1>", "Call-ID: @ID",
             f"CSeq: 7 {method}", "Max-Forwards: 70", "Contact: <sip:sbc@@US>;+sip.src",
             "Require: siprec", "Content-Type: application/sdp"]
    if method != "INVITE":
        lines, body = lines[:8], ""
    lines = change(lines)
    if length != "":
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", body])


def instead(name, *new):
    """The header of that name becomes these lines."""
    return lambda lines: [line for old in lines for line in
                          (new if old.split(":")[0].split(" ")[0] == name else [old])]


def plus(*new):
    return lambda lines: [*lines, *new]


def start(line, method="INVITE"):
    return lambda lines: [line, *lines[1:]]


# What is right, however odd: 200.
ODD = {
    "folded and tortured headers": lambda lines: [
        lines[0], "TO :\r\n sip:rec@127.0.0.1 ;  p  = \"a \\\\\\\" ; b\"",
        "fRoM: \"A \\\"quoted\\\" \\\\ name\"\r\n\t<sip:sbc@border.example>\r\n ;\r\n tag\t= @ID",
        "MAX-forwards:  0070", "i: @ID", "cseq: 00007\r\n  INVITE",
        "v:  SIP  / 2.0\r\n /  @VIA\r\n @US;branch\r\n =z9hG4bK@ID;rport",
        "NewFangled:   newly\r\n  folded, \"value;\" ; more", "UnknownHeaderWithUnusualValue: ;;,,;;,;",
        "m: \"Quoted \\\"name\" <sip:sbc@@US;newparam=x;x=%41>;+sip.src;o=p", "Require:\r\n siprec",
        "c: application/sdp"],
    "every character that a token may have": plus("!interesting-Header.0~*_'`%+: *\x7e!$&'()-_=+;:@"),
    "escaped characters in URIs": instead(
        "From", "From: <sip:sbc%20with%3Astrange%40signs%2f@border.example;p=%7e>;tag=@ID"),
    "escaped nulls in URIs": instead("From", "From: <sip:null-%00-null@border.example>;tag=@ID"),
    "% that is no escape": instead("From", "From: \"%Zz%1 %ZE\" <sip:sbc@border.example>;tag=@ID"),
    "no blank before the address": instead("From", "From: caller<sip:sbc@border.example>;tag=@ID"),
    "long values": plus("Subject: " + "long" * 400, "X-" + "y" * 300 + ": 1",
                        "Via: SIP/2.0/UDP " + "h" * 200 + ".example;branch=z9hG4bK" + "b" * 300),
    "a user part with semicolons": instead(
        "From", "From: <sip:user;par=u%40example.net;x@border.example>;tag=@ID"),
    "strange transports": plus(*(f"Via: SIP/2.0/{name} t{name}.example;branch=z9hG4bK{name}"
                                 for name in ("SCTP", "UNKNOWN", "TLS", "UDP"))),
    "headers of other schemes": lambda lines: instead("To", "To: <isbn:2983792873>")(
        instead("From", "From: <http://www.border.example>;tag=@ID")(lines)),
    "an unknown header with UTF-8": plus("X-Name: \u00e9\u4e2d\u6587\U0001f600"),
    # Who sends a request on minds it (RFC 3261 16.3); we are where it ends.
    "Max-Forwards 0": instead("Max-Forwards", "Max-Forwards: 0"),
    "no Max-Forwards": instead("Max-Forwards"),
    "no User part, and parameters": instead("From", "From: sip:border.example;transport=udp;tag=@ID"),
    "an unknown authorization": plus("Authorization: NoOneKnowsThis opaque-data=here"),
    "an Accept without SDP": plus("Accept: text/nobodyknows"),
    "an IPv6 Contact": instead("Contact", "Contact: <sip:sbc@[2001:db8::1]:5060>;+sip.src"),
    "an unknown extension that is only supported": plus("Supported: teleport, , siprec"),
    "a zone that Date may not have": plus("Date: Fri, 01 Jan 2010 16:00:00 EST"),
}

# What is wrong: refused, or no answer.
WRONG = {
    "an overlarge CSeq": instead("CSeq", "CSeq: 36893488147419103232 INVITE"),
    "another method in CSeq": instead("CSeq", "CSeq: 7 OPTIONS"),
    "an unknown method, and another in CSeq": start("NEWMETHOD sip:rec@127.0.0.1 SIP/2.0"),
    "another version": start("INVITE sip:rec@127.0.0.1 SIP/7.0"),
    "the URI in angle brackets": start("INVITE <sip:rec@127.0.0.1> SIP/2.0"),
    "a blank in the URI": start("INVITE sip:rec@127.0.0.1; lr SIP/2.0"),
    "an unknown scheme": start("INVITE nobodyKnowsThisScheme:totallyopaque SIP/2.0"),
    "a scheme of something else": start("INVITE soap.beep://192.0.2.103:3002 SIP/2.0"),
    "no method": start("sip:rec@127.0.0.1 SIP/2.0"),
    "no From": instead("From"), "no To": instead("To"), "no Call-ID": instead("Call-ID"),
    "no CSeq": instead("CSeq"),
    "a quoted name without its end": instead("To", "To: \"Mr. Recorder <sip:rec@127.0.0.1>"),
    "a bad address": instead("From", "From: <sip:sbc@border.example:70000:1>;tag=@ID"),
    "no angle brackets end": instead("To", "To: <sip:rec@127.0.0.1"),
    "a bad Content-Length": plus("Content-Length: five"),
}
# What others forgive and we may: any answer of these, or 200.
DOUBTFUL = {
    "separators without values": instead("Contact", "Contact: \"A\" <sip:sbc@@US>;+sip.src;;,;,,"),
    "more blanks in the start line": start("INVITE  sip:rec@127.0.0.1  SIP/2.0"),
    "blanks behind the start line": start("INVITE sip:rec@127.0.0.1 SIP/2.0  "),
    "headers in the URI": start("INVITE sip:rec@127.0.0.1?Route=%3Csip:border.example%3E SIP/2.0"),
    "a bad date": plus("Date: Fri, 99 Foo 2010 16:00:00 GMT"),
    "an overlarge Max-Forwards": instead("Max-Forwards", "Max-Forwards: 300"),
    "an overlarge Expires": plus("Expires: 10000000000000000000000000000000000000000000000000000"),
    "blanks in an address": instead("From", "From: < sip:sbc@border.example >;tag=@ID"),
    "no token as a name": instead("From", "From: Bell, Alexander <sip:sbc@border.example>;tag=@ID"),
    "a null byte in a header": plus("X-Null: a\0b"),
    "a null byte in the Call-ID": instead("Call-ID", "Call-ID: @ID\0x"),
    "a branch without its end": instead("Via", "Via: SIP/2.0/@VIA @US;branch=z9hG4bK;rport"),
    "a branch of old": instead("Via", "Via: SIP/2.0/@VIA @US"),
    "no tag": instead("From", "From: <sip:sbc@border.example>"),
    "two Call-IDs": plus("Call-ID: another-@ID"), "two CSeqs": plus("CSeq: 8 INVITE"),
    "two Froms": plus("From: <sip:second@border.example>;tag=2"),
    "two Tos": plus("To: <sip:second@127.0.0.1>"), "two Max-Forwards": plus("Max-Forwards: 5"),
    "two Content-Lengths": plus("Content-Length: 8"),
    "two Content-Types": plus("Content-Type: text/plain"),
    "an endless header": plus("X-Long: " + "z" * 40_000),
    "1000 headers": plus(*(f"X-{number}: {number}" for number in range(1000))),
    "300 Vias": plus(*(f"Via: SIP/2.0/UDP h{number}.example" for number in range(300))),
    "no colon": plus("This is no header"), "an empty name": plus(": nothing"),
    "an old session timer": plus("Session-Expires: 99999999999", "Min-SE: x"),
    "a bad Session-ID": plus("Session-ID: \"\\", "Reason: SIP;cause=abc;text=\"x"),
    "a bad Contact": instead("Contact", "Contact: <sip:@;lr>;+sip.src"),
    "two Contacts": plus("Contact: <sip:other@border.example>"),
    "Contact *": instead("Contact", "Contact: *"),
    "a bad port in Via": instead("Via", "Via: SIP/2.0/@VIA 127.0.0.1:99999;branch=z9hG4bK@ID;rport"),
}
RAW = [
    b"\r\n\r\n\r\n", b"\0" * 100, b"INVITE\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"\xff\xfe\xfd" * 50 + b"\r\n\r\n",
    b"INVITE sip:a SIP/2.0\r\n" + b"A" * 3000 + b"\r\n\r\n",
    b"SIP/2.0 4294967301 better not break\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 353494 INVITE\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKb\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:c@d>;tag=2\r\nCall-ID: broadcast\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    b"SIP/2.0 100 \r\nVia: SIP/2.0/UDP 127.0.0.1\r\nCSeq: 99999999999999999999 INVITE\r\n\r\n",
]


def final(line, method, seconds):
    """The final answer to that method; any refusal if nobody knows to what."""
    while answer := line.receive(seconds):
        if answer.status is None or answer.status < 200:
            continue
        if answer.is_answer(method) or answer.status != 200:
            return answer
    return None


def exchange(kind, port, text, patience):
    """The status of the final answer, or nothing: then the node is known to
    have come further. What was accepted ends."""
    line, own = Line(kind, port), f"t{random.getrandbits(60):x}"
    filled = text.replace("@ID", own).replace("@VIA", kind.upper()).replace("@US", line.us)
    method = "OPTIONS" if text.startswith("OPTIONS") else "INVITE"
    try:
        line.send(filled.encode())
        answer = final(line, method, patience)
        if not answer and method == "INVITE":
            lives(kind, port)
            answer = final(line, method, 0.1)
        if answer and answer.status == 200 and method == "INVITE":
            finish(line, answer)
        return answer and answer.status
    except OSError:
        return None
    finally:
        line.close()


def finish(line, answer):
    """ACK and BYE of an accepted session."""
    number = int(answer.header("CSeq").split()[0])
    for method, sequence in (("ACK", number), ("BYE", number + 1)):
        line.send("\r\n".join([
            f"{method} sip:rec@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/{line.kind.upper()} {line.us};branch=z9hG4bK{random.getrandbits(60):x};rport",
            f"From: {answer.header('From', 'f')}", f"To: {answer.header('To', 't')}",
            f"Call-ID: {answer.header('Call-ID', 'i')}", f"CSeq: {sequence} {method}",
            "Max-Forwards: 70", "Content-Length: 0", "", ""]).encode())
    line.answer_to("BYE", 2)


def check_given_up(session, end):
    """A session whose ACK never came gets BYE."""
    while (left := end - time.monotonic()) > 0:
        message = session.line.receive(left)
        if message and message.start.startswith("BYE "):
            return session.answer(message)
    check(False, "a session without its ACK goes on")


def lives(kind, port):
    return exchange(kind, port, request(method="OPTIONS"), 5) == 200


@case("messages that torture a SIP parser are taken or refused, and the node lives")
def torture(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-udp=127.0.0.1:{port}", f"--siprec-tcp=127.0.0.1:{port}")
    faults, silent, end = [], Session(Line("udp", port)), time.monotonic() + 40
    silent.tell("INVITE", SDP.encode(), more=["Require: siprec"])
    for kind in ("udp", "tcp"):
        def expect(what, text, allowed, seconds=0.2):
            status = exchange(kind, port, text, seconds)
            if status not in allowed:
                faults.append(f"{kind}: {what}: {status}")
            if not lives(kind, port):
                faults.append(f"{kind}: nothing is answered after {what}")
        expect("a good message", request(), (200,), 5)
        for what, change in ODD.items():
            expect(what, request(change), (200,), 5)
        for what, change in WRONG.items():
            expect(what, request(change), REFUSED)
        for what, change in DOUBTFUL.items():
            expect(what, request(change), (200, 420, 488, 502, *REFUSED))
        expect("a negative length", request(length=-999), REFUSED)
        expect("too long a length", request(length=9999) if kind == "udp" else request(length=5),
               (488, *REFUSED))
        expect("an unknown method", request(method="FOO"), (405, 501))
        expect("a method of all characters", request(method="!interesting-Method01_*+`.%"),
               (405, 501, None))
        expect("an unknown proxy extension", request(plus("Proxy-Require: noProxiesSupportThis")),
               (200, 420))
        for raw in RAW:
            expect(str(raw[:40]), raw.decode("latin-1"), (None, 400, 505), 0.2)
    expect("a second message behind the first", request(length=len(SDP)) + request(method="OPTIONS"),
           (200,), 5)
    check(not faults, "\n".join(faults))
    check_given_up(silent, end)  # RFC 3261 13.3.1.4: after 32 s.
    wait_for(lambda: not json.loads(node.get("/calls")[1])["calls"], 10, "calls are left")
    check(node.stop() == 0, "bad end")
