"""Subscriptions as OpenSIPS and jambonz ask for them to feed a recorder: their own requests, and
what the recorder hears, packet by packet."""
import os
import re
import struct

from cases import case, check
from oracle.ng_client import bdecode, bencode
from parties import Call, Party, drain, listen, socket_pair, talk

SUITE = "AES_CM_128_HMAC_SHA1_80"
EVENTS = "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"


class Speaker(Party):
    """Says other noise in each packet, and remembers it."""

    def __init__(self, **how):
        super().__init__(400, **how)
        self.spoken = []

    def sdp(self, direction="sendrecv"):
        text = super().sdp(direction).replace("AVP 0\r\n", "AVP 0 8 101\r\n")
        return text.replace("a=rtpmap:0 PCMU/8000\r\n", "a=rtpmap:0 PCMU/8000\r\n" + EVENTS)

    def say(self, payload=None):
        payload = payload or os.urandom(160)
        self.spoken.append((self.sequence & 0xFFFF, payload))
        super().say(payload)

    def take(self):
        """What was said since the last time."""
        spoken, self.spoken = self.spoken, []
        return spoken


class Recorder:
    """Answers an offer of two m-lines, and keeps what it hears on each."""

    def __init__(self, formats=(0,), address="127.0.0.1"):
        self.formats, self.address = formats, address
        self.lines = [socket_pair(address), socket_pair(address)]

    def answer(self, offer, direction="recvonly"):
        """The answer; keeps the labels and directions of the offer."""
        parts = re.split(r"(?m)^m=", offer)[1:]
        check(len(parts) == 2, f"not two m-lines:\n{offer}")
        self.labels = [found and found[1] for found in
                       (re.search(r"^a=label:(\S+)", part, re.M) for part in parts)]
        self.directions = [re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)", part, re.M)[1]
                           for part in parts]
        self.ports = [int(part.split()[1]) for part in parts]
        wanted = " ".join(map(str, self.formats))
        text = f"v=0\r\no=rec 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
        for (rtp, _), was, label in zip(self.lines, self.directions, self.labels):
            said = "inactive" if was == "inactive" else direction
            text += f"m=audio {rtp.getsockname()[1]} RTP/AVP {wanted}\r\na={said}\r\n"
            text += f"a=label:{label}\r\n" if label else ""
        return text

    def take(self):
        """What each m-line heard since the last time: sequence and audio."""
        heard = []
        for rtp, _ in self.lines:
            packets = [datagram for datagram, _ in drain(rtp)]
            check(all(packet[1] & 0x7F == 0 for packet in packets), "not PCMU")
            heard.append([(struct.unpack_from(">H", packet, 2)[0], packet[12:])
                          for packet in packets])
        return heard

    def close(self):
        for pair in self.lines:
            for each in pair:
                each.close()


class OpenSips(Call):
    """Asks as OpenSIPS 3 does: keys in its order, no `supports`, for its siprec module a made-up
    from-tag and address."""

    ORDER = ("sdp", "direction", "flags", "replace", "transport-protocol", "rtcp-mux", "ICE",
             "call-id", "via-branch", "received-from", "from-tag", "to-tag", "command")
    count = 0

    def request(self, command, **more):
        keys = {"call-id": self.id, "received-from": ["IP4", "127.0.0.1"], **more,
                "command": command}
        strange = set(keys) - set(self.ORDER)
        check(not strange, f"OpenSIPS has no such keys: {strange}")
        OpenSips.count += 1
        cookie = b"31032_%d " % OpenSips.count
        raw = self.ng.exchange(cookie + bencode({k: keys[k] for k in self.ORDER if k in keys}))
        check(raw and raw.startswith(cookie), f"no reply to {command}: {raw}")
        return bdecode(raw[len(cookie):])[0]

    def subscribe(self, *flags, **more):
        return self.ask("subscribe request", **{
            "flags": ["all", "siprec", *flags], "received-from": ["IP4", "0.0.0.0"],
            "from-tag": "1", **more})

    def connect(self, to_tag, sdp):
        return self.ask("subscribe answer", **{"sdp": sdp, "from-tag": "b", "to-tag": to_tag})

    def answer(self, direction="sendrecv"):
        keys = {"from-tag": "a", "to-tag": "b", "sdp": self.callee.sdp(direction), **self.keys}
        self.caller.learn(self.ask("answer", **keys)["sdp"])


class Jambonz(Call):
    """Asks as jambonz does through rtpengine-client: bencode with sorted keys, words with spaces."""

    def request(self, command, **more):
        keys = {"command": command, "call-id": self.id, **more}
        cookie = os.urandom(6).hex().encode() + b" "
        raw = self.ng.exchange(cookie + bencode({k: keys[k] for k in sorted(keys)}))
        check(raw and raw.startswith(cookie), f"no reply to {command}: {raw}")
        return bdecode(raw[len(cookie):])[0]


def check_heard(why, heard, *said):
    """Each m-line heard just this, in order, bit for bit."""
    for which, (got, expected) in enumerate(zip(heard, said)):
        check(got == expected, f"{why}: m-line {which} heard {len(got)} packets of {len(expected)},"
              f" {len([p for p in got if p in expected])} of them as they were said")


def speak(call, recorders, why, on_hold=False):
    """A second of noise reaches all these recorders as it was said, on the right m-lines."""
    talk([call], 1)
    said = [party.take() for party in call.parties()]
    check(len(said[0]) == 50, f"{why}: {len(said[0])} packets were said")
    for recorder in recorders:
        check_heard(why, recorder.take(), said[0], [] if on_hold else said[1])
    if on_hold:  # What was refused then is not waited for later.
        del call.callee.said[len(call.caller.heard):]


def keep_silent(call, recorder, why, others=()):
    """Nothing of a second of noise reaches this recorder; all of it the others."""
    talk([call], 1)
    said = [party.take() for party in call.parties()]
    check_heard(why, recorder.take(), [], [])
    for other in others:
        check_heard(why, other.take(), *said)


def labels_of(reply):
    """By tag, the label that a reply to OpenSIPS names for it."""
    made = {}
    for each in reply["tag-medias"]:
        check(len(each["medias"]) == 1, f"more than one stream: {reply}")
        media = each["medias"][0]
        check(media["index"] == 1 and media["type"] == "audio" and media["mode"] == "sendrecv"
              and re.fullmatch(r"\d+", media["label"]), f"not for OpenSIPS: {media}")
        made[each["tag"]] = media["label"]
    return made


@case("OpenSIPS' siprec module records a call: start, hold, pause, resume, stop")
def opensips(bench):
    node = bench.node()
    call = OpenSips(node, Speaker(), Speaker(), offer={"replace": ["origin", "session-connection"],
                                                       "flags": ["trust-address"]})
    recorder = Recorder()
    reply = call.subscribe()
    tag, labels = reply["to-tag"], labels_of(reply)
    call.connect(tag, recorder.answer(reply["sdp"]))
    check(recorder.labels == [labels["a"], labels["b"]] and labels["a"] != labels["b"],
          f"labels {recorder.labels} of {labels}")
    check(recorder.directions == ["sendonly"] * 2, reply["sdp"])
    ports = recorder.ports
    speak(call, [recorder], "recording")

    reply = call.subscribe("inactive", **{"to-tag": tag})
    check(reply["to-tag"] == tag and labels_of(reply) == labels, f"another subscription: {reply}")
    keep_silent(call, recorder, "the pause begins with the request")
    call.connect(tag, recorder.answer(reply["sdp"]))
    check(recorder.directions == ["inactive"] * 2 and recorder.ports == ports, reply["sdp"])
    keep_silent(call, recorder, "paused")

    reply = call.subscribe(**{"to-tag": tag})
    call.connect(tag, recorder.answer(reply["sdp"]))
    check(recorder.directions == ["sendonly"] * 2 and recorder.ports == ports, reply["sdp"])
    speak(call, [recorder], "resumed")

    call.offer_keys = {"to-tag": "b"}
    call.offer("sendonly")
    call.answer("recvonly")
    reply = call.subscribe(**{"to-tag": tag})
    call.connect(tag, recorder.answer(reply["sdp"]))
    check(recorder.directions == ["sendonly", "inactive"], f"the caller holds:\n{reply['sdp']}")
    modes = [each["medias"][0]["mode"] for each in reply["tag-medias"]]
    check(modes == ["recvonly", "sendonly"], f"modes on hold: {modes}")
    speak(call, [recorder], "on hold", on_hold=True)
    call.offer()
    call.answer()
    reply = call.subscribe(**{"to-tag": tag})
    call.connect(tag, recorder.answer(reply["sdp"]))
    speak(call, [recorder], "after the hold")

    call.ask("unsubscribe", **{"from-tag": "b", "to-tag": tag})
    keep_silent(call, recorder, "unsubscribed")
    gone = call.ask("delete", **{"to-tag": "b"})
    check(gone == {"result": "ok"}, f"delete by to-tag alone: {gone}")
    listen([call], 0.1)
    recorder.close()
    call.close()


@case("jambonz records a call: start, pause that mutes nobody, resume, stop")
def jambonz(bench):
    node = bench.node("--media-interfaces=private=127.0.0.1,public=127.0.0.2")
    usual = {"replace": ["origin", "session-connection"], "ICE": "remove", "rtcp-mux": ["demux"],
             "transport protocol": "RTP/AVP", "DTLS": "off", "record call": "no"}
    call = Jambonz(node, Speaker(suite=SUITE), Speaker(), offer={**usual, "flags": ["port latching"],
                                                                "direction": ["private", "private"]})
    recorder = Recorder(formats=(0, 101), address="127.0.0.3")
    who = {"from-tag": "b"}
    reply = call.ask("subscribe request", **who, label="1", flags=["all"], interface="public",
                     **{"transport protocol": "RTP/AVP"})
    check(reply["from-tags"] == ["a", "b"] and "c=IN IP4 127.0.0.2" in reply["sdp"]
          and "c=IN IP4 127.0.0.1" not in reply["sdp"], f"{reply}")
    tag = reply["to-tag"]
    call.ask("subscribe answer", **who, sdp=recorder.answer(reply["sdp"]), label="2",
             **{"to-tag": tag})
    check(recorder.directions == ["sendonly"] * 2, reply["sdp"])
    speak(call, [recorder], "recording")
    for from_tag in reply["from-tags"]:
        call.ask("block media", all="except-offer-answer", **{"from-tag": from_tag})
    keep_silent(call, recorder, "paused")
    for from_tag in reply["from-tags"]:
        call.ask("unblock media", all="except-offer-answer", **{"from-tag": from_tag})
    speak(call, [recorder], "resumed")
    call.ask("unsubscribe", **who, **{"to-tag": tag})
    keep_silent(call, recorder, "unsubscribed")
    call.check_untouched("the call under a recorder that pauses")
    call.end()
    recorder.close()
    call.close()


@case("two recorders of one call: one pauses and leaves, the other hears everything")
def two(bench):
    node = bench.node()
    call = OpenSips(node, Speaker(), Speaker())
    recorders, tags = [Recorder(), Recorder()], []
    for recorder in recorders:
        reply = call.subscribe()
        tags.append(reply["to-tag"])
        call.connect(tags[-1], recorder.answer(reply["sdp"]))
    check(tags[0] != tags[1], "one tag for two")
    speak(call, recorders, "both")
    reply = call.subscribe("inactive", **{"to-tag": tags[0]})
    call.connect(tags[0], recorders[0].answer(reply["sdp"]))
    keep_silent(call, recorders[0], "the first is paused", recorders[1:])
    reply = call.subscribe(**{"to-tag": tags[0]})
    call.connect(tags[0], recorders[0].answer(reply["sdp"]))
    speak(call, recorders, "both again")
    call.ask("unsubscribe", **{"from-tag": "b", "to-tag": tags[1]})
    keep_silent(call, recorders[1], "the second left", recorders[:1])
    call.check_untouched("the call under two recorders")
    call.ask("delete", **{"to-tag": "b"})
    for recorder in recorders:
        recorder.close()
    call.close()
