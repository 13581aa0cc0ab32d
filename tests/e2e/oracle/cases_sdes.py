"""SRTP keys in SDP (RFC 4568): who offers which suites to whom."""
from sdp_texts import (KEY_CM_256, KEY_GCM_128, KEY_GCM_256, OTHER_30, callee, caller, crypto)
from steps import Case, Differs, answer, back_answer, back_offer, lines, offer, query, without

SAVP = dict(transport_protocol="RTP/SAVP", DTLS="off")
AVP = dict(transport_protocol="RTP/AVP", DTLS="off")
NO_WEAK = Differs("F8 and NULL suites are never offered", lines(
    lambda sdp: [l for l in sdp if " F8_128" not in l and " NULL_" not in l]))
SHA_32 = "AES_CM_128_HMAC_SHA1_32"


def secure_caller(*cryptos, **changes):
    return caller(**{"proto": "RTP/SAVP", "attributes": list(cryptos) or [crypto(1)], **changes})


def secure_callee(*cryptos, **changes):
    return callee(**{"proto": "RTP/SAVP", "attributes": list(cryptos) or [crypto(1, key=OTHER_30)],
                     **changes})


def renumbered(sdp):
    """Consecutive tags for crypto lines from the given ones on."""
    out, last = [], None
    for line in sdp:
        if line.startswith("a=crypto:"):
            tag, rest = line[9:].split(" ", 1)
            last = int(tag) if last is None else last + 1
            line = f"a=crypto:{last} {rest}"
        out.append(line)
    return out


def only(*suites):
    return lines(lambda sdp: renumbered([
        l for l in sdp if not l.startswith("a=crypto") or l.split()[1] in suites]))


def forget_suite(step):
    def turn(replies):
        media = replies[step]["tags"]["tt"]["medias"][0]
        media["flags"].remove("SDES")
        for stream in media["streams"]:
            del stream["crypto suite"]
        return replies
    return turn


def towards_callee(name, suite, key, tag):
    return Case(f"plain caller, {name} callee", [
        offer(caller(), **SAVP), answer(secure_callee(crypto(tag, suite, key))), query()], [NO_WEAK])


CASES = [
    towards_callee("SHA1_80", "AES_CM_128_HMAC_SHA1_80", OTHER_30, 7),
    towards_callee("SHA1_32", SHA_32, OTHER_30, 8),
    towards_callee("AES-256", "AES_256_CM_HMAC_SHA1_80", KEY_CM_256, 3),
    towards_callee("GCM-256", "AEAD_AES_256_GCM", KEY_GCM_256, 1),
    towards_callee("GCM-128", "AEAD_AES_128_GCM", KEY_GCM_128, 2),
    Case("secure caller, plain callee", [
        offer(secure_caller(crypto(1), crypto(2, SHA_32, OTHER_30)), **AVP), answer(callee()),
        query()]),
    Case("secure caller with several suites, the second strongest first", [
        offer(secure_caller(crypto(3, SHA_32), crypto(5, "AEAD_AES_256_GCM", KEY_GCM_256)), **AVP),
        answer(callee())]),
    Case("both secure", [
        offer(secure_caller(crypto(1), crypto(2, SHA_32, OTHER_30)), DTLS="off"),
        answer(secure_callee()), query()], [NO_WEAK]),
    Case("both secure with different suites", [
        offer(secure_caller(), DTLS="off"),
        answer(secure_callee(crypto(4, "AES_256_CM_HMAC_SHA1_80", KEY_CM_256))), query()],
        [NO_WEAK]),
    Case("a master key identifier on both sides", [
        offer(secure_caller(crypto(1, rest="|2^20|1:4")), DTLS="off"),
        answer(secure_callee(crypto(1, key=OTHER_30, rest="|2^31|7:2")))], [NO_WEAK]),
    Case("a master key identifier on one side", [
        offer(secure_caller(crypto(1, rest="|2^20|1:4")), **AVP), answer(callee())]),
    Case("a master key identifier from the callee alone", [
        offer(caller(), **SAVP), answer(secure_callee(crypto(7, key=OTHER_30, rest="|9:1")))],
        [NO_WEAK]),
    Case("a suite that is not offered", [
        offer(caller(), SDES=["no-AES_256_CM_HMAC_SHA1_80"], **SAVP),
        answer(secure_callee(crypto(6)))], [NO_WEAK]),
    Case("suites not offered, by flags", [
        offer(caller(), flags=["SDES-no-AEAD_AES_256_GCM", "SDES-no-AEAD_AES_128_GCM"], **SAVP)],
        [NO_WEAK]),
    Case("only chosen suites", [
        offer(caller(), SDES=["only-AEAD_AES_256_GCM", "only-AES_CM_128_HMAC_SHA1_80"], **SAVP)],
        [Differs("only- is obeyed, as by newer versions",
                 only("AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_80"))]),
    Case("padded keys", [offer(caller(), SDES=["pad"], **SAVP),
                         answer(secure_callee(crypto(7)))], [NO_WEAK]),
    Case("keys with a lifetime", [offer(caller(), SDES=["lifetime"], **SAVP),
                                  answer(secure_callee(crypto(7)))], [NO_WEAK]),
    Case("SDES off", [offer(caller(), SDES=["off"], **SAVP)]),
    Case("SDES off as a flag", [offer(caller(), flags=["SDES-off"], **SAVP)]),
    Case("no DTLS beside SDES", [offer(caller(), transport_protocol="RTP/SAVP")],
         [NO_WEAK, Differs("DTLS is not offered yet", without("a=setup", "a=fingerprint"))]),
    Case("the callee declines SRTP", [
        offer(caller(), **SAVP), answer(callee()), query(), offer(caller(), to_tag="tt"),
        answer(callee())], [NO_WEAK, Differs(
            "no suite is told for a party that speaks plain RTP", forget_suite(2))]),
    Case("the callee answers without key", [
        offer(caller(), **SAVP), answer(callee(proto="RTP/SAVP"))], [NO_WEAK]),
    Case("a repeated answer has the same key", [
        offer(secure_caller(), **AVP), answer(callee()), answer(callee())]),
    Case("a re-INVITE with new keys", [
        offer(secure_caller(), DTLS="off"), answer(secure_callee()),
        offer(secure_caller(crypto(1, key="A" * 40)), to_tag="tt"),
        answer(secure_callee(crypto(1, key="B" * 40))), query()], [NO_WEAK]),
    Case("a re-INVITE with new keys from the callee", [
        offer(secure_caller(), DTLS="off"), answer(secure_callee()),
        back_offer(secure_callee(crypto(1, key="B" * 40))),
        back_answer(secure_caller(crypto(1, key="A" * 40)))], [NO_WEAK]),
    Case("a re-INVITE towards a secure callee", [
        offer(caller(), **SAVP), answer(secure_callee(crypto(7))), offer(caller(), to_tag="tt"),
        answer(secure_callee(crypto(7))), query()],
        [Differs("F8 and NULL suites are never offered", lines(
            lambda sdp: [l for l in sdp if " F8_128" not in l and " NULL_" not in l]))]),
    Case("a re-INVITE from a secure callee", [
        offer(caller(), **SAVP), answer(secure_callee(crypto(7))),
        back_offer(secure_callee(crypto(1, key=OTHER_30))), back_answer(caller())], [NO_WEAK]),
    Case("crypto lines that are not understood", [
        offer(secure_caller("a=crypto:1 FOO inline:xx", crypto(2, key="short"),
                            f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 foo:{KEY_CM_256}"), DTLS="off"),
        answer(secure_callee(crypto(2, "AEAD_AES_128_GCM", KEY_GCM_128)))], [NO_WEAK]),
    Case("SRTP without encryption is not taken", [
        offer(secure_caller(crypto(1, rest=" UNENCRYPTED_SRTP")), **AVP), answer(callee())],
        [Differs("a key without encryption is as none", without("a=crypto", step=1))]),
]
