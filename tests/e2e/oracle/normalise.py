"""Makes the replies of two nodes comparable: what must differ (ports, keys,
random identifiers, times) becomes a symbol, the same thing the same symbol."""
import difflib
import re

TIMES = {"created", "created_us", "last signal", "last packet", "last-frame-pos"}
HELD_LINE = re.compile(r"^(o=- )\d+ \d+( .*)$")
CRYPTO = re.compile(r"inline:([A-Za-z0-9+/]+)(=*)")


class Symbols:
    """The symbols of one node in one case."""

    def __init__(self, known=()):
        self.ports, self.tags = {}, {}
        self.known = set(known)  # ports of the parties: never replaced

    def port(self, number):
        if number == 0 or number in self.known:
            return number
        if number in self.ports:
            return self.ports[number]
        if number - 1 in self.ports and "+" not in self.ports[number - 1]:
            return self.ports[number - 1] + "+1"
        self.ports[number] = f"P{len(self.ports) + 1}"
        return self.ports[number]

    def tag(self, text):
        """Only tags that a node invents are long and hexadecimal."""
        if not re.fullmatch(r"[0-9a-f]{32,}", text):
            return text
        return self.tags.setdefault(text, f"T{len(self.tags) + 1}")

    def sdp(self, text):
        return [self.line(line) for line in text.splitlines()]

    def line(self, line):
        if line.startswith("m="):
            media, port, rest = line.split(" ", 2)
            return f"{media} {self.port(int(port))} {rest}"
        if line.startswith("a=rtcp:"):
            port, _, rest = line[7:].partition(" ")
            return "a=rtcp:" + " ".join(filter(None, [str(self.port(int(port))), rest]))
        if line.startswith("a=rtpengine:"):
            return "a=rtpengine:<instance>"
        if line.startswith("a=crypto:"):
            return CRYPTO.sub(lambda m: f"inline:<{len(m[1])}>{m[2]}", line)
        if line.startswith("s=rtpengine") or line == "s=callfork":
            return "s=<product>"
        return HELD_LINE.sub(r"\1<id> <id>\2", line)

    def value(self, what, key=""):
        if key in TIMES:
            return f"<{key}>"
        if key == "sdp":
            return self.sdp(what)
        if key in ("local port", ):
            return self.port(what)
        if isinstance(what, dict):
            return {self.tag(k): self.value(what[k], k) for k in in_order(what)}
        if isinstance(what, list):
            return [self.value(item) for item in what]
        if isinstance(what, str):
            return self.tag(what)
        return what


def in_order(dictionary):
    """SDP first, so that its ports are named in the order of its lines."""
    return sorted(dictionary, key=lambda key: (key != "sdp", key != "from-tags", key))


def changes(theirs, ours):
    """Only what differs of two lists, as a diff from rtpengine's to ours."""
    texts = [[str(item) for item in one] for one in (theirs, ours)]
    return [l for l in difflib.ndiff(*texts) if l[0] in "-+"]


def differences(theirs, ours, where=""):
    """Lines that say how two normalised replies differ."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(set(theirs) | set(ours)):
            path = f"{where}/{key}"
            if key not in ours:
                yield f"{path}: missing, rtpengine has {theirs[key]!r}"
            elif key not in theirs:
                yield f"{path}: {ours[key]!r}, rtpengine has nothing"
            else:
                yield from differences(theirs[key], ours[key], path)
    elif isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            yield f"{where}:" + "".join(f"\n      {l}" for l in changes(theirs, ours))
            return
        for index, (left, right) in enumerate(zip(theirs, ours)):
            yield from differences(left, right, f"{where}[{index}]")
    elif theirs != ours:
        yield f"{where}: {ours!r}, rtpengine has {theirs!r}"
