"""Recording, announcements, blocking, subscriptions."""
import os
import struct
import wave

from sdp_texts import callee, caller, crypto, sdp, srs
from steps import Case, Differs, answer, command, instead, lines, offer, put, query, reply, swap

BEEP = {"path": ""}
TWO = ["m=audio 20010 RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000",
       "a=fmtp:101 0-16", "a=recvonly"]


def write_beep(directory):
    BEEP["path"] = os.path.join(directory, "beep.wav")
    with wave.open(BEEP["path"], "wb") as out:
        out.setparams((1, 2, 8000, 4000, "NONE", ""))
        out.writeframes(struct.pack("<4000h", *([0] * 4000)))


def up(*more):
    """The steps of a call that stands."""
    return [offer(caller(), label="one"), answer(callee(formats="0 101"), label="two"), *more]


def selections(name, *kept):
    return Case(f"{name} by every selection", up(*(command(name, **keys) for keys in (
        {}, {"from_tag": "ft"}, {"from_tag": "no"}, {"from_tag": "ft", "to_tag": "tt"},
        {"label": "one"}, {"label": "no"}, {"flags": ["all"], "from_tag": "ft"},
        {"flags": ["directional"], "from_tag": "ft"}, {"address": "198.51.100.1"},
        {"address": "192.0.2.77"}, {"address": "nonsense"}, *kept))))


def subscribe(**keys):
    return command("subscribe request", **keys)


def subscribe_answer(step, sdp, **keys):
    return command("subscribe answer", sdp=sdp, to_tag=reply(step, "to-tag"), **keys)


ALL_SIPREC = dict(flags=["all", "siprec"], from_tag="1")

CASES = [
    Case("start and stop recording", up(
        command("start recording"), command("start recording", metadata="xyz:1", flags=["flag1"]),
        command("stop recording", from_tag="ft", to_tag="tt"), command("stop recording"),
        query())),
    Case("pause recording", up(command("start recording"), command("pause recording"),
                               command("stop recording", flags=["pause"])),
         [Differs("pausing is understood, as by newer versions", instead(3, result="ok"))]),
    Case("record-call with the offer", [
        offer(caller(), record_call="yes", metadata="org:acme|user:7"),
        answer(callee(), flags=["record-call"])]),
    *(selections(name) for name in ("block media", "unblock media", "silence media",
                                    "unsilence media", "block DTMF", "unblock DTMF")),
    Case("blocking leaves the SDP alone", up(
        command("block media"), offer(caller(version=2), to_tag="tt"), answer(callee(version=2)),
        command("unblock media"), query())),
    Case("play media", up(
        command("play media", from_tag="ft", file=lambda _: BEEP["path"]),
        command("stop media", from_tag="ft")),
        [Differs("the frame that was reached depends on the instant",
                 put(3, ["last-frame-pos"], "<last-frame-pos>"))]),
    Case("play media by label, repeated", up(
        command("play media", label="two", file=lambda _: BEEP["path"], repeat_times=3))),
    Case("play media to all", up(
        command("play media", flags=["all"], file=lambda _: BEEP["path"]),
        command("play media", flags=["all"], from_tag="ft", file=lambda _: BEEP["path"]),
        command("play media", flags=["all"], from_tag="no", file=lambda _: BEEP["path"]))),
    Case("play media to all, by the key", up(
        {**command("play media", file=lambda _: BEEP["path"]), "all": "all"}),
        [Differs("all is a key, too, as for newer versions",
                 instead(2, result="ok", duration=500))]),
    Case("play media that is not there", up(
        command("play media"), command("play media", from_tag="ft"),
        command("play media", from_tag="no"), command("play media", label="no"),
        command("play media", from_tag="ft", file="/nowhere.wav"),
        command("play media", from_tag="ft", blob="nonsense"))),
    Case("stop media that does not play", up(
        command("stop media"), command("stop media", from_tag="ft"),
        command("stop media", label="no"), command("stop media", address="192.0.2.77"))),
    Case("subscribe to one party", up(
        subscribe(from_tag="ft"), subscribe_answer(2, srs()), query(),
        command("unsubscribe", to_tag=reply(2, "to-tag")))),
    Case("subscribe to the callee", up(
        subscribe(from_tag="tt", replace=["origin"]), subscribe_answer(2, srs(formats="0 101")))),
    Case("subscribe by label", up(subscribe(label="two", to_tag="mine"), query())),
    Case("subscribe by from-tags", up({**subscribe(to_tag="mine"), "from-tags": ["ft", "tt"]})),
    Case("subscribe to all for a SIPREC client", up(
        subscribe(**ALL_SIPREC), subscribe_answer(2, srs(formats="0 101", more=TWO)), query())),
    Case("subscribe to all without labels", up(subscribe(flags=["all"]))),
    Case("subscribe to all parties with two m-lines", [
        offer(caller(more=["m=audio 49200 RTP/AVP 0"])),
        answer(callee(more=["m=audio 30010 RTP/AVP 0"])), subscribe(**ALL_SIPREC)]),
    Case("subscribe before the answer", [
        offer(caller()), subscribe(flags=["all"], to_tag="mine"),
        {**subscribe(to_tag="mine2"), "from-tags": ["ft"]}]),
    Case("a subscription with SRTP parties over plain RTP", [
        offer(caller(proto="RTP/SAVP", attributes=[crypto(1)]), SDES=["off"],
              transport_protocol="RTP/AVP", DTLS="off"), answer(callee()),
        subscribe(flags=["all"], transport_protocol="RTP/AVP")]),
    Case("a subscription is paused and resumed", up(
        subscribe(**ALL_SIPREC), subscribe_answer(2, srs(formats="0 101", more=TWO)),
        subscribe(flags=["all", "siprec", "inactive"], to_tag=reply(2, "to-tag")),
        subscribe(**ALL_SIPREC, to_tag=reply(2, "to-tag"))),
        [Differs("inactive pauses; rtpengine ignores it", swap("a=sendonly", "a=inactive", 4))]),
    Case("a recorder asks again while the caller holds", up(
        subscribe(**ALL_SIPREC), subscribe_answer(2, srs(formats="0 101", more=TWO)),
        offer(caller(version=2, attributes=["a=sendonly"]), to_tag="tt"),
        answer(callee(version=2, attributes=["a=recvonly"])),
        subscribe(**ALL_SIPREC, to_tag=reply(2, "to-tag")))),
    Case("a recorder that answers fewer codecs", up(
        subscribe(**ALL_SIPREC), subscribe_answer(2, srs(formats="0", more=TWO))),
        [Differs("lenient: a recorder need not take DTMF", instead(3, result="ok"))]),
    Case("subscription errors", up(
        subscribe(), subscribe(from_tag="no"), command("subscribe answer", to_tag="x", sdp=srs()),
        command("subscribe answer", sdp=srs()), command("subscribe answer", to_tag="x"),
        command("unsubscribe"), command("unsubscribe", to_tag="x"))),
    Case("unsubscribed twice, then queried", up(
        subscribe(from_tag="ft", to_tag="mine"), command("unsubscribe", to_tag="mine"),
        command("unsubscribe", to_tag="mine"), query()),
        [Differs("who unsubscribed is forgotten, its ports are free",
                 put(5, ["tags", "mine"], None))]),
    Case("two subscriptions at once", up(
        subscribe(from_tag="ft", to_tag="s1"), subscribe(from_tag="ft", to_tag="s2"),
        command("subscribe answer", to_tag="s1", sdp=srs(formats="0 101")),
        command("subscribe answer", to_tag="s2", sdp=srs(formats="0 101", port=20002)))),
]
