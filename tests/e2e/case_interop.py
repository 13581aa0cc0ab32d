"""Real calls: an unmodified Kamailio and two baresip phones."""
import json

from audio import check_tone
from bench import kinds
from cases import case, check, wait_for
from phones import Phones

CALLER, CALLEE = 440, 660


def live_packets(node):
    return sum(call["packets"] for call in json.loads(node.get("/calls")[1])["calls"])


def check_drops(node, security):
    """A baresip of Debian 12 speaks RTCP in the clear in a secure call twice: a
    ping before its keys are set (an APP packet of 16 bytes, too short to be
    SRTCP), and its BYE after they are gone. Nobody can authenticate these, so
    they must be refused; all else must be taken."""
    for reason, most in (("not_authentic", 2 if security else 0), ("not_rtp", 2 if security else 0),
                         ("replayed", 0), ("no_listener", 0)):
        check(node.dropped(reason) <= most, f"{node.dropped(reason)} packets were {reason}")


def real_call(bench, security):
    kafka = []
    if bench.kafka:
        kafka = ["--events-log=kafka", f"--events-kafka-brokers={bench.kafka}",
                 f"--events-topic-prefix=interop-{bench.folder.name}"]
    node = bench.node(*kafka)
    phones = Phones(bench, node, security)
    drops = {}

    def meanwhile():
        wait_for(lambda: live_packets(node) > 400, 15, "the phones do not talk")
        drops.update(not_authentic=node.dropped("not_authentic"))

    phones.call(6, meanwhile)
    check_tone(phones.heard("alice"), 0, CALLEE, 4)
    check_tone(phones.heard("bob"), 0, CALLER, 4)
    audio = bench.recording()
    check_tone(audio, 0, CALLER, 4)
    check_tone(audio, 1, CALLEE, 4)
    check(drops["not_authentic"] == 0, f"{drops} packets of a live call were refused")
    check_drops(node, security)
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
    for path in bench.folder.rglob("*"):  # The SDP of the call has keys; ours must not keep them.
        if path.is_file() and path.name not in ("alice.log", "bob.log"):
            check(b"inline:" not in path.read_bytes(), f"key material in {path}")
    check("inline:" not in json.dumps(events), "key material in events")
