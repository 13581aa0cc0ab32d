"""Recordings by SIPREC: one node is the recording client, another the server."""
import json
import re
import socket
import ssl
import subprocess

from audio import channels, level
from bench import free_ports
from cases import case, check, wait_for


def certificate(folder):
    """A certificate of an authority of its own, for 127.0.0.1."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=callfork test", "-days", "2")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=127.0.0.1")
    openssl("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "node.pem", "-days", "2")
    return [f"--siprec-certificate={folder}/node.pem", f"--siprec-key={folder}/node.key",
            f"--siprec-authorities={folder}/ca.pem"]


def best_shift(one, other, most):
    """By how many samples `other` is later, by the smallest difference."""
    at = len(one) // 3
    part = one[at:at + 4000]
    def difference(shift):
        there = other[at + shift:at + shift + len(part)]
        return sum(abs(a - b) for a, b in zip(part, there)) + (len(part) - len(there))
    coarse = min(range(-most, most), key=difference)
    return coarse, difference(coarse) / len(part)


def check_same(ours, theirs):
    """Both recordings hold the same speech, and the parties stay aligned."""
    rate, first = channels(ours)
    _, second = channels(theirs)
    shifts = []
    for one, other in zip(first, second):
        check(level(one) > 0.005, f"{ours}: a party is silent")
        shift, difference = best_shift(one, other, rate // 4)
        check(difference < 0.002, f"{theirs} differs by {difference} at a shift of {shift}")
        shifts.append(shift)
        check(len(other) >= len(one) - rate // 10, f"{theirs}: {len(other)} of {len(one)} samples")
    check(abs(shifts[0] - shifts[1]) <= rate // 50, f"the parties moved apart: {shifts}")


def chain(bench, transport, *settings):
    server_port, client_port = free_ports(2)
    scheme, host, more = "sip", "127.0.0.1", f";transport={transport}"
    flags = []
    if transport == "tls":
        flags, scheme, more = certificate(bench.folder), "sips", ""
    provider = bench.node(f"--siprec-{transport}=127.0.0.1:{server_port}", *flags,
                          "--vault-folder=theirs", "--events-folder=their-events",
                          "--events-outbox=their-outbox")
    target = f"{scheme}:rec@{host}:{server_port}{more}"
    node = bench.node(f"--siprec-{transport}=127.0.0.1:{client_port}", *flags,
                      f"--siprec-providers={' '.join(['second', target, *settings])}")
    return node, provider


def one_call(bench, transport, *settings):
    node, provider = chain(bench, transport, *settings)
    call = node.demo(4)
    output, errors = call.communicate(timeout=60)
    check(call.returncode == 0, f"the demo call failed: {output}{errors}")
    ours = bench.recording()
    theirs = wait_for(lambda: list(bench.folder.glob("theirs/*/*.json")), 10,
                      f"no recording at the provider:\n{node.log()}\n{provider.log()}")
    check(len(theirs) == 1, f"more than one recording: {theirs}")
    check_same(ours, theirs[0].with_suffix(".wav"))
    check(node.stop() == 0 and provider.stop() == 0, "bad end")
    told = [e["headers"]["ce_type"] for e in bench.events()]
    for kind in ("requested", "accepted", "completed"):
        kind = f"io.callfork.provider.delivery.{kind}.v1"
        check(told.count(kind) == 2, f"{kind}: {told}")
    their = bench.events("--folder", "their-events")
    check(any("session.ended" in e["headers"]["ce_type"] for e in their), json.dumps(their))


@case("a call is recorded by SIPREC over UDP, both recordings are the same")
def by_udp(bench):
    one_call(bench, "udp")


@case("a call is recorded by SIPREC over TCP, in the dialect of BroadWorks")
def by_tcp(bench):
    one_call(bench, "tcp", "dialect=broadworks")


@case("a call is recorded by SIPREC over TLS with SRTP")
def by_tls(bench):
    one_call(bench, "tls", "srtp")


class Client:
    """A recording client that says what it is told to, by UDP."""

    def __init__(self, port):
        self.door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.door.connect(("127.0.0.1", port))
        self.door.settimeout(5)
        self.us = "127.0.0.1:%d" % self.door.getsockname()[1]

    def ask(self, method, call_id, number, body="", to_tag=""):
        """The final status, and the tag of the answerer."""
        self.tell(method, call_id, number, body, to_tag)
        while True:
            answer = self.door.recv(65536).decode()
            status = int(answer.split()[1])
            if status >= 200 and f" {method}" in answer:
                found = re.search(r"^(?:To|t):.*;tag=([^;\r]+)", answer, re.M | re.I)
                return status, found[1] if found else ""

    def tell(self, method, call_id, number, body="", to_tag=""):
        tag = f";tag={to_tag}" if to_tag else ""
        self.door.send("\r\n".join([
            f"{method} sip:rec@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {self.us};branch=z9hG4bK{method}{number}{id(body)};rport",
            f"From: <sip:sbc@{self.us}>;tag=client", f"To: <sip:rec@127.0.0.1>{tag}",
            f"Call-ID: {call_id}", f"CSeq: {number} {method}", "Max-Forwards: 70",
            f"Contact: <sip:sbc@{self.us}>;+sip.src",
            *(["Require: siprec", "Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}", "", body]).encode())


@case("a recording client with the Call-ID of a live call does not touch that call")
def same_call_id(bench):
    port = free_ports(1)[0]
    node = bench.node(f"--siprec-udp=127.0.0.1:{port}")
    call = node.demo(6)
    live = wait_for(lambda: [c for c in json.loads(node.get("/calls")[1])["calls"]
                             if c["packets"] > 20], 10, "no live call")[0]["call"]
    client = Client(port)
    sdp = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
           "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\na=label:1\r\n")
    status, tag = client.ask("INVITE", live, 1, sdp)
    check(status == 200, f"a session of its own: {status}")
    client.tell("ACK", live, 1, "", tag)
    check(client.ask("INVITE", "no-" + live, 7, "no description")[0] >= 400, "bad SDP is taken")
    calls = {c["call"] for c in json.loads(node.get("/calls")[1])["calls"]}
    check(len(calls) == 2 and live in calls, f"two calls, not {calls}")
    check(client.ask("BYE", live, 2, "", tag)[0] in (200, 481), "BYE is not answered")
    output, _ = call.communicate(timeout=60)
    check(call.returncode == 0 and json.loads(output)["good"], f"the call suffered: {output}")


SDP = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\na=label:1\r\n")


def client_certificate(folder, name):
    """Issued by the authority that `certificate` has made."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", f"{name}.pem", "-days", "2")


def invite_by_tls(folder, port, name):
    """The status that a client with this certificate gets."""
    context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    context.check_hostname = False
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    with (socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
          context.wrap_socket(plain) as door):
        us = "127.0.0.1:%d" % door.getsockname()[1]
        door.sendall("\r\n".join([
            f"INVITE sips:rec@127.0.0.1:{port} SIP/2.0",
            f"Via: SIP/2.0/TLS {us};branch=z9hG4bK{name};rport",
            f"From: <sips:sbc@{us}>;tag=client", f"To: <sips:rec@127.0.0.1:{port}>",
            f"Call-ID: {name}", "CSeq: 1 INVITE", "Max-Forwards: 70",
            f"Contact: <sips:sbc@{us}>;+sip.src", "Require: siprec",
            "Content-Type: application/sdp", f"Content-Length: {len(SDP)}", "", SDP]).encode())
        heard = ""
        while not (found := re.search(r"^SIP/2.0 ([2-6]\d\d)", heard, re.M)):
            part = door.recv(65536).decode()
            check(part, f"the connection ended after {heard}")
            heard += part
        return int(found[1])


@case("a recording client's certificate says whose it is, and strangers are refused")
def organisations(bench):
    port = free_ports(1)[0]
    flags = certificate(bench.folder)
    for name in ("sbc1.example.com", "stranger.invalid"):
        client_certificate(bench.folder, name)
    node = bench.node(f"--siprec-tls=127.0.0.1:{port}", *flags, "--siprec-client-certificates=true",
                      "--siprec-organisations=*.example.com=acme,other.example.org=other")
    check(invite_by_tls(bench.folder, port, "sbc1.example.com") == 200, node.log())
    check(invite_by_tls(bench.folder, port, "stranger.invalid") == 403, node.log())
    page = node.get("/metrics")[1]
    for line in ('siprec_sessions_total{outcome="accepted"} 1',
                 'siprec_sessions_total{outcome="refused_4xx"} 1', "siprec_sessions 1"):
        check(f"callfork_{line}" in page, f"no {line} in the metrics")
    check(node.log().count("recording session refused") == 1, node.log())
    check(node.stop() == 0, "bad end")
    told = [json.dumps(e) for e in bench.events()]
    check(any("acme" in e for e in told), f"no organisation: {told}")
