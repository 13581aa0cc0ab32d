"""What stands in the SDP: attributes, m-lines, codecs, rtcp-mux, ICE."""
from sdp_texts import callee, caller, sdp
from steps import Case, Differs, answer, back_answer, back_offer, offer, query, without, lines

VIDEO = ["m=video 5000 RTP/AVP 99 100", "c=IN IP4 198.51.100.7", "b=AS:500",
         "a=rtpmap:99 H264/90000", "a=fmtp:99 profile-level-id=42e01f", "a=rtcp-fb:99 nack",
         "a=rtpmap:100 VP8/90000", "a=recvonly", "a=mid:2"]
MUX = ["a=rtcp-mux"]
ODD = ["i=title", "b=AS:64", "a=foo", "a=maxptime:60", "a=ptime:20", "a=rtcp:49175", "a=label:7",
       "a=ssrc:1 cname:x", "a=rtcp-fb:* nack", "a=unknown xyz", "a=silenceSupp:off - - - -",
       "a=rtcp-xr:voip-metrics", "a=extmap:1 urn:x", "a=msid:a b", "a=curr:qos local none",
       "a=fmtp:0 x=y", "a=rtcp-rsize", "a=tcap:1 RTP/SAVP", "a=rtpmap:55 foo/8000"]
ICE = ["a=ice-ufrag:F7gI", "a=ice-pwd:x9cml/YzichV2+XlhiMu8g",
       "a=candidate:1467250027 1 udp 2122260223 198.51.100.9 46243 typ host generation 0"]
NO_ICE = "callfork does not speak ICE yet: nothing of it is offered"


def mux(name, caller_has, callee_has, *wishes):
    return Case(f"rtcp-mux: {name}", [
        offer(caller(attributes=MUX if caller_has else None),
              rtcp_mux=list(wishes) or None),
        answer(callee(attributes=MUX if callee_has else []))])


def codecs(name, wish, answered="0 101", formats="0 8 9 101"):
    return Case(f"codecs: {name}", [
        offer(caller(formats=formats), codec=wish), answer(callee(formats=answered))])


CASES = [
    Case("unknown attributes stay", [
        offer(sdp(session=["a=group:BUNDLE 1 2", "a=foo:bar", "b=AS:300"],
                  attributes=[*ODD, "a=mid:1"], more=VIDEO)),
        answer(callee(attributes=["a=mid:1"], more=["m=video 0 RTP/AVP 99"]))]),
    Case("static payload types without rtpmap", [
        offer(sdp(attributes=[], formats="0 8 18 3")), answer(sdp(attributes=[], formats="18"))]),
    Case("session direction", [
        offer(sdp(session=["a=sendonly"], attributes=[])),
        answer(callee(attributes=["a=recvonly"]))]),
    Case("original direction lines", [
        offer(caller(attributes=["a=sendonly"]), flags=["original-sendrecv"]), answer(callee())]),
    Case("two audio lines", [
        offer(caller(more=["m=audio 49200 RTP/AVP 0", "a=sendonly"])),
        answer(callee(more=["m=audio 30010 RTP/AVP 0"])), query()]),
    Case("an m-line is taken away and comes back", [
        offer(caller(more=["m=audio 49200 RTP/AVP 0"])),
        answer(callee(more=["m=audio 30010 RTP/AVP 0"])),
        offer(caller(more=["m=audio 0 RTP/AVP 0"]), to_tag="tt"),
        answer(callee(more=["m=audio 0 RTP/AVP 0"])),
        offer(caller(more=["m=audio 49200 RTP/AVP 0"]), to_tag="tt"),
        answer(callee(more=["m=audio 30010 RTP/AVP 0"]))]),
    Case("a refused m-line with attributes", [
        offer(caller(more=VIDEO)),
        answer(callee(more=["m=video 0 RTP/AVP 99", "a=rtpmap:99 H264/90000", "a=inactive"]))]),
    Case("audio and video", [
        offer(caller(more=VIDEO)),
        answer(callee(more=["m=video 5002 RTP/AVP 100", "a=rtpmap:100 VP8/90000", "a=sendonly",
                            "a=mid:2"])), query()]),
    Case("fax and other datagrams", [
        offer(caller(more=["m=image 6000 udptl t38", "a=T38FaxVersion:0"])),
        answer(callee(more=["m=image 6002 udptl t38"])), query()]),
    Case("transports that are not ours", [
        offer(caller(more=["m=message 7000 TCP/MSRP *", "a=path:msrp://x",
                           "m=application 8000 UDP/BFCP *", "a=x:y"])),
        answer(callee(more=["m=message 0 TCP/MSRP *", "m=application 8002 UDP/BFCP *"]))]),
    Case("the answer has fewer m-lines", [
        offer(caller(more=["m=audio 49200 RTP/AVP 0"])), answer(callee())]),
    Case("the answer has more m-lines", [
        offer(caller()), answer(callee(more=["m=audio 30010 RTP/AVP 0"]))]),
    Case("a connection line below the m-line", [
        offer(caller().replace("a=rtpmap:0", "c=IN IP4 198.51.100.77\r\na=rtpmap:0", 1)),
        answer(callee()), query()]),
    Case("a=rtcp with another port", [
        offer(caller(attributes=["a=rtcp:49300"])),
        answer(callee(attributes=["a=rtcp:30100 IN IP4 198.51.100.22"])), query()]),
    Case("no a=rtcp, and the full one", [
        offer(caller(), flags=["no-rtcp-attribute"]),
        answer(callee(), flags=["full-rtcp-attribute"])]),
    Case("names and versions kept", [
        offer(caller(), replace=["username", "session-name", "SDP-version"]),
        answer(callee(), replace=["SDP-version", "username", "session-name"]),
        offer(caller(version=7), to_tag="tt", replace=["username", "SDP-version"]),
        offer(caller(user="other", attributes=["a=sendonly"]), to_tag="tt",
              replace=["username", "session-name", "SDP-version"])]),
    Case("a media address that is told", [
        offer(caller(), media_address="203.0.113.5"), answer(callee(), media_address="nonsense")]),
    Case("loop protection", [offer(caller(), flags=["loop-protect"])],
         [Differs("no instance mark: a looped call is a call of its own", without("a=rtpengine"))]),
    Case("media identifiers made", [
        offer(caller(), flags=["generate-mid"]), answer(callee())]),
    Case("media identifiers kept", [
        offer(caller(attributes=["a=mid:x"])), answer(callee(attributes=["a=mid:x"])),
        back_offer(callee(attributes=["a=mid:x"])), back_answer(caller(attributes=["a=mid:x"]))]),
    Case("AVPF towards the callee", [
        offer(caller(), transport_protocol="RTP/AVPF"), answer(callee(proto="RTP/AVPF"))]),
    Case("a protocol as a flag", [
        offer(caller(), flags=["RTP/AVPF"]), answer(callee(proto="RTP/AVPF"))]),
    Case("an unknown protocol", [offer(caller(proto="FOO/BAR"))]),
    mux("both", True, True), mux("refused by the callee", True, False),
    mux("nobody", False, False), mux("demux", True, False, "demux"),
    mux("offered by us", False, True, "offer"), mux("offered by us, refused", False, False, "offer"),
    mux("required", False, True, "require"), mux("required and offered", True, True, "require"),
    mux("accepted for the callee", True, False, "accept"),
    mux("rejected for the callee", True, True, "reject"),
    Case("rtcp-mux, queried", [offer(caller(attributes=MUX)), answer(callee(attributes=MUX)),
                               query()]),
    Case("rtcp-mux in a re-INVITE", [
        offer(caller(attributes=MUX)), answer(callee(attributes=MUX)),
        offer(caller(attributes=MUX), to_tag="tt"), answer(callee(attributes=MUX)),
        back_offer(callee(attributes=MUX)), back_answer(caller(attributes=MUX))]),
    Case("ICE removed", [
        offer(caller(attributes=ICE), ICE="remove"), answer(callee(), ICE="remove")]),
    Case("ICE forced", [offer(caller(), ICE="force"), answer(callee(), ICE="remove")],
         [Differs(NO_ICE, without("a=ice-", "a=candidate"))]),
    Case("a WebRTC caller, bridged to RTP", [
        offer(caller(proto="UDP/TLS/RTP/SAVPF", formats="111 0 8 101", session=["a=group:BUNDLE 0",
              "a=msid-semantic: WMS x"], attributes=[*ICE, "a=setup:actpass", "a=fingerprint:sha-256 "
              + ":".join(["D2"] * 32), "a=mid:0", "a=sendrecv", "a=rtcp-mux",
              "a=ssrc:1399694169 cname:w7A"]),
              ICE="remove", DTLS="off", transport_protocol="RTP/AVP", rtcp_mux=["demux"],
              SDES=["off"])]),
    codecs("strip", {"strip": ["PCMA"]}), codecs("mask", {"mask": ["PCMA"]}),
    codecs("strip all but one", {"strip": ["all"], "except": ["PCMA"]}, "8"),
    codecs("strip all, offer two in another order", {"strip": ["all"], "offer": ["PCMA", "PCMU"]},
           "8"),
    codecs("offer alone changes nothing", {"offer": ["PCMA"]}, "8"),
    codecs("strip by full name", {"strip": ["opus/48000/2", "PCMU/8000"]}, "8", "111 0 8"),
    codecs("an answer in another order", {}, "101 8 0"),
    codecs("an answer with a codec not offered", {}, "9", "0 8"),
    codecs("an answer with another payload type", {}, "0 96", "0 8 101"),
    Case("codecs: strip as a flag", [
        offer(caller(formats="0 8 9 101"), flags=["codec-strip-G722"]), answer(callee(formats="8"))]),
    Case("codecs: one alone", [
        offer(caller(), flags=["single-codec"]),
        answer(callee(formats="0 8 101"), flags=["single-codec"])]),
]
