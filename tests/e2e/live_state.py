"""A phone or app that shows a person's live calls: a WebSocket (RFC 6455)."""
import base64
import json
import os
import socket
import struct

from cases import check


class Refused(Exception):
    """The server's status where it does not take the socket."""

    def __init__(self, status):
        super().__init__(str(status))
        self.status = status


class LiveState:
    """Listens at /callfork/v1/live with a token that it offers as a browser does."""

    def __init__(self, where, token, person=""):
        host, _, port = where.rpartition(":")
        self.connection = socket.create_connection((host, int(port)), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        target = "/callfork/v1/live" + (f"?personId={person}" if person else "")
        self.connection.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {where}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Protocol: callfork.live.v1, callfork.bearer.{token}\r\n\r\n".encode())
        self.stream = self.connection.makefile("rb")
        status = int(self.stream.readline().split()[1])
        head = b"".join(iter(self.stream.readline, b"\r\n")).decode().lower()
        if status != 101:
            self.close()
            raise Refused(status)
        check("sec-websocket-protocol: callfork.live.v1\r\n" in head, f"not our subprotocol: {head}")

    def next(self):
        """What it is told next."""
        while True:
            first, length = struct.unpack(">BB", self.stream.read(2))
            if length == 126:
                length, = struct.unpack(">H", self.stream.read(2))
            text = self.stream.read(length)
            check(first != 0x88, f"it was closed: {text[2:]} {text[:2].hex()}")
            if first == 0x81:
                return json.loads(text)

    def close(self):
        self.connection.close()
