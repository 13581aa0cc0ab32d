"""A telephone system from Debian: Kamailio and two baresip phones."""
import math
import random
import socket
import struct
import wave

from bench import free_ports
from cases import ROOT, check, wait_for

CONFIGURATION = ROOT / "tests/e2e/interop"


def write_tone(path, frequency, seconds=60, rate=8000):
    samples = [int(16000 * math.sin(2 * math.pi * frequency * n / rate))
               for n in range(rate)] * seconds
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


class Phones:
    """Kamailio in front of the node; alice says 440 Hz, bob says 660 Hz."""

    def __init__(self, bench, node, security="", port=None):
        self.bench = bench
        self.security = f";mediaenc={security}" if security else ""
        proxy, alice, bob = free_ports(3)
        self.ports = {"@SIP@": port or proxy, "@ALICE@": alice, "@BOB@": bob, "@NG@": node.ng,
                      "@RUN@": bench.folder}
        self.rtp = random.randrange(10000, 15000, 1000)
        self.start_proxy()
        self.bob = self.start_phone("bob", 660, "auto")

    def fill(self, name, **more):
        text = (CONFIGURATION / name).read_text()
        for word, value in (self.ports | more).items():
            text = text.replace(word, str(value))
        return text

    def start_proxy(self):
        path = self.bench.folder / "kamailio.cfg"
        path.write_text(self.fill("kamailio.cfg"))
        log = open(self.bench.folder / "kamailio.log", "wb")
        self.proxy = self.bench.start(["kamailio", "-f", str(path), "-DD", "-E", "-m", "32", "-M",
                                       "4"], stdout=log, stderr=log)
        log.close()
        wait_for(self.proxy_answers, 15, "Kamailio does not answer")

    def proxy_answers(self):
        """Kamailio answers OPTIONS as soon as it works."""
        port = self.ports["@SIP@"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            probe.settimeout(0.5)
            probe.connect(("127.0.0.1", port))
            mine = probe.getsockname()[1]
            probe.send((f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\n"
                        f"Via: SIP/2.0/UDP 127.0.0.1:{mine};branch=z9hG4bK{mine}\r\n"
                        f"From: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1:{port}>\r\n"
                        f"Call-ID: probe-{mine}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\n"
                        "Content-Length: 0\r\n\r\n").encode())
            try:
                return probe.recv(2000).startswith(b"SIP/2.0 200")
            except OSError:
                return False

    def start_phone(self, who, frequency, answer, *words):
        folder = self.bench.folder / who
        for each in (folder, self.bench.folder / f"snd-{who}"):
            each.mkdir()
        write_tone(self.bench.folder / f"src-{who}.wav", frequency)
        first = self.rtp + (0 if who == "alice" else 500)
        (folder / "config").write_text(self.fill("baresip.conf", **{
            "@PORT@": self.ports[f"@{who.upper()}@"], "@WHO@": who, "@RTP@": f"{first}-{first + 498}"}))
        (folder / "accounts").write_text(
            f"<sip:{who}@127.0.0.1;transport=udp>;regint=0;audio_codecs=PCMU,PCMA"
            f";outbound=\"sip:127.0.0.1:{self.ports['@SIP@']};transport=udp\""
            f";answermode={answer}{self.security}\n")
        (folder / "contacts").touch()
        path = self.bench.folder / f"{who}.log"
        with open(path, "wb") as log:
            phone = self.bench.start(["baresip", "-f", str(folder), *words], stdout=log, stderr=log)
        wait_for(lambda: "baresip is ready" in path.read_text(errors="replace"), 10,
                 f"the phone of {who} does not start")
        return phone

    def call(self, seconds, meanwhile):
        """Alice calls bob and hangs up after so many seconds; `meanwhile` is
        done in between."""
        alice = self.start_phone("alice", 440, "manual", "-e", "/dial sip:bob@127.0.0.1", "-t",
                                 str(seconds))
        meanwhile()
        alice.wait(seconds + 20)
        for process in (self.bob, self.proxy):
            process.terminate()
            process.wait(10)

    def heard(self, who):
        """The file of what a phone heard."""
        files = list((self.bench.folder / f"snd-{who}").glob("*dec.wav"))
        check(len(files) == 1, f"{who} heard nothing: {files}")
        return files[0]
