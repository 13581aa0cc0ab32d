"""Noise that tells itself apart: each packet of each party of each call is known, and found again
to the last sample in a recording. tests/bench/siprec_load_bench.cpp says the same."""
import array
import json
import wave

SIZE = 160  # Samples in 20 ms.
MARK = 8  # Samples at the beginning that say which packet it is.
TABLE = 4096
FAR = 8000 * 5  # How far apart two packets of one party may lie, in samples.


def codes():
    """Codes of G.711 from a generator that C++ writes alike, none of which is silence."""
    state, made = 12345, bytearray()
    while len(made) < TABLE:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        code = state >> 16 & 0xFF
        made.append(code ^ 1 if code & 0x7F == 0x7F else code)
    return bytes(made)


def linear(code):
    """What a code of G.711, mu law, stands for."""
    code = ~code & 0xFF
    magnitude = (((code & 15) << 3) + 132 << (code >> 4 & 7)) - 132
    return -magnitude if code & 0x80 else magnitude


CODES = codes()
PCM = [linear(code) for code in range(256)]
NOISE = array.array("h", (PCM[code] for code in CODES)).tobytes()
NIBBLES = [0x10 + 8 * n for n in range(14)] + [0x81, 0x91]
NIBBLE_OF = {PCM[code]: n for n, code in enumerate(NIBBLES)}
NIBBLE_PCM = [array.array("h", [PCM[code]]).tobytes() for code in NIBBLES]


def word_of(call, party, sequence):
    """Which packet it is; calls below 32768, sequence numbers below 65536."""
    return call << 17 | party << 16 | sequence


def payload(call, party, sequence):
    word = word_of(call, party, sequence)
    at = word * 37 % (TABLE - SIZE)
    mark = bytes(NIBBLES[word >> shift & 15] for shift in range(28, -4, -4))
    return mark + CODES[at:at + SIZE - MARK]


def samples(call, party, sequence):
    """The same as a recording holds it: 16 bit, the low byte first."""
    word = word_of(call, party, sequence)
    at = word * 37 % (TABLE - SIZE)
    mark = b"".join(NIBBLE_PCM[word >> shift & 15] for shift in range(28, -4, -4))
    return mark + NOISE[2 * at:2 * (at + SIZE - MARK)]


def first_word(channel):
    """Which packet stands first in a channel of a recording; nothing where none does."""
    at = next((n for n, sample in enumerate(channel) if sample), None)
    if at is None or at + MARK > len(channel):
        return None
    word = 0
    for sample in channel[at:at + MARK]:
        if sample not in NIBBLE_OF:
            return None
        word = word << 4 | NIBBLE_OF[sample]
    return word


class Recording:
    """A stereo WAV of such noise, and the JSON beside it."""

    def __init__(self, path):
        self.path = path
        self.about = json.loads(path.with_suffix(".json").read_text())
        with wave.open(str(path), "rb") as file:
            both = array.array("h", file.readframes(file.getnframes()))
        self.channels = [both[0::2], both[1::2]]
        words = [first_word(channel) for channel in self.channels]
        self.call = next((word >> 17 for word in words if word is not None), None)

    def missing(self, party, sequences):
        """Which of a party's packets are not in its channel, in order and bit for bit; and how
        many are there a bit longer or shorter, because a clock was followed."""
        heard = self.channels[party].tobytes()
        said = [samples(self.call, party, number) for number in sequences]
        if b"".join(said) in heard:
            return [], 0
        lost, stretched, at = [], 0, 0
        for number, each in zip(sequences, said):
            found = heard.find(each, at, at + 2 * FAR)
            end = found + len(each)
            if found < 0 and len(lost) > 20:  # What is in pieces is not put together.
                end = None
            elif found < 0:
                end = stretched_end(heard, each, at)
                stretched += end is not None
            if end is None:
                lost.append(number)
            else:
                at = end
        return lost, stretched


def stretched_end(heard, said, at):
    """Where a packet ends that lies, stretched by some samples, at or just behind a place."""
    pcm = array.array("h", said)
    around = array.array("h", heard[at:at + 4 * SIZE])
    for count in sorted(range(SIZE - 6, SIZE + 7), key=lambda n: abs(n - SIZE)):
        spread = [n * SIZE / count for n in range(count)]
        made = [pcm[int(x)] * (1 - x + int(x)) + pcm[min(int(x) + 1, SIZE - 1)] * (x - int(x))
                for x in spread]
        for start in range(min(SIZE // 8, len(around) - count + 1)):  # It may be the last.
            if all(abs(a - b) <= 1 for a, b in zip(made, around[start:start + count])):
                return at + 2 * (start + count)
    return None


def read_all(folder):
    """All finished recordings below a folder, by the number of their call."""
    made = {}
    for path in sorted(folder.rglob("*.json")):
        recording = Recording(path.with_suffix(".wav"))
        made.setdefault(recording.call, []).append(recording)
    return made


def compare(said, folder):
    """What a folder of recordings holds of what was said: `said` has for each call the sequence
    numbers of both parties. Returns figures, and a line about each fault."""
    found, faults, packets, kept, stretched = read_all(folder), [], 0, 0, 0
    for call, sequences in sorted(said.items()):
        packets += sum(map(len, sequences))
        here = found.get(call, [])
        if len(here) != 1:
            faults.append(f"call {call}: {len(here)} recordings")
            continue
        for party, numbers in enumerate(sequences):
            lost, longer = here[0].missing(party, numbers)
            kept += len(numbers) - len(lost)
            stretched += longer
            stream = here[0].about["streams"][party]
            if stream["packets"] != len(numbers) or stream["lost"]:
                faults.append(f"call {call}, party {party}: the recorder counts {stream}")
            if lost:
                faults.append(f"call {call}, party {party}: {len(lost)} of {len(numbers)} packets"
                              f" are missing: {shorten(lost)}; {here[0].about['gaps']}")
    strange = [each.path.name for call, here in found.items() if call not in said for each in here]
    if strange:
        faults.append(f"recordings of no call: {strange[:5]}")
    return {"recordings": sum(map(len, found.values())), "packets": packets, "kept": kept,
            "stretched": stretched}, faults


def shorten(numbers):
    text = ", ".join(map(str, numbers[:8]))
    return text + (", ..." if len(numbers) > 8 else "")
