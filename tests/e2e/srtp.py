"""SRTP and SRTCP for tests, by OpenSSL and apart from the node's own code
(RFC 3711, 6188 and 7714)."""
import base64
import ctypes
import ctypes.util
import hmac
import secrets
import struct

SUITES = {  # Cipher, bytes of key and salt, of the tags of SRTP and SRTCP.
    "AES_CM_128_HMAC_SHA1_80": ("ctr", 16, 14, 10, 10),
    "AES_CM_128_HMAC_SHA1_32": ("ctr", 16, 14, 4, 10),
    "AES_192_CM_HMAC_SHA1_80": ("ctr", 24, 14, 10, 10),
    "AES_256_CM_HMAC_SHA1_80": ("ctr", 32, 14, 10, 10),
    "AEAD_AES_128_GCM": ("gcm", 16, 12, 16, 16),
    "AEAD_AES_256_GCM": ("gcm", 32, 12, 16, 16),
}
GET_TAG, SET_TAG = 0x10, 0x11

crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
crypto.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
for _cipher in ("ctr", "gcm"):
    for _bits in (128, 192, 256):
        getattr(crypto, f"EVP_aes_{_bits}_{_cipher}").restype = ctypes.c_void_p


class Cipher:
    """AES in one direction with one key."""

    def __init__(self, mode, key, encrypts):
        kind = getattr(crypto, f"EVP_aes_{8 * len(key)}_{mode}")()
        self.context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
        crypto.EVP_CipherInit_ex(self.context, ctypes.c_void_p(kind), None, key, None,
                                 int(encrypts))

    def begin(self, initial):
        crypto.EVP_CipherInit_ex(self.context, None, None, None, initial, -1)

    def run(self, data):
        out, size = ctypes.create_string_buffer(len(data) + 16), ctypes.c_int()
        crypto.EVP_CipherUpdate(self.context, out, ctypes.byref(size), data, len(data))
        return out.raw[:size.value]

    def also(self, data):
        """Data that is authenticated but not encrypted."""
        crypto.EVP_CipherUpdate(self.context, None, ctypes.byref(ctypes.c_int()), data, len(data))

    def tag(self):
        crypto.EVP_CipherFinal_ex(self.context, None, ctypes.byref(ctypes.c_int()))
        out = ctypes.create_string_buffer(16)
        crypto.EVP_CIPHER_CTX_ctrl(self.context, GET_TAG, 16, out)
        return out.raw

    def holds(self, tag):
        crypto.EVP_CIPHER_CTX_ctrl(self.context, SET_TAG, 16, tag)
        out = ctypes.create_string_buffer(16)
        return crypto.EVP_CipherFinal_ex(self.context, out, ctypes.byref(ctypes.c_int())) == 1


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))


def new_key(suite):
    """A master key with its salt, as it stands in SDP."""
    _, key, salt, _, _ = SUITES[suite]
    return base64.b64encode(secrets.token_bytes(key + salt)).decode()


def master_of(key):
    """Such a key as bytes; padding may be missing (RFC 4568 6.1)."""
    return base64.b64decode(key + "=" * (-len(key) % 4))


class Half:
    """The keys of SRTP (first label 0) or of SRTCP (3), one way."""

    def __init__(self, suite, master, first_label, encrypts):
        self.mode, key_size, salt_size, *tags = SUITES[suite]
        self.tag_size = tags[0 if first_label == 0 else 1]
        key, salt = master[:key_size], master[key_size:].ljust(14, b"\0")

        def derive(label, size):
            stream = Cipher("ctr", key, True)
            stream.begin(xor(salt, bytes(7) + bytes([label]) + bytes(6)) + bytes(2))
            return stream.run(bytes(size))

        self.cipher = Cipher(self.mode, derive(first_label, key_size), encrypts)
        self.auth = derive(first_label + 1, 20)
        self.salt = derive(first_label + 2, salt_size)
        self.encrypts = encrypts

    def initial(self, ssrc, index):
        if self.mode == "gcm":
            return xor(self.salt, bytes(2) + ssrc + index.to_bytes(6, "big"))
        return xor(self.salt, bytes(4) + ssrc + index.to_bytes(6, "big")) + bytes(2)

    def turn(self, clear, data, extra, initial):
        """Encrypts and appends the tag; or checks the tag and decrypts."""
        self.cipher.begin(initial)
        if self.mode == "gcm":
            body = data if self.encrypts else data[:-16]
            self.cipher.also(clear + extra)
            done = self.cipher.run(body)
            if self.encrypts:
                return done + self.cipher.tag()
            return done if self.cipher.holds(data[-16:]) else None
        return self.cipher.run(data)

    def mac(self, data):
        return hmac.digest(self.auth, data, "sha1")[:self.tag_size]


class Sender:
    """Protects what one party sends."""

    def __init__(self, suite, key):
        master = master_of(key)
        self.rtp_half = Half(suite, master, 0, True)
        self.rtcp_half = Half(suite, master, 3, True)
        self.index = 0

    def rtp(self, packet):
        """Of at most 65 536 packets: the rollover counter is 0."""
        half, sequence = self.rtp_half, struct.unpack_from(">H", packet, 2)[0]
        sealed = half.turn(packet[:12], packet[12:], b"", half.initial(packet[8:12], sequence))
        whole = packet[:12] + sealed
        return whole if half.mode == "gcm" else whole + half.mac(whole + bytes(4))

    def rtcp(self, packet):
        half, self.index = self.rtcp_half, self.index + 1
        word = struct.pack(">I", 1 << 31 | self.index)
        sealed = half.turn(packet[:8], packet[8:], word, half.initial(packet[4:8], self.index))
        whole = packet[:8] + sealed + word
        return whole if half.mode == "gcm" else whole + half.mac(whole)


class Receiver:
    """Opens what one party hears; nothing when it is not authentic."""

    def __init__(self, suite, key):
        master = master_of(key)
        self.rtp_half = Half(suite, master, 0, False)
        self.rtcp_half = Half(suite, master, 3, False)

    def rtp(self, packet):
        half, sequence = self.rtp_half, struct.unpack_from(">H", packet, 2)[0]
        if half.mode == "ctr":
            packet, mac = packet[:-half.tag_size], packet[-half.tag_size:]
            if mac != half.mac(packet + bytes(4)):
                return None
        plain = half.turn(packet[:12], packet[12:], b"", half.initial(packet[8:12], sequence))
        return None if plain is None else packet[:12] + plain

    def rtcp(self, packet):
        half = self.rtcp_half
        if half.mode == "ctr":
            packet, mac = packet[:-half.tag_size], packet[-half.tag_size:]
            if mac != half.mac(packet):
                return None
        packet, word = packet[:-4], packet[-4:]
        index = struct.unpack(">I", word)[0] & 0x7FFFFFFF
        plain = half.turn(packet[:8], packet[8:], word, half.initial(packet[4:8], index))
        return None if plain is None else packet[:8] + plain
