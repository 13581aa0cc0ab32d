"""Parties that say what a case gives them, in PCMU, PCMA, G.722 or Opus."""
import ctypes
import random
import struct
import subprocess
import time

from cases import check
from parties import FRAME, Party, mu_law

SPEECH = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav"
OTHER_SPEECH = "/usr/share/asterisk/sounds/en_US_f_Allison/demo-instruct.wav"
LOST = "lost"  # A frame that the network loses.
SILENCE = b"\xff" * FRAME  # In PCMU.
CODECS = {"PCMU": (0, "PCMU/8000", 160), "PCMA": (8, "PCMA/8000", 160),
          "G722": (9, "G722/8000", 160), "opus": (96, "opus/48000/2", 960)}
MORE = {"telephone-event": (101, "telephone-event/8000"), "CN": (13, "CN/8000")}


def noise(seconds):
    """Frames of G.711 of which no two are alike."""
    return [random.randbytes(FRAME) for _ in range(round(seconds * 50))]


def speech(path, seconds, rate=8000):
    """Samples of a file, 16 bit."""
    done = subprocess.run(["sox", path, "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r",
                           str(rate), "-", "trim", "0", str(seconds)], capture_output=True, check=True)
    return struct.unpack(f"<{len(done.stdout) // 2}h", done.stdout)


def cut(samples, size):
    return [samples[at:at + size] for at in range(0, len(samples) - size + 1, size)]


def in_pcmu(path, seconds):
    return [bytes(map(mu_law, frame)) for frame in cut(speech(path, seconds), FRAME)]


def in_g722(path, seconds):
    library = ctypes.CDLL("libspandsp.so.2")
    library.g722_encode_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.g722_encode_init(None, 64000, 0))
    out, frames = ctypes.create_string_buffer(FRAME), []
    for frame in cut(speech(path, seconds, 16000), 2 * FRAME):
        check(library.g722_encode(state, out, (ctypes.c_int16 * len(frame))(*frame), len(frame))
              == FRAME, "no G.722")
        frames.append(out.raw)
    library.g722_encode_free(state)
    return frames


def in_opus(path, seconds):
    library = ctypes.CDLL("libopus.so.0")
    library.opus_encoder_create.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(library.opus_encoder_create(48000, 1, 2048, None))
    out, frames = ctypes.create_string_buffer(1275), []
    for frame in cut(speech(path, seconds, 48000), 960):
        size = library.opus_encode(encoder, (ctypes.c_int16 * 960)(*frame), 960, out, 1275)
        check(size > 0, "no Opus")
        frames.append(out.raw[:size])
    library.opus_encoder_destroy(encoder)
    return frames


class Speaker(Party):
    """Says one frame after the other, then nothing. A frame is a payload of its
    codec, or None for 20 ms of nothing, or LOST, or type, payload, timestamp's offset
    and marker of something else that is said in these 20 ms."""

    def __init__(self, frames, codec="PCMU", more=()):
        super().__init__(400)
        self.frames, self.codec, self.more = list(frames), codec, more
        self.began = None  # When it said its first frame, in s since 1970.

    def sdp(self, direction="sendrecv"):
        kinds = [CODECS[self.codec], *(MORE[each] for each in self.more)]
        lines = [f"m=audio {self.rtp.getsockname()[1]} RTP/AVP"
                 f" {' '.join(str(kind[0]) for kind in kinds)}",
                 *(f"a=rtpmap:{kind[0]} {kind[1]}" for kind in kinds)]
        head = super().sdp(direction).split("m=audio")[0]
        return head + "".join(line + "\r\n" for line in [*lines, "a=ptime:20", f"a={direction}"])

    def say(self, payload=None):
        kind, _, ticks = CODECS[self.codec]
        frame = payload or (self.frames.pop(0) if self.frames else None)
        offset = marker = 0
        if isinstance(frame, tuple):
            kind, frame, offset, marker = frame
        if frame == LOST:
            self.sequence += 1
        elif frame is not None:
            packet = struct.pack(">BBHII", 0x80, marker << 7 | kind, self.sequence & 0xFFFF,
                                 self.timestamp + offset & 0xFFFFFFFF, self.ssrc) + frame
            self.payloads.add(frame)
            self.said.append(self.sequence)
            self.sequence += 1
            self.began = self.began or time.time()
            self.rtp.sendto(packet, self.node)
        self.timestamp += ticks
