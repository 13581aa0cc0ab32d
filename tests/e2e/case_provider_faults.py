"""Several providers at once: what one of them does touches nobody else."""
import random
import re
import threading
import time
import xml.etree.ElementTree as xml

from cases import case, check
from provider_calls import (check_documents, check_told, correlation, deliveries, hold, node_for,
                            noisy_call, said)
from parties import Call
from recorder import Recorder, silent
from recorder_media import DECODED
from speakers import Speaker, noise


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


def check_broadworks(session):
    """The dialect of BroadWorks: no Require, the old feature tag, and metadata
    of the drafts before the description."""
    invite = session.invite
    check(not invite.header("require") and re.search(r">;src\b", invite.header("contact")),
          f"headers: {invite.headers}")
    kinds = [kind for kind, _, _ in invite.parts()]
    check(kinds == ["application/rs-metadata+xml", "application/sdp"], f"parts: {kinds}")
    metadata = xml.fromstring(invite.part("application/rs-metadata"))
    check(metadata.tag == "{urn:ietf:params:xml:ns:siprec}recording_metadata", metadata.tag)
    space = "{http://schema.broadsoft.com/broadworksCallRecording}"
    more = metadata.find(f".//{space}broadWorksRecordingMetadata")
    check(more is not None and more.get("version") == "3.0", "no BroadWorks metadata")


@case("of four providers one is silent, one dies, one hangs, one floods: the call and the others go on")
def four(bench):
    mute = Recorder(on_invite=silent)
    dies = Recorder()
    hangs = Recorder("tcp", types=("PCMA",))
    floods = Recorder(suite="AES_CM_128_HMAC_SHA1_80")
    node = node_for(bench, f"dies {dies.uri}", f"hangs {hangs.uri} dialect=broadworks codecs=PCMA",
                    f"floods {floods.uri} srtp", f"mute {mute.uri}", flags=("--sinks-finish-within=2s",))
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
    check_broadworks(hangs.session())
    # The one that does not answer SIP still hears all of it.
    for label, source in zip("12", sources):
        stream = hangs.session().streams[label]
        stream.check_goes_on()
        heard = [DECODED["PCMU"][code] for code in source]
        alike = correlation(stream.samples(), heard)
        check(len(heard) == len(stream.samples()) and alike > 0.99, f"A-law: {alike:.4f}")
    print(f"  {sum(garbage)} datagrams of garbage, loss at the parties 0, at the provider 0")
    events = check_told(bench, floods="requested accepted completed",
                        dies="requested accepted failed", hangs="requested accepted failed")
    for name, reason, blame, status in (
            ("dies", "did not take the end", "provider", 503),
            ("hangs", "not finished in time", "provider", None), ("mute", "silent", "platform", 408)):
        kind, last = deliveries(events, name)[-1]
        check((kind, last["blame"], last.get("sipStatus")) == ("failed", blame, status)
              and reason in last["reason"], f"{name}: {last}")
    for each in (hangs, floods, mute):
        each.close()


def refusing_changes(status, times):
    """Answers the first re-INVITEs of a session so."""
    def behave(session, request):
        number = len(session.of("INVITE")) - 1
        session.reply(request, status) if 0 < number <= times else session.accept(request)
    return behave


@case("providers that refuse a pause hear nothing of it, and everything after it")
def refused_pause(bench):
    """One refuses every change, one is busy with its own, one has forgotten the
    session."""
    recorders = {"stubborn": Recorder(on_invite=refusing_changes(488, 9)),
                 "busy": Recorder(on_invite=refusing_changes(491, 1)),
                 "forgot": Recorder(on_invite=refusing_changes(481, 1))}
    node = node_for(bench, *(f"{name} {each.uri} rate=8" for name, each in recorders.items()))
    before, secret, after = noise(0.8), [b"\x2a" * 160] * 60, noise(2)
    call = Call(node, *(Speaker([*before, *secret, *after]) for _ in range(2)))

    def meanwhile(turn):
        if turn == len(before) - 1:
            call.ask("pause recording")
        if turn == len(before) + len(secret) - 1:
            call.ask("start recording")
    hold(call, 4, meanwhile)
    for name, recorder in recorders.items():
        recorder.ended(len(recorder.accepted()) - 1)
        for label in "12":
            streams = [each.streams[label] for each in recorder.accepted()]
            heard = b"".join(stream.payload() for stream in streams)
            check(b"\x2a" * 20 not in heard, f"{name}: audio of the pause")
            cut = heard.find(after[0])
            check(cut >= 0 and heard[cut:] == b"".join(after), f"{name}: not whole after the pause")
        print(f"  {name}: {len(recorder.accepted())} session, changes"
              f" {[len(each.of('INVITE')) - 1 for each in recorder.accepted()]}")
        recorder.close()


def wrong_first(spoil):
    """Accepts with an answer that `spoil` has changed, the next time well."""
    def behave(session, request):
        if len(session.recorder.sessions) > 1:
            return session.accept(request)
        session.up_at = time.time()
        session.reply(request, 200, body=spoil(session.answer(request.part("application/sdp"))))
    return behave


@case("a provider whose answer cannot be used is left properly, and tried again")
def bad_answers(bench):
    spoiled = {"nothing": lambda sdp: "", "noise": lambda sdp: "\x00\xff this is no description",
               "short": lambda sdp: sdp[:sdp.rindex("m=audio")],
               "codec": lambda sdp: re.sub(r"RTP/AVP .*", "RTP/AVP 18", sdp),
               "srtp": lambda sdp: sdp.replace("RTP/AVP", "RTP/SAVP"),
               "no": lambda sdp: re.sub(r"m=audio \d+", "m=audio 0", sdp)}
    recorders = {name: Recorder(on_invite=wrong_first(spoil)) for name, spoil in spoiled.items()}
    node = node_for(bench, *(f"{name} {each.uri} rate=8" for name, each in recorders.items()))
    call = noisy_call(node, 2.5)
    sources = said(call)
    hold(call, 2.5)
    for name, recorder in recorders.items():
        left, session = recorder.ended(), recorder.ended(1)
        check(left.acks and left.ended, f"{name}: the unusable session is not ended")
        for label, source in zip("12", sources):
            session.streams[label].check_holds(source)
    events = check_told(bench, **{name: "requested retrying requested accepted completed"
                                  for name in recorders})
    for name, recorder in recorders.items():
        _, retrying = deliveries(events, name)[1]
        check(retrying["blame"] == "provider" and retrying["sipStatus"] == 200
              and "cannot be used" in retrying["reason"], str(retrying))
        recorder.close()
