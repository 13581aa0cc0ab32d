"""Several providers at once: what one of them does touches nobody else."""
import random
import threading
import time

from cases import case, check
from provider_calls import check_documents, check_told, correlation, hold, node_for, noisy_call, said
from recorder import Recorder
from recorder_media import DECODED


GARBAGE = [b"\x80\x00", b"\x80\xc8", b"\x81\xc9", b"\x80\xcb", b"\x00\x01", b""]


def flood(streams, seconds, count):
    """Garbage that looks like RTP, reports, BYE and STUN to the client's media
    ports, from where it expects the recorder; `count` gets how much."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for stream in streams * 5:
            host, port = stream.client
            garbage = random.choice(GARBAGE) + random.randbytes(random.randrange(1400))
            stream.rtp.sendto(garbage, (host, port))
            stream.rtcp.sendto(garbage, (host, port + 1))
            count.append(2)
        time.sleep(0.01)


@case("of three providers one dies, one hangs and one floods: the call and the others go on")
def three(bench):
    dies = Recorder()
    hangs = Recorder("tcp", types=("PCMA",))
    floods = Recorder(suite="AES_CM_128_HMAC_SHA1_80")
    node = node_for(bench, f"dies {dies.uri}", f"hangs {hangs.uri} dialect=broadworks codecs=PCMA",
                    f"floods {floods.uri} srtp", flags=("--sinks-finish-within=2s",))
    call = noisy_call(node, 4)
    sources, garbage = said(call), []

    def meanwhile(turn):
        if turn == 50:
            hangs.session().recorder.deaf = True
            dies.session()
            dies.close()
        if turn == 60:
            threading.Thread(target=flood, daemon=True, args=(
                list(floods.session().streams.values()), 1.5, garbage)).start()
    hold(call, 4, meanwhile)
    session = floods.ended()
    for label, source in zip("12", sources):
        session.streams[label].check_holds(source)
    check_documents(bench, session)
    # The one that does not answer SIP still hears all of it.
    for label, source in zip("12", sources):
        stream = hangs.session().streams[label]
        stream.check_goes_on()
        heard = [DECODED["PCMU"][code] for code in source]
        alike = correlation(stream.samples(), heard)
        check(len(heard) == len(stream.samples()) and alike > 0.99, f"A-law: {alike:.4f}")
    print(f"  {sum(garbage)} datagrams of garbage, loss at the parties 0, at the provider 0")
    facts = check_told(bench, floods="requested accepted completed", dies="requested accepted failed",
                       hangs="requested accepted failed")
    for name, reason in (("dies", "did not take the end"), ("hangs", "not finished in time")):
        failed = facts[name][-1]
        check(failed["blame"] == "provider" and reason in failed["reason"], str(failed))
    for each in (hangs, floods):
        each.close()
