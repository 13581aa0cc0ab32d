"""Real calls: an unmodified Kamailio and two baresip phones."""
import json

from audio import check_tone
from bench import kinds
from cases import case, check, wait_for
from phones import Phones

CALLER, CALLEE = 440, 660


def real_call(bench, security):
    kafka = []
    if bench.kafka:
        kafka = ["--events-log=kafka", f"--events-kafka-brokers={bench.kafka}",
                 f"--events-topic-prefix=interop-{bench.folder.name}"]
    node = bench.node(*kafka)
    phones = Phones(bench, node, security)
    phones.call(6)
    check_tone(phones.heard("alice"), 0, CALLEE, 4)
    check_tone(phones.heard("bob"), 0, CALLER, 4)
    audio = bench.recording()
    check_tone(audio, 0, CALLER, 4)
    check_tone(audio, 1, CALLEE, 4)
    failed = next(float(line.split()[-1]) for line in node.get("/metrics")[1].splitlines()
                  if line.startswith('callfork_rtp_dropped_packets_total{reason="not_authentic"}'))
    check(failed <= 2, f"{failed} packets failed authentication")
    check(node.stop(40) == 0, f"bad end:\n{node.log()}")
    source = ("--kafka", bench.kafka, "--topic", f"interop-{bench.folder.name}.local.events.v1")
    events = bench.events(*(source if kafka else ()))
    for kind in ("session.started", "recording.started", "recording.stopped", "session.ended"):
        check(kinds(events).count(kind) == 1, f"{kind}: {kinds(events)}")
    return node, events


@case("Kamailio and two phones: a call over RTP")
def rtp(bench):
    real_call(bench, "")


@case("Kamailio and two phones: a call over SRTP with SDES")
def sdes(bench):
    node, events = real_call(bench, "srtp-mand")
    check("AES_CM_128_HMAC_SHA1_80" in json.dumps(events), "the events name no SRTP suite")
    for text in (node.log(), json.dumps(events)):
        check("inline:" not in text, "key material was told")
