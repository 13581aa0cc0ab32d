"""sipp as the recorder, the test behind the media ports that its SDP names."""
import subprocess
import threading
import time

from bench import free_ports
from cases import ROOT, case, check
from provider_calls import check_told, correlation, hold, node_for, noisy_call, said
from recorder_media import DECODED, Stream


class Sipp:
    """Plays one scenario once; hears the media until it is closed."""

    def __init__(self, bench, scenario, codecs):
        self.port = free_ports(1)[0]
        self.uri = f"sip:rec@127.0.0.1:{self.port};transport=udp"
        self.streams = [Stream(label) for label in "12"]
        for stream, codec in zip(self.streams, codecs):
            stream.names = {kind: name for kind, name in ((0, "PCMU"), (8, "PCMA")) if name == codec}
        first, second = (str(stream.rtp.getsockname()[1]) for stream in self.streams)
        self.log = bench.folder / f"{scenario}.log"
        self.process = bench.start(
            ["sipp", "-sf", str(ROOT / f"tests/e2e/sipp/{scenario}.xml"), "-i", "127.0.0.1", "-p",
             str(self.port), "-m", "1", "-nostdin", "-key", "first", first, "-key", "second", second,
             "-trace_err", "-error_file", str(self.log), "-timeout", "40", "-trace_msg",
             "-message_file", str(bench.folder / f"{scenario}.messages")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.open = True
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while self.open:
            for stream in self.streams:
                stream.hear()
            time.sleep(0.01)

    def check_done(self):
        status = self.process.wait(20)
        errors = self.log.read_text() if self.log.exists() else ""
        check(status == 0, f"sipp ended with {status}:\n{errors}")
        time.sleep(0.05)
        self.open = False
        self.thread.join()


@case("sipp as a provider gets every sample, whether it has manners or not")
def sipp(bench):
    plain, odd = Sipp(bench, "recorder_plain", ("PCMU", "PCMU")), Sipp(bench, "recorder_odd",
                                                                       ("PCMU", "PCMA"))
    node = node_for(bench, f"plain {plain.uri} rate=8", f"odd {odd.uri} rate=8",
                    flags=("--siprec-keepalive=0s",))  # sipp knows one scenario alone.
    call = noisy_call(node, 3)
    sources = said(call)
    hold(call, 3)
    for each in (plain, odd):
        each.check_done()
    for stream, source in zip([*plain.streams, odd.streams[0]], sources + sources[:1]):
        stream.check_holds(source)
    odd.streams[1].check_goes_on()
    heard, wanted = odd.streams[1].samples(), [DECODED["PCMU"][code] for code in sources[1]]
    check(len(heard) == len(wanted) and correlation(heard, wanted) > 0.99, "A-law is something else")
    check_told(bench, plain="requested accepted completed", odd="requested accepted completed")
    for stream in plain.streams + odd.streams:
        check(stream.reports and stream.reports[-1].bye, "no BYE by RTCP")
        stream.close()
