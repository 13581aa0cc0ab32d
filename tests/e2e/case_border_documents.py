"""What callfork tells recorders: every document, taken from the wire, is valid
by the schema of RFC 7865."""
import re

from bench import free_ports
from cases import ROOT, case, check, wait_for
from parties import Call, Party, drain, talk, udp_socket
from sbc import Message, media_of

SCHEMA = ROOT / "tests/schemas/rfc7865.xsd"
REQUEST = """<?xml version="1.0" encoding="UTF-8"?>
<requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1">
<requestreason>again, please</requestreason></requestsnapshot>"""


class Recorder:
    """A recorder by UDP that takes everything and keeps the documents."""

    def __init__(self, folder):
        self.folder, self.documents = folder / "documents", []
        self.folder.mkdir()
        self.port, self.media = free_ports(2)
        self.door, self.sink = udp_socket("127.0.0.1", self.port), udp_socket("127.0.0.1", self.media)
        self.version = 0

    def serve(self, _=None):
        """Answers what has come."""
        drain(self.sink)
        for raw, peer in drain(self.door):
            message = Message(raw)
            self.keep(message)
            if message.status is None and not message.start.startswith("ACK"):
                self.door.sendto(self.answer_to(message), peer)

    def keep(self, message):
        method = message.start.split()[0]
        for text in re.findall(r"<\?xml.*?</(?:\w+:)?(?:recording|requestsnapshot)>|<\?xml.*?<recording[^>]*/>",
                               message.text(), re.S):
            name = f"{len(self.documents)}-{method}.xml"
            (self.folder / name).write_text(text)
            self.documents.append((method, text))

    def answer_to(self, request):
        names = ("via", "from", "to", "call-id", "cseq")
        lines = ["SIP/2.0 200 OK", *(f"{name}: {value}" + (
            ";tag=recorder" if name == "to" and "tag=" not in value else "")
            for name, value in request.headers if name in names),
            f"Contact: <sip:rec@127.0.0.1:{self.port}>;+sip.srs", "Allow: INVITE, ACK, BYE, UPDATE"]
        offered = re.search(r"v=0\r\n.*?(?=\r\n--|\r\n\r\n|\Z)", request.text(), re.S)
        body = ""
        if request.start.startswith("INVITE"):
            self.invite = request
        if offered:
            self.version += 1
            body = (f"v=0\r\no=rec 1 {self.version} IN IP4 127.0.0.1\r\ns=-\r\n"
                    "c=IN IP4 127.0.0.1\r\nt=0 0\r\n")
            for _, types, attributes in media_of(offered[0] + "\r\n"):
                way = "inactive" if "inactive" in attributes else "recvonly"
                label = next(each for each in attributes if each.startswith("label:"))
                body += f"m=audio {self.media} RTP/AVP {' '.join(types)}\r\na={way}\r\na={label}\r\n"
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()

    def ask_for_snapshot(self):
        """UPDATE with a request (RFC 7866 8.4), to where the client's Contact
        says."""
        contact = re.search(r"<(sip:[^>]*)>", self.invite.header("Contact"))[1]
        host, port = re.search(r"@([\d.]+):(\d+)", contact).groups()
        to, own = self.invite.header("From"), self.invite.header("To") + ";tag=recorder"
        lines = [f"UPDATE {contact} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKsnap",
                 f"From: {own}", f"To: {to}", f"Call-ID: {self.invite.header('Call-ID')}",
                 "CSeq: 1 UPDATE", "Max-Forwards: 70",
                 f"Contact: <sip:rec@127.0.0.1:{self.port}>;+sip.srs",
                 "Content-Type: application/rs-metadata+xml",
                 "Content-Disposition: recording-session", f"Content-Length: {len(REQUEST)}", "", REQUEST]
        self.door.sendto("\r\n".join(lines).encode(), (host, int(port)))

    def close(self):
        self.door.close()
        self.sink.close()


@case("every document that a recorder gets is valid by the schema of RFC 7865")
def documents(bench):
    recorder = Recorder(bench.folder)
    node = bench.node(f"--siprec-udp=127.0.0.1:{free_ports(1)[0]}",
                      f"--siprec-providers=strict sip:rec@127.0.0.1:{recorder.port};transport=udp")
    metadata = {"metadata": "mode:always-with-pause-resume|caller:sip:anna@example.com"}
    call = Call(node, Party(400), Party(650), metadata)
    call.ask("start recording")
    talk([call], 1, recorder.serve)
    call.ask("pause recording")
    talk([call], 0.6, recorder.serve)
    call.ask("start recording")
    talk([call], 0.6, recorder.serve)
    recorder.ask_for_snapshot()
    talk([call], 0.6, recorder.serve)
    call.end()
    def ended():
        recorder.serve()
        return any(method == "BYE" for method, _ in recorder.documents)
    wait_for(ended, 5, f"no BYE with a document: {[m for m, _ in recorder.documents]}")
    recorder.serve()
    told = [(method, re.search(r"<datamode>(\w+)", text)[1],
             re.search(r"cf:state[^>]*>(\w+)", text)[1]) for method, text in recorder.documents]
    for wanted in (("INVITE", "complete", "recording"), ("INVITE", "partial", "paused"),
                   ("INVITE", "partial", "recording"), ("UPDATE", "complete", "recording"),
                   ("BYE", "partial", "stopped")):
        check(wanted in told, f"no {wanted}: {told}")
    status, _, errors = bench.run(["xmllint", "--nonet", "--noout", "--schema", str(SCHEMA),
                                   *map(str, sorted(recorder.folder.iterdir()))])
    check(status == 0, errors)
    call.close()
    recorder.close()
    check(node.stop() == 0, "bad end")
