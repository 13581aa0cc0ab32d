"""The words in which the oracle's cases are told."""
import dataclasses
import typing


@dataclasses.dataclass
class Case:
    name: str
    steps: list
    differs: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Differs:
    """A difference on purpose: why, and what rtpengine's normalised replies
    must be turned into to equal ours. A transformation that changes nothing is
    an error: then there is no difference."""

    why: str
    turn: typing.Callable


def key(name):
    return name.replace("_", "-") if name not in ("ICE", "DTLS", "SDES") else name


def command(what, /, **keys):
    return {"command": what, **{key(k): v for k, v in keys.items()}}


def offer(sdp, **keys):
    return command("offer", **{"sdp": sdp, "from_tag": "ft", **keys})


def answer(sdp, **keys):
    return command("answer", **{"sdp": sdp, "from_tag": "ft", "to_tag": "tt", **keys})


def back_offer(sdp, **keys):
    """A re-INVITE from the callee."""
    return offer(sdp, **{"from_tag": "tt", "to_tag": "ft", **keys})


def back_answer(sdp, **keys):
    return answer(sdp, **{"from_tag": "tt", "to_tag": "ft", **keys})


def query(**keys):
    return command("query", **keys)


def delete(**keys):
    return command("delete", **keys)


def raw(text, times=1):
    """Bytes instead of a request; CALLID and COOKIE are put in."""
    return {"raw": text, "times": times}


def reply(step, what):
    """Something of an earlier reply, as in the to-tag of a subscription."""
    return lambda replies: replies[step].get(what, "none")


# What differs, in the form of transformations of rtpengine's replies.

def lines(change, step=None):
    """Changes the SDP lines of one reply, or of all."""

    def turn(replies):
        for index, one in enumerate(replies):
            if step in (None, index) and isinstance(one, dict) and "sdp" in one:
                one["sdp"] = change(one["sdp"])
        return replies

    return turn


def without(*starts, step=None):
    return lines(lambda sdp: [l for l in sdp if not l.startswith(starts)], step)


def instead(step, **keys):
    """Replaces a whole reply."""

    def turn(replies):
        replies[step] = {k.replace("_", "-"): v for k, v in keys.items()}
        return replies

    return turn


def put(step, path, value):
    """Replaces one value in a reply; None takes it away."""

    def turn(replies):
        at = replies[step]
        for word in path[:-1]:
            at = at[word]
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value
        return replies

    return turn


def swap(old, new, step=None):
    return lines(lambda sdp: [l.replace(old, new) for l in sdp], step)
