"""Speaks rtpengine's NG protocol: bencode and JSON, UDP and TCP."""
import itertools
import json
import os
import socket


def bencode(what):
    if isinstance(what, bool):
        what = int(what)
    if isinstance(what, int):
        return b"i%de" % what
    if isinstance(what, str):
        what = what.encode()
    if isinstance(what, bytes):
        return b"%d:%s" % (len(what), what)
    if isinstance(what, (list, tuple)):
        return b"l" + b"".join(map(bencode, what)) + b"e"
    return b"d" + b"".join(bencode(k) + bencode(v) for k, v in what.items()) + b"e"


def bdecode(data, at=0):
    """Returns the value at `at` and where it ends."""
    kind = data[at : at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1 : end]), end + 1
    if kind in (b"l", b"d"):
        items, at = [], at + 1
        while data[at : at + 1] != b"e":
            item, at = bdecode(data, at)
            items.append(item)
        if kind == b"l":
            return items, at + 1
        return dict(zip(items[::2], items[1::2])), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1 : end].decode("utf-8", "replace"), end


class Client:
    """One sender: a cookie of its own for each request, unless told."""

    count = itertools.count(1)

    def __init__(self, address, transport="udp", encoding="bencode"):
        self.encoding, self.transport = encoding, transport
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
        self.socket = socket.socket(family, kind)
        self.socket.settimeout(3)
        self.socket.connect(address)

    def close(self):
        self.socket.close()

    def exchange(self, datagram, patience=3.0):
        """Sends raw bytes; the raw answer, or None when there is none."""
        self.socket.settimeout(patience)
        try:
            self.socket.sendall(datagram)
            return self._receive()
        except (TimeoutError, ConnectionError):
            return None

    def _receive(self):
        if self.transport == "udp":
            return self.socket.recv(65536)
        got = b""
        while True:
            more = self.socket.recv(65536)
            if not more:
                return got or None
            got += more
            body = got.partition(b" ")[2]
            try:
                if body[:1] == b"{":
                    json.loads(body)
                else:
                    bdecode(body)
                return got
            except (ValueError, IndexError):
                continue

    def request(self, body):
        cookie = b"%d_%d" % (os.getpid(), next(self.count))
        text = json.dumps(body).encode() if self.encoding == "json" else bencode(body)
        answer = self.exchange(cookie + b" " + text)
        if answer is None:
            return None
        assert answer.startswith(cookie + b" "), answer
        return decode(answer)


def decode(answer):
    body = answer.partition(b" ")[2]
    return json.loads(body) if body[:1] == b"{" else bdecode(body)[0]
