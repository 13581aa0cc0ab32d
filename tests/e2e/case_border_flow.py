"""What recording clients do within a session: changes in any order, pauses, a
change of mind, silence; by UDP, TCP and TLS with certificates on both sides."""
import json
import ssl
import subprocess

from audio import channels, level
from bench import free_ports
from cases import case, check, wait_for
from case_siprec import certificate
from sbc import (Line, Pace, Session, Speech, Voice, check_answer, compare, offer, speak,
                 with_metadata)

PARTIES = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>{mode}</datamode>
<session session_id="hVpd7YQgRW2nD22h7q60JQ=="/>
<participant participant_id="QWxpY2U0ZjJhOTRhZDliNA=="><nameID aor="sip:a@border.example"/></participant>
<participant participant_id="Qm9iYm80ZjJhOTRhZDliNA=="><nameID aor="sip:b@border.example"/></participant>
<stream stream_id="U3RybUE0ZjJhOTRhZDliNA==" session_id="hVpd7YQgRW2nD22h7q60JQ=="/>
<stream stream_id="U3RybUI0ZjJhOTRhZDliNA==" session_id="hVpd7YQgRW2nD22h7q60JQ=="/>
<participantstreamassoc participant_id="QWxpY2U0ZjJhOTRhZDliNA==">
<send>U3RybUE0ZjJhOTRhZDliNA==</send></participantstreamassoc>
<participantstreamassoc participant_id="Qm9iYm80ZjJhOTRhZDliNA==">
<send>U3RybUI0ZjJhOTRhZDliNA==</send></participantstreamassoc>
</recording>"""
METADATA = "application/rs-metadata+xml"
DISPOSITION = ["Content-Disposition: recording-session"]


class Client:
    """A session with two parties who speak."""

    def __init__(self, bench, line, seconds=3.0):
        self.session, self.version = Session(line), 0
        speeches = Speech(bench, "demo-congrats"), Speech(bench, "demo-instruct")
        self.said = [each.part(2, seconds) for each in speeches]
        self.voices = [Voice(coded) for coded, _ in self.said]

    def sdp(self, direction):
        self.version += 1
        return offer([voice.port for voice in self.voices], direction, version=self.version)

    def change(self, method, direction, metadata=""):
        """An offer; the answer must fit."""
        sdp = self.sdp(direction)
        body, kind = with_metadata(sdp, metadata) if metadata else (sdp.encode(), "application/sdp")
        answer = self.session.ask(method, body, kind)
        check(answer.status == 200, f"{method} {direction}: {answer.start}")
        ports = check_answer(sdp, answer.text(), ["recvonly" if direction == "sendonly" else "inactive"])
        for voice, port in zip(self.voices, ports):
            voice.to = port
        return answer

    def check_heard(self, wav, pieces):
        """The pieces (begin and length in seconds) of what was said are in the
        recording, one after the other."""
        _, heard = channels(wav)
        for (_, samples), channel in zip(self.said, heard):
            for begin, seconds in pieces:
                piece = samples[round(begin * 8000):round((begin + seconds) * 8000)]
                like, louder, _ = compare(channel, piece)
                least, most = Pace.wanted()
                check(like > least and abs(louder) < most,
                      f"{wav}: second {begin} is not heard: {like:.3f} {louder:+.1f} dB")

    def close(self):
        for each in self.voices:
            each.close()
        self.session.line.close()


@case("a recording client begins inactive and changes by re-INVITE and UPDATE in any order")
def any_order(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-tcp=127.0.0.1:{port}")
    client = Client(bench, Line("tcp", port))
    client.change("INVITE", "inactive", PARTIES.format(mode="complete"))
    partial = PARTIES.format(mode="partial").encode()
    check(client.session.ask("UPDATE", partial, METADATA, DISPOSITION).status == 200, "UPDATE")
    client.change("INVITE", "sendonly")
    speak(client.voices, 1)
    client.change("UPDATE", "inactive", PARTIES.format(mode="partial"))
    check(client.session.ask("INVITE", partial, METADATA, DISPOSITION).status < 500, "re-INVITE")
    client.change("UPDATE", "sendonly")
    speak(client.voices, 1)
    client.change("INVITE", "sendonly", PARTIES.format(mode="complete"))
    speak(client.voices, 0.5)
    client.session.end()
    client.check_heard(bench.recording(), [(0, 1), (1, 1), (2, 0.5)])
    client.close()
    check(node.stop() == 0, "bad end")


@case("a recording client that changes its mind, or repeats itself, leaves nothing")
def second_thoughts(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-udp=127.0.0.1:{port}")
    body = offer([4000, 4002]).encode()
    for late in (False, True):
        session = Session(Line("udp", port))
        branch = session.tell("INVITE", body, more=["Require: siprec"])
        answer = session.line.answer_to("INVITE") if late else None
        lines = session.head("CANCEL", session.number, branch)
        session.line.send("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())
        check(answer or (answer := session.line.answer_to("INVITE")), "no answer to INVITE")
        if answer.status == 200:
            session.to = ";tag=" + answer.header("To").rpartition("tag=")[2]
            session.tell("ACK")
            session.number += 1
            session.end()
        else:
            check(answer.status == 487, f"{answer.start} after CANCEL")
        session.line.close()
    calls = lambda: json.loads(node.get("/calls")[1])["calls"]
    wait_for(lambda: not calls(), 5, f"calls are left: {calls()}")
    again = Session(Line("udp", port))
    again.tell("INVITE", body, more=["Require: siprec"])
    check(again.line.answer_to("INVITE").status == 200, "no answer")
    check(again.line.answer_to("INVITE", 3), "a 200 without ACK is not repeated")
    check(len(calls()) == 1, f"{len(calls())} calls")
    check(node.stop() == 0, "bad end")


def as_client(folder, name, authority):
    """Key and certificate of a client, as a TLS context."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    signed = ["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial"]
    openssl("x509", "-req", "-in", f"{name}.csr", *(signed if authority else ["-signkey", f"{name}.key"]),
            "-out", f"{name}.pem", "-days", "2")
    made = trusting(folder)
    made.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return made


def trusting(folder):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.load_verify_locations(folder / "ca.pem")
    return made


def is_let_in(port, context):
    """Whether OPTIONS is answered on such a connection."""
    try:
        line = Line("tls", port, context)
    except (ssl.SSLError, OSError):
        return False
    try:
        return Session(line).ask("OPTIONS", seconds=2.0).status == 200
    except Exception:  # However the connection ends.
        return False
    finally:
        line.close()


@case("recording clients show certificates: without a good one nobody is let in")
def mutual_tls(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-tls=127.0.0.1:{port}", *certificate(bench.folder),
                      "--siprec-client-certificates=true")
    good = as_client(bench.folder, "border.example", "ca")
    client = Client(bench, Line("tls", port, good), 1.5)
    client.change("INVITE", "sendonly", PARTIES.format(mode="complete"))
    speak(client.voices, 0.5)
    check(not is_let_in(port, trusting(bench.folder)), "let in without a certificate")
    check(not is_let_in(port, as_client(bench.folder, "stranger", "")), "a stranger is let in")
    check(is_let_in(port, good), "the good one is not let in")
    client.change("UPDATE", "sendonly")
    speak(client.voices, 1)
    client.session.end()
    client.check_heard(bench.recording(), [(0, 0.5), (0.5, 1)])
    client.close()
    check(node.stop() == 0, "bad end")


@case("a recording client that is gone without BYE is asked, and its session ends")
def gone(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-tcp=127.0.0.1:{port}", "--siprec-silent-timeout=5s")
    clients = [Client(bench, Line("tcp", port), 0.5) for _ in range(2)]
    for each in clients:
        each.change("INVITE", "sendonly", PARTIES.format(mode="complete"))
    speak([voice for each in clients for voice in each.voices], 0.5)
    for each, status in zip(clients, ("200 OK", "481 Call Does Not Exist")):
        asked = each.session.line.receive(12)
        check(asked and asked.start.startswith("UPDATE"), f"asked by {asked and asked.start}")
        each.session.answer(asked, status)
    wait_for(lambda: bench.told("session.ended"), 5, "the session does not end")
    left = [call["call"] for call in json.loads(node.get("/calls")[1])["calls"]]
    check(left == [f"siprec/{clients[0].session.call_id}"], f"who answers does not live on: {left}")
    clients[0].session.end()
    reasons = [e["value"]["reason"] for e in bench.events()
               if e["headers"]["ce_type"] == "io.callfork.session.ended.v1"]
    check(reasons[0] == "client-gone", f"ended by {reasons}")
    for each in clients:
        each.close()
    check(node.stop() == 0, "bad end")
