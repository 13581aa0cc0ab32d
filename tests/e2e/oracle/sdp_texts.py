"""The SDP bodies of the oracle's cases."""


def lines(*parts):
    """Joins lines with CRLF, leaving out what is None."""
    return "".join(part + "\r\n" for part in parts if part is not None)


def sdp(user="alice", address="198.51.100.1", port=49170, proto="RTP/AVP",
        formats="0 8 101", attributes=None, version=1, session=(), family="IP4",
        more=(), media="audio"):
    """One audio session; `more` holds the lines of further m-lines."""
    if attributes is None:
        attributes = ["a=sendrecv"]
    maps = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000", "101": "telephone-event/8000",
            "111": "opus/48000/2", "18": "G729/8000", "96": "telephone-event/8000"}
    described = [f"a=rtpmap:{f} {maps[f]}" for f in formats.split() if f in maps]
    fmtp = [f"a=fmtp:{f} 0-16" for f in formats.split() if f in ("101", "96")]
    return lines(
        "v=0", f"o={user} {sum(map(ord, user))} {version} IN {family} {address}", "s=-",
        f"c=IN {family} {address}", "t=0 0", *session, f"m={media} {port} {proto} {formats}",
        *described, *fmtp, *attributes, *more)


def caller(**changes):
    return sdp(**{"attributes": ["a=ptime:20", "a=sendrecv"], **changes})


def callee(**changes):
    return sdp(**{"user": "bob", "address": "198.51.100.2", "port": 30000, "formats": "0 101",
                  "attributes": ["a=ptime:20", "a=sendrecv"], **changes})


def srs(**changes):
    """What a recorder answers to a subscription with one m-line."""
    return sdp(**{"user": "srs", "address": "198.51.100.9", "port": 20000,
                  "attributes": ["a=recvonly"], **changes})


KEY_30 = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR"
OTHER_30 = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
KEY_GCM_256 = "kPD/0a+FXAeiMqntOIp1l513ydZzvuxFOgObjcCmjhkkSzfiPKvgwsLfFoY"
KEY_GCM_128 = "KNpfeYbYhF0cokWFLD+WO1xuQjZUhYWqu6Hz8Q"
KEY_CM_256 = "5e/ypy6XMQUKnKzF/jJShJZ6n7MtAE6OA8cKAEEsAZqGF1QQo75DiCE43dPByA"


def crypto(tag, suite="AES_CM_128_HMAC_SHA1_80", key=KEY_30, rest=""):
    return f"a=crypto:{tag} {suite} inline:{key}{rest}"
